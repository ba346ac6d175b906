//! The statements of this feature. They are the same for both databases but for the way rows are read.

use uuid::Uuid;

use super::{Scope, Span, Stored};
use crate::database::{Database, DatabaseError, Pools};

/// Reads rows of one shape from whichever database it is.
macro_rules! fetch {
    ($db:expr, $sql:expr, $($bind:expr),*) => {
        match $db.pools() {
            Pools::Sqlite { read, .. } => {
                sqlx::query_as(sqlx::AssertSqlSafe($sql))$(.bind($bind))*.fetch_all(read).await?
            }
            Pools::Postgres(pool) => {
                sqlx::query_as(sqlx::AssertSqlSafe($sql))$(.bind($bind))*.fetch_all(pool).await?
            }
        }
    };
}

/// The id rollups of a scope are stored under; `None` when the link is not the workspace's, or nobody ever clicked it.
pub(super) async fn scope_id(db: &Database, scope: Scope) -> Result<Option<Uuid>, DatabaseError> {
    const QUERY: &str = "SELECT link_id FROM link_counters WHERE link_id = $1 AND workspace_id = $2";
    let (workspace_id, link_id) = match scope {
        Scope::Workspace(id) => return Ok(Some(id.as_uuid())),
        Scope::Link(workspace_id, link_id) => (workspace_id.as_uuid(), link_id.as_uuid()),
    };
    let found: Vec<(Uuid,)> = fetch!(db, QUERY, link_id, workspace_id);
    Ok(found.first().map(|(id,)| *id))
}

const SUM: &str = "SELECT CAST(COALESCE(SUM(clicks), 0) AS BIGINT) FROM click_rollups \
    WHERE scope_id = $1 AND dimension = $2 AND bucket >= $3 AND bucket < $4";

/// The clicks in a span, over all values.
pub(super) async fn total(db: &Database, id: Uuid, span: Span) -> Result<i64, DatabaseError> {
    let rows: Vec<(i64,)> = fetch!(db, SUM, id, span.dimension, span.start, span.end);
    Ok(rows.first().map_or(0, |(clicks,)| *clicks))
}

const BUCKETS: &str = "SELECT bucket, clicks FROM click_rollups \
    WHERE scope_id = $1 AND dimension = $2 AND bucket >= $3 AND bucket < $4 ORDER BY bucket";

/// The clicks in each hour or day that had any, ascending.
pub(super) async fn buckets(db: &Database, id: Uuid, span: Span) -> Result<Vec<(i64, i64)>, DatabaseError> {
    Ok(fetch!(db, BUCKETS, id, span.dimension, span.start, span.end))
}

const VALUES: &str = "SELECT value, CAST(SUM(clicks) AS BIGINT) FROM click_rollups \
    WHERE scope_id = $1 AND dimension = $2 AND bucket >= $3 AND bucket < $4 GROUP BY value";

/// The clicks of each value in a span.
pub(super) async fn values(db: &Database, id: Uuid, span: Span) -> Result<Vec<(String, i64)>, DatabaseError> {
    Ok(fetch!(db, VALUES, id, span.dimension, span.start, span.end))
}

const FIRST: &str = "SELECT bucket, clicks FROM click_rollups \
    WHERE scope_id = $1 AND dimension = $2 AND value = '' ORDER BY bucket LIMIT 1";

/// The first hour with a click.
pub(super) async fn first_hour(db: &Database, id: Uuid) -> Result<Option<i64>, DatabaseError> {
    let rows: Vec<(i64, i64)> = fetch!(db, FIRST, id, Stored::Total.hourly());
    Ok(rows.first().map(|(hour, _)| *hour))
}
