//! Which occurrences of a schedule were started.

use data_ops::types::Timestamp;
use serde::{Deserialize, Serialize};

use super::Schedule;

/// Intervals kept.
pub(super) const MOST: usize = 32;

/// Intervals of due times, in order and apart: every occurrence in one of them was started. In milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Done(Vec<(i64, i64)>);

impl Done {
    /// The end of the interval with this moment, if it is in one.
    fn end_around(&self, moment: Timestamp) -> Option<Timestamp> {
        let moment = moment.as_millis();
        let around = self.0.iter().find(|(from, to)| (*from..=*to).contains(&moment));
        around.map(|(_, to)| Timestamp::from_millis(*to))
    }

    pub(super) fn contains(&self, occurrence: Timestamp) -> bool {
        self.end_around(occurrence).is_some()
    }

    /// The first occurrence after `moment` that was not started.
    pub(super) fn next_open(&self, schedule: &Schedule, moment: Timestamp) -> Option<Timestamp> {
        let mut next = schedule.after(moment)?;
        while let Some(end) = self.end_around(next) {
            next = schedule.after(end)?;
        }
        Some(next)
    }

    /// Adds an occurrence, and joins it with its neighbours where nothing was left out in between.
    pub(super) fn add(&mut self, schedule: &Schedule, occurrence: Timestamp) {
        if self.contains(occurrence) {
            return;
        }
        let millis = occurrence.as_millis();
        let place = self.0.partition_point(|(from, _)| *from < millis);
        self.0.insert(place, (millis, millis));
        let follows = |end: i64, start: i64| {
            schedule.after(Timestamp::from_millis(end)).is_some_and(|next| next.as_millis() >= start)
        };
        if let Some(&(next_from, next_to)) = self.0.get(place + 1)
            && follows(millis, next_from)
        {
            self.0[place].1 = next_to;
            self.0.remove(place + 1);
        }
        if place > 0 && follows(self.0[place - 1].1, millis) {
            self.0[place - 1].1 = self.0[place].1;
            self.0.remove(place);
        }
        while self.0.len() > MOST {
            self.0[0].1 = self.0[1].1;
            self.0.remove(1);
        }
    }
}
