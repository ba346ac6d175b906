//! What is written about a run under a claim. Every statement names the claim's epoch: where that is no longer the run's,
//! nothing is written, and the run is lost to whoever asked.

use data_ops::{database::DatabaseError, types::Timestamp};
use sea_orm::{ConnectionTrait as _, QueryResult, Statement, Value};

use super::{error::Parked, status::RunState};
use crate::store::{Dialect, Store, Transaction};

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepState {
    /// It failed and is tried again at its due time.
    Retrying,
    /// It sleeps until its due time.
    Sleeping,
    /// It waits for its event, until its due time.
    Waiting,
    /// It is done.
    Succeeded,
    /// Its event did not come in time.
    TimedOut,
    /// It failed for good.
    Failed,
}

impl StepState {
    const ALL: [(Self, &'static str); 6] = [
        (Self::Retrying, "retrying"),
        (Self::Sleeping, "sleeping"),
        (Self::Waiting, "waiting"),
        (Self::Succeeded, "succeeded"),
        (Self::TimedOut, "timed_out"),
        (Self::Failed, "failed"),
    ];

    /// As it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::ALL.into_iter().find(|(state, _)| *state == self).map_or("", |(_, text)| text)
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, known)| *known == text).map(|(state, _)| state)
    }
}

/// One row of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StepRow {
    pub name: String,
    pub position: i64,
    pub state: StepState,
    pub output: Option<String>,
    pub error: Option<String>,
    pub attempts: u32,
    pub due_at: Option<Timestamp>,
    pub started_at: Timestamp,
    pub finished_at: Option<Timestamp>,
    /// It would come out the same again, and so may be stored later.
    pub lazy: bool,
}

impl StepRow {
    pub const COLUMNS: &str = "name, position, status, output, error, attempts, due_at, started_at, finished_at";

    pub fn read(row: &QueryResult) -> Result<Self, DatabaseError> {
        let status: String = row.try_get("", "status")?;
        let attempts: i64 = row.try_get("", "attempts")?;
        let time = |column| -> Result<_, DatabaseError> {
            Ok(row.try_get::<Option<i64>>("", column)?.map(Timestamp::from_millis))
        };
        Ok(Self {
            name: row.try_get("", "name")?,
            position: row.try_get("", "position")?,
            state: StepState::parse(&status)
                .ok_or_else(|| DatabaseError::Stored { what: "state of a step", reason: status })?,
            output: row.try_get("", "output")?,
            error: row.try_get("", "error")?,
            attempts: u32::try_from(attempts).unwrap_or(u32::MAX),
            due_at: time("due_at")?,
            started_at: time("started_at")?.unwrap_or_default(),
            finished_at: time("finished_at")?,
            lazy: false,
        })
    }
}

/// Why something was not written.
#[derive(Debug)]
pub(super) enum JournalError {
    /// The claim is over.
    Lost,
    Database(DatabaseError),
}

impl From<DatabaseError> for JournalError {
    fn from(error: DatabaseError) -> Self {
        Self::Database(error)
    }
}

impl From<sea_orm::DbErr> for JournalError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Database(error.into())
    }
}

/// How an execution ends.
#[derive(Debug, Clone)]
pub(super) enum End {
    /// Due again at this moment; nothing means at once.
    Suspend { due: Option<Timestamp>, events_seen: i64 },
    /// With this output.
    Succeed(String),
    /// Of this.
    Fail(String),
    /// Set aside for this.
    Park(Parked),
}

/// Stores results of steps of a run that goes on; answers the run's state.
pub(super) async fn save(store: &Store, id: &str, epoch: i64, rows: Vec<StepRow>) -> Result<RunState, JournalError> {
    let (dialect, id) = (store.dialect(), id.to_owned());
    if let [row] = rows.as_slice() {
        let saved = store.write_one(save_statement(dialect, &id, epoch, row.clone())).await?;
        return saved_state(saved.first());
    }
    store
        .write(move |transaction| {
            Box::pin(async move {
                let mut state = RunState::Running;
                for row in rows {
                    state = save_step(dialect, transaction, &id, epoch, row).await?;
                }
                Ok(state)
            })
        })
        .await
}

/// Stores one result in a transaction of its own effects, say. The run's row is held against a new claim until the
/// transaction ends.
pub(super) async fn save_step(
    dialect: Dialect,
    transaction: &Transaction,
    id: &str,
    epoch: i64,
    row: StepRow,
) -> Result<RunState, JournalError> {
    saved_state(transaction.query_one_raw(save_statement(dialect, id, epoch, row)).await?.as_ref())
}

fn save_statement(dialect: Dialect, id: &str, epoch: i64, row: StepRow) -> Statement {
    let share = match dialect {
        Dialect::Sqlite => "",
        Dialect::Postgres => " FOR SHARE",
    };
    let sql = format!(
        "INSERT INTO workflow_steps (workflow_id, {}) \
         SELECT $1, $3, $4, $5, $6, $7, $8, $9, $10, $11 FROM workflows WHERE id = $1 AND epoch = $2{share} \
         {UPSERT} RETURNING (SELECT status FROM workflows WHERE id = workflow_id) AS run_status",
        StepRow::COLUMNS
    );
    dialect.statement(sql, [Value::from(id), epoch.into()].into_iter().chain(values(row)))
}

fn saved_state(saved: Option<&QueryResult>) -> Result<RunState, JournalError> {
    Ok(RunState::read(saved.ok_or(JournalError::Lost)?, "run_status")?)
}

/// Stores what is left and ends the execution.
pub(super) async fn end(store: &Store, id: &str, epoch: i64, rows: Vec<StepRow>, end: End) -> Result<(), JournalError> {
    let (dialect, now) = (store.dialect(), store.now());
    let id = id.to_owned();
    store
        .write(move |transaction| {
            Box::pin(async move {
                // First the run's row, which nobody else may touch from then on.
                if transaction.execute_raw(end_statement(dialect, &id, epoch, end, now)).await?.rows_affected() == 0 {
                    return Err(JournalError::Lost);
                }
                for row in rows {
                    let sql = format!(
                        "INSERT INTO workflow_steps (workflow_id, {}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) {UPSERT}",
                        StepRow::COLUMNS
                    );
                    let values = [Value::from(id.as_str())].into_iter().chain(values(row));
                    transaction.execute_raw(dialect.statement(sql, values)).await?;
                }
                Ok(())
            })
        })
        .await
}

/// Begins to count anew how often in a row nodes died with this run.
pub(super) async fn forget_interruptions(store: &Store, id: &str, epoch: i64) -> Result<(), DatabaseError> {
    let sql = "UPDATE workflows SET interruptions = 0 WHERE id = $1 AND epoch = $2";
    let statement = store.dialect().statement(sql, [Value::from(id), epoch.into()]);
    store
        .write(move |transaction| {
            Box::pin(async move {
                transaction.execute_raw(statement).await?;
                Ok(())
            })
        })
        .await
}

fn end_statement(dialect: Dialect, id: &str, epoch: i64, end: End, now: Timestamp) -> Statement {
    const LEASE: &str = "lease_until = NULL, node = NULL, interruptions = 0";
    let claim = [Value::from(id), epoch.into()];
    let (set, values) = match end {
        // An event that was sent since the events were read has it run again at once.
        End::Suspend { due, events_seen } => (
            "due_at = CASE WHEN events = $3 THEN $4 ELSE $5 END",
            vec![events_seen.into(), millis(due.unwrap_or(now)), millis(now)],
        ),
        End::Succeed(output) => {
            ("status = 'succeeded', output = $3, finished_at = $4", vec![output.into(), millis(now)])
        }
        End::Fail(error) => ("status = 'failed', error = $3, finished_at = $4", vec![error.into(), millis(now)]),
        End::Park(parked) => ("status = 'parked', error = $3", vec![parked.to_json().into()]),
    };
    let sql = format!("UPDATE workflows SET {set}, {LEASE} WHERE id = $1 AND epoch = $2");
    dialect.statement(sql, claim.into_iter().chain(values))
}

const UPSERT: &str = "ON CONFLICT (workflow_id, name) DO UPDATE SET status = excluded.status, output = excluded.output, \
     error = excluded.error, attempts = excluded.attempts, due_at = excluded.due_at, finished_at = excluded.finished_at";

fn values(row: StepRow) -> [Value; 9] {
    [
        row.name.into(),
        row.position.into(),
        row.state.as_str().into(),
        row.output.into(),
        row.error.into(),
        i64::from(row.attempts).into(),
        row.due_at.map(Timestamp::as_millis).into(),
        millis(row.started_at),
        row.finished_at.map(Timestamp::as_millis).into(),
    ]
}

fn millis(time: Timestamp) -> Value {
    time.as_millis().into()
}
