//! The classes a node knows, behind one face.

use std::{any::Any, marker::PhantomData, sync::Arc};

use data_ops::{database::DatabaseError, types::Timestamp};
use futures_util::future::BoxFuture;
use tokio::sync::Semaphore;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    Object, ObjectOptions, apply::Told, bell::Bell, mailbox::Mailboxes, metrics::ClassMetrics, rooms::Rooms, row::Row,
};
use crate::{
    jobs::{JobRequest, Jobs},
    store::{Store, Transaction},
};

/// What all classes of a node share.
pub(super) struct Shared {
    pub store: Store,
    pub jobs: Option<Jobs>,
    pub options: ObjectOptions,
    pub tasks: TaskTracker,
    pub stop: CancellationToken,
    pub rooms: Arc<Rooms>,
    pub bell: Bell,
    /// Transactions that may be under way at once.
    pub permits: Semaphore,
}

/// Puts jobs down as part of the transaction, and answers the queues to wake after it.
pub(super) async fn put_down(
    store: &Store,
    transaction: &Transaction,
    jobs: Vec<JobRequest>,
) -> Result<Vec<&'static str>, DatabaseError> {
    let mut queues = Vec::new();
    for job in jobs {
        if !queues.contains(&job.queue()) {
            queues.push(job.queue());
        }
        job.prepare(store.clock()).insert(transaction, store.dialect()).await?;
    }
    Ok(queues)
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

    /// An object was written to: what follows the commit.
    pub fn committed(&self, row: &Row, told: Option<Told>, queues: Vec<&'static str>) {
        if let Some(told) = told {
            self.metrics.frames.increment(1);
            self.shared.rooms.tell(O::CLASS, &row.name, told);
        }
        if let Some(at) = row.alarm_at {
            self.shared.bell.expect(at);
        }
        if let Some(jobs) = &self.shared.jobs {
            queues.into_iter().for_each(|queue| jobs.wake(queue));
        }
        if let Some(reason) = &row.parked {
            self.metrics.parked.increment(1);
            tracing::error!(class = O::CLASS, object = row.name, reason, "an object is parked until it is resumed");
        }
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
