//! Starting runs.

use data_ops::{database::DatabaseError, types::Timestamp};
use sea_orm::{ConnectionTrait as _, DbErr, QueryResult, Statement, Value};

use super::{
    Workflows,
    error::{MAX_VALUE_BYTES, StartError, is_name},
    workflow::Workflow,
};
use crate::store::{Dialect, Transaction};

/// Whether a run was there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Started {
    /// It is new.
    New,
    /// There is one of this id, in whatever state, and nothing was changed.
    Already,
}

/// A run to be inserted.
struct NewRun {
    id: String,
    kind: String,
    version: u16,
    input: String,
    now: Timestamp,
}

impl Workflows {
    /// Starts a run, once for each id however often it is asked for.
    ///
    /// # Errors
    /// See [`StartError`]; nothing was started then.
    pub async fn start<W: Workflow>(&self, id: &str, input: &W::Input) -> Result<Started, StartError> {
        let run = self.new_run::<W>(id, input)?;
        let dialect = self.store().dialect();
        let started = match self.store().write_one(insert_statement(dialect, &run)).await?.is_empty() {
            false => Started::New,
            true => already(self.store().database().read().query_one_raw(find_statement(dialect, &run)).await, run)?,
        };
        if started == Started::New {
            self.count(W::KIND);
        }
        self.wake();
        Ok(started)
    }

    /// The same in a transaction of the caller's, who calls [`Workflows::wake`] after its commit; otherwise the run begins
    /// within a second.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn start_in<W: Workflow>(
        &self,
        transaction: &Transaction,
        id: &str,
        input: &W::Input,
    ) -> Result<Started, StartError> {
        let run = self.new_run::<W>(id, input)?;
        let started = insert(self.store().dialect(), transaction, run).await?;
        if started == Started::New {
            self.count(W::KIND);
        }
        Ok(started)
    }

    fn count(&self, kind: &str) {
        if let Some(registered) = self.engine().registry.get(kind) {
            registered.metrics.started.increment(1);
        }
    }

    fn new_run<W: Workflow>(&self, id: &str, input: &W::Input) -> Result<NewRun, StartError> {
        if !self.engine().registry.contains_key(W::KIND) {
            let known = self.engine().registry.keys().map(|kind| (*kind).to_owned()).collect();
            return Err(StartError::UnknownKind { kind: W::KIND.to_owned(), known });
        }
        if !is_name(id) {
            return Err(StartError::InvalidId);
        }
        let input = serde_json::to_string(input).map_err(StartError::Input)?;
        if input.len() > MAX_VALUE_BYTES {
            return Err(StartError::InputTooLarge { bytes: input.len() });
        }
        let (id, kind) = (id.to_owned(), W::KIND.to_owned());
        Ok(NewRun { id, kind, version: W::VERSION, input, now: self.store().now() })
    }
}

async fn insert(dialect: Dialect, transaction: &Transaction, run: NewRun) -> Result<Started, StartError> {
    let inserted = transaction.query_one_raw(insert_statement(dialect, &run)).await.map_err(DatabaseError::from)?;
    if inserted.is_some() {
        return Ok(Started::New);
    }
    already(transaction.query_one_raw(find_statement(dialect, &run)).await, run)
}

/// Answers a row if the run is new.
fn insert_statement(dialect: Dialect, run: &NewRun) -> Statement {
    let sql = "INSERT INTO workflows (id, kind, version, input, status, due_at, epoch, events, interruptions, created_at) \
         VALUES ($1, $2, $3, $4, 'running', $5, 0, 0, 0, $5) ON CONFLICT (id) DO NOTHING RETURNING id";
    let values = [
        Value::from(run.id.as_str()),
        run.kind.as_str().into(),
        i64::from(run.version).into(),
        run.input.as_str().into(),
        run.now.as_millis().into(),
    ];
    dialect.statement(sql, values)
}

fn find_statement(dialect: Dialect, run: &NewRun) -> Statement {
    dialect.statement("SELECT kind FROM workflows WHERE id = $1", [Value::from(run.id.as_str())])
}

fn already(found: Result<Option<QueryResult>, DbErr>, run: NewRun) -> Result<Started, StartError> {
    let row = found.map_err(DatabaseError::from)?;
    match row.map(|row| row.try_get::<String>("", "kind")).transpose().map_err(DatabaseError::from)? {
        Some(kind) if kind != run.kind => Err(StartError::IdInUse { id: run.id, kind }),
        _ => Ok(Started::Already),
    }
}
