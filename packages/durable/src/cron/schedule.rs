//! Schedules: a cron pattern in a time zone.

use std::collections::VecDeque;

use data_ops::types::Timestamp;
use jiff::tz::TimeZone;

/// When something is to happen, again and again.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    text: String,
    zone_name: String,
    pattern: croner::Cron,
    zone: TimeZone,
}

/// Why a text is not a schedule.
#[derive(Debug, thiserror::Error)]
pub enum ScheduleError {
    /// The pattern is not one.
    #[error("\"{pattern}\" is not a cron pattern: write minute, hour, day, month and weekday, like \"0 8 * * MON\"")]
    Pattern {
        /// What was given.
        pattern: String,
        /// What is wrong with it.
        #[source]
        source: croner::errors::CronError,
    },
    /// There is no such zone.
    #[error("there is no time zone \"{name}\": take one of the time zone database, like \"Europe/Berlin\", or \"UTC\"")]
    TimeZone {
        /// What was given.
        name: String,
        /// What was said about it.
        #[source]
        source: jiff::Error,
    },
    /// No day is like that, for example 30 February.
    #[error("\"{pattern}\" never comes")]
    Never {
        /// What was given.
        pattern: String,
    },
}

impl Schedule {
    /// A pattern of five fields (minute, hour, day of month, month, day of week), or six with seconds before them, in the
    /// local time of a zone of the time zone database.
    ///
    /// # Errors
    /// See [`ScheduleError`].
    pub fn parse(pattern: &str, time_zone: &str) -> Result<Self, ScheduleError> {
        let zone = TimeZone::get(time_zone)
            .map_err(|source| ScheduleError::TimeZone { name: time_zone.to_owned(), source })?;
        let parsed =
            pattern.parse().map_err(|source| ScheduleError::Pattern { pattern: pattern.to_owned(), source })?;
        let schedule = Self { text: pattern.to_owned(), zone_name: time_zone.to_owned(), pattern: parsed, zone };
        match schedule.after(Timestamp::from_millis(0)) {
            Some(_) => Ok(schedule),
            None => Err(ScheduleError::Never { pattern: pattern.to_owned() }),
        }
    }

    /// The pattern.
    #[must_use]
    pub fn pattern(&self) -> &str {
        &self.text
    }

    /// The zone's name.
    #[must_use]
    pub fn time_zone(&self) -> &str {
        &self.zone_name
    }

    /// The first occurrence after `moment`, if there is one.
    #[must_use]
    pub fn after(&self, moment: Timestamp) -> Option<Timestamp> {
        let next = self.pattern.find_next_occurrence(&moment.to_jiff().to_zoned(self.zone.clone()), false).ok()?;
        Some(Timestamp::from_millis(next.timestamp().as_millisecond())).filter(|next| *next > moment)
    }

    /// The latest occurrences from `first` (which is one) to `last`, at most `limit`.
    pub(super) fn latest(&self, first: Timestamp, last: Timestamp, limit: usize) -> VecDeque<Timestamp> {
        let mut window = std::time::Duration::from_secs(60);
        loop {
            // Looking for them forwards from ever longer ago: years may have passed, and backwards means another search.
            let start = last.minus(window).max(first.minus(std::time::Duration::from_millis(1)));
            let whole = start < first;
            let occurrences = std::iter::successors(self.after(start), |occurrence| self.after(*occurrence));
            let mut found = VecDeque::new();
            for occurrence in occurrences.take_while(|occurrence| *occurrence <= last) {
                found.push_back(occurrence);
                if found.len() > limit {
                    found.pop_front();
                }
            }
            if whole || found.len() == limit {
                return found;
            }
            window = window.saturating_mul(4);
        }
    }
}
