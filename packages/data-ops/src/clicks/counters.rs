//! How often each link was clicked, for lists of links.

use std::collections::HashMap;

use uuid::Uuid;

use crate::database::{Database, DatabaseError, Pools};
use crate::types::{LinkId, Timestamp, WorkspaceId};

/// How often people clicked a link.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LinkCounter {
    /// Clicks of people, ever.
    pub clicks: u64,
    /// The last of them.
    pub last_clicked_at: Option<Timestamp>,
}

/// The counters of these links; one that was never clicked has none. Takes no workspace: the ids must come from a query
/// that does.
pub async fn link_counters(db: &Database, ids: &[LinkId]) -> Result<HashMap<LinkId, LinkCounter>, DatabaseError> {
    const ROWS: usize = 500;
    let mut counters = HashMap::with_capacity(ids.len());
    for ids in ids.chunks(ROWS) {
        let rows = match db.pools() {
            Pools::Sqlite { read, .. } => {
                let marks = vec!["?"; ids.len()].join(",");
                let sql = format!(
                    "SELECT link_id, clicks, last_clicked_at FROM link_counters \
                     WHERE link_id IN ({marks})"
                );
                let query = sqlx::query_as(sqlx::AssertSqlSafe(sql));
                ids.iter().fold(query, |query, id| query.bind(id.as_uuid())).fetch_all(read).await?
            }
            Pools::Postgres(pool) => {
                let ids: Vec<Uuid> = ids.iter().map(LinkId::as_uuid).collect();
                sqlx::query_as(
                    "SELECT link_id, clicks, last_clicked_at FROM link_counters \
                     WHERE link_id = ANY($1)",
                )
                .bind(ids)
                .fetch_all(pool)
                .await?
            }
        };
        counters.extend(rows.into_iter().map(counter));
    }
    Ok(counters)
}

fn counter((id, clicks, last): (Uuid, i64, Option<i64>)) -> (LinkId, LinkCounter) {
    let counter =
        LinkCounter { clicks: u64::try_from(clicks).unwrap_or(0), last_clicked_at: last.map(Timestamp::from_millis) };
    (LinkId::from_uuid(id), counter)
}

/// How often people clicked these links since the beginning of a day (its first millisecond, UTC). Links nobody clicked are
/// left out, as are links of other workspaces.
pub async fn link_clicks_since(
    db: &Database,
    workspace_id: WorkspaceId,
    ids: &[LinkId],
    day: i64,
) -> Result<HashMap<LinkId, u64>, DatabaseError> {
    const ROWS: usize = 500;
    let mut all = HashMap::with_capacity(ids.len());
    for ids in ids.chunks(ROWS) {
        let rows: Vec<(Uuid, i64)> = match db.pools() {
            Pools::Sqlite { read, .. } => {
                let marks = vec!["?"; ids.len()].join(",");
                let sql = format!(
                    "SELECT link_id, SUM(clicks) FROM link_days \
                     WHERE workspace_id = ? AND day >= ? AND clicks > 0 AND link_id IN ({marks}) GROUP BY link_id"
                );
                let query = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(workspace_id.as_uuid()).bind(day);
                ids.iter().fold(query, |query, id| query.bind(id.as_uuid())).fetch_all(read).await?
            }
            Pools::Postgres(pool) => {
                let ids: Vec<Uuid> = ids.iter().map(LinkId::as_uuid).collect();
                sqlx::query_as(
                    "SELECT link_id, CAST(SUM(clicks) AS BIGINT) FROM link_days \
                     WHERE workspace_id = $1 AND day >= $2 AND clicks > 0 AND link_id = ANY($3) GROUP BY link_id",
                )
                .bind(workspace_id.as_uuid())
                .bind(day)
                .bind(ids)
                .fetch_all(pool)
                .await?
            }
        };
        let counted = rows.into_iter().map(|(id, clicks)| (LinkId::from_uuid(id), u64::try_from(clicks).unwrap_or(0)));
        all.extend(counted);
    }
    Ok(all)
}
