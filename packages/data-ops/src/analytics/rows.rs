//! What is kept of a scope, whichever it is. A workspace's statements are here; they are the same for both databases but for
//! the way rows are read.

use uuid::Uuid;

use super::link_rows::{self, CountedLink};
use super::{Scope, Span, Stored};
use crate::clicks::HOUR_MS;
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
pub(super) use fetch;

/// A scope in which people have clicked.
#[derive(Clone, Copy, Debug)]
pub(super) enum Counted {
    Workspace(Uuid),
    Link(CountedLink),
}

/// `None` when the link is not the workspace's, or no person ever clicked it.
pub(super) async fn counted(db: &Database, scope: Scope) -> Result<Option<Counted>, DatabaseError> {
    match scope {
        Scope::Workspace(id) => Ok(Some(Counted::Workspace(id.as_uuid()))),
        Scope::Link(workspace_id, link_id) => {
            let link = link_rows::find(db, workspace_id.as_uuid(), link_id.as_uuid()).await?;
            Ok(link.map(Counted::Link))
        }
    }
}

const SUM: &str = "SELECT CAST(COALESCE(SUM(clicks), 0) AS BIGINT) FROM click_rollups \
    WHERE scope_id = $1 AND dimension = $2 AND bucket >= $3 AND bucket < $4";

/// The clicks in a span, over all values.
pub(super) async fn total(db: &Database, counted: Counted, span: Span) -> Result<i64, DatabaseError> {
    let id = match counted {
        Counted::Workspace(id) => id,
        Counted::Link(link) => {
            let buckets = link_rows::buckets(db, link, span).await?;
            return Ok(buckets.into_iter().map(|(_, clicks)| clicks).sum());
        }
    };
    let rows: Vec<(i64,)> = fetch!(db, SUM, id, span.stored(), span.start, span.end);
    Ok(rows.first().map_or(0, |(clicks,)| *clicks))
}

const BUCKETS: &str = "SELECT bucket, clicks FROM click_rollups \
    WHERE scope_id = $1 AND dimension = $2 AND bucket >= $3 AND bucket < $4";

/// The clicks in each hour or day that had any, in any order; some in parts.
pub(super) async fn buckets(db: &Database, counted: Counted, span: Span) -> Result<Vec<(i64, i64)>, DatabaseError> {
    match counted {
        Counted::Workspace(id) => Ok(fetch!(db, BUCKETS, id, span.stored(), span.start, span.end)),
        Counted::Link(link) => link_rows::buckets(db, link, span).await,
    }
}

const VALUES: &str = "SELECT value, CAST(SUM(clicks) AS BIGINT) FROM click_rollups \
    WHERE scope_id = $1 AND dimension = $2 AND bucket >= $3 AND bucket < $4 GROUP BY value";

/// The clicks of each value in a span, some in parts.
pub(super) async fn values(db: &Database, counted: Counted, span: Span) -> Result<Vec<(String, i64)>, DatabaseError> {
    match counted {
        Counted::Workspace(id) => Ok(fetch!(db, VALUES, id, span.stored(), span.start, span.end)),
        Counted::Link(link) => link_rows::values(db, link, span).await,
    }
}

const FIRST: &str = "SELECT bucket, clicks FROM click_rollups \
    WHERE scope_id = $1 AND dimension = $2 AND value = '' ORDER BY bucket LIMIT 1";

/// The first hour with a click.
pub(super) async fn first_hour(db: &Database, counted: Counted) -> Result<Option<i64>, DatabaseError> {
    let id = match counted {
        Counted::Workspace(id) => id,
        Counted::Link(link) => return Ok(Some(link.first - link.first.rem_euclid(HOUR_MS))),
    };
    let rows: Vec<(i64, i64)> = fetch!(db, FIRST, id, Stored::Total.hourly());
    Ok(rows.first().map(|(hour, _)| *hour))
}
