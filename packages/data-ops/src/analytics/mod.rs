//! Answers about clicks, read from the rollups: their cost does not grow with the number of clicks.
//!
//! A workspace's are kept per hour and per day of UTC, a link's per hour and its totals per day: a sum over a long range
//! takes whole days from its middle and hours at its edges. A link's hours are in its days' rows or in the rollups, and
//! always summed over both; each statement reads both, because taking clicks in moves some from one to the other.
//!
//! Buckets of a time series begin where the caller's time zone says; an hour belongs to the bucket in which it begins, so
//! zones that are half an hour off move half an hour's clicks at midnight, never lose any.

mod buckets;
mod link_clicks;
mod link_rows;
mod queries;
mod rows;
mod top_links;

pub use buckets::{Bucket, Granularity};
pub use link_clicks::clicks_of_links;
pub use queries::{breakdown, count, timeseries};
pub use top_links::top_links;

use crate::clicks::{DAY_MS, Dimension as Stored, HOUR_MS};
use crate::database::DatabaseError;
use crate::types::{LinkId, Timestamp, WorkspaceId};

/// Whose clicks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All links of a workspace, deleted ones too.
    Workspace(WorkspaceId),
    /// One link of a workspace; a link of another workspace has no clicks.
    Link(WorkspaceId, LinkId),
}

/// From when until when: `start` belongs to it, `end` does not. Widened to whole hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// The first moment.
    pub start: Timestamp,
    /// The moment after the last.
    pub end: Timestamp,
}

/// What clicks are broken down by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dimension {
    /// Two-letter code; empty where the country is not known.
    Country,
    /// "Desktop", "Mobile" …
    Device,
    /// The browser's family.
    Browser,
    /// The operating system's family.
    Os,
    /// The host of the page that linked here, or "(direct)".
    Referer,
}

impl Dimension {
    const fn stored(self) -> Stored {
        match self {
            Self::Country => Stored::Country,
            Self::Device => Stored::Device,
            Self::Browser => Stored::Browser,
            Self::Os => Stored::Os,
            Self::Referer => Stored::Referer,
        }
    }
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum AnalyticsError {
    /// The range ends before it starts.
    #[error("the range must end after it starts")]
    EmptyRange,
    /// Too many buckets would be needed.
    #[error("the range is too long for this granularity: it gives more than {most} buckets; choose a coarser one")]
    TooManyBuckets {
        /// How many there may be.
        most: usize,
    },
    /// The time zone has no such moment.
    #[error("the range lies outside the years that can be counted")]
    OutOfRange,
    /// The database failed.
    #[error("the clicks could not be counted")]
    Database(#[from] DatabaseError),
}

/// The oldest and latest moments that can be asked for: 2000 and 2200. Bounds "all" and what a caller may type.
const BOUNDS: (i64, i64) = (946_684_800_000, 7_258_118_400_000);

impl Range {
    /// Everything that can have been counted until `now`.
    #[must_use]
    pub fn all(now: Timestamp) -> Self {
        Self { start: Timestamp::from_millis(BOUNDS.0), end: now }
    }

    /// The range in whole hours, inside the bounds.
    fn hours(self) -> Result<(i64, i64), AnalyticsError> {
        let start = self.start.as_millis().clamp(BOUNDS.0, BOUNDS.1);
        let end = self.end.as_millis().clamp(BOUNDS.0, BOUNDS.1);
        if self.end.as_millis() <= self.start.as_millis() {
            return Err(AnalyticsError::EmptyRange);
        }
        Ok((start - start.rem_euclid(HOUR_MS), end + (-end).rem_euclid(HOUR_MS)))
    }
}

/// A range of hours, or of days, of one dimension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span {
    dimension: Stored,
    daily: bool,
    start: i64,
    end: i64,
}

impl Span {
    /// The dimension as the rollups have it.
    const fn stored(self) -> i16 {
        if self.daily { self.dimension.daily() } else { self.dimension.hourly() }
    }
}

/// The range in hours.
const fn hours(dimension: Stored, (start, end): (i64, i64)) -> Span {
    Span { dimension, daily: false, start, end }
}

/// Whole days from the middle of the range and hours from its edges.
fn spans(dimension: Stored, (start, end): (i64, i64)) -> Vec<Span> {
    let first_day = start + (-start).rem_euclid(DAY_MS);
    let last_day = end - end.rem_euclid(DAY_MS);
    if first_day >= last_day {
        return vec![hours(dimension, (start, end))];
    }
    let days = Span { dimension, daily: true, start: first_day, end: last_day };
    let mut spans = vec![hours(dimension, (start, first_day)), days, hours(dimension, (last_day, end))];
    spans.retain(|span| span.start < span.end);
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_cover_a_range_once_and_in_order() {
        for (start, end) in [(0, 5), (3, 30), (0, 24), (24, 72), (5, 100), (23, 25), (23, 49)] {
            let spans = spans(Stored::Country, (start * HOUR_MS, end * HOUR_MS));
            assert_eq!(spans.first().map(|span| span.start), Some(start * HOUR_MS));
            assert_eq!(spans.last().map(|span| span.end), Some(end * HOUR_MS));
            for pair in spans.windows(2) {
                assert_eq!(pair[0].end, pair[1].start);
            }
            for span in spans.iter().filter(|span| span.daily) {
                assert_eq!((span.start % DAY_MS, span.end % DAY_MS), (0, 0));
            }
        }
    }
}
