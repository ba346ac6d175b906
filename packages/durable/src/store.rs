//! The one way into the database: work that is committed as a whole or not at all.
//!
//! # Properties
//! * [`Store::write`] answers after the commit: what it answered survives a power cut.
//! * One caller's error undoes that caller's work alone.
//! * On SQLite there is one writer, and a commit waits for the disk; so what callers ask for while one commit is under
//!   way goes into the next one together (group commit, `group`). On PostgreSQL each caller has a transaction of its own.
//!
//! # Races
//! * **Caller gone.** Dropping the future of [`Store::write`] does not undo the work: it is done, or never begun. Nobody
//!   learns which, as after a lost connection; whoever asks again goes by an id.
//! * **Commit failed.** Everyone in the group gets the error, and nothing of the group is stored.
//!
//! # Accepted
//! * Work in one group waits for the slowest of it. So work is statements only: no network, no long computation.

mod group;

use std::sync::Arc;

use data_ops::{
    clock::Clock,
    database::{Database, DatabaseError},
    types::Timestamp,
};
use futures_util::future::BoxFuture;
pub use sea_orm::DatabaseTransaction as Transaction;
use sea_orm::{DbBackend, QueryResult, Statement, Value};
use tokio_util::task::TaskTracker;

use self::group::Group;

/// The database, the clock and the way to write. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    database: Database,
    clock: Arc<dyn Clock>,
    group: Option<Group>,
}

impl Store {
    /// On this database, which has been migrated. What commits for the others runs on `tasks`, until the last clone is
    /// dropped.
    #[must_use]
    pub fn start(database: Database, clock: Arc<dyn Clock>, tasks: &TaskTracker) -> Self {
        let group = database.is_sqlite().then(|| Group::start(database.clone(), tasks));
        Self { database, clock, group }
    }

    /// For queries outside a transaction.
    #[must_use]
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// The present moment by the service's clock: what is due is told by it.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The service's clock.
    #[must_use]
    pub fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// How this database wants to be spoken to.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        if self.database.is_sqlite() { Dialect::Sqlite } else { Dialect::Postgres }
    }

    /// Runs `work` in a transaction and answers once it is committed. The work is one borrowed future, because a closure
    /// cannot say otherwise that its future may be sent: `|transaction| Box::pin(async move { … })`.
    ///
    /// # Errors
    /// The work's own, or that the transaction could not be begun or committed. Nothing is stored then, with one
    /// exception: a connection lost during the commit leaves open whether it happened.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t Transaction) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<DatabaseError> + Send + 'static,
    {
        if let Some(group) = &self.group {
            return group.write(work).await;
        }
        let transaction = self.database.begin().await?;
        match work(&transaction).await {
            Ok(done) => {
                transaction.commit().await.map_err(DatabaseError::from)?;
                Ok(done)
            }
            Err(error) => {
                if let Err(rollback) = transaction.rollback().await {
                    tracing::debug!(error = &rollback as &dyn std::error::Error, "rolling back failed");
                }
                Err(error)
            }
        }
    }
}

impl Store {
    /// Runs one statement and answers its rows once it is committed: what [`Store::write`] does, at a third of the cost.
    ///
    /// # Errors
    /// The database's; nothing is stored then, with the exception named at [`Store::write`].
    pub async fn write_one(&self, statement: Statement) -> Result<Vec<QueryResult>, DatabaseError> {
        match &self.group {
            Some(group) => group.write_one(statement).await,
            None => self.database.write_one(statement).await,
        }
    }
}

/// What differs between the databases. Statements are written once, with `$1` for both, and these parts put in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// One process, one writer: locks are not needed, and leases end with the process.
    Sqlite,
    /// Many nodes.
    Postgres,
}

impl Dialect {
    /// The database's own time in milliseconds: leases go by it, because the clocks of nodes differ.
    #[must_use]
    pub fn lease_clock(self) -> &'static str {
        match self {
            Self::Sqlite => "CAST(unixepoch('subsec') * 1000 AS INTEGER)",
            Self::Postgres => "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)",
        }
    }

    /// A column of text that is compared as Rust compares texts, whatever language the database was made for.
    #[must_use]
    pub fn by_bytes(self, column: &str) -> String {
        match self {
            Self::Sqlite => column.to_owned(),
            Self::Postgres => format!("{column} COLLATE \"C\""),
        }
    }

    /// Ends a query whose rows are taken, leaving out rows another node is taking.
    #[must_use]
    pub fn skip_locked(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " FOR UPDATE SKIP LOCKED",
        }
    }

    /// Ends a query whose rows are held until the transaction ends.
    #[must_use]
    pub fn for_update(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " FOR UPDATE",
        }
    }

    /// A statement with its values.
    pub fn statement(self, sql: impl Into<String>, values: impl IntoIterator<Item = Value>) -> Statement {
        let backend = match self {
            Self::Sqlite => DbBackend::Sqlite,
            Self::Postgres => DbBackend::Postgres,
        };
        Statement::from_sql_and_values(backend, sql, values)
    }
}
