//! Which destinations a schedule should check next: those not checked for the longest time, the sooner the more they are
//! clicked. This serves the schedule of the instance, so these queries take no workspace.

use std::collections::HashMap;
use std::time::Duration;

use sea_orm::{ConnectionTrait, Statement, Value};
use uuid::Uuid;

use crate::clicks::{DAY_MS, link_clicks_since};
use crate::database::{DatabaseError, Databases};
use crate::types::{DestinationId, LinkId, Timestamp, WorkspaceId};

/// How many are looked at for each that is wanted.
const CANDIDATES: u64 = 4;
/// Links of a destination whose clicks are added up.
const LINKS: i64 = 50;

/// A destination whose turn it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueDestination {
    /// Its id.
    pub id: DestinationId,
    /// Whose it is.
    pub workspace_id: WorkspaceId,
    /// When its last check ended; `None` if it never had one.
    pub last_checked_at: Option<Timestamp>,
    /// Clicks of people on its links, today and yesterday (UTC).
    pub clicks: u64,
}

/// At most `limit` watched destinations that were not checked within their interval, the most urgent first. The interval is
/// what their links ask for, or `interval`. Urgency is the time since the last check, times 1 and the logarithm to base 2 of their
/// clicks: one that is clicked a thousand times a day comes as soon as one that has waited eleven times as long.
pub async fn due_destinations(
    databases: &Databases,
    now: Timestamp,
    interval: Duration,
    limit: u64,
) -> Result<Vec<DueDestination>, DatabaseError> {
    const DUE: &str = "SELECT id, workspace_id, last_checked_at FROM destinations \
        WHERE (last_checked_at IS NULL OR last_checked_at <= $1) AND EXISTS (\
        SELECT 1 FROM link_destinations AS used JOIN links ON links.id = used.link_id \
        WHERE used.destination_id = destinations.id AND links.monitor_enabled AND links.deleted_at IS NULL \
        AND (destinations.last_checked_at IS NULL \
        OR destinations.last_checked_at <= $2 - coalesce(links.monitor_interval_s * 1000, $3))) \
        ORDER BY last_checked_at NULLS FIRST LIMIT $4";
    let connection = databases.control.read();
    let interval = i64::try_from(interval.as_millis()).unwrap_or(i64::MAX);
    // No interval is shorter than this one, or the shortest anybody may ask for.
    let shortest = interval.min(i64::from(crate::types::Monitor::MIN_INTERVAL) * 1_000);
    let candidates = i64::try_from(limit.saturating_mul(CANDIDATES)).unwrap_or(i64::MAX);
    let values: [Value; 4] =
        [now.as_millis().saturating_sub(shortest).into(), now.as_millis().into(), interval.into(), candidates.into()];
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), DUE, values);
    let mut due = Vec::new();
    for row in connection.query_all_raw(statement).await? {
        let last: Option<i64> = row.try_get("", "last_checked_at")?;
        due.push(DueDestination {
            id: DestinationId::from_uuid(row.try_get("", "id")?),
            workspace_id: WorkspaceId::from_uuid(row.try_get("", "workspace_id")?),
            last_checked_at: last.map(Timestamp::from_millis),
            clicks: 0,
        });
    }
    add_clicks(databases, &mut due, now).await?;
    due.sort_by(|a, b| urgency(b, now).total_cmp(&urgency(a, now)));
    due.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(due)
}

fn urgency(due: &DueDestination, now: Timestamp) -> f64 {
    let waited = match due.last_checked_at {
        Some(last) => now.since(last),
        // A month: what was never checked comes before most.
        None => Duration::from_secs(30 * 86_400),
    };
    let clicks = f64::from(u32::try_from(due.clicks).unwrap_or(u32::MAX));
    waited.as_secs_f64() * (1.0 + clicks.log2().max(0.0))
}

/// Adds up the clicks of the destinations' links, of the first of those that have many.
async fn add_clicks(databases: &Databases, due: &mut [DueDestination], now: Timestamp) -> Result<(), DatabaseError> {
    const USED: &str = "SELECT link_id FROM link_destinations WHERE destination_id = $1 LIMIT $2";
    let connection = databases.control.read();
    let today = now.as_millis() - now.as_millis().rem_euclid(DAY_MS);
    let mut links: HashMap<WorkspaceId, Vec<LinkId>> = HashMap::new();
    let mut used: Vec<Vec<LinkId>> = Vec::with_capacity(due.len());
    for due in &*due {
        let values: [Value; 2] = [due.id.as_uuid().into(), LINKS.into()];
        let statement = Statement::from_sql_and_values(connection.get_database_backend(), USED, values);
        let rows = connection.query_all_raw(statement).await?;
        let ids = rows.into_iter().map(|row| row.try_get::<Uuid>("", "link_id").map(LinkId::from_uuid));
        let ids = ids.collect::<Result<Vec<_>, _>>()?;
        links.entry(due.workspace_id).or_default().extend(&ids);
        used.push(ids);
    }
    let mut clicks = HashMap::new();
    for (workspace_id, ids) in links {
        clicks.extend(link_clicks_since(&databases.clicks, workspace_id, &ids, today - DAY_MS).await?);
    }
    for (due, used) in due.iter_mut().zip(used) {
        due.clicks = used.iter().filter_map(|link| clicks.get(link)).sum();
    }
    Ok(())
}
