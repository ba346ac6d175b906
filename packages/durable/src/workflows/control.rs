//! Steering runs from outside. Each is one transaction; a node that executes the run meanwhile learns of it at its next
//! write or heartbeat, on this node at once.

use data_ops::database::DatabaseError;
use sea_orm::{ConnectionTrait as _, Value};
use serde::Serialize;

use super::{
    Workflows,
    error::{ControlError, MAX_VALUE_BYTES, is_name},
    status::RunState,
};
use crate::store::{Dialect, Transaction};

/// Whether an event was there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// It is new.
    New,
    /// There is one of this name, whose payload counts.
    Already,
}

/// What to do about a run in some state.
enum Change {
    /// It is so already.
    Nothing,
    /// It makes no sense.
    Refused,
    /// These columns, where `$2` is now.
    Set(&'static str),
}

impl Workflows {
    /// Has a run stop before its next step, until [`Workflows::resume`]. A step that runs is finished and stored.
    ///
    /// # Errors
    /// [`ControlError::NotFound`], or [`ControlError::State`] when it neither runs nor is paused.
    pub async fn pause(&self, id: &str) -> Result<(), ControlError> {
        self.change(id, "running", |state| match state {
            RunState::Running => Change::Set("status = 'paused', due_at = $2"),
            RunState::Paused => Change::Nothing,
            _ => Change::Refused,
        })
        .await?;
        if let Some(run) = self.engine().run(id) {
            run.pause(true);
        }
        Ok(())
    }

    /// Has a run go on that was paused or set aside: now, or where it sleeps or waits when that is over.
    ///
    /// # Errors
    /// [`ControlError::NotFound`], or [`ControlError::State`] when it is neither.
    pub async fn resume(&self, id: &str) -> Result<(), ControlError> {
        self.change(id, "paused or parked", |state| match state {
            RunState::Paused | RunState::Parked => {
                Change::Set("status = 'running', error = NULL, due_at = $2, interruptions = 0")
            }
            RunState::Running => Change::Nothing,
            _ => Change::Refused,
        })
        .await?;
        if let Some(run) = self.engine().run(id) {
            run.pause(false);
        }
        self.wake();
        Ok(())
    }

    /// Ends a run. A step that runs is cut off where it waits, and its result does not count.
    ///
    /// # Errors
    /// [`ControlError::NotFound`], or [`ControlError::State`] when it has ended by itself.
    pub async fn terminate(&self, id: &str) -> Result<(), ControlError> {
        self.change(id, "not at its end", |state| match state {
            RunState::Running | RunState::Paused | RunState::Parked => Change::Set(
                "status = 'terminated', error = NULL, finished_at = $2, lease_until = NULL, node = NULL, epoch = epoch + 1",
            ),
            RunState::Terminated => Change::Nothing,
            RunState::Succeeded | RunState::Failed => Change::Refused,
        })
        .await?;
        self.drop_execution(id);
        Ok(())
    }

    /// Begins a run again from this step on, whatever state it is in: what this step and those after it in the function came
    /// to is forgotten, what was before stands. Events that were sent stay sent.
    ///
    /// # Errors
    /// [`ControlError::NotFound`], or [`ControlError::UnknownStep`] when the journal has no such step.
    pub async fn restart_from(&self, id: &str, step: &str) -> Result<(), ControlError> {
        self.restart_at(id, Some(step)).await
    }

    /// Begins a run again from its beginning.
    ///
    /// # Errors
    /// [`ControlError::NotFound`].
    pub async fn restart(&self, id: &str) -> Result<(), ControlError> {
        self.restart_at(id, None).await
    }

    async fn restart_at(&self, id: &str, step: Option<&str>) -> Result<(), ControlError> {
        let (dialect, now) = (self.store().dialect(), self.store().now());
        let (run, from) = (id.to_owned(), step.map(str::to_owned));
        self.store()
            .write(move |transaction| {
                Box::pin(async move {
                    state(dialect, transaction, &run).await?;
                    let position = match from {
                        Some(step) => position(dialect, transaction, &run, step).await?,
                        None => 0,
                    };
                    let sql = "UPDATE workflows SET status = 'running', output = NULL, error = NULL, due_at = $2, \
                         lease_until = NULL, node = NULL, epoch = epoch + 1, interruptions = 0, finished_at = NULL \
                         WHERE id = $1";
                    let values = [Value::from(run.as_str()), now.as_millis().into()];
                    execute(dialect, transaction, sql, values).await?;
                    let sql = "DELETE FROM workflow_steps WHERE workflow_id = $1 AND position >= $2";
                    execute(dialect, transaction, sql, [run.into(), position.into()]).await
                })
            })
            .await?;
        self.drop_execution(id);
        self.wake();
        Ok(())
    }

    /// Sends a run an event, once for each name however often it is sent: the first payload counts. The run may wait for it
    /// already, come to that later, or never.
    ///
    /// # Errors
    /// See [`ControlError`]; a run that has ended takes no new events.
    pub async fn send_event<T: Serialize + Sync + ?Sized>(
        &self,
        id: &str,
        name: &str,
        payload: &T,
    ) -> Result<Sent, ControlError> {
        if !is_name(name) {
            return Err(ControlError::InvalidName);
        }
        let payload = serde_json::to_string(payload).map_err(ControlError::Payload)?;
        if payload.len() > MAX_VALUE_BYTES {
            return Err(ControlError::PayloadTooLarge { bytes: payload.len() });
        }
        let (dialect, now) = (self.store().dialect(), self.store().now());
        let (run, event, text) = (id.to_owned(), name.to_owned(), payload.clone());
        let sent = self
            .store()
            .write(move |transaction| {
                Box::pin(async move {
                    let state = state(dialect, transaction, &run).await?;
                    let sql = "INSERT INTO workflow_events (workflow_id, name, payload, sent_at) VALUES ($1, $2, $3, $4) \
                         ON CONFLICT (workflow_id, name) DO NOTHING";
                    let values = [Value::from(run.as_str()), event.into(), text.into(), now.as_millis().into()];
                    if execute(dialect, transaction, sql, values).await? == 0 {
                        return Ok(None);
                    }
                    if !matches!(state, RunState::Running | RunState::Paused | RunState::Parked) {
                        return Err(ControlError::State { id: run, state, needed: "not at its end" });
                    }
                    let sql = "UPDATE workflows SET events = events + 1, due_at = $2 WHERE id = $1 RETURNING events";
                    let values = [Value::from(run), now.as_millis().into()];
                    let row = transaction.query_one_raw(dialect.statement(sql, values)).await.map_err(database)?;
                    row.map(|row| row.try_get::<i64>("", "events")).transpose().map_err(database)
                })
            })
            .await?;
        let Some(events) = sent else { return Ok(Sent::Already) };
        if let Some(run) = self.engine().run(id)
            && run.events_seen() + 1 == events
        {
            run.deliver(vec![(name.to_owned(), payload)], events);
        }
        self.wake();
        Ok(Sent::New)
    }

    /// Changes a run's row by what `change` answers for its state.
    async fn change(
        &self,
        id: &str,
        needed: &'static str,
        change: impl FnOnce(RunState) -> Change + Send + 'static,
    ) -> Result<(), ControlError> {
        let (dialect, now) = (self.store().dialect(), self.store().now());
        let id = id.to_owned();
        self.store()
            .write(move |transaction| {
                Box::pin(async move {
                    let state = state(dialect, transaction, &id).await?;
                    match change(state) {
                        Change::Nothing => {}
                        Change::Refused => return Err(ControlError::State { id, state, needed }),
                        Change::Set(set) => {
                            let sql = format!("UPDATE workflows SET {set} WHERE id = $1");
                            execute(dialect, transaction, &sql, [id.into(), now.as_millis().into()]).await?;
                        }
                    }
                    Ok(())
                })
            })
            .await
    }

    /// What this node executes of the run belongs to a former claim by now.
    fn drop_execution(&self, id: &str) {
        if let Some(run) = self.engine().run(id) {
            run.lose();
        }
    }
}

/// The run's state; its row is held until the transaction ends.
async fn state(dialect: Dialect, transaction: &Transaction, id: &str) -> Result<RunState, ControlError> {
    let sql = format!("SELECT status FROM workflows WHERE id = $1{}", dialect.for_update());
    let row = transaction.query_one_raw(dialect.statement(sql, [Value::from(id)])).await.map_err(database)?;
    let row = row.ok_or_else(|| ControlError::NotFound { id: id.to_owned() })?;
    Ok(RunState::read(&row, "status")?)
}

async fn position(dialect: Dialect, transaction: &Transaction, id: &str, step: String) -> Result<i64, ControlError> {
    let sql = "SELECT name, position FROM workflow_steps WHERE workflow_id = $1 ORDER BY position, name";
    let rows = transaction.query_all_raw(dialect.statement(sql, [Value::from(id)])).await.map_err(database)?;
    let mut known = Vec::new();
    for row in rows {
        let name: String = row.try_get("", "name").map_err(database)?;
        if name == step {
            return row.try_get("", "position").map_err(database);
        }
        known.push(name);
    }
    Err(ControlError::UnknownStep { id: id.to_owned(), step, known })
}

async fn execute(
    dialect: Dialect,
    transaction: &Transaction,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<u64, ControlError> {
    let done = transaction.execute_raw(dialect.statement(sql, values)).await.map_err(database)?;
    Ok(done.rows_affected())
}

fn database(error: sea_orm::DbErr) -> ControlError {
    DatabaseError::from(error).into()
}
