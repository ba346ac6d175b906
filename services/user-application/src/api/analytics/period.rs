//! The range of time a question is about, and how finely it is divided.

use std::time::Duration;

use data_ops::{
    analytics::{Granularity, Range},
    types::{FieldError, Timestamp},
};
use jiff::{ToSpan as _, Zoned, tz::TimeZone};
use serde::Deserialize;
use utoipa::ToSchema;

const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Up to here hours are shown.
const LONGEST_IN_HOURS: Duration = Duration::from_secs(3 * 24 * 60 * 60);

/// Up to here days are shown, beyond months.
const LONGEST_IN_DAYS: Duration = Duration::from_secs(190 * 24 * 60 * 60);

#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
pub(crate) enum Interval {
    #[serde(rename = "24h")]
    Day,
    #[serde(rename = "7d")]
    Week,
    #[serde(rename = "30d")]
    Month,
    #[serde(rename = "90d")]
    Quarter,
    #[serde(rename = "1y")]
    Year,
    #[serde(rename = "mtd")]
    MonthToDate,
    #[serde(rename = "qtd")]
    QuarterToDate,
    #[serde(rename = "ytd")]
    YearToDate,
    #[serde(rename = "all")]
    All,
}

/// A range and the length of its buckets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Period {
    pub(super) range: Range,
    pub(super) granularity: Granularity,
}

impl Period {
    /// A range given by its ends.
    pub(super) fn between(start: Timestamp, end: Option<Timestamp>, now: Timestamp) -> Result<Self, Vec<FieldError>> {
        let end = end.unwrap_or_else(|| past(now));
        if end <= start {
            let message = "The range must end after it starts.";
            return Err(vec![FieldError::new("end", "empty_range", message)]);
        }
        Ok(Self { range: Range { start, end }, granularity: granularity_of(end.since(start)) })
    }

    /// A range that ends now; its days and months begin where the time zone says. `since` is when there can first have been
    /// clicks.
    pub(super) fn of(
        interval: Interval,
        now: Timestamp,
        since: Timestamp,
        zone: &TimeZone,
    ) -> Result<Self, Vec<FieldError>> {
        let end = past(now);
        let today = now.to_jiff().to_zoned(zone.clone());
        let (start, granularity) = match interval {
            Interval::Day => (Some(now.minus(DAY).plus(HOUR)), Granularity::Hour),
            Interval::Week => (days_ago(&today, 6), Granularity::Day),
            Interval::Month => (days_ago(&today, 29), Granularity::Day),
            Interval::Quarter => (days_ago(&today, 89), Granularity::Day),
            Interval::Year => (months_ago(&today, 11), Granularity::Month),
            Interval::MonthToDate => (months_ago(&today, 0), Granularity::Day),
            Interval::QuarterToDate => (months_ago(&today, (today.month() - 1) % 3), Granularity::Day),
            Interval::YearToDate => (months_ago(&today, today.month() - 1), Granularity::Month),
            Interval::All => (Some(Range::all(end).start), granularity_of(end.since(since))),
        };
        let start = start
            .ok_or_else(|| vec![FieldError::new("interval", "out_of_range", "This time zone has no such range.")])?;
        Ok(Self { range: Range { start, end }, granularity })
    }
}

/// Ranges leave out their end, and what happens at this very moment belongs to them.
fn past(now: Timestamp) -> Timestamp {
    now.plus(Duration::from_millis(1))
}

fn granularity_of(length: Duration) -> Granularity {
    if length <= LONGEST_IN_HOURS {
        Granularity::Hour
    } else if length <= LONGEST_IN_DAYS {
        Granularity::Day
    } else {
        Granularity::Month
    }
}

/// The beginning of the day so many days before.
fn days_ago(today: &Zoned, days: i32) -> Option<Timestamp> {
    beginning_of(today.date().checked_sub(days.days()).ok()?, today)
}

/// The beginning of the month so many months before.
fn months_ago(today: &Zoned, months: i8) -> Option<Timestamp> {
    beginning_of(today.date().first_of_month().checked_sub(months.months()).ok()?, today)
}

fn beginning_of(date: jiff::civil::Date, today: &Zoned) -> Option<Timestamp> {
    let start = date.to_zoned(today.time_zone().clone()).ok()?;
    Some(Timestamp::from_millis(start.timestamp().as_millisecond()))
}

#[cfg(test)]
mod tests {
    use data_ops::{analytics::Granularity, types::Timestamp};
    use jiff::tz::TimeZone;

    use super::{Interval, Period};

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).expect("a time")
    }

    fn start_of(interval: Interval, zone: &str) -> (String, Granularity) {
        let zone = TimeZone::get(zone).expect("a time zone");
        let now = at("2026-11-22T23:30:00Z");
        let period = Period::of(interval, now, at("2026-01-01T00:00:00Z"), &zone).expect("a range");
        (period.range.start.to_iso8601(), period.granularity)
    }

    #[test]
    fn intervals_begin_where_the_time_zone_says() {
        let cases = [
            (Interval::Day, "UTC", "2026-11-22T00:30:00.000Z", Granularity::Hour),
            (Interval::Week, "UTC", "2026-11-16T00:00:00.000Z", Granularity::Day),
            // In Berlin the 23rd has begun.
            (Interval::Week, "Europe/Berlin", "2026-11-16T23:00:00.000Z", Granularity::Day),
            // Ninety days back there was summer time.
            (Interval::Quarter, "Europe/Berlin", "2026-08-25T22:00:00.000Z", Granularity::Day),
            (Interval::Year, "UTC", "2025-12-01T00:00:00.000Z", Granularity::Month),
            (Interval::MonthToDate, "UTC", "2026-11-01T00:00:00.000Z", Granularity::Day),
            (Interval::QuarterToDate, "UTC", "2026-10-01T00:00:00.000Z", Granularity::Day),
            (Interval::YearToDate, "Europe/Berlin", "2025-12-31T23:00:00.000Z", Granularity::Month),
            (Interval::All, "UTC", "2000-01-01T00:00:00.000Z", Granularity::Month),
        ];
        for (interval, zone, start, granularity) in cases {
            assert_eq!(start_of(interval, zone), (start.to_owned(), granularity), "{interval:?} {zone}");
        }
    }

    #[test]
    fn a_range_must_end_after_it_starts() {
        let now = at("2026-11-22T12:00:00Z");
        assert!(Period::between(now, Some(now), now).is_err());
        let future = Period::between(at("2027-01-01T00:00:00Z"), None, now).expect_err("an empty range");
        assert_eq!(future[0].code, "empty_range");
        let hours = Period::between(at("2026-11-20T12:00:00Z"), None, now).expect("a range");
        assert_eq!(hours.granularity, Granularity::Hour);
    }
}
