//! When this node looks for due alarms next.

use std::sync::atomic::{AtomicI64, Ordering};

use tokio::sync::Notify;

/// Wakes who waits for the next alarm when one is set for before that.
pub(super) struct Bell {
    planned: AtomicI64,
    earlier: Notify,
}

impl Bell {
    pub fn new() -> Self {
        Self { planned: AtomicI64::new(i64::MAX), earlier: Notify::new() }
    }

    /// An alarm was set.
    pub fn expect(&self, at: i64) {
        if at < self.planned.load(Ordering::SeqCst) {
            self.earlier.notify_one();
        }
    }

    /// The next alarm is about to be looked up: until it is known, every alarm wakes.
    pub fn forget(&self) {
        self.planned.store(i64::MAX, Ordering::SeqCst);
    }

    /// The next alarm is this one.
    pub fn plan(&self, at: Option<i64>) {
        self.planned.store(at.unwrap_or(i64::MAX), Ordering::SeqCst);
    }

    /// Until an alarm is set for before what is planned.
    pub async fn earlier(&self) {
        self.earlier.notified().await;
    }
}
