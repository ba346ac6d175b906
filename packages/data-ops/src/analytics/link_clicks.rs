//! The clicks of some links of a workspace, each found by its key: for lists that show a sum of a short time.

use std::collections::HashMap;

use uuid::Uuid;

use super::link_rows::read_tallies;
use super::queries::unsigned;
use super::{AnalyticsError, Range, Stored, hours};
use crate::clicks::DAY_MS;
use crate::database::{Database, Pools};
use crate::types::{LinkId, WorkspaceId};

/// Links per statement.
const LINKS: usize = 1_000;

/// Day, link, nothing and packed tallies; or day, link and clicks.
type Row = (i64, Uuid, i64, Option<Vec<u8>>);

/// How often people clicked these links within the range, which should be no longer than some days: hours are added up. Links
/// nobody clicked are left out, as are links of other workspaces.
pub async fn clicks_of_links(
    db: &Database,
    workspace_id: WorkspaceId,
    links: &[LinkId],
    range: Range,
) -> Result<HashMap<LinkId, u64>, AnalyticsError> {
    let span = hours(Stored::Total, range.hours()?);
    let first_day = span.start - span.start.rem_euclid(DAY_MS);
    let days: Vec<i64> =
        std::iter::successors(Some(first_day), |day| Some(day + DAY_MS)).take_while(|day| *day < span.end).collect();
    // Days and links by their whole keys; each database has its own way to be given a list.
    let sql = |days: &str, links: &str| {
        format!(
            "SELECT day, link_id, CAST(0 AS BIGINT), tallies FROM link_days \
             WHERE workspace_id = $1 AND day {days} AND link_id {links} AND clicks > 0 \
             UNION ALL SELECT days.day, days.link_id, rollups.clicks, NULL \
             FROM link_days AS days JOIN click_rollups AS rollups ON rollups.scope_id = days.link_id \
             AND rollups.dimension = $4 AND rollups.bucket >= $5 AND rollups.bucket < $6 \
             AND rollups.bucket >= days.day AND rollups.bucket < days.day + 86400000 \
             WHERE days.workspace_id = $1 AND days.day {days} AND days.link_id {links} AND days.clicks > 0"
        )
    };
    let workspace_id = workspace_id.as_uuid();
    let mut sums: HashMap<Uuid, i64> = HashMap::new();
    for links in links.chunks(LINKS) {
        let rows: Vec<Row> = match db.pools() {
            Pools::Sqlite { read, .. } => {
                let sql = sql("IN (SELECT value FROM json_each($2))", "IN (SELECT unhex(value) FROM json_each($3))");
                let links: Vec<String> = links.iter().map(|link| link.as_uuid().simple().to_string()).collect();
                let query = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(workspace_id).bind(format!("{days:?}"));
                let query = query.bind(format!("{links:?}")).bind(span.stored()).bind(span.start).bind(span.end);
                query.fetch_all(read).await.map_err(crate::database::DatabaseError::from)?
            }
            Pools::Postgres(pool) => {
                let links: Vec<Uuid> = links.iter().map(LinkId::as_uuid).collect();
                let sql = sql("= ANY($2)", "= ANY($3)");
                let query = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(workspace_id).bind(&days).bind(links);
                let query = query.bind(span.stored()).bind(span.start).bind(span.end);
                query.fetch_all(pool).await.map_err(crate::database::DatabaseError::from)?
            }
        };
        for (day, link, clicks, packed) in rows {
            let sum = sums.entry(link).or_default();
            match packed {
                None => *sum += clicks,
                Some(packed) => read_tallies((day, link), &packed, span, |_, _, clicks| *sum += clicks)?,
            }
        }
    }
    let clicked = sums.into_iter().filter(|(_, clicks)| *clicks > 0);
    Ok(clicked.map(|(link, clicks)| (LinkId::from_uuid(link), unsigned(clicks))).collect())
}
