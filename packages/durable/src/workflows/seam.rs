//! Where tests stop a node: nothing else does anything here.

use futures_util::future::BoxFuture;

/// A place that an engine passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// A run is claimed and not begun.
    Claimed,
    /// Something about a run is about to be committed.
    BeforeCommit,
    /// It is committed.
    AfterCommit,
    /// Leases are about to be renewed.
    BeforeHeartbeat,
}

/// Waits as long as a test wants: for ever is a crash, until later a node that stood still.
pub trait Seam: Send + Sync {
    /// The engine is at this point, with this run (at a heartbeat with none).
    fn reach(&self, point: Point, run: &str) -> BoxFuture<'static, ()>;
}
