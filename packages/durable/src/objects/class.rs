//! The classes a node knows, behind one face.

use std::{any::Any, marker::PhantomData, sync::Arc};

use data_ops::{database::DatabaseError, types::Timestamp};
use futures_util::future::BoxFuture;
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use super::{Object, ObjectOptions, bell::Bell, mailbox::Mailboxes, metrics::ClassMetrics};
use crate::store::Store;

/// What all classes of a node share.
pub(super) struct Shared {
    pub store: Store,
    pub options: ObjectOptions,
    pub tasks: TaskTracker,
    pub bell: Bell,
    /// Transactions that may be under way at once.
    pub permits: Semaphore,
}

impl Shared {
    /// An object was written to.
    pub fn committed(&self, alarm_at: Option<i64>) {
        if let Some(at) = alarm_at {
            self.bell.expect(at);
        }
    }
}

/// One class on this node.
pub(super) struct Class<O: Object> {
    pub shared: Arc<Shared>,
    pub mailboxes: Mailboxes<O>,
    pub metrics: ClassMetrics,
    class: PhantomData<fn() -> O>,
}

impl<O: Object> Class<O> {
    pub fn new(shared: Arc<Shared>) -> Self {
        Self { shared, mailboxes: Mailboxes::default(), metrics: ClassMetrics::new(O::CLASS), class: PhantomData }
    }
}

/// What can be done with a class without knowing its types.
pub(super) trait AnyClass: Send + Sync {
    fn version(&self) -> u16;

    /// Rings what is due, and says how many that were and when the next is.
    fn ring_due(&self, now: Timestamp) -> BoxFuture<'_, Result<Due, DatabaseError>>;

    fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
}

/// What ringing came to.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Due {
    pub rung: usize,
    pub next: Option<i64>,
}

impl Due {
    pub fn and(self, other: Self) -> Self {
        let next = [self.next, other.next].into_iter().flatten().min();
        Self { rung: self.rung + other.rung, next }
    }
}
