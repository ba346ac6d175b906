//! Connections to the two databases: control data (accounts, links) and clicks.
//!
//! Embedded, these are two SQLite files, so that taking in clicks never waits for someone saving a link. On PostgreSQL
//! both are the same pool. Each SQLite file has one writing connection and a pool that can only read: with a single writer
//! there is nobody to wait for inside the process, and no transaction can fail half-way because it wanted to start writing
//! late. Transactions that write say so when they begin.

mod error;
mod migrate;
mod postgres;
mod sqlite;

use std::fmt;
use std::path::PathBuf;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, QueryResult, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait,
};
use uuid::Uuid;

use crate::types::Timestamp;

pub use error::{DatabaseError, DatabaseErrorKind};
pub(crate) use error::{Unique, unique_violation};
pub use migrate::MigrateError;

/// Where the data lives.
#[derive(Clone)]
pub enum DatabaseConfig {
    /// Two SQLite files, `control.db` and `clicks.db`, in one directory, which is created when missing.
    Sqlite {
        /// The directory of both files.
        directory: PathBuf,
    },
    /// One PostgreSQL database for everything.
    Postgres {
        /// `postgres://user:password@host:port/database`; never shown in logs.
        url: String,
        /// Size of the pool.
        max_connections: u32,
    },
}

impl fmt::Debug for DatabaseConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite { directory } => f.debug_struct("Sqlite").field("directory", directory).finish(),
            Self::Postgres { max_connections, .. } => f
                .debug_struct("Postgres")
                .field("url", &"[redacted]")
                .field("max_connections", max_connections)
                .finish(),
        }
    }
}

/// Why the databases could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The data directory cannot be made.
    #[error("cannot create the data directory {}", directory.display())]
    Directory {
        /// The directory asked for.
        directory: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The database URL does not parse.
    #[error("the PostgreSQL URL is not valid; expected postgres://user:password@host:port/database")]
    Url(#[source] sqlx::Error),
    /// The database answers with an error or not at all.
    #[error("cannot open the database")]
    Open(#[from] DatabaseError),
    /// The SQLite library linked in is older than the release that fixed a corruption of the write-ahead log.
    #[error("SQLite {found} is too old: {required} or newer is needed, older versions can corrupt the database")]
    SqliteTooOld {
        /// The version linked in.
        found: String,
        /// The oldest version accepted.
        required: &'static str,
    },
}

/// One database: a connection (or pool) that writes, and a pool that reads.
#[derive(Clone, Debug)]
pub struct Database {
    write: DatabaseConnection,
    read: DatabaseConnection,
}

/// The pools beneath sea-orm, for the statements that are written once per dialect.
pub(crate) enum Pools<'a> {
    /// SQLite: the writer and the readers.
    Sqlite { write: &'a sqlx::SqlitePool, read: &'a sqlx::SqlitePool },
    /// PostgreSQL: one pool does both.
    Postgres(&'a sqlx::PgPool),
}

impl Database {
    /// For queries.
    pub fn read(&self) -> &DatabaseConnection {
        &self.read
    }

    /// For single statements that write.
    pub(crate) fn write(&self) -> &DatabaseConnection {
        &self.write
    }

    /// Runs one statement that writes, committed when this answers; its rows.
    pub async fn write_one(&self, statement: Statement) -> Result<Vec<QueryResult>, DatabaseError> {
        Ok(self.write.query_all_raw(statement).await?)
    }

    /// Begins a transaction that may write: on SQLite it takes the write lock at once (`BEGIN IMMEDIATE`).
    pub async fn begin(&self) -> Result<DatabaseTransaction, DatabaseError> {
        let sqlite_transaction_mode = self.is_sqlite().then_some(SqliteTransactionMode::Immediate);
        let options = TransactionOptions { sqlite_transaction_mode, ..TransactionOptions::default() };
        Ok(self.write.begin_with_options(options).await?)
    }

    /// Whether this is a file of this process alone, not a server shared with other nodes.
    pub fn is_sqlite(&self) -> bool {
        self.write.get_database_backend() == DbBackend::Sqlite
    }

    pub(crate) fn pools(&self) -> Pools<'_> {
        if self.is_sqlite() {
            Pools::Sqlite {
                write: self.write.get_sqlite_connection_pool(),
                read: self.read.get_sqlite_connection_pool(),
            }
        } else {
            Pools::Postgres(self.write.get_postgres_connection_pool())
        }
    }

    async fn ping(&self) -> Result<(), DatabaseError> {
        self.read.ping().await?;
        Ok(())
    }

    async fn close(&self) -> Result<(), DatabaseError> {
        self.read.close_by_ref().await?;
        self.write.close_by_ref().await?;
        Ok(())
    }
}

/// Both databases of an instance. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Databases {
    /// Accounts, workspaces, domains, links.
    pub control: Database,
    /// Clicks, rollups, counters, log positions.
    pub clicks: Database,
}

impl Databases {
    /// Opens both databases. Nothing is migrated yet: see [`Databases::migrate`].
    pub async fn connect(config: &DatabaseConfig) -> Result<Self, ConnectError> {
        match config {
            DatabaseConfig::Sqlite { directory } => sqlite::connect(directory).await,
            DatabaseConfig::Postgres { url, max_connections } => postgres::connect(url, *max_connections).await,
        }
    }

    /// Brings both schemas up to date, or refuses when a newer version of the program has been here.
    pub async fn migrate(&self) -> Result<(), MigrateError> {
        migrate::migrate(self).await
    }

    /// Makes sure that both schemas are those of this version, and changes nothing: for programs beside a service.
    pub async fn check(&self) -> Result<(), MigrateError> {
        migrate::check(self).await
    }

    /// Whether both databases answer.
    pub async fn ping(&self) -> Result<(), DatabaseError> {
        self.control.ping().await?;
        self.clicks.ping().await
    }

    /// Closes all connections, after the statements under way. On SQLite this also folds the write-ahead log in.
    pub async fn close(&self) -> Result<(), DatabaseError> {
        self.control.close().await?;
        self.clicks.close().await
    }
}

/// A fresh UUIDv7 for a row made at `now`: ids sort by creation time.
pub(crate) fn row_id(now: Timestamp) -> Uuid {
    let millis = u64::try_from(now.as_millis()).unwrap_or(0);
    let nanos = u32::try_from((millis % 1000) * 1_000_000).unwrap_or(0);
    Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, millis / 1000, nanos))
}

/// `count` fresh ids in ascending order, for rows that are made together and should list in the order given.
pub(crate) fn row_ids(now: Timestamp, count: usize) -> Vec<Uuid> {
    let mut ids: Vec<Uuid> = (0..count).map(|_| row_id(now)).collect();
    ids.sort_unstable();
    ids
}
