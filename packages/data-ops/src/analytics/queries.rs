//! The questions.

use std::collections::HashMap;

use jiff::tz::TimeZone;

use super::buckets::{Bucket, Granularity, bucket_starts};
use super::rows::{self, Counted};
use super::{AnalyticsError, Dimension, Range, Scope, Stored, hours, spans};
use crate::clicks::{DAY_MS, HOUR_MS};
use crate::database::Database;
use crate::types::Timestamp;

/// How many people clicked.
pub async fn count(db: &Database, scope: Scope, range: Range) -> Result<u64, AnalyticsError> {
    let hours = range.hours()?;
    let Some(counted) = rows::counted(db, scope).await? else { return Ok(0) };
    let mut clicks = 0;
    for span in spans(Stored::Total, hours) {
        clicks += rows::total(db, counted, span).await?;
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
    let counted = rows::counted(db, scope).await?;
    let first = match counted {
        _ if start != Range::all(range.end).hours()?.0 => Some(start),
        Some(counted) => rows::first_hour(db, counted).await?,
        None => None,
    };
    // Nothing was ever clicked: one empty bucket, the present one.
    start = start.max(first.unwrap_or(end - HOUR_MS));
    let starts = bucket_starts((start, end), granularity, &zone)?;
    let mut buckets: Vec<Bucket> =
        starts.into_iter().map(|start| Bucket { start: Timestamp::from_millis(start), clicks: 0 }).collect();
    let Some(counted) = counted else { return Ok(buckets) };
    // Days of UTC can stand for hours only where the buckets' borders are midnights of UTC as well.
    let by_day = buckets.iter().all(|bucket| bucket.start.as_millis().rem_euclid(DAY_MS) == 0);
    let range = (start, end);
    let spans = if by_day { spans(Stored::Total, range) } else { vec![hours(Stored::Total, range)] };
    for span in spans {
        for (at, clicks) in rows::buckets(db, counted, span).await? {
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
    let range = range.hours()?;
    let dimension = dimension.stored();
    let Some(counted) = rows::counted(db, scope).await? else { return Ok(Vec::new()) };
    // A link's values are kept by the hour only.
    let spans = match counted {
        Counted::Workspace(_) => spans(dimension, range),
        Counted::Link(_) => vec![hours(dimension, range)],
    };
    let mut sums: HashMap<String, i64> = HashMap::new();
    for span in spans {
        for (value, clicks) in rows::values(db, counted, span).await? {
            *sums.entry(value).or_insert(0) += clicks;
        }
    }
    let mut sums: Vec<(String, u64)> = sums.into_iter().map(|(value, clicks)| (value, unsigned(clicks))).collect();
    sums.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    sums.truncate(limit);
    Ok(sums)
}

pub(super) fn unsigned(clicks: i64) -> u64 {
    u64::try_from(clicks).unwrap_or(0)
}
