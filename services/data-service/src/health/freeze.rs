//! When so much breaks at once that the fault is probably ours: pure.

use std::time::Duration;

use data_ops::{
    destinations::{Freeze, WindowCounts},
    types::Timestamp,
};

/// Fewer than this many broken destinations are no sign of anything.
const LEAST: u64 = 5;

/// When failover is held back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FreezeSettings {
    /// The part of the destinations checked within the window that may break, from 0 to 1.
    pub share: f64,
    /// The window.
    pub window: Duration,
}

impl Default for FreezeSettings {
    /// A fifth within an hour.
    fn default() -> Self {
        Self { share: 0.2, window: Duration::from_secs(3_600) }
    }
}

impl FreezeSettings {
    /// Whether so many broke that nobody is to be sent elsewhere.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts of rows are far below what a float counts exactly")]
    pub fn is_exceeded(&self, counts: WindowCounts) -> bool {
        counts.broken >= LEAST && counts.broken as f64 > self.share * counts.checked as f64
    }

    /// Where the window begins, after the freeze there was last. What led to one that was lifted leads to no other.
    #[must_use]
    pub fn from(&self, now: Timestamp, last: Option<&Freeze>) -> Timestamp {
        let lifted = last.and_then(|freeze| freeze.lifted_at).map(|lifted| lifted.plus(Duration::from_millis(1)));
        now.minus(self.window).max(lifted.unwrap_or(Timestamp::MIN))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fifth_may_break_and_any_four() {
        let settings = FreezeSettings::default();
        let exceeded = |broken, checked| settings.is_exceeded(WindowCounts { checked, broken });
        assert!(!exceeded(4, 4) && exceeded(5, 5) && exceeded(5, 24));
        assert!(!exceeded(5, 25) && exceeded(6, 25) && !exceeded(0, 0));
    }

    #[test]
    fn the_window_begins_after_the_last_freeze_was_lifted() {
        let settings = FreezeSettings::default();
        let now = Timestamp::from_millis(1_790_000_000_000);
        let freeze = |lifted_at| Freeze {
            id: data_ops::types::FreezeId::from_uuid(uuid::Uuid::from_u128(1)),
            since: now,
            broken: 5,
            checked: 5,
            lifted_at,
            lifted_by: None,
        };
        let hour_ago = now.minus(Duration::from_secs(3_600));
        assert_eq!(settings.from(now, None), hour_ago);
        assert_eq!(settings.from(now, Some(&freeze(None))), hour_ago);
        let lifted = now.minus(Duration::from_secs(60));
        assert_eq!(settings.from(now, Some(&freeze(Some(lifted)))), lifted.plus(Duration::from_millis(1)));
    }
}
