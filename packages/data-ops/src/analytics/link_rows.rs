//! What is kept of a link: a row for each day, found by its key, and rollups of the hours that did not fit into it.

use uuid::Uuid;

use super::Span;
use super::rows::fetch;
use crate::clicks::{DAY_MS, HOUR_MS, unpack};
use crate::database::{Database, DatabaseError, Pools};
use crate::types::{LinkId, Timestamp};

/// A link that people have clicked.
#[derive(Clone, Copy, Debug)]
pub(super) struct CountedLink {
    workspace_id: Uuid,
    id: Uuid,
    /// When they clicked first; or when the hour began in which they did.
    pub first: i64,
    last: i64,
}

/// The link, if it is the workspace's.
pub(super) async fn find(db: &Database, workspace_id: Uuid, id: Uuid) -> Result<Option<CountedLink>, DatabaseError> {
    const QUERY: &str = "SELECT first_clicked_at, last_clicked_at FROM link_counters \
        WHERE link_id = $1 AND workspace_id = $2 AND first_clicked_at IS NOT NULL AND last_clicked_at IS NOT NULL";
    let rows: Vec<(i64, i64)> = fetch!(db, QUERY, id, workspace_id);
    Ok(rows.first().map(|&(first, last)| CountedLink { workspace_id, id, first, last }))
}

impl CountedLink {
    /// The days of a span on which the link may have been clicked.
    fn days(&self, span: Span) -> Vec<i64> {
        let day = |at: i64| at - at.rem_euclid(DAY_MS);
        let mut days = Vec::new();
        let mut next = day(span.start).max(day(self.first));
        while next < span.end && next <= self.last {
            days.push(next);
            next += DAY_MS;
        }
        days
    }
}

/// The clicks in each hour or day that had any, in parts.
pub(super) async fn buckets(db: &Database, link: CountedLink, span: Span) -> Result<Vec<(i64, i64)>, DatabaseError> {
    if span.daily {
        return whole_days(db, link, span).await;
    }
    let rows = parts(db, link, span, EACH_HOUR).await?;
    Ok(rows.into_iter().map(|(bucket, _, clicks)| (bucket, clicks)).collect())
}

/// The clicks of each value in a span of hours, in parts.
pub(super) async fn values(db: &Database, link: CountedLink, span: Span) -> Result<Vec<(String, i64)>, DatabaseError> {
    let rows = parts(db, link, span, EACH_VALUE).await?;
    Ok(rows.into_iter().map(|(_, value, clicks)| (value, clicks)).collect())
}

/// Looks days up by the whole key. Each database has its own way to be given a list.
macro_rules! fetch_days {
    ($db:expr, $sql:expr, $link:expr, $days:expr $(, $bind:expr)*) => {
        match $db.pools() {
            Pools::Sqlite { read, .. } => {
                let sql = $sql("IN (SELECT value FROM json_each($3))");
                let query = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind($link.workspace_id).bind($link.id);
                query.bind(format!("{:?}", $days))$(.bind($bind))*.fetch_all(read).await?
            }
            Pools::Postgres(pool) => {
                let sql = $sql("= ANY($3)");
                let query = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind($link.workspace_id).bind($link.id);
                query.bind($days)$(.bind($bind))*.fetch_all(pool).await?
            }
        }
    };
}

async fn whole_days(db: &Database, link: CountedLink, span: Span) -> Result<Vec<(i64, i64)>, DatabaseError> {
    let sql = |listed: &str| {
        format!("SELECT day, clicks FROM link_days WHERE workspace_id = $1 AND link_id = $2 AND day {listed}")
    };
    Ok(fetch_days!(db, sql, link, link.days(span)))
}

/// Bucket, value and clicks; or day, nothing, nothing and packed tallies.
type Row = (i64, String, i64, Option<Vec<u8>>);

/// How rollups are put together: columns and grouping.
const EACH_HOUR: (&str, &str) = ("bucket, value, clicks", "");
const EACH_VALUE: (&str, &str) = ("MIN(bucket), value, CAST(SUM(clicks) AS BIGINT)", "GROUP BY value");

/// Hour, value and clicks, from the days' rows and from the rollups.
async fn parts(
    db: &Database,
    link: CountedLink,
    span: Span,
    (columns, grouping): (&str, &str),
) -> Result<Vec<(i64, String, i64)>, DatabaseError> {
    let sql = |listed: &str| {
        format!(
            "SELECT day, '', CAST(0 AS BIGINT), tallies FROM link_days \
             WHERE workspace_id = $1 AND link_id = $2 AND day {listed} \
             UNION ALL SELECT {columns}, NULL FROM click_rollups \
             WHERE scope_id = $2 AND dimension = $4 AND bucket >= $5 AND bucket < $6 {grouping}"
        )
    };
    let rows: Vec<Row> = fetch_days!(db, sql, link, link.days(span), span.stored(), span.start, span.end);
    let mut parts = Vec::with_capacity(rows.len());
    for (bucket, value, clicks, packed) in rows {
        match packed {
            None => parts.push((bucket, value, clicks)),
            Some(packed) => {
                let day = (bucket, link.id);
                read_tallies(day, &packed, span, |hour, value, clicks| parts.push((hour, value.to_owned(), clicks)))?;
            }
        }
    }
    Ok(parts)
}

/// Calls `add` with hour, value and clicks of what a day's tallies have of a span.
pub(super) fn read_tallies(
    (day, link_id): (i64, Uuid),
    packed: &[u8],
    span: Span,
    mut add: impl FnMut(i64, &str, i64),
) -> Result<(), DatabaseError> {
    for tally in unpack(packed) {
        let tally = tally.map_err(|damaged| {
            let (link, day) = (LinkId::from_uuid(link_id), Timestamp::from_millis(day));
            DatabaseError::stored("tallies of a link's day", format!("{link}, {day}: {damaged}"))
        })?;
        let hour = day + i64::from(tally.hour) * HOUR_MS;
        if tally.dimension == span.dimension && span.start <= hour && hour < span.end {
            add(hour, tally.value, tally.clicks);
        }
    }
    Ok(())
}
