//! Looks at the clock and starts what is due.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use data_ops::{database::DatabaseError, types::Timestamp};
use tokio_util::sync::CancellationToken;

use super::{
    Cron, CronError, CronRun, begins_at, metrics,
    plan::{self, Step},
    rows::{self, Row},
};
use crate::{failure, jobs::BoxError, store::Store};

/// Between two looks at most: the clock may have been put forward.
const LOOK: Duration = Duration::from_secs(1);

/// The crons of this program. Cheap to clone.
#[derive(Clone)]
pub struct Crons {
    pub(super) shared: Arc<Shared>,
}

pub(super) struct Shared {
    pub store: Store,
    pub crons: Vec<Cron>,
    /// Those whose last look failed, so that a failure that lasts is reported once.
    failing: Mutex<HashSet<&'static str>>,
}

struct Looked {
    started: usize,
    /// How long nothing is due, as far as known.
    wait: Duration,
}

/// Why a run was not started.
#[derive(Debug, thiserror::Error)]
pub(super) enum StartError {
    #[error("another node was faster")]
    Lost,
    #[error("the action failed")]
    Action(#[source] BoxError),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Crons {
    /// Writes down which crons this program has. A new one begins with its first occurrence after now; one whose schedule
    /// has changed goes on by the new one.
    ///
    /// # Errors
    /// Two have the same name, or the database failed.
    pub async fn open(store: Store, crons: Vec<Cron>) -> Result<Self, CronError> {
        let mut names = HashSet::new();
        if let Some(twice) = crons.iter().find(|cron| !names.insert(cron.name)) {
            return Err(CronError::Twice { name: twice.name });
        }
        let (dialect, now) = (store.dialect(), store.now());
        // Always in the same order: nodes that begin together hold each other's rows.
        let mut registered = crons.clone();
        registered.sort_by_key(|cron| cron.name);
        let register = store.write(move |transaction| {
            Box::pin(async move {
                for cron in &registered {
                    rows::register(transaction, dialect, cron, now).await?;
                }
                Ok::<_, DatabaseError>(())
            })
        });
        register.await?;
        Ok(Self::beside(store, crons))
    }

    /// The crons of a database on which another process, of the same version, starts what is due: for looking at them and
    /// steering them. Writes nothing down.
    #[must_use]
    pub fn beside(store: Store, crons: Vec<Cron>) -> Self {
        Self { shared: Arc::new(Shared { store, crons, failing: Mutex::default() }) }
    }

    /// Starts all that is due now. Answers how many runs that were. An action that fails is reported and tried again at the
    /// next look.
    ///
    /// # Errors
    /// The database failed.
    pub async fn run_due(&self) -> Result<usize, DatabaseError> {
        Ok(self.look().await?.started)
    }

    /// Starts what is due, until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        let mut failures: u32 = 0;
        while !stop.is_cancelled() {
            let wait = match self.look().await {
                Ok(looked) => {
                    failures = 0;
                    looked.wait
                }
                Err(error) => {
                    failures = failures.saturating_add(1);
                    let error = failure::chain(&error);
                    if failures == 1 {
                        tracing::warn!(error, "schedules cannot be looked at; trying again until they can");
                    } else {
                        tracing::debug!(error, failures, "schedules still cannot be looked at");
                    }
                    LOOK
                }
            };
            stop.run_until_cancelled(tokio::time::sleep(wait)).await;
        }
    }

    async fn look(&self) -> Result<Looked, DatabaseError> {
        let stored = rows::all(&self.shared.store).await?;
        let mut looked = Looked { started: 0, wait: LOOK };
        for (cron, row) in self.own(&stored) {
            // The clock is read anew each time: actions take their time.
            let now = self.shared.store.now();
            let mut next_at = row.state.next_at;
            if let Some(step) = plan::look(cron, &row.state, now) {
                next_at = step.state.next_at;
                match self.shared.take(cron, row, step, now).await {
                    Ok(runs) => {
                        self.shared.failing().remove(cron.name);
                        looked.started += runs;
                    }
                    Err(StartError::Lost) => {}
                    Err(StartError::Database(error)) => return Err(error),
                    Err(error @ StartError::Action(_)) => self.shared.report(cron.name, &error),
                }
            }
            looked.wait = looked.wait.min(begins_at(cron, next_at).since(now));
        }
        Ok(looked)
    }

    /// The crons whose rows are of this program's mind, and not paused.
    fn own<'a>(&'a self, stored: &'a HashMap<String, Row>) -> impl Iterator<Item = (&'a Cron, &'a Row)> {
        self.shared.crons.iter().filter_map(|cron| {
            let row = stored.get(cron.name)?;
            (row.is_of(cron) && !row.paused).then_some((cron, row))
        })
    }
}

impl Shared {
    fn failing(&self) -> std::sync::MutexGuard<'_, HashSet<&'static str>> {
        self.failing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does what a look asked for, if nobody else has.
    async fn take(&self, cron: &Cron, row: &Row, step: Step, now: Timestamp) -> Result<usize, StartError> {
        let dialect = self.store.dialect();
        let (name, action) = (cron.name, cron.action.clone());
        let (row, taken) = (row.clone(), step.clone());
        let take = self.store.write(move |transaction| {
            Box::pin(async move {
                // First the row: who is late learns it before the action runs.
                if !rows::advance(transaction, dialect, &row, &taken, now).await? {
                    return Err(StartError::Lost);
                }
                for due_at in taken.start {
                    action.run(transaction, CronRun { name, due_at }).await.map_err(StartError::Action)?;
                }
                Ok(())
            })
        });
        take.await?;
        metrics::started(name, step.start.len());
        metrics::skipped(name, step.skip.len());
        metrics::next(name, step.state.next_at);
        if step.start.is_empty() && step.skip.is_empty() {
            tracing::warn!(cron = name, next_at = %step.state.next_at, "the clock was put back; a schedule goes on by it");
        }
        if !step.skip.is_empty() {
            tracing::warn!(cron = name, skipped = step.skip.len(), "runs of a schedule were missed and are left out");
        }
        if !step.start.is_empty() {
            cron.action.committed();
        }
        Ok(step.start.len())
    }

    /// Reports the first of several failures in a row.
    pub(super) fn report(&self, name: &'static str, error: &StartError) {
        metrics::failed(name);
        let error = failure::chain(error);
        if self.failing().insert(name) {
            tracing::error!(cron = name, error, "a run could not be started and is tried again until it can");
        } else {
            tracing::debug!(cron = name, error, "a run still cannot be started");
        }
    }
}

impl std::fmt::Debug for Crons {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Crons").field("crons", &self.shared.crons).finish_non_exhaustive()
    }
}
