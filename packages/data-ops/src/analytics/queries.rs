//! The questions.

use std::collections::HashMap;

use jiff::tz::TimeZone;

use super::buckets::{Bucket, Granularity, bucket_starts};
use super::{AnalyticsError, Dimension, Range, Scope, Stored, rows, spans};
use crate::clicks::{DAY_MS, HOUR_MS};
use crate::database::Database;
use crate::types::{LinkId, Timestamp, WorkspaceId};

/// How many people clicked.
pub async fn count(db: &Database, scope: Scope, range: Range) -> Result<u64, AnalyticsError> {
    let hours = range.hours()?;
    let Some(id) = rows::scope_id(db, scope).await? else { return Ok(0) };
    let mut clicks = 0;
    for span in spans(scope, Stored::Total, hours) {
        clicks += rows::total(db, id, span).await?;
    }
    Ok(unsigned(clicks))
}

/// How many people clicked in each hour, day, week or month, those without clicks included. A range that begins before
/// the first click is cut to begin there, so that "all time" needs no special case.
pub async fn timeseries(
    db: &Database,
    scope: Scope,
    range: Range,
    granularity: Granularity,
    zone: TimeZone,
) -> Result<Vec<Bucket>, AnalyticsError> {
    let (mut start, end) = range.hours()?;
    let id = rows::scope_id(db, scope).await?;
    let first = match id {
        Some(id) if start == Range::all(range.end).hours()?.0 => rows::first_hour(db, id).await?,
        _ => Some(start),
    };
    // Nothing was ever clicked: one empty bucket, the present one.
    start = start.max(first.unwrap_or(end - HOUR_MS));
    let starts = bucket_starts((start, end), granularity, &zone)?;
    let mut buckets: Vec<Bucket> =
        starts.into_iter().map(|start| Bucket { start: Timestamp::from_millis(start), clicks: 0 }).collect();
    let Some(id) = id else { return Ok(buckets) };
    // Days of UTC can stand for hours only where the buckets' borders are midnights of UTC as well.
    let by_day = buckets.iter().all(|bucket| bucket.start.as_millis().rem_euclid(DAY_MS) == 0);
    let spans = if by_day {
        spans(scope, Stored::Total, (start, end))
    } else {
        vec![super::Span { dimension: Stored::Total.hourly(), start, end }]
    };
    for span in spans {
        for (at, clicks) in rows::buckets(db, id, span).await? {
            let after = buckets.partition_point(|bucket| bucket.start.as_millis() <= at);
            // An hour that begins before the first bucket belongs to it: zones that are half an hour off.
            if let Some(bucket) = buckets.get_mut(after.saturating_sub(1)) {
                bucket.clicks += unsigned(clicks);
            }
        }
    }
    Ok(buckets)
}

/// The values most clicked, with their clicks; at most `limit`, ties in the order of the values.
pub async fn breakdown(
    db: &Database,
    scope: Scope,
    range: Range,
    dimension: Dimension,
    limit: usize,
) -> Result<Vec<(String, u64)>, AnalyticsError> {
    top_values(db, scope, range, dimension.stored(), limit).await
}

/// The links of a workspace most clicked, with their clicks. Deleted links are among them.
pub async fn top_links(
    db: &Database,
    workspace_id: WorkspaceId,
    range: Range,
    limit: usize,
) -> Result<Vec<(LinkId, u64)>, AnalyticsError> {
    let scope = Scope::Workspace(workspace_id);
    let values = top_values(db, scope, range, Stored::Link, limit).await?;
    let links = values.into_iter().filter_map(|(value, clicks)| {
        let id = uuid::Uuid::try_parse(&value).ok()?;
        Some((LinkId::from_uuid(id), clicks))
    });
    Ok(links.collect())
}

async fn top_values(
    db: &Database,
    scope: Scope,
    range: Range,
    dimension: Stored,
    limit: usize,
) -> Result<Vec<(String, u64)>, AnalyticsError> {
    let hours = range.hours()?;
    let Some(id) = rows::scope_id(db, scope).await? else { return Ok(Vec::new()) };
    let mut sums: HashMap<String, i64> = HashMap::new();
    for span in spans(scope, dimension, hours) {
        for (value, clicks) in rows::values(db, id, span).await? {
            *sums.entry(value).or_insert(0) += clicks;
        }
    }
    let mut sums: Vec<(String, u64)> = sums.into_iter().map(|(value, clicks)| (value, unsigned(clicks))).collect();
    sums.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    sums.truncate(limit);
    Ok(sums)
}

fn unsigned(clicks: i64) -> u64 {
    u64::try_from(clicks).unwrap_or(0)
}
