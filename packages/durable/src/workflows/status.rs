//! Looking at runs.

use data_ops::{database::DatabaseError, types::Timestamp};
use sea_orm::{ConnectionTrait as _, QueryResult, Value};

use super::{
    Workflows,
    error::Parked,
    journal::{StepRow, StepState},
};

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunState {
    /// It runs, sleeps, waits, or is about to.
    Running,
    /// Somebody paused it.
    Paused,
    /// It ended with an output.
    Succeeded,
    /// It ended with an error.
    Failed,
    /// Somebody ended it.
    Terminated,
    /// It cannot go on until somebody does what is said in [`RunStatus::parked`].
    Parked,
}

impl RunState {
    const ALL: [(Self, &'static str); 6] = [
        (Self::Running, "running"),
        (Self::Paused, "paused"),
        (Self::Succeeded, "succeeded"),
        (Self::Failed, "failed"),
        (Self::Terminated, "terminated"),
        (Self::Parked, "parked"),
    ];

    /// As it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::ALL.into_iter().find(|(state, _)| *state == self).map_or("", |(_, text)| text)
    }

    /// The state that is stored, and shown, as this text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, known)| *known == text).map(|(state, _)| state)
    }

    /// Whether it goes on by itself.
    pub(super) fn runs(self) -> bool {
        self == Self::Running
    }

    pub(super) fn read(row: &QueryResult, column: &str) -> Result<Self, DatabaseError> {
        let text: String = row.try_get("", column)?;
        Self::parse(&text).ok_or_else(|| DatabaseError::Stored { what: "state of a run", reason: text })
    }
}

/// One run.
#[derive(Debug, Clone)]
pub struct RunStatus {
    /// Its id.
    pub id: String,
    /// Its workflow.
    pub kind: String,
    /// The version of its input.
    pub version: i64,
    /// What it was started with, as JSON.
    pub input: String,
    /// How far it is.
    pub state: RunState,
    /// What it ended with, as JSON.
    pub output: Option<String>,
    /// What it failed of.
    pub error: Option<String>,
    /// Why it is parked, and what to do.
    pub parked: Option<Parked>,
    /// When it goes on by itself; far away while it waits for nothing but events.
    pub due_at: Timestamp,
    /// The node that executes it now.
    pub node: Option<String>,
    /// How often it was taken up.
    pub executions: i64,
    /// When it was started.
    pub created_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// Its steps, in the order of its function (in lists there are none). A step that runs for the first time is not among them yet.
    pub steps: Vec<StepStatus>,
}

/// One step of a run.
#[derive(Debug, Clone)]
pub struct StepStatus {
    /// Its name.
    pub name: String,
    /// How far it is.
    pub state: StepState,
    /// What came of it, as JSON.
    pub output: Option<String>,
    /// The error of its last attempt.
    pub error: Option<String>,
    /// How often it was tried, until it failed, succeeded or is tried again.
    pub attempts: u32,
    /// When it goes on: another attempt, the end of a sleep, the time-out of an event.
    pub due_at: Option<Timestamp>,
    /// When it first began.
    pub started_at: Timestamp,
    /// When it was done.
    pub finished_at: Option<Timestamp>,
}

impl Workflows {
    /// A run with the history of its steps; nothing if there is none of this id, or none any more.
    ///
    /// # Errors
    /// The database's.
    pub async fn status(&self, id: &str) -> Result<Option<RunStatus>, DatabaseError> {
        let (dialect, database) = (self.store().dialect(), self.store().database().read());
        let sql = format!("SELECT {} FROM workflows WHERE id = $1", RunStatus::COLUMNS);
        let Some(row) = database.query_one_raw(dialect.statement(sql, [Value::from(id)])).await? else {
            return Ok(None);
        };
        let sql = format!(
            "SELECT {} FROM workflow_steps WHERE workflow_id = $1 ORDER BY position, started_at, name",
            StepRow::COLUMNS
        );
        let steps = database.query_all_raw(dialect.statement(sql, [Value::from(id)])).await?;
        let steps = steps.iter().map(|row| StepRow::read(row).map(StepStatus::from)).collect::<Result<_, _>>()?;
        Ok(Some(RunStatus { steps, ..RunStatus::read(&row)? }))
    }
}

impl RunStatus {
    pub(super) const COLUMNS: &str =
        "id, kind, version, input, status, output, error, due_at, node, epoch, created_at, finished_at";

    pub(super) fn read(row: &QueryResult) -> Result<Self, DatabaseError> {
        let state = RunState::read(row, "status")?;
        let error: Option<String> = row.try_get("", "error")?;
        let (error, parked) = match state {
            RunState::Parked => (None, error.as_deref().map(Parked::from_json)),
            _ => (error, None),
        };
        Ok(Self {
            id: row.try_get("", "id")?,
            kind: row.try_get("", "kind")?,
            version: row.try_get("", "version")?,
            input: row.try_get("", "input")?,
            state,
            output: row.try_get("", "output")?,
            error,
            parked,
            due_at: Timestamp::from_millis(row.try_get("", "due_at")?),
            node: row.try_get("", "node")?,
            executions: row.try_get("", "epoch")?,
            created_at: Timestamp::from_millis(row.try_get("", "created_at")?),
            finished_at: row.try_get::<Option<i64>>("", "finished_at")?.map(Timestamp::from_millis),
            steps: Vec::new(),
        })
    }
}

impl From<StepRow> for StepStatus {
    fn from(row: StepRow) -> Self {
        Self {
            name: row.name,
            state: row.state,
            output: row.output,
            error: row.error,
            attempts: row.attempts,
            due_at: row.due_at,
            started_at: row.started_at,
            finished_at: row.finished_at,
        }
    }
}
