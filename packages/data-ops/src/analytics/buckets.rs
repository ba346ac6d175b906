//! Buckets of a time series: hours, days, weeks and months of a time zone, whatever its clocks do.

use jiff::tz::TimeZone;
use jiff::{ToSpan, Unit, Zoned, ZonedRound};

use super::AnalyticsError;
use crate::types::Timestamp;

/// How long a bucket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Granularity {
    /// An hour.
    Hour,
    /// From midnight to midnight, which may be 23 or 25 hours.
    Day,
    /// From Monday to Monday.
    Week,
    /// From the first to the first.
    Month,
}

/// A bucket and the clicks in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Where it begins; the first may begin before the range does.
    pub start: Timestamp,
    /// Clicks of people.
    pub clicks: u64,
}

/// More would be a chart nobody can read and an answer nobody wants to wait for: a year of hours fits.
pub(super) const MOST_BUCKETS: usize = 9_000;

/// Where the buckets between two moments begin, ascending; the first begins at or before `start`.
pub(super) fn bucket_starts(
    (start, end): (i64, i64),
    granularity: Granularity,
    zone: &TimeZone,
) -> Result<Vec<i64>, AnalyticsError> {
    let first =
        jiff::Timestamp::from_millisecond(start).map_err(|_| AnalyticsError::OutOfRange)?.to_zoned(zone.clone());
    let first = floor(&first, granularity).map_err(|_| AnalyticsError::OutOfRange)?;
    let mut starts: Vec<i64> = Vec::new();
    for step in 0_i64.. {
        // Counted from the first bucket, not from the one before: a day that begins late, because the clocks skipped
        // midnight, must not make all later days begin late.
        let next = match granularity {
            Granularity::Hour => first.checked_add(step.hours()),
            Granularity::Day => first.checked_add(step.days()),
            Granularity::Week => first.checked_add(step.weeks()),
            Granularity::Month => first.checked_add(step.months()),
        };
        let next = next.and_then(|next| floor(&next, granularity));
        let next = next.map_err(|_| AnalyticsError::OutOfRange)?.timestamp().as_millisecond();
        if next >= end {
            break;
        }
        if starts.last() == Some(&next) {
            continue;
        }
        if starts.len() == MOST_BUCKETS {
            return Err(AnalyticsError::TooManyBuckets { most: MOST_BUCKETS });
        }
        starts.push(next);
    }
    Ok(starts)
}

/// The beginning of the bucket a moment is in.
fn floor(moment: &Zoned, granularity: Granularity) -> Result<Zoned, jiff::Error> {
    match granularity {
        Granularity::Hour => moment.round(ZonedRound::new().smallest(Unit::Hour).mode(jiff::RoundMode::Trunc)),
        Granularity::Day => moment.start_of_day(),
        Granularity::Week => {
            let days = i64::from(moment.weekday().to_monday_zero_offset());
            moment.date().checked_sub(days.days())?.to_zoned(moment.time_zone().clone())?.start_of_day()
        }
        Granularity::Month => moment.date().first_of_month().to_zoned(moment.time_zone().clone())?.start_of_day(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours_of(days: &str, granularity: Granularity, zone: &str) -> Vec<i64> {
        let zone = TimeZone::get(zone).unwrap();
        let (start, end) = days.split_once('/').unwrap();
        let moment = |date: &str| {
            let date: jiff::civil::Date = date.parse().unwrap();
            date.to_zoned(zone.clone()).unwrap().start_of_day().unwrap().timestamp().as_millisecond()
        };
        let mut starts = bucket_starts((moment(start), moment(end)), granularity, &zone).unwrap();
        starts.push(moment(end));
        starts.windows(2).map(|pair| (pair[1] - pair[0]) / 3_600_000).collect()
    }

    #[test]
    fn days_are_as_long_as_the_zone_says() {
        // Berlin: clocks forward on 2026-03-29, back on 2026-10-25.
        let spring = hours_of("2026-03-28/2026-03-31", Granularity::Day, "Europe/Berlin");
        assert_eq!(spring, [24, 23, 24]);
        let autumn = hours_of("2026-10-24/2026-10-27", Granularity::Day, "Europe/Berlin");
        assert_eq!(autumn, [24, 25, 24]);
        // Beirut skips midnight itself: 2022-03-27 begins at one o'clock.
        let beirut = hours_of("2022-03-26/2022-03-29", Granularity::Day, "Asia/Beirut");
        assert_eq!(beirut, [24, 23, 24]);
    }

    #[test]
    fn hours_are_hours_when_the_clocks_change() {
        let hours = hours_of("2026-10-25/2026-10-26", Granularity::Hour, "Europe/Berlin");
        assert_eq!(hours, [1; 25]);
        let half = hours_of("2026-05-01/2026-05-02", Granularity::Hour, "Asia/Kolkata");
        assert_eq!(half, [1; 24]);
    }

    #[test]
    fn weeks_begin_on_monday_and_months_on_the_first() {
        let months = hours_of("2026-01-01/2026-04-01", Granularity::Month, "UTC");
        assert_eq!(months, [31 * 24, 28 * 24, 31 * 24]);
        let zone = TimeZone::UTC;
        // 2026-01-01 is a Thursday.
        let start = 1_767_225_600_000;
        let weeks = bucket_starts((start, start + 14 * 86_400_000), Granularity::Week, &zone).unwrap();
        assert_eq!(weeks[0], start - 3 * 86_400_000);
        assert_eq!(weeks.len(), 3);
    }

    #[test]
    fn the_number_of_buckets_is_capped() {
        let years = (0, 20 * 365 * 86_400_000);
        let hours = bucket_starts(years, Granularity::Hour, &TimeZone::UTC);
        assert!(matches!(hours, Err(AnalyticsError::TooManyBuckets { .. })));
        assert!(bucket_starts(years, Granularity::Month, &TimeZone::UTC).is_ok());
    }
}
