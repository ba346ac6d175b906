//! Looking at crons, pausing them, running them by hand.

use std::collections::HashMap;

use data_ops::{database::DatabaseError, types::Timestamp};
use sea_orm::{ConnectionTrait as _, QueryResult, Value};

use super::{CronRun, Crons, plan::State, rows, runner::StartError};
use crate::jobs::BoxError;

/// A cron, at this moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CronStatus {
    /// Its name.
    pub name: String,
    /// Its pattern.
    pub schedule: String,
    /// The zone the pattern is meant in.
    pub time_zone: String,
    /// When it runs next, unless it is paused.
    pub next_at: Timestamp,
    /// Whether it is left alone.
    pub paused: bool,
    /// Whether this program has it, with this schedule. If no program has, nothing happens.
    pub known: bool,
    /// The run that began last, or was left out last.
    pub last_run: Option<CronRunRecord>,
}

/// What became of an occurrence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CronOutcome {
    /// It was run.
    Started,
    /// It was missed and left out.
    Skipped,
    /// It was run because somebody asked for it.
    Asked,
}

impl CronOutcome {
    /// As it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Skipped => "skipped",
            Self::Asked => "asked",
        }
    }

    fn read(text: &str) -> Result<Self, DatabaseError> {
        [Self::Started, Self::Skipped, Self::Asked].into_iter().find(|outcome| outcome.as_str() == text).ok_or_else(
            || DatabaseError::Stored { what: "outcome of a cron's run", reason: format!("there is no \"{text}\"") },
        )
    }
}

/// A run that was, or would have been.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CronRunRecord {
    /// When it was due.
    pub due_at: Timestamp,
    /// When that was noticed.
    pub started_at: Timestamp,
    /// What became of it.
    pub outcome: CronOutcome,
}

impl CronRunRecord {
    fn read(row: &QueryResult) -> Result<Self, DatabaseError> {
        Ok(Self {
            due_at: Timestamp::from_millis(row.try_get("", "due_at")?),
            started_at: Timestamp::from_millis(row.try_get("", "started_at")?),
            outcome: CronOutcome::read(&row.try_get::<String>("", "outcome")?)?,
        })
    }
}

/// Why a cron was not run by hand.
#[derive(Debug, thiserror::Error)]
pub enum RunNowError {
    /// This program has no such cron.
    #[error("there is no cron \"{name}\" in this version of hashroute")]
    Unknown {
        /// What was given.
        name: String,
    },
    /// Its action failed, and nothing was stored.
    #[error("the run could not be started")]
    Action(#[source] BoxError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Crons {
    /// All crons, also those of other programs, by name.
    ///
    /// # Errors
    /// The database failed.
    pub async fn list(&self) -> Result<Vec<CronStatus>, DatabaseError> {
        let rows = rows::all(&self.shared.store).await?;
        let mut last_runs = self.last_runs().await?;
        let mut list: Vec<_> = rows
            .into_values()
            .map(|row| CronStatus {
                known: self.shared.crons.iter().any(|cron| cron.name == row.name && row.is_of(cron)),
                last_run: last_runs.remove(&row.name),
                name: row.name,
                schedule: row.schedule,
                time_zone: row.time_zone,
                next_at: row.state.next_at,
                paused: row.paused,
            })
            .collect();
        list.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(list)
    }

    async fn last_runs(&self) -> Result<HashMap<String, CronRunRecord>, DatabaseError> {
        // A run by hand is due when it is asked for, so the latest is the last one due.
        let sql = "SELECT name, due_at, started_at, outcome FROM cron_runs AS run \
                   WHERE due_at = (SELECT MAX(due_at) FROM cron_runs WHERE name = run.name)";
        let statement = self.shared.store.dialect().statement(sql, []);
        let rows = self.shared.store.database().read().query_all_raw(statement).await?;
        rows.iter().map(|row| Ok((row.try_get("", "name")?, CronRunRecord::read(row)?))).collect()
    }

    /// The runs of a cron, the latest first; about a hundred are remembered.
    ///
    /// # Errors
    /// The database failed.
    pub async fn runs(&self, name: &str) -> Result<Vec<CronRunRecord>, DatabaseError> {
        let sql = "SELECT due_at, started_at, outcome FROM cron_runs WHERE name = $1 ORDER BY due_at DESC";
        let statement = self.shared.store.dialect().statement(sql, [Value::from(name)]);
        let rows = self.shared.store.database().read().query_all_raw(statement).await?;
        rows.iter().map(CronRunRecord::read).collect()
    }

    /// Leaves a cron alone, on all nodes, until it is resumed. Answers whether there is one of that name.
    ///
    /// # Errors
    /// The database failed.
    pub async fn pause(&self, name: &str) -> Result<bool, DatabaseError> {
        let statement = self
            .shared
            .store
            .dialect()
            .statement("UPDATE crons SET paused = TRUE WHERE name = $1", [Value::from(name)]);
        let pause = self.shared.store.write(move |transaction| {
            Box::pin(async move { Ok::<_, DatabaseError>(transaction.execute_raw(statement).await?.rows_affected()) })
        });
        Ok(pause.await? > 0)
    }

    /// Ends a pause. What came meanwhile is left out. Answers whether there is a cron of that name.
    ///
    /// # Errors
    /// The database failed.
    pub async fn resume(&self, name: &str) -> Result<bool, DatabaseError> {
        let (dialect, now) = (self.shared.store.dialect(), self.shared.store.now());
        let (name, cron) = (name.to_owned(), self.shared.crons.iter().find(|cron| cron.name == name).cloned());
        let resume = self.shared.store.write(move |transaction| {
            Box::pin(async move {
                let Some(row) = rows::hold(transaction, dialect, &name).await? else { return Ok(false) };
                let State { next_at, .. } = match cron {
                    Some(cron) if row.paused && row.is_of(&cron) => row.state.rescheduled(&cron, now),
                    _ => row.state,
                };
                let sql = "UPDATE crons SET paused = FALSE, next_at = $2 WHERE name = $1";
                let values = [Value::from(name), Value::from(next_at.as_millis())];
                transaction.execute_raw(dialect.statement(sql, values)).await?;
                Ok::<_, DatabaseError>(true)
            })
        });
        resume.await
    }

    /// Runs a cron now, paused or not, besides its schedule.
    ///
    /// # Errors
    /// There is no such cron here, its action failed, or the database did.
    pub async fn run_now(&self, name: &str) -> Result<(), RunNowError> {
        let Some(cron) = self.shared.crons.iter().find(|cron| cron.name == name) else {
            return Err(RunNowError::Unknown { name: name.to_owned() });
        };
        let (dialect, now) = (self.shared.store.dialect(), self.shared.store.now());
        let (name, action) = (cron.name, cron.action.clone());
        let run = self.shared.store.write(move |transaction| {
            Box::pin(async move {
                rows::record(transaction, dialect, name, now, now, CronOutcome::Asked).await?;
                action.run(transaction, CronRun { name, due_at: now }).await.map_err(StartError::Action)
            })
        });
        match run.await {
            Ok(()) => {
                cron.action.committed();
                Ok(())
            }
            Err(StartError::Database(error)) => Err(RunNowError::Database(error)),
            Err(StartError::Action(error)) => Err(RunNowError::Action(error)),
            // Nobody else is asked for this.
            Err(error @ StartError::Lost) => Err(RunNowError::Action(error.into())),
        }
    }
}
