//! Entries of a log that cannot be taken in: set aside, so that those behind them can.

use uuid::Uuid;

use super::record::{public_position, stored_position};
use super::{postgres, sqlite};
use crate::database::{Database, DatabaseError, Pools};
use crate::types::Timestamp;

/// An entry to be set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// Segment and offset where it starts.
    pub position: (u64, u64),
    /// Its bytes.
    pub payload: Vec<u8>,
    /// What is wrong with it.
    pub error: String,
}

/// An entry that was set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDeadLetter {
    /// The log it is from.
    pub log: Uuid,
    /// Who could not take it in.
    pub consumer: String,
    /// The entry.
    pub letter: DeadLetter,
    /// When it was set aside.
    pub created_at: Timestamp,
}

const INSERT: &str = "INSERT INTO dead_letters \
    (log_id, consumer, segment, byte_offset, payload, error, created_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";

/// Sets entries aside and stores `next` as the log's position, together. An entry is set aside once.
pub async fn record_dead_letters(
    db: &Database,
    log: Uuid,
    consumer: &str,
    letters: &[DeadLetter],
    next: (u64, u64),
    now: Timestamp,
) -> Result<(), DatabaseError> {
    let next = stored_position(next);
    macro_rules! insert {
        ($transaction:expr) => {
            for letter in letters {
                let (segment, offset) = stored_position(letter.position);
                sqlx::query(INSERT)
                    .bind(log)
                    .bind(consumer)
                    .bind(segment)
                    .bind(offset)
                    .bind(letter.payload.as_slice())
                    // PostgreSQL's text has no place for NUL.
                    .bind(letter.error.replace('\0', "\u{fffd}"))
                    .bind(now.as_millis())
                    .execute(&mut *$transaction)
                    .await?;
            }
        };
    }
    match db.pools() {
        Pools::Sqlite { write, .. } => {
            let mut transaction = write.begin_with("BEGIN IMMEDIATE").await?;
            insert!(transaction);
            sqlite::set_position(&mut transaction, log, consumer, next).await?;
            transaction.commit().await?;
        }
        Pools::Postgres(pool) => {
            let mut transaction = pool.begin().await?;
            postgres::lock_position(&mut transaction, log, consumer).await?;
            insert!(transaction);
            postgres::set_position(&mut transaction, log, consumer, next).await?;
            transaction.commit().await?;
        }
    }
    Ok(())
}

/// What a row of dead letters is read into.
type Row = (Uuid, String, i64, i64, Vec<u8>, String, i64);

/// The entries set aside last, newest first.
pub async fn list_dead_letters(db: &Database, limit: u32) -> Result<Vec<StoredDeadLetter>, DatabaseError> {
    const QUERY: &str = "SELECT log_id, consumer, segment, byte_offset, payload, error, created_at \
        FROM dead_letters ORDER BY created_at DESC, segment DESC, byte_offset DESC LIMIT $1";
    let limit = i64::from(limit);
    let rows: Vec<Row> = match db.pools() {
        Pools::Sqlite { read, .. } => sqlx::query_as(QUERY).bind(limit).fetch_all(read).await?,
        Pools::Postgres(pool) => sqlx::query_as(QUERY).bind(limit).fetch_all(pool).await?,
    };
    let letters = rows.into_iter().map(|row| {
        let (log, consumer, segment, offset, payload, error, created_at) = row;
        let position = public_position((segment, offset));
        StoredDeadLetter {
            log,
            consumer,
            letter: DeadLetter { position, payload, error },
            created_at: Timestamp::from_millis(created_at),
        }
    });
    Ok(letters.collect())
}

/// How many entries have been set aside.
pub async fn count_dead_letters(db: &Database) -> Result<u64, DatabaseError> {
    const QUERY: &str = "SELECT COUNT(*) FROM dead_letters";
    let count: i64 = match db.pools() {
        Pools::Sqlite { read, .. } => sqlx::query_scalar(QUERY).fetch_one(read).await?,
        Pools::Postgres(pool) => sqlx::query_scalar(QUERY).fetch_one(pool).await?,
    };
    Ok(u64::try_from(count).unwrap_or(0))
}
