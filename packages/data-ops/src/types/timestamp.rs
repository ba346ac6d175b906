//! A moment in time, to the millisecond.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};

use super::TextSpec;

/// Milliseconds since 1970-01-01T00:00:00Z. Written as `2026-11-22T13:00:00.000Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

/// Why a text is not a [`Timestamp`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "A time must be written in ISO 8601 with a time zone, between the years 0 and 9999, like 2026-11-22T13:00:00.000Z."
)]
pub struct TimestampError;

impl TimestampError {
    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        "invalid_timestamp"
    }
}

impl Timestamp {
    /// The OpenAPI schema of a timestamp is made from this.
    pub const SPEC: TextSpec = TextSpec {
        min_length: 17,
        max_length: 64,
        pattern: None,
        format: Some("date-time"),
        description: "A moment in ISO 8601; answers are in UTC with milliseconds.",
        example: "2026-11-22T13:00:00.000Z",
    };
    /// The earliest moment: the start of the year 0.
    pub const MIN: Self = Self(-62_167_219_200_000);
    /// The latest moment, a day before the end of the year 9999 (so that every time zone can show it).
    pub const MAX: Self = Self(253_402_207_200_000);

    /// The moment `millis` milliseconds after 1970; beyond [`Self::MIN`] and [`Self::MAX`] it is the nearer of the two.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        if millis < Self::MIN.0 {
            Self::MIN
        } else if millis > Self::MAX.0 {
            Self::MAX
        } else {
            Self(millis)
        }
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// This moment as the date-time library knows it.
    #[must_use]
    pub fn to_jiff(self) -> jiff::Timestamp {
        // The bounds of this type lie inside those of jiff, so the epoch is never answered.
        jiff::Timestamp::from_millisecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }

    /// `2026-11-22T13:00:00.000Z`.
    #[must_use]
    pub fn to_iso8601(self) -> String {
        self.to_string()
    }

    /// The moment `duration` later.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Self::from_millis(self.0.saturating_add(millis))
    }

    /// The moment `duration` earlier.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Self::from_millis(self.0.saturating_sub(millis))
    }

    /// How long after `earlier` this moment is; nothing when it is before.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// Reads ISO 8601 with any offset; what is finer than a millisecond is cut off.
    ///
    /// # Errors
    /// When the text is no such time, or outside of the years 0 to 9999.
    pub fn parse(text: &str) -> Result<Self, TimestampError> {
        if !(Self::SPEC.min_length..=Self::SPEC.max_length).contains(&text.len()) {
            return Err(TimestampError);
        }
        let moment: jiff::Timestamp = text.parse().map_err(|_| TimestampError)?;
        let nanos = moment.as_nanosecond().div_euclid(1_000_000);
        let millis = i64::try_from(nanos).map_err(|_| TimestampError)?;
        let parsed = Self::from_millis(millis);
        if parsed.0 == millis { Ok(parsed) } else { Err(TimestampError) }
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.to_jiff().strftime("%Y-%m-%dT%H:%M:%S.%3fZ"))
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl PartialSchema for Timestamp {
    fn schema() -> RefOr<Schema> {
        Self::SPEC.schema()
    }
}

impl ToSchema for Timestamp {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_in_utc_with_milliseconds() {
        for (given, written) in [
            ("2026-11-22T13:00:00Z", "2026-11-22T13:00:00.000Z"),
            ("2026-11-22T13:00:00.1239Z", "2026-11-22T13:00:00.123Z"),
            ("2026-11-22T14:30:00.5+01:30", "2026-11-22T13:00:00.500Z"),
            ("1969-12-31T23:59:59.9999Z", "1969-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(Timestamp::parse(given).unwrap().to_iso8601(), written);
        }
        assert_eq!(Timestamp::from_millis(0).to_string(), "1970-01-01T00:00:00.000Z");
        assert_eq!(Timestamp::MIN.to_string(), "0000-01-01T00:00:00.000Z");
        assert_eq!(Timestamp::MAX.to_string(), "9999-12-30T22:00:00.000Z");
    }

    #[test]
    fn times_without_a_zone_are_refused() {
        for text in ["", "2026-11-22", "2026-11-22T13:00:00", "20261122T13Z", "yesterday", "-000001-01-01T00:00:00Z"] {
            assert_eq!(Timestamp::parse(text).unwrap_err().code(), "invalid_timestamp", "{text}");
        }
    }

    #[test]
    fn arithmetic_stays_within_the_bounds() {
        let start = Timestamp::from_millis(1_000);
        assert_eq!(start.plus(Duration::from_secs(1)).as_millis(), 2_000);
        assert_eq!(start.minus(Duration::from_secs(1)).as_millis(), 0);
        assert_eq!(start.since(Timestamp::from_millis(400)), Duration::from_millis(600));
        assert_eq!(start.since(Timestamp::from_millis(4_000)), Duration::ZERO);
        assert_eq!(start.plus(Duration::MAX), Timestamp::MAX);
        assert_eq!(Timestamp::from_millis(i64::MIN), Timestamp::MIN);
    }
}
