//! Notices that the clock was put back: what was planned by the wrong time then would come too late by as much.
//!
//! # Accepted
//! A node that starts with a clock behind the others' takes their plans for those of a clock that was ahead, and what they
//! planned within that difference comes early by as much, once. Machines keep their clocks by NTP; one that was not set
//! yet, and shows a time long ago, moves nothing.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use data_ops::types::Timestamp;

/// How far the clocks of nodes may disagree before something counts as planned under a clock that was wrong.
pub const CLOCKS_AGREE: Duration = Duration::from_secs(60);

/// 2010-01-01T00:00:00Z: a clock that shows less was not set yet.
const SET_SINCE: i64 = 1_262_304_000_000;

/// What the clock last showed.
pub struct ClockSeen(AtomicI64);

impl ClockSeen {
    pub fn new() -> Self {
        Self(i64::MAX.into())
    }

    /// Whether it shows less than it did. At the first time too: it may have been put back while the service was down.
    pub fn went_back(&self, now: Timestamp) -> bool {
        now.as_millis() >= SET_SINCE && now.as_millis() < self.0.swap(now.as_millis(), Ordering::SeqCst)
    }

    /// Has the next look say so again: nothing was done about it.
    pub fn forget(&self) {
        self.0.store(i64::MAX, Ordering::SeqCst);
    }
}
