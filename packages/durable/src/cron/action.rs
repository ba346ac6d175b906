//! What crons do.

use data_ops::types::Timestamp;
use futures_util::future::BoxFuture;

use crate::{
    jobs::{BoxError, Enqueue, Job, Jobs},
    store::Transaction,
};

/// One run of a cron.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CronRun {
    /// Which cron.
    pub name: &'static str,
    /// When it was due: the same for each attempt to start it.
    pub due_at: Timestamp,
}

/// What a cron does when it is due: write rows, in the transaction that notes the run. No network, no waiting.
pub trait CronAction: Send + Sync + 'static {
    /// Does it. An error undoes the transaction, and the run is tried again with the next look.
    fn run<'t>(&'t self, transaction: &'t Transaction, run: CronRun) -> BoxFuture<'t, Result<(), BoxError>>;

    /// Called when the transaction is committed, for example to wake a worker.
    fn committed(&self) {}
}

impl<F> CronAction for F
where
    F: for<'t> Fn(&'t Transaction, CronRun) -> BoxFuture<'t, Result<(), BoxError>> + Send + Sync + 'static,
{
    fn run<'t>(&'t self, transaction: &'t Transaction, run: CronRun) -> BoxFuture<'t, Result<(), BoxError>> {
        self(transaction, run)
    }
}

/// A closure as an action: `cron_action(|transaction, run| Box::pin(async move { … }))`. Without this call the compiler does
/// not see that the closure takes any transaction.
pub fn cron_action<F>(action: F) -> F
where
    F: for<'t> Fn(&'t Transaction, CronRun) -> BoxFuture<'t, Result<(), BoxError>> + Send + Sync + 'static,
{
    action
}

/// Puts a job down.
#[derive(Debug, Clone)]
pub struct EnqueueJob<F> {
    /// Where to.
    pub jobs: Jobs,
    /// Makes the job of a run.
    pub job: F,
    /// How. With a unique key, a run whose former job still lies there adds none.
    pub options: Enqueue,
}

impl<J: Job, F: Fn(CronRun) -> J + Send + Sync + 'static> CronAction for EnqueueJob<F> {
    fn run<'t>(&'t self, transaction: &'t Transaction, run: CronRun) -> BoxFuture<'t, Result<(), BoxError>> {
        let prepared = self.jobs.prepare(&(self.job)(run), self.options.clone());
        Box::pin(async move {
            self.jobs.enqueue_prepared(transaction, prepared?).await?;
            Ok(())
        })
    }

    fn committed(&self) {
        self.jobs.wake(J::QUEUE);
    }
}
