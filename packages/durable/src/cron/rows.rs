//! The rows of crons.

use std::collections::HashMap;

use data_ops::{database::DatabaseError, types::Timestamp};
use sea_orm::{ConnectionTrait as _, QueryResult, Value};

use super::{
    Cron, CronOutcome, KEPT,
    plan::{State, Step},
};
use crate::store::{Dialect, Store, Transaction};

/// A stored cron.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub name: String,
    pub schedule: String,
    pub time_zone: String,
    pub paused: bool,
    pub state: State,
    /// As it is stored: a compare-and-set compares it too.
    done: String,
}

const COLUMNS: &str = "name, schedule, time_zone, next_at, paused, done";

impl TryFrom<&QueryResult> for Row {
    type Error = DatabaseError;

    fn try_from(row: &QueryResult) -> Result<Self, DatabaseError> {
        let done: String = row.try_get("", "done")?;
        let intervals = serde_json::from_str(&done)
            .map_err(|error| DatabaseError::Stored { what: "intervals of a cron", reason: error.to_string() })?;
        let next_at = Timestamp::from_millis(row.try_get("", "next_at")?);
        Ok(Self {
            name: row.try_get("", "name")?,
            schedule: row.try_get("", "schedule")?,
            time_zone: row.try_get("", "time_zone")?,
            paused: row.try_get("", "paused")?,
            state: State { next_at, done: intervals },
            done,
        })
    }
}

impl Row {
    /// Whether the row says what this program says.
    pub(super) fn is_of(&self, cron: &Cron) -> bool {
        self.schedule == cron.schedule.pattern() && self.time_zone == cron.schedule.time_zone()
    }
}

/// All crons, by name.
pub(super) async fn all(store: &Store) -> Result<HashMap<String, Row>, DatabaseError> {
    let statement = store.dialect().statement(format!("SELECT {COLUMNS} FROM crons"), []);
    let rows = store.database().read().query_all_raw(statement).await?;
    rows.iter()
        .map(|row| {
            let row = Row::try_from(row)?;
            Ok((row.name.clone(), row))
        })
        .collect()
}

/// One cron, held until the transaction ends.
pub(super) async fn hold(
    transaction: &Transaction,
    dialect: Dialect,
    name: &str,
) -> Result<Option<Row>, DatabaseError> {
    let sql = format!("SELECT {COLUMNS} FROM crons WHERE name = $1{}", dialect.for_update());
    let row = transaction.query_one_raw(dialect.statement(sql, [Value::from(name)])).await?;
    row.as_ref().map(Row::try_from).transpose()
}

/// Makes the row say what the program says.
pub(super) async fn register(
    transaction: &Transaction,
    dialect: Dialect,
    cron: &Cron,
    now: Timestamp,
) -> Result<(), DatabaseError> {
    let (state, sql) = match hold(transaction, dialect, cron.name).await? {
        Some(row) if row.is_of(cron) => return Ok(()),
        Some(row) => (
            row.state.rescheduled(cron, now),
            "UPDATE crons SET schedule = $2, time_zone = $3, next_at = $4, done = $5 WHERE name = $1",
        ),
        // Of two nodes that begin together the second one leaves the row of the first.
        None => (
            State::new(cron, now),
            "INSERT INTO crons (name, schedule, time_zone, next_at, done, paused) VALUES ($1, $2, $3, $4, $5, FALSE) \
             ON CONFLICT (name) DO NOTHING",
        ),
    };
    let values = [
        Value::from(cron.name),
        Value::from(cron.schedule.pattern()),
        Value::from(cron.schedule.time_zone()),
        Value::from(state.next_at.as_millis()),
        Value::from(written(&state)?),
    ];
    transaction.execute_raw(dialect.statement(sql, values)).await?;
    Ok(())
}

/// Writes what a step came to, if the row is still what the step was planned for.
pub(super) async fn advance(
    transaction: &Transaction,
    dialect: Dialect,
    row: &Row,
    step: &Step,
    now: Timestamp,
) -> Result<bool, DatabaseError> {
    let sql = "UPDATE crons SET next_at = $2, done = $3 WHERE name = $1 AND next_at = $4 AND done = $5 \
               AND schedule = $6 AND time_zone = $7 AND NOT paused";
    let values = [
        Value::from(row.name.as_str()),
        Value::from(step.state.next_at.as_millis()),
        Value::from(written(&step.state)?),
        Value::from(row.state.next_at.as_millis()),
        Value::from(row.done.as_str()),
        Value::from(row.schedule.as_str()),
        Value::from(row.time_zone.as_str()),
    ];
    if transaction.execute_raw(dialect.statement(sql, values)).await?.rows_affected() == 0 {
        return Ok(false);
    }
    for due_at in &step.skip {
        record(transaction, dialect, &row.name, *due_at, now, CronOutcome::Skipped).await?;
    }
    for due_at in &step.start {
        record(transaction, dialect, &row.name, *due_at, now, CronOutcome::Started).await?;
    }
    Ok(true)
}

/// Remembers a run, and forgets those long ago.
pub(super) async fn record(
    transaction: &Transaction,
    dialect: Dialect,
    name: &str,
    due_at: Timestamp,
    now: Timestamp,
    outcome: CronOutcome,
) -> Result<(), DatabaseError> {
    let sql = "INSERT INTO cron_runs (name, due_at, started_at, outcome) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (name, due_at) DO UPDATE SET started_at = excluded.started_at, outcome = excluded.outcome";
    let values = [
        Value::from(name),
        Value::from(due_at.as_millis()),
        Value::from(now.as_millis()),
        Value::from(outcome.as_str()),
    ];
    transaction.execute_raw(dialect.statement(sql, values)).await?;
    let sql = format!(
        "DELETE FROM cron_runs WHERE name = $1 AND due_at <= \
         (SELECT due_at FROM cron_runs WHERE name = $1 ORDER BY due_at DESC LIMIT 1 OFFSET {KEPT})"
    );
    transaction.execute_raw(dialect.statement(sql, [Value::from(name)])).await?;
    Ok(())
}

fn written(state: &State) -> Result<String, DatabaseError> {
    serde_json::to_string(&state.done)
        .map_err(|error| DatabaseError::Stored { what: "intervals of a cron", reason: error.to_string() })
}
