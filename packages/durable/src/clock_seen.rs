//! Notices that the clock was put back: what was planned by the wrong time then would come too late by as much.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use data_ops::types::Timestamp;

/// How far the clocks of nodes may disagree before something counts as planned under a clock that was wrong.
pub const CLOCKS_AGREE: Duration = Duration::from_secs(60);

/// What the clock last showed.
pub struct ClockSeen(AtomicI64);

impl ClockSeen {
    pub fn new() -> Self {
        Self(i64::MAX.into())
    }

    /// Whether it shows less than it did. At the first time too: it may have been put back while the service was down.
    pub fn went_back(&self, now: Timestamp) -> bool {
        now.as_millis() < self.0.swap(now.as_millis(), Ordering::SeqCst)
    }

    /// Has the next look say so again: nothing was done about it.
    pub fn forget(&self) {
        self.0.store(i64::MAX, Ordering::SeqCst);
    }
}
