//! What does the jobs: handlers, of one job or of several, and what they are told.

use std::{sync::Arc, sync::atomic::Ordering, time::Duration};

use data_ops::{database::DatabaseError, types::JobId};

use super::{BatchOptions, Job, claims, in_flight::Claim};
use crate::store::{Dialect, Transaction};

/// Any error.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// How an attempt failed.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// Another attempt may succeed.
    #[error("the attempt failed")]
    Retry(#[source] BoxError),
    /// No attempt will: the job is set aside at once.
    #[error("the job cannot be done")]
    Fail(#[source] BoxError),
}

impl JobError {
    /// Another attempt may succeed.
    pub fn retry(error: impl Into<BoxError>) -> Self {
        Self::Retry(error.into())
    }

    /// No attempt will.
    pub fn fail(error: impl Into<BoxError>) -> Self {
        Self::Fail(error.into())
    }
}

impl From<DatabaseError> for JobError {
    fn from(error: DatabaseError) -> Self {
        Self::retry(error)
    }
}

impl From<CompleteError> for JobError {
    fn from(error: CompleteError) -> Self {
        Self::retry(error)
    }
}

/// Why a job could not be completed in a transaction, which has to be undone.
#[derive(Debug, thiserror::Error)]
pub enum CompleteError {
    /// Another node has taken the job over: its effects are that node's.
    #[error("the job was taken over by another worker")]
    Lost,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// Does the jobs of a queue, one at a time.
pub trait JobHandler<J: Job>: Send + Sync + 'static {
    /// Does one job. It may have been done before in part: see [`JobContext`].
    fn run(&self, job: J, context: JobContext) -> impl Future<Output = Result<(), JobError>> + Send;
}

impl<J, F, R> JobHandler<J> for F
where
    J: Job,
    F: Fn(J, JobContext) -> R + Send + Sync + 'static,
    R: Future<Output = Result<(), JobError>> + Send,
{
    fn run(&self, job: J, context: JobContext) -> impl Future<Output = Result<(), JobError>> + Send {
        self(job, context)
    }
}

/// Does the jobs of a queue, several together.
pub trait BatchHandler<J: Job>: Send + Sync + 'static {
    /// Does these jobs, all or none of them. If they fail, each is tried again alone, so that one bad job does not take the
    /// others with it.
    fn run(&self, jobs: Vec<J>, context: BatchContext) -> impl Future<Output = Result<(), JobError>> + Send;
}

impl<J, F, R> BatchHandler<J> for F
where
    J: Job,
    F: Fn(Vec<J>, BatchContext) -> R + Send + Sync + 'static,
    R: Future<Output = Result<(), JobError>> + Send,
{
    fn run(&self, jobs: Vec<J>, context: BatchContext) -> impl Future<Output = Result<(), JobError>> + Send {
        self(jobs, context)
    }
}

/// One attempt at one job.
#[derive(Debug, Clone)]
pub struct JobContext {
    dialect: Dialect,
    claim: Arc<Claim>,
}

impl JobContext {
    /// The job's id: the same for each attempt, so an idempotency key for effects outside.
    #[must_use]
    pub fn id(&self) -> JobId {
        self.claim.id
    }

    /// Which attempt this is, from 1.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.claim.attempt
    }

    /// Removes the job in the transaction of its effects, so that both happen, once, or neither.
    ///
    /// # Errors
    /// The job is somebody else's by now, or the database failed. Either way the transaction must be undone.
    pub async fn complete_in(&self, transaction: &Transaction) -> Result<(), CompleteError> {
        complete(self.dialect, transaction, std::slice::from_ref(&self.claim)).await
    }
}

/// One attempt at several jobs.
#[derive(Debug, Clone)]
pub struct BatchContext {
    dialect: Dialect,
    claims: Arc<[Arc<Claim>]>,
}

impl BatchContext {
    /// The jobs' ids, in their order.
    pub fn ids(&self) -> impl Iterator<Item = JobId> {
        self.claims.iter().map(|claim| claim.id)
    }

    /// Removes the jobs in the transaction of their effects.
    ///
    /// # Errors
    /// One of the jobs is somebody else's by now, or the database failed. Either way the transaction must be undone.
    pub async fn complete_in(&self, transaction: &Transaction) -> Result<(), CompleteError> {
        complete(self.dialect, transaction, &self.claims).await
    }
}

async fn complete(dialect: Dialect, transaction: &Transaction, claims: &[Arc<Claim>]) -> Result<(), CompleteError> {
    if claims::delete(transaction, dialect, claims).await? < claims.len() as u64 {
        return Err(CompleteError::Lost);
    }
    for claim in claims {
        claim.completed.store(true, Ordering::Release);
    }
    Ok(())
}

/// What a [`super::Worker`] works with: [`Each`] or [`Batches`].
pub trait Consume<J>: private::Sealed + Send + Sync + 'static {
    #[doc(hidden)]
    fn collected(&self) -> (usize, Duration);

    #[doc(hidden)]
    fn hand_over(
        &self,
        jobs: Vec<J>,
        claims: Vec<Arc<Claim>>,
        dialect: Dialect,
    ) -> impl Future<Output = Result<(), JobError>> + Send;
}

mod private {
    pub trait Sealed {}
}

/// One job at a time.
#[derive(Debug)]
pub struct Each<H>(pub(super) H);

impl<H> private::Sealed for Each<H> {}

impl<J: Job, H: JobHandler<J>> Consume<J> for Each<H> {
    fn collected(&self) -> (usize, Duration) {
        (1, Duration::ZERO)
    }

    async fn hand_over(&self, jobs: Vec<J>, claims: Vec<Arc<Claim>>, dialect: Dialect) -> Result<(), JobError> {
        for (job, claim) in jobs.into_iter().zip(claims) {
            self.0.run(job, JobContext { dialect, claim }).await?;
        }
        Ok(())
    }
}

/// Several together.
#[derive(Debug)]
pub struct Batches<H> {
    pub(super) handler: H,
    pub(super) options: BatchOptions,
}

impl<H> private::Sealed for Batches<H> {}

impl<J: Job, H: BatchHandler<J>> Consume<J> for Batches<H> {
    fn collected(&self) -> (usize, Duration) {
        (self.options.max_size.max(1), self.options.max_wait)
    }

    fn hand_over(
        &self,
        jobs: Vec<J>,
        claims: Vec<Arc<Claim>>,
        dialect: Dialect,
    ) -> impl Future<Output = Result<(), JobError>> + Send {
        self.handler.run(jobs, BatchContext { dialect, claims: claims.into() })
    }
}
