//! The job queue: work that is put down with the change that asks for it, done later, tried again, and set aside when it
//! cannot be done.
//!
//! # Needs
//! Mail, webhooks, imports and tidying up are asked for by a request that must not wait for them, and must not be asked for
//! by one that failed. Whoever does them may crash half-way, and what they need may be away for an hour.
//!
//! # Properties
//! * A job put down with [`Jobs::enqueue`] is there if, and only if, the caller's transaction is committed.
//! * A job is done at least once. Its effects in this database happen exactly once where the handler removes the job in
//!   their transaction ([`JobContext::complete_in`]); to the outside, pass [`JobContext::id`] as idempotency key.
//! * A job that fails is tried again after a growing wait, and after its last attempt is kept among the dead letters, with
//!   all causes of its last failure, until somebody replays or deletes it. Its neighbours do not wait for it.
//! * A handler that panics, hangs or takes its process down has failed like any other: attempts are counted when they
//!   begin.
//! * A payload this program cannot read is kept among the dead letters too, saying what to do.
//!
//! # Design
//! A job is a row. A [`Worker`] claims rows that are due, the most urgent first: it takes a lease and raises the epoch. While
//! a handler runs, the worker renews the lease; whatever is written about the attempt later asks for the epoch of its claim.
//! What is due is told by the service's clock, leases by the database's own. Each queue has its own workers and its own
//! limit per node; a batch consumer leaves jobs lying until there are enough of them or the oldest has waited long enough, so
//! what waits is not leased to anybody. Embedded, leases are released when the queue is opened, because nobody else can
//! hold one: a crash delays nothing.
//!
//! # Races
//! * **Two workers claim.** On PostgreSQL each leaves out the rows the other is taking; embedded there is one writer.
//! * **Node gone.** Its leases run out and others take its jobs over.
//! * **Node back.** What a node says about a job that was taken over names an old epoch and changes nothing; the handler is
//!   cut off as soon as its worker notices, at the next renewal.
//! * **Lease of our own ran out** (the process stood still, the clock of an embedded database was put forward): when
//!   the worker claims a job it is still running, it goes on under the new epoch and does not start it twice.
//! * **Clock back.** Jobs that were put down by a clock that was ahead, or failed by it, would be late by as much: they wait as
//!   long as they were to wait, from now on (those that failed, not any more). A clock that jumps ahead has jobs done early.
//! * **Lost answer.** Whether `complete_in` was committed is not known to a handler whose connection broke. If it was, the
//!   row is gone, and the retry that is written finds nothing to change.
//! * **Replayed while its former attempt still runs.** The epoch goes on counting through the dead letters.
//! * **Rolling upgrade.** On PostgreSQL a payload of a newer version is left to another attempt, which a newer node may win,
//!   and only dies after the last.
//!
//! # Accepted
//! * No order among jobs of one priority beyond "due earlier is claimed earlier"; a steady stream of urgent jobs starves the
//!   others.
//! * Concurrency is limited per node and queue, not over all nodes.
//! * A batch that fails is tried again as single jobs, which costs what batching saved.
//! * When the clock goes back by less than a minute, what was due waits until the clock is there again.
//! * A replayed job has lost its unique key: somebody else may hold it by now.

mod attempt;
mod claims;
mod dead;
mod enqueue;
mod handler;
mod in_flight;
mod metrics;
mod status;
mod worker;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use data_ops::database::DatabaseError;
pub use data_ops::types::JobId;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use tokio::sync::watch;

pub use self::{
    dead::{DeadCursor, DeadJob},
    enqueue::{Enqueue, EnqueueError, JobRequest, PreparedJob, Priority},
    handler::{
        BatchContext, BatchHandler, Batches, BoxError, CompleteError, Consume, Each, JobContext, JobError, JobHandler,
    },
    status::QueueStatus,
    worker::Worker,
};
use crate::{
    backoff::Backoff,
    payload::UnreadablePayload,
    recent::Recent,
    store::{Dialect, Store, Transaction},
};

/// What a queue carries. Several kinds of work on one queue: an enumeration.
pub trait Job: Serialize + DeserializeOwned + Send + 'static {
    /// The queue's name. Stored: it cannot be changed while jobs lie there.
    const QUEUE: &'static str;
    /// The version of the payload's shape: raised by every change that older programs could not read, or that could not
    /// read what they wrote.
    const VERSION: u16;

    /// Today's job of a payload that an older version wrote.
    ///
    /// # Errors
    /// The version is not known any more ([`UnreadablePayload::unknown`]), or the payload is not of its shape.
    fn upgrade(version: u16, payload: Value) -> Result<Self, UnreadablePayload> {
        drop(payload);
        Err(UnreadablePayload::unknown(version, Self::VERSION))
    }
}

/// How a queue's jobs are done.
#[derive(Debug, Clone)]
pub struct QueueOptions {
    /// Jobs (or batches) one node works on at a time.
    pub concurrency: usize,
    /// How often a job is tried before it is set aside.
    pub attempts: u32,
    /// The wait before it is tried again.
    pub backoff: Backoff,
    /// How long a job stays with a node that says nothing; renewed at a third of it.
    pub lease: Duration,
    /// An attempt that takes longer has failed.
    pub time_out: Duration,
    /// How long attempts under way may go on when the worker is told to stop. Then they are cut off and the jobs given back.
    pub drain: Duration,
}

impl Default for QueueOptions {
    /// 8 at a time, 8 attempts over about two minutes, 10 s of lease, a minute for an attempt, 10 s to end it.
    fn default() -> Self {
        Self {
            concurrency: 8,
            attempts: 8,
            backoff: Backoff::default(),
            lease: Duration::from_secs(10),
            time_out: Duration::from_secs(60),
            drain: Duration::from_secs(10),
        }
    }
}

/// How many jobs are handed over together.
#[derive(Debug, Clone, Copy)]
pub struct BatchOptions {
    /// At most this many.
    pub max_size: usize,
    /// How long the oldest waits for others.
    pub max_wait: Duration,
}

/// A queue that is worked on here.
#[derive(Default)]
struct Worked {
    /// Counts up when something may have become due.
    wake: watch::Sender<u64>,
    finished: Arc<Recent>,
}

/// All queues of one database. Cheap to clone.
#[derive(Clone)]
pub struct Jobs {
    shared: Arc<Shared>,
}

struct Shared {
    store: Store,
    /// The queues this process has workers for.
    worked: Mutex<HashMap<&'static str, Worked>>,
}

impl Jobs {
    /// Opens the queues of a database: once per process. Embedded, what a former process was working on is free again.
    ///
    /// # Errors
    /// The database failed.
    pub async fn open(store: Store) -> Result<Self, DatabaseError> {
        if store.dialect() == Dialect::Sqlite {
            claims::release_all(&store).await?;
        }
        Ok(Self::beside(store))
    }

    /// The queues of a database that another process works on: for looking at them and steering them, not for workers.
    #[must_use]
    pub fn beside(store: Store) -> Self {
        Self { shared: Arc::new(Shared { store, worked: Mutex::default() }) }
    }

    /// The database, for handlers that write to it.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.shared.store
    }

    /// Puts a job down as part of the caller's transaction. Call [`Self::wake`] after the commit, or it is found at the
    /// next look, within a second. While a job with the same unique key lies in the queue, answers that one's id instead.
    ///
    /// # Errors
    /// The payload is too large or not JSON, or the database failed.
    pub async fn enqueue<J: Job>(
        &self,
        transaction: &Transaction,
        job: &J,
        options: Enqueue,
    ) -> Result<JobId, EnqueueError> {
        let prepared = self.prepare(job, options)?;
        Ok(self.enqueue_prepared(transaction, prepared).await?)
    }

    /// The row a job will be, for transactions that begin later, or whose code does not know the job's type.
    ///
    /// # Errors
    /// The payload is too large or not JSON.
    pub fn prepare<J: Job>(&self, job: &J, options: Enqueue) -> Result<PreparedJob, EnqueueError> {
        PreparedJob::new(job, options, self.store().clock())
    }

    /// As [`Self::enqueue`].
    ///
    /// # Errors
    /// The database failed.
    pub async fn enqueue_prepared(&self, transaction: &Transaction, job: PreparedJob) -> Result<JobId, DatabaseError> {
        job.insert(transaction, self.store().dialect()).await
    }

    /// Puts a job down in a transaction of its own, and wakes its workers.
    ///
    /// # Errors
    /// The payload is too large or not JSON, or the database failed.
    pub async fn add<J: Job>(&self, job: &J, options: Enqueue) -> Result<JobId, EnqueueError> {
        let prepared = self.prepare(job, options)?;
        let dialect = self.store().dialect();
        let write =
            self.store().write(move |transaction| Box::pin(async move { prepared.insert(transaction, dialect).await }));
        let id = write.await?;
        self.wake(J::QUEUE);
        Ok(id)
    }

    /// Tells this node's workers of a queue to look for work.
    pub fn wake(&self, queue: &str) {
        if let Some(worked) = self.worked().get(queue) {
            worked.wake.send_modify(|count| *count = count.wrapping_add(1));
        }
    }

    /// A worker that hands over one job at a time.
    #[must_use]
    pub fn worker<J: Job, H: JobHandler<J>>(&self, handler: H, options: QueueOptions) -> Worker<J, Each<H>> {
        Worker::new(self.clone(), Each(handler), options)
    }

    /// A worker that hands over several jobs together.
    #[must_use]
    pub fn batch_worker<J: Job, H: BatchHandler<J>>(
        &self,
        handler: H,
        batch: BatchOptions,
        options: QueueOptions,
    ) -> Worker<J, Batches<H>> {
        Worker::new(self.clone(), Batches { handler, options: batch }, options)
    }

    fn worked(&self) -> MutexGuard<'_, HashMap<&'static str, Worked>> {
        self.shared.worked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a worker of this queue listens to, and where it counts what it finishes.
    fn work_on(&self, queue: &'static str) -> (watch::Receiver<u64>, Arc<Recent>) {
        let mut all = self.worked();
        let worked = all.entry(queue).or_default();
        (worked.wake.subscribe(), worked.finished.clone())
    }
}

impl std::fmt::Debug for Jobs {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Jobs").finish_non_exhaustive()
    }
}
