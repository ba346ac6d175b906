//! How much of something happened within the last minute.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// How many seconds are kept, and how long one counts.
const KEPT: usize = 60;
const SECONDS: i64 = 60;

/// Counts by the second, for a minute. Moments are whole seconds of whatever clock the caller goes by.
#[derive(Debug)]
pub(crate) struct Recent(Mutex<[Second; KEPT]>);

#[derive(Debug, Clone, Copy)]
struct Second {
    which: i64,
    count: u64,
}

impl Default for Recent {
    fn default() -> Self {
        Self(Mutex::new([Second { which: i64::MIN, count: 0 }; KEPT]))
    }
}

impl Recent {
    fn seconds(&self) -> MutexGuard<'_, [Second; KEPT]> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// So many, in this second.
    pub fn add(&self, now: i64, count: u64) {
        let mut seconds = self.seconds();
        let place = usize::try_from(now.rem_euclid(SECONDS)).unwrap_or(0);
        let second = &mut seconds[place];
        if second.which != now {
            *second = Second { which: now, count: 0 };
        }
        second.count = second.count.saturating_add(count);
    }

    /// How many since a minute before this second.
    pub fn within_a_minute(&self, now: i64) -> u64 {
        let since = now.saturating_sub(SECONDS);
        self.seconds().iter().filter(|second| second.which > since && second.which <= now).map(|it| it.count).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::Recent;

    #[test]
    fn what_happened_counts_for_a_minute() {
        let recent = Recent::default();
        recent.add(100, 2);
        recent.add(100, 1);
        recent.add(130, 4);
        assert_eq!(recent.within_a_minute(130), 7);
        assert_eq!(recent.within_a_minute(159), 7);
        assert_eq!(recent.within_a_minute(160), 4);
        recent.add(160, 1);
        assert_eq!(recent.within_a_minute(160), 5);
        assert_eq!(recent.within_a_minute(1_000), 0);
    }

    #[test]
    fn a_clock_that_is_put_back_hides_what_is_ahead_of_it() {
        let recent = Recent::default();
        recent.add(-5, 1);
        recent.add(500, 1);
        assert_eq!(recent.within_a_minute(-5), 1);
    }
}
