//! Putting jobs down.

use std::time::Duration;

use data_ops::{
    clock::Clock,
    database::DatabaseError,
    types::{JobId, Timestamp},
};
use metrics::counter;
use sea_orm::{ConnectionTrait as _, Value};

use super::Job;
use crate::{
    payload::{self, PayloadError},
    store::{Dialect, Transaction},
};

/// What is done first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Priority {
    /// Somebody is waiting.
    High,
    /// As usual.
    #[default]
    Normal,
    /// When there is nothing else.
    Low,
}

impl Priority {
    /// The most urgent first, with the names they have in statements.
    pub(super) const ALL: [(Self, &str); 3] = [(Self::High, "high"), (Self::Normal, "normal"), (Self::Low, "low")];

    pub(super) fn stored(self) -> i64 {
        match self {
            Self::High => 1,
            Self::Normal => 0,
            Self::Low => -1,
        }
    }
}

/// How a job is put down.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Enqueue {
    /// How long it lies before it is due.
    pub delay: Duration,
    /// What is done before it.
    pub priority: Priority,
    /// At most one job with this key lies in the queue.
    pub unique_key: Option<String>,
}

/// Why a job was not put down.
#[derive(Debug, thiserror::Error)]
pub enum EnqueueError {
    /// Its payload cannot be stored.
    #[error("the job cannot be put into the queue \"{queue}\"")]
    Payload {
        /// Which queue.
        queue: &'static str,
        /// What is wrong with it.
        #[source]
        source: PayloadError,
    },
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// A job somebody wants put down, as a value: for pure functions, which say so and know no clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobRequest {
    queue: &'static str,
    version: u16,
    payload: String,
    options: Enqueue,
}

impl JobRequest {
    /// This job, put down like this.
    ///
    /// # Errors
    /// The payload is too large or not JSON.
    pub fn new<J: Job>(job: &J, options: Enqueue) -> Result<Self, EnqueueError> {
        let payload = payload::write(job).map_err(|source| EnqueueError::Payload { queue: J::QUEUE, source })?;
        Ok(Self { queue: J::QUEUE, version: J::VERSION, payload, options })
    }

    /// Which queue it goes to: the one to wake after the commit.
    #[must_use]
    pub fn queue(&self) -> &'static str {
        self.queue
    }

    pub(crate) fn prepare(self, clock: &dyn Clock) -> PreparedJob {
        PreparedJob { id: JobId::generate(clock), now: clock.now(), request: self }
    }
}

/// A job as the row it will be.
#[derive(Debug, Clone)]
pub struct PreparedJob {
    id: JobId,
    request: JobRequest,
    now: Timestamp,
}

impl PreparedJob {
    pub(super) fn new<J: Job>(job: &J, options: Enqueue, clock: &dyn Clock) -> Result<Self, EnqueueError> {
        Ok(JobRequest::new(job, options)?.prepare(clock))
    }

    /// Which queue it goes to: the one to wake after the commit.
    #[must_use]
    pub fn queue(&self) -> &'static str {
        self.request.queue
    }

    pub(crate) async fn insert(self, transaction: &Transaction, dialect: Dialect) -> Result<JobId, DatabaseError> {
        let sql = "INSERT INTO jobs (id, queue, version, payload, priority, due_at, attempts, epoch, unique_key, created_at) \
                   VALUES ($1, $2, $3, $4, $5, $6, 0, 0, $7, $8) \
                   ON CONFLICT (queue, unique_key) WHERE unique_key IS NOT NULL DO NOTHING";
        let JobRequest { queue, version, payload, options } = self.request;
        let unique_key = options.unique_key;
        let insert = dialect.statement(
            sql,
            [
                Value::from(self.id.as_uuid()),
                Value::from(queue),
                Value::from(i64::from(version)),
                Value::from(payload),
                Value::from(options.priority.stored()),
                Value::from(self.now.plus(options.delay).as_millis()),
                Value::from(unique_key.clone()),
                Value::from(self.now.as_millis()),
            ],
        );
        // Twice at least: the job in the way may be done before its id is read.
        loop {
            if transaction.execute_raw(insert.clone()).await?.rows_affected() > 0 {
                counter!("hashroute_jobs_enqueued_total", "queue" => queue).increment(1);
                return Ok(self.id);
            }
            let sql = "SELECT id FROM jobs WHERE queue = $1 AND unique_key = $2";
            let find = dialect.statement(sql, [Value::from(queue), Value::from(unique_key.clone())]);
            if let Some(row) = transaction.query_one_raw(find).await? {
                return Ok(JobId::from_uuid(row.try_get("", "id")?));
            }
        }
    }
}
