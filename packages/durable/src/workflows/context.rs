//! What a workflow's function is given: its steps.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use data_ops::{database::DatabaseErrorKind, types::Timestamp};
use futures_util::{FutureExt as _, future::BoxFuture};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    driver,
    engine::Engine,
    error::{Parked, StepError, StepFailed, is_name},
    journal::{self, JournalError, StepRow, StepState},
    metrics::Metrics,
    policy::StepPolicy,
    run::Run,
    seam::Point,
    workflow::to_json,
};
use crate::{
    failure,
    store::{Store, Transaction},
};

/// How long until a transaction is looked up whose end is not known.
const AFTER_LOST_CONNECTION: Duration = Duration::from_secs(1);

/// The run as its function sees it.
///
/// Everything here is remembered by name: names are unique within a run, and stay when the code around them changes. What
/// is known already returns at once; what cannot go on now never returns, and the function is dropped and begun again
/// later. Branches may go on side by side: `futures_util::join!` them, and look at the results afterwards (`try_join!` would
/// drop a branch in the middle of a step, which then runs again).
pub struct Context {
    engine: Arc<Engine>,
    run: Arc<Run>,
    metrics: Arc<Metrics>,
}

/// A step as its beginning found it.
struct Begun {
    name: String,
    position: i64,
    /// What the journal has of it; not finished.
    row: Option<StepRow>,
    started_at: Timestamp,
}

impl Context {
    pub(super) fn new(engine: Arc<Engine>, run: Arc<Run>, metrics: Arc<Metrics>) -> Self {
        Self { engine, run, metrics }
    }

    fn store(&self) -> &Store {
        &self.engine.store
    }

    /// The run's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.run.id
    }

    /// When the run was started: the same in every execution, as the clock is not.
    #[must_use]
    pub fn started_at(&self) -> Timestamp {
        self.run.created_at
    }

    /// What to call a step to others, so that they do once what may be asked for twice: a step whose node died after it
    /// was done and before that was stored runs again.
    #[must_use]
    pub fn idempotency_key(&self, step: &str) -> String {
        format!("{}/{step}", self.run.id)
    }

    /// Does something once and remembers what came of it. If the node dies before that is stored, it is done again.
    ///
    /// # Errors
    /// [`StepFailed`] when it failed for good, by its own word or after the attempts of its policy.
    pub async fn step<T, F, W>(
        &self,
        name: impl Into<String> + Send,
        policy: StepPolicy,
        work: F,
    ) -> Result<T, StepFailed>
    where
        T: Serialize + DeserializeOwned + Send,
        F: FnOnce() -> W + Send,
        W: Future<Output = Result<T, StepError>> + Send,
    {
        let begun = match self.begin(name.into(), Some(policy)).await {
            Ok(begun) => begun,
            Err(finished) => return self.finished(finished).await,
        };
        self.run.gate().await;
        let begun = Begun { started_at: self.store().now(), ..begun };
        let active = self.run.active();
        let result = attempt(policy, async { work().await }).await.map(|value| to_json(&value, Some(&begun.name)));
        let row = match result {
            Ok(Ok(output)) => self.succeeded(begun, output),
            Ok(Err(parked)) => {
                drop(active);
                match self.run.park(parked).await {}
            }
            Err(error) => self.failed(begun, policy, error),
        };
        self.run.record(row.clone());
        drop(active);
        self.finished(row).await
    }

    /// Changes this database once and remembers what came of it, in one transaction: exactly once, whatever dies. The work
    /// is statements only, as in [`Store::write`].
    ///
    /// # Errors
    /// As with [`Context::step`]; nothing of a failed attempt is stored.
    pub async fn transact<T, F>(
        &self,
        name: impl Into<String> + Send,
        policy: StepPolicy,
        work: F,
    ) -> Result<T, StepFailed>
    where
        T: Serialize + DeserializeOwned + Send + 'static,
        F: for<'t> FnOnce(&'t Transaction) -> BoxFuture<'t, Result<T, StepError>> + Send + 'static,
    {
        let begun = match self.begin(name.into(), Some(policy)).await {
            Ok(begun) => begun,
            Err(finished) => return self.finished(finished).await,
        };
        self.run.gate().await;
        let begun = Begun { started_at: self.store().now(), ..begun };
        let active = self.run.active();
        let (dialect, clock) = (self.store().dialect(), self.store().clone());
        let (id, epoch) = (self.run.id.clone(), self.run.epoch);
        let row = begun.row(StepState::Succeeded);
        self.engine.reach(Point::BeforeCommit, &self.run.id).await;
        let written = self.store().write(move |transaction| {
            Box::pin(async move {
                let value = attempt(policy, work(transaction)).await.map_err(TransactError::Step)?;
                let output = to_json(&value, Some(&row.name)).map_err(TransactError::Park)?;
                let row = StepRow { output: Some(output), finished_at: Some(clock.now()), ..row };
                let state = journal::save_step(dialect, transaction, &id, epoch, row.clone()).await?;
                Ok((row, state))
            })
        });
        let written = written.await;
        self.engine.reach(Point::AfterCommit, &self.run.id).await;
        let end = match written {
            Ok((row, state)) => {
                driver::got_on(&self.engine, &self.run).await;
                self.run.pause(!state.runs());
                self.metrics.step(StepState::Succeeded);
                drop(active);
                return self.finished(row).await;
            }
            Err(end) => end,
        };
        let failed = match end {
            TransactError::Step(error) => error,
            // The statement of the engine was refused as one of the work's might be: an attempt like any other.
            TransactError::Journal(JournalError::Database(error)) if error.kind() == DatabaseErrorKind::Other => {
                StepError::Retry(error.into())
            }
            TransactError::Journal(JournalError::Database(error)) => {
                tracing::debug!(error = &error as &dyn std::error::Error, "whether a step is done is not known");
                drop(active);
                // The journal says so once it can be read.
                let due = self.store().now().plus(AFTER_LOST_CONNECTION);
                return self.run.wait(due, |_| None).await;
            }
            TransactError::Journal(JournalError::Lost) => {
                drop(active);
                self.run.lose();
                return std::future::pending().await;
            }
            TransactError::Park(parked) => {
                drop(active);
                match self.run.park(parked).await {}
            }
        };
        let row = self.failed(begun, policy, failed);
        self.run.record(row.clone());
        drop(active);
        self.finished(row).await
    }

    /// Goes on after this long by the service's clock, whichever node that will be on.
    pub async fn sleep(&self, name: impl Into<String> + Send, duration: Duration) {
        let until = self.store().now().plus(duration);
        self.sleep_until(name, until).await;
    }

    /// Goes on at this moment. The first execution that comes here decides which.
    pub async fn sleep_until(&self, name: impl Into<String> + Send, until: Timestamp) {
        let Ok(begun) = self.begin(name.into(), None).await else { return };
        let (due, row) = self.due(&begun, StepState::Sleeping, until);
        self.run.wait(due, |_| (self.store().now() >= due).then_some(())).await;
        self.run.record(StepRow {
            finished_at: Some(self.store().now()),
            lazy: true,
            ..row.with(StepState::Succeeded)
        });
    }

    /// Waits for the event of this name, which may have been sent before; answers its payload, or nothing when it has
    /// not come in time. The name is one of a step: a run waits for an event once.
    pub async fn wait_for_event<T: DeserializeOwned>(
        &self,
        name: impl Into<String> + Send,
        time_out: Duration,
    ) -> Option<T> {
        let row = match self.begin(name.into(), None).await {
            Err(finished) => finished,
            Ok(begun) => {
                let (due, row) = self.due(&begun, StepState::Waiting, self.store().now().plus(time_out));
                let came = |events: &std::collections::HashMap<String, String>| match events.get(&begun.name) {
                    Some(payload) => Some(Some(payload.clone())),
                    None => (self.store().now() >= due).then_some(None),
                };
                let row = match self.run.wait(due, came).await {
                    // It will be there in the next execution too.
                    Some(payload) => StepRow { output: Some(payload), lazy: true, ..row.with(StepState::Succeeded) },
                    // By the next execution it may have come after all: what was seen is what counts.
                    None => row.with(StepState::TimedOut),
                };
                let row = StepRow { finished_at: Some(self.store().now()), ..row };
                self.run.record(row.clone());
                row
            }
        };
        match row.state {
            StepState::TimedOut => None,
            _ => Some(self.read(&row).await),
        }
    }

    /// Takes the name. Answers that it is to be done now, or what came of it earlier.
    async fn begin(&self, name: String, policy: Option<StepPolicy>) -> Result<Begun, StepRow> {
        if !is_name(&name) {
            let step = name.chars().filter(|letter| !letter.is_control()).take(50).collect();
            match self.run.park(Parked::InvalidStepName { step }).await {}
        }
        let Some((position, row)) = self.run.begin(&name) else {
            match self.run.park(Parked::DuplicateStep { step: name }).await {}
        };
        match row {
            Some(row) if row.finished_at.is_some() => Err(row),
            row => {
                if let Some(failed @ StepRow { state: StepState::Retrying, due_at: Some(due), .. }) = &row {
                    let due = self.again_at(failed, *due, policy);
                    self.run.wait(due, |_| (self.store().now() >= due).then_some(())).await;
                }
                Ok(Begun { name, position, row, started_at: self.store().now() })
            }
        }
    }

    /// When a step that failed is tried again. Where the clock was put back since, as late as its policy says, and this is
    /// recorded.
    fn again_at(&self, failed: &StepRow, due: Timestamp, policy: Option<StepPolicy>) -> Timestamp {
        let Some(policy) = policy else { return due };
        let latest = self.store().now().plus(policy.wait(&self.run.id, &failed.name, failed.attempts));
        if latest < due {
            self.run.record(StepRow { due_at: Some(latest), lazy: true, ..failed.clone() });
        }
        due.min(latest)
    }

    /// Until when a sleep or an event is waited for: what the journal says, or else `until`, which is recorded.
    fn due(&self, begun: &Begun, state: StepState, until: Timestamp) -> (Timestamp, StepRow) {
        if let Some(row) = &begun.row
            && row.state == state
            && let Some(due) = row.due_at
        {
            return (due, row.clone());
        }
        let row = StepRow { due_at: Some(until), attempts: 0, ..begun.row(state) };
        self.run.record(row.clone());
        (until, row)
    }

    fn succeeded(&self, begun: Begun, output: String) -> StepRow {
        self.metrics.step(StepState::Succeeded);
        StepRow { output: Some(output), finished_at: Some(self.store().now()), ..begun.row(StepState::Succeeded) }
    }

    fn failed(&self, begun: Begun, policy: StepPolicy, error: StepError) -> StepRow {
        let now = self.store().now();
        let row = begun.row(StepState::Failed);
        let (error, again) = match error {
            StepError::Retry(error) => (error, row.attempts < policy.attempts),
            StepError::Fail(error) => (error, false),
        };
        let error = Some(failure::stored(&*error));
        if again {
            self.metrics.step(StepState::Retrying);
            let due = now.plus(policy.wait(&self.run.id, &row.name, row.attempts));
            StepRow { error, due_at: Some(due), ..row.with(StepState::Retrying) }
        } else {
            self.metrics.step(StepState::Failed);
            StepRow { error, finished_at: Some(now), ..row }
        }
    }

    /// What a step that ran, now or earlier, answers. Never ends where it is to be tried again.
    async fn finished<T: DeserializeOwned>(&self, row: StepRow) -> Result<T, StepFailed> {
        match row.state {
            StepState::Failed => {
                Err(StepFailed { step: row.name, attempts: row.attempts, error: row.error.unwrap_or_default() })
            }
            StepState::Retrying => {
                let due = row.due_at.unwrap_or_else(|| self.store().now());
                // In the next execution: this one's code for it is used up.
                self.run.wait(due, |_| None).await
            }
            _ => Ok(self.read(&row).await),
        }
    }

    /// Reads a stored result: also one that is not older than a moment, so that what cannot be read back is found out
    /// at once.
    async fn read<T: DeserializeOwned>(&self, row: &StepRow) -> T {
        match serde_json::from_str(row.output.as_deref().unwrap_or("null")) {
            Ok(value) => value,
            Err(error) => {
                let (step, reason) = (row.name.clone(), error.to_string());
                match self.run.park(Parked::UnreadableResult { step, reason }).await {}
            }
        }
    }
}

impl Begun {
    /// The row of one more attempt.
    fn row(&self, state: StepState) -> StepRow {
        let (attempts, started_at, position) = match &self.row {
            Some(row) => (row.attempts.saturating_add(1), row.started_at, row.position),
            None => (1, self.started_at, self.position),
        };
        StepRow {
            name: self.name.clone(),
            position,
            state,
            output: None,
            error: None,
            attempts,
            due_at: None,
            started_at,
            finished_at: None,
            lazy: false,
        }
    }
}

impl StepRow {
    fn with(self, state: StepState) -> Self {
        Self { state, ..self }
    }
}

enum TransactError {
    Step(StepError),
    Park(Parked),
    Journal(JournalError),
}

impl<E: Into<JournalError>> From<E> for TransactError {
    fn from(error: E) -> Self {
        Self::Journal(error.into())
    }
}

/// One attempt, within its time; a panic is a failure like others.
async fn attempt<T>(
    policy: StepPolicy,
    work: impl Future<Output = Result<T, StepError>> + Send,
) -> Result<T, StepError> {
    let work = AssertUnwindSafe(work).catch_unwind();
    let result = match policy.time_out {
        None => work.await,
        Some(time_out) => match tokio::time::timeout(time_out, work).await {
            Ok(result) => result,
            Err(_elapsed) => return Err(StepError::Retry(format!("no answer within {time_out:?}").into())),
        },
    };
    result
        .unwrap_or_else(|panic| Err(StepError::Retry(format!("it panicked: {}", failure::panic_text(&*panic)).into())))
}
