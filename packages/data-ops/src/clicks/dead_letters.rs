//! Entries of a log that cannot be taken in: set aside, so that those behind them can, until somebody replays them
//! ([`replay_dead_letter`](super::replay_dead_letter)) or gives them up.

use std::{fmt, str::FromStr};

use sqlx::query::Query;
use sqlx::{Database as Driver, Encode, IntoArguments, Type};
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

impl StoredDeadLetter {
    /// What it is addressed by.
    #[must_use]
    pub fn key(&self) -> DeadLetterKey {
        DeadLetterKey { log: self.log, consumer: self.consumer.clone(), position: self.letter.position }
    }
}

/// Which entry: as text `<log>.<segment>.<offset>.<consumer>`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DeadLetterKey {
    /// The log it is from.
    pub log: Uuid,
    /// Who could not take it in.
    pub consumer: String,
    /// Segment and offset where it starts.
    pub position: (u64, u64),
}

impl fmt::Display for DeadLetterKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (segment, offset) = self.position;
        write!(formatter, "{}.{segment}.{offset}.{}", self.log, self.consumer)
    }
}

/// A text that is no key of a dead letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a dead letter is addressed as <log>.<segment>.<offset>.<consumer>")]
pub struct InvalidDeadLetterKey;

impl FromStr for DeadLetterKey {
    type Err = InvalidDeadLetterKey;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.splitn(4, '.');
        let mut part = || parts.next().ok_or(InvalidDeadLetterKey);
        let (log, segment, offset, consumer) = (part()?, part()?, part()?, part()?);
        let number = |text: &str| text.parse().map_err(|_| InvalidDeadLetterKey);
        Ok(Self {
            log: log.parse().map_err(|_| InvalidDeadLetterKey)?,
            consumer: consumer.to_owned(),
            position: (number(segment)?, number(offset)?),
        })
    }
}

const INSERT: &str = "INSERT INTO dead_letters \
    (log_id, consumer, segment, byte_offset, payload, error, created_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";

macro_rules! insert {
    ($transaction:expr, $log:expr, $consumer:expr, $letter:expr, $now:expr) => {
        let (segment, offset) = stored_position($letter.position);
        sqlx::query(INSERT)
            .bind($log)
            .bind($consumer)
            .bind(segment)
            .bind(offset)
            .bind($letter.payload.as_slice())
            // PostgreSQL's text has no place for NUL.
            .bind($letter.error.replace('\0', "\u{fffd}"))
            .bind($now.as_millis())
            .execute(&mut *$transaction)
            .await?;
    };
}

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
    match db.pools() {
        Pools::Sqlite { write, .. } => {
            let mut transaction = write.begin_with("BEGIN IMMEDIATE").await?;
            for letter in letters {
                insert!(transaction, log, consumer, letter, now);
            }
            sqlite::set_position(&mut transaction, log, consumer, next).await?;
            transaction.commit().await?;
        }
        Pools::Postgres(pool) => {
            let mut transaction = pool.begin().await?;
            postgres::lock_position(&mut transaction, log, consumer).await?;
            for letter in letters {
                insert!(transaction, log, consumer, letter, now);
            }
            postgres::set_position(&mut transaction, log, consumer, next).await?;
            transaction.commit().await?;
        }
    }
    Ok(())
}

/// Sets entries aside whose source keeps track itself of what was dealt with. An entry is set aside once.
pub async fn set_aside(db: &Database, letters: &[StoredDeadLetter]) -> Result<(), DatabaseError> {
    match db.pools() {
        Pools::Sqlite { write, .. } => {
            let mut transaction = write.begin_with("BEGIN IMMEDIATE").await?;
            for stored in letters {
                insert!(transaction, stored.log, stored.consumer.as_str(), stored.letter, stored.created_at);
            }
            transaction.commit().await?;
        }
        Pools::Postgres(pool) => {
            let mut transaction = pool.begin().await?;
            for stored in letters {
                insert!(transaction, stored.log, stored.consumer.as_str(), stored.letter, stored.created_at);
            }
            transaction.commit().await?;
        }
    }
    Ok(())
}

/// What a row of dead letters is read into.
type Row = (Uuid, String, i64, i64, Vec<u8>, String, i64);

fn letter((log, consumer, segment, offset, payload, error, created_at): Row) -> StoredDeadLetter {
    let position = public_position((segment, offset));
    StoredDeadLetter {
        log,
        consumer,
        letter: DeadLetter { position, payload, error },
        created_at: Timestamp::from_millis(created_at),
    }
}

/// The entries set aside last, newest first.
pub async fn list_dead_letters(db: &Database, limit: u32) -> Result<Vec<StoredDeadLetter>, DatabaseError> {
    const QUERY: &str = "SELECT log_id, consumer, segment, byte_offset, payload, error, created_at \
        FROM dead_letters ORDER BY created_at DESC, segment DESC, byte_offset DESC LIMIT $1";
    let limit = i64::from(limit);
    let rows: Vec<Row> = match db.pools() {
        Pools::Sqlite { read, .. } => sqlx::query_as(QUERY).bind(limit).fetch_all(read).await?,
        Pools::Postgres(pool) => sqlx::query_as(QUERY).bind(limit).fetch_all(pool).await?,
    };
    Ok(rows.into_iter().map(letter).collect())
}

/// The entries set aside before this one, and none set aside later than `upto`, newest first.
pub async fn list_dead_letters_before(
    db: &Database,
    upto: Timestamp,
    before: Option<&StoredDeadLetter>,
    limit: u32,
) -> Result<Vec<StoredDeadLetter>, DatabaseError> {
    const QUERY: &str = "SELECT log_id, consumer, segment, byte_offset, payload, error, created_at FROM dead_letters \
        WHERE created_at <= $1 AND (created_at, log_id, consumer, segment, byte_offset) < ($2, $3, $4, $5, $6) \
        ORDER BY created_at DESC, log_id DESC, consumer DESC, segment DESC, byte_offset DESC LIMIT $7";
    let created_at = before.map_or(i64::MAX, |before| before.created_at.as_millis());
    let log = before.map_or(Uuid::nil(), |before| before.log);
    let consumer = before.map_or("", |before| before.consumer.as_str());
    let (segment, offset) = before.map_or((0, 0), |before| stored_position(before.letter.position));
    macro_rules! fetch {
        ($pool:expr) => {
            sqlx::query_as(QUERY)
                .bind(upto.as_millis())
                .bind(created_at)
                .bind(log)
                .bind(consumer)
                .bind(segment)
                .bind(offset)
                .bind(i64::from(limit))
                .fetch_all($pool)
                .await?
        };
    }
    let rows: Vec<Row> = match db.pools() {
        Pools::Sqlite { read, .. } => fetch!(read),
        Pools::Postgres(pool) => fetch!(pool),
    };
    Ok(rows.into_iter().map(letter).collect())
}

/// All entries by and by, in the order of their keys: those behind `last`, from the first one on where it is `None`.
pub async fn dead_letters_after(
    db: &Database,
    last: Option<&DeadLetterKey>,
    limit: u32,
) -> Result<Vec<StoredDeadLetter>, DatabaseError> {
    const QUERY: &str = "SELECT log_id, consumer, segment, byte_offset, payload, error, created_at FROM dead_letters \
        WHERE (log_id, consumer, segment, byte_offset) > ($1, $2, $3, $4) \
        ORDER BY log_id, consumer, segment, byte_offset LIMIT $5";
    // Nobody stores under the nil UUID.
    let log = last.map_or(Uuid::nil(), |last| last.log);
    let consumer = last.map_or("", |last| last.consumer.as_str());
    let (segment, offset) = last.map_or((-1, -1), |last| stored_position(last.position));
    macro_rules! fetch {
        ($pool:expr) => {
            sqlx::query_as(QUERY)
                .bind(log)
                .bind(consumer)
                .bind(segment)
                .bind(offset)
                .bind(i64::from(limit))
                .fetch_all($pool)
                .await?
        };
    }
    let rows: Vec<Row> = match db.pools() {
        Pools::Sqlite { read, .. } => fetch!(read),
        Pools::Postgres(pool) => fetch!(pool),
    };
    Ok(rows.into_iter().map(letter).collect())
}

/// One entry.
pub async fn find_dead_letter(db: &Database, key: &DeadLetterKey) -> Result<Option<StoredDeadLetter>, DatabaseError> {
    const QUERY: &str = "SELECT log_id, consumer, segment, byte_offset, payload, error, created_at \
        FROM dead_letters WHERE log_id = $1 AND consumer = $2 AND segment = $3 AND byte_offset = $4";
    let (segment, offset) = stored_position(key.position);
    macro_rules! fetch {
        ($pool:expr) => {
            sqlx::query_as(QUERY)
                .bind(key.log)
                .bind(key.consumer.as_str())
                .bind(segment)
                .bind(offset)
                .fetch_optional($pool)
                .await?
        };
    }
    let row: Option<Row> = match db.pools() {
        Pools::Sqlite { read, .. } => fetch!(read),
        Pools::Postgres(pool) => fetch!(pool),
    };
    Ok(row.map(letter))
}

/// Gives an entry up for good. Answers whether there was one.
pub async fn delete_dead_letter(db: &Database, key: &DeadLetterKey) -> Result<bool, DatabaseError> {
    let deleted = match db.pools() {
        Pools::Sqlite { write, .. } => delete(key).execute(write).await?.rows_affected(),
        Pools::Postgres(pool) => delete(key).execute(pool).await?.rows_affected(),
    };
    Ok(deleted > 0)
}

/// Gives up for good what was set aside until `upto`, at most `limit` entries. Answers how many.
pub async fn delete_dead_letters(db: &Database, upto: Timestamp, limit: u32) -> Result<u64, DatabaseError> {
    const QUERY: &str = "DELETE FROM dead_letters WHERE (log_id, consumer, segment, byte_offset) IN \
        (SELECT log_id, consumer, segment, byte_offset FROM dead_letters WHERE created_at <= $1 ORDER BY created_at LIMIT $2)";
    let limit = i64::from(limit);
    Ok(match db.pools() {
        Pools::Sqlite { write, .. } => {
            sqlx::query(QUERY).bind(upto.as_millis()).bind(limit).execute(write).await?.rows_affected()
        }
        Pools::Postgres(pool) => {
            sqlx::query(QUERY).bind(upto.as_millis()).bind(limit).execute(pool).await?.rows_affected()
        }
    })
}

/// The statement that removes an entry.
pub(super) fn delete<'q, D>(key: &'q DeadLetterKey) -> Query<'q, D, D::Arguments>
where
    D: Driver,
    D::Arguments: IntoArguments<D>,
    Uuid: Encode<'q, D> + Type<D>,
    &'q str: Encode<'q, D> + Type<D>,
    i64: Encode<'q, D> + Type<D>,
{
    let (segment, offset) = stored_position(key.position);
    sqlx::query("DELETE FROM dead_letters WHERE log_id = $1 AND consumer = $2 AND segment = $3 AND byte_offset = $4")
        .bind(key.log)
        .bind(key.consumer.as_str())
        .bind(segment)
        .bind(offset)
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
