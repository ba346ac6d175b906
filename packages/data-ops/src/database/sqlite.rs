//! SQLite: durable on commit, one writer, readers that cannot write.

use std::path::Path;
use std::time::Duration;

use sea_orm::SqlxSqliteConnector;
use sqlx::ConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use super::{ConnectError, Database, DatabaseError, Databases};

/// The release that fixed a corruption when the write-ahead log is reset.
const OLDEST_SQLITE: (&str, [u32; 3]) = ("3.51.3", [3, 51, 3]);

const READERS: u32 = 4;

/// How long a statement waits for another process that holds the file, and a caller for the writer.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) async fn connect(directory: &Path) -> Result<Databases, ConnectError> {
    std::fs::create_dir_all(directory)
        .map_err(|source| ConnectError::Directory { directory: directory.to_owned(), source })?;
    let control = open(&directory.join("control.db")).await?;
    refuse_old_sqlite(&control).await?;
    let clicks = open(&directory.join("clicks.db")).await?;
    Ok(Databases { control, clicks })
}

async fn open(file: &Path) -> Result<Database, ConnectError> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .foreign_keys(true)
        .busy_timeout(PATIENCE)
        // The click tables are touched all over in every batch: keep 64 MiB of pages at hand.
        .pragma("cache_size", "-65536")
        .pragma("temp_store", "memory")
        // Bulk statements have a text per number of rows: a few of each are worth keeping prepared.
        .statement_cache_capacity(256)
        // Rows come from a thread of their own. It shall not stop, and be woken again, every few of them.
        .row_buffer_size(4096)
        .disable_statement_logging();
    let writer = options
        .clone()
        .journal_mode(SqliteJournalMode::Wal)
        // On commit, not some time after it: what was acknowledged survives a power cut.
        .synchronous(SqliteSynchronous::Full)
        // A batch of clicks writes many pages; copying them back every 4 MiB, the default, would write most of them twice.
        .pragma("wal_autocheckpoint", "8192")
        // After a burst the write-ahead log gives its space back.
        .pragma("journal_size_limit", "67108864");
    let write = SqlitePoolOptions::new()
        .min_connections(1)
        .max_connections(1)
        .acquire_timeout(PATIENCE)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(writer)
        .await
        .map_err(DatabaseError::from)?;
    // Opened after the writer, which makes the file and its write-ahead log.
    let read = SqlitePoolOptions::new()
        .max_connections(READERS)
        .acquire_timeout(PATIENCE)
        .connect_with(options.read_only(true).create_if_missing(false))
        .await
        .map_err(DatabaseError::from)?;
    Ok(Database {
        write: SqlxSqliteConnector::from_sqlx_sqlite_pool(write),
        read: SqlxSqliteConnector::from_sqlx_sqlite_pool(read),
    })
}

async fn refuse_old_sqlite(database: &Database) -> Result<(), ConnectError> {
    let found: String = sqlx::query_scalar("SELECT sqlite_version()")
        .fetch_one(database.read.get_sqlite_connection_pool())
        .await
        .map_err(DatabaseError::from)?;
    if is_recent_enough(&found) { Ok(()) } else { Err(ConnectError::SqliteTooOld { found, required: OLDEST_SQLITE.0 }) }
}

fn is_recent_enough(version: &str) -> bool {
    let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let version: [u32; 3] = std::array::from_fn(|_| parts.next().unwrap_or(0));
    version >= OLDEST_SQLITE.1
}

#[cfg(test)]
mod tests {
    use super::is_recent_enough;

    #[test]
    fn versions_compare_by_number() {
        assert!(is_recent_enough("3.51.3"));
        assert!(is_recent_enough("3.100.0"));
        assert!(is_recent_enough("4.0"));
        assert!(!is_recent_enough("3.51.2"));
        assert!(!is_recent_enough("3.9.9"));
    }
}
