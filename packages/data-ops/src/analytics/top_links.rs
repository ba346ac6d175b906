//! The links of a workspace most clicked: whole days from the days' rows, hours at the edges from what is packed in them
//! and from the rollups of links that were clicked that day.

use std::collections::HashMap;

use uuid::Uuid;

use super::link_rows::read_tallies;
use super::queries::unsigned;
use super::rows::fetch;
use super::{AnalyticsError, Range, Span, Stored, spans};
use crate::clicks::DAY_MS;
use crate::database::{Database, DatabaseError, Pools};
use crate::types::{LinkId, WorkspaceId};

/// The links of a workspace most clicked, with their clicks; ties in the order of the ids. Deleted links are among them.
pub async fn top_links(
    db: &Database,
    workspace_id: WorkspaceId,
    range: Range,
    limit: usize,
) -> Result<Vec<(LinkId, u64)>, AnalyticsError> {
    let mut sums: HashMap<Uuid, i64> = HashMap::new();
    for span in spans(Stored::Total, range.hours()?) {
        let rows = if span.daily {
            whole_days(db, workspace_id.as_uuid(), span).await?
        } else {
            hours(db, workspace_id.as_uuid(), span).await?
        };
        for (link_id, clicks) in rows {
            *sums.entry(link_id).or_insert(0) += clicks;
        }
    }
    let mut links: Vec<(Uuid, i64)> = sums.into_iter().filter(|(_, clicks)| *clicks > 0).collect();
    links.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    links.truncate(limit);
    Ok(links.into_iter().map(|(id, clicks)| (LinkId::from_uuid(id), unsigned(clicks))).collect())
}

async fn whole_days(db: &Database, workspace_id: Uuid, span: Span) -> Result<Vec<(Uuid, i64)>, DatabaseError> {
    const QUERY: &str = "SELECT link_id, CAST(SUM(clicks) AS BIGINT) FROM link_days \
        WHERE workspace_id = $1 AND day >= $2 AND day < $3 GROUP BY link_id";
    Ok(fetch!(db, QUERY, workspace_id, span.start, span.end))
}

/// Day, link and packed tallies; or day, link and clicks.
type Row = (i64, Uuid, i64, Option<Vec<u8>>);

async fn hours(db: &Database, workspace_id: Uuid, span: Span) -> Result<Vec<(Uuid, i64)>, DatabaseError> {
    // A span of hours may touch two days: each rollup goes with the row of its own.
    const QUERY: &str = "SELECT day, link_id, CAST(0 AS BIGINT), tallies FROM link_days \
        WHERE workspace_id = $1 AND day >= $2 AND day < $4 AND clicks > 0 \
        UNION ALL SELECT days.day, days.link_id, rollups.clicks, NULL \
        FROM link_days AS days JOIN click_rollups AS rollups ON rollups.scope_id = days.link_id \
        AND rollups.dimension = $5 AND rollups.bucket >= $3 AND rollups.bucket < $4 \
        AND rollups.bucket >= days.day AND rollups.bucket < days.day + 86400000 \
        WHERE days.workspace_id = $1 AND days.day >= $2 AND days.day < $4 AND days.clicks > 0";
    let first_day = span.start - span.start.rem_euclid(DAY_MS);
    let rows: Vec<Row> = fetch!(db, QUERY, workspace_id, first_day, span.start, span.end, span.stored());
    let mut parts = Vec::with_capacity(rows.len());
    for (day, link_id, clicks, packed) in rows {
        match packed {
            None => parts.push((link_id, clicks)),
            Some(packed) => read_tallies((day, link_id), &packed, span, |_, _, clicks| parts.push((link_id, clicks)))?,
        }
    }
    Ok(parts)
}
