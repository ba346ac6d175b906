//! Taking a batch in.

use std::collections::HashSet;

use uuid::Uuid;

use super::{Click, DeadLetterKey, postgres, sqlite};
use crate::database::{Database, DatabaseError, DatabaseErrorKind, Pools};

/// How often a batch is tried again because some of its clicks turned out to be stored already. Once is enough unless
/// another process takes in the same clicks at the same time.
const OVERLAP_ATTEMPTS: usize = 4;

/// What became of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// How many of its clicks are new.
    pub inserted: u64,
}

/// Why a batch was not taken in. Nothing of it was stored.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The database is locked, full or away: the same batch can be tried again later.
    #[error("the clicks cannot be stored at the moment")]
    Unavailable(#[source] DatabaseError),
    /// The database refuses something in this batch: halve it to find the click to set aside.
    #[error("the clicks were refused")]
    Rejected(#[source] DatabaseError),
}

impl From<DatabaseError> for RecordError {
    fn from(error: DatabaseError) -> Self {
        match error.kind() {
            DatabaseErrorKind::StorageFull | DatabaseErrorKind::Unavailable => Self::Unavailable(error),
            DatabaseErrorKind::Other => Self::Rejected(error),
        }
    }
}

/// A batch as the dialects see it: no id twice, sorted by id.
pub(super) struct Batch<'a> {
    pub clicks: Vec<&'a Click>,
    pub bookkeeping: Bookkeeping<'a>,
}

/// What is noted in the transaction that takes a batch in.
pub(super) enum Bookkeeping<'a> {
    /// Nothing: the source itself knows what was taken in.
    Nothing,
    /// How far a log has been read.
    Position { log: Uuid, consumer: &'a str, position: (i64, i64) },
    /// That this is no dead letter any more.
    Replayed(&'a DeadLetterKey),
}

/// What a dialect answers.
pub(super) enum Outcome {
    /// All of it is new and stored.
    Stored,
    /// These ids are stored already; nothing was done.
    Overlap(Vec<Uuid>),
    /// The dead letter is none any more; nothing was done.
    Gone,
}

/// Takes in the clicks read from a log up to `position` (segment and offset of what comes next), each exactly once.
///
/// What is stored already is told by the clicks' ids alone. The position is where reading goes on, and is stored even if
/// it is lower than before: a log read again from an earlier place, or restored from a backup, can hold clicks that
/// were never stored at places that were passed.
pub async fn record_clicks(
    db: &Database,
    log: Uuid,
    consumer: &str,
    clicks: &[Click],
    position: (u64, u64),
) -> Result<Recorded, RecordError> {
    let bookkeeping = Bookkeeping::Position { log, consumer, position: stored_position(position) };
    Ok(record(db, clicks, bookkeeping).await?.unwrap_or(Recorded { inserted: 0 }))
}

/// Takes clicks in, each exactly once, from a source that keeps track itself of what was taken in and brings it again
/// when in doubt.
pub async fn record_clicks_without_position(db: &Database, clicks: &[Click]) -> Result<Recorded, RecordError> {
    Ok(record(db, clicks, Bookkeeping::Nothing).await?.unwrap_or(Recorded { inserted: 0 }))
}

/// Takes in what a dead letter has turned out to hold and removes the letter, together. `None` if there is no such letter
/// any more; nothing is taken in then.
pub async fn replay_dead_letter(
    db: &Database,
    key: &DeadLetterKey,
    clicks: &[Click],
) -> Result<Option<Recorded>, RecordError> {
    record(db, clicks, Bookkeeping::Replayed(key)).await
}

async fn record(
    db: &Database,
    clicks: &[Click],
    bookkeeping: Bookkeeping<'_>,
) -> Result<Option<Recorded>, RecordError> {
    let mut fresh: Vec<&Click> = clicks.iter().collect();
    fresh.sort_unstable_by_key(|click| click.id);
    fresh.dedup_by_key(|click| click.id);
    let mut batch = Batch { clicks: fresh, bookkeeping };
    for _ in 0..OVERLAP_ATTEMPTS {
        let outcome = match db.pools() {
            Pools::Sqlite { write, .. } => sqlite::record(write, &batch).await?,
            Pools::Postgres(pool) => postgres::record(pool, &batch).await?,
        };
        match outcome {
            Outcome::Stored => return Ok(Some(Recorded { inserted: batch.clicks.len() as u64 })),
            Outcome::Gone => return Ok(None),
            Outcome::Overlap(stored) => {
                let stored: HashSet<Uuid> = stored.into_iter().collect();
                batch.clicks.retain(|click| !stored.contains(&click.id.as_uuid()));
            }
        }
    }
    let busy = std::io::Error::new(std::io::ErrorKind::ResourceBusy, "the same clicks are being taken in elsewhere");
    Err(RecordError::Unavailable(DatabaseError::from(sqlx::Error::Io(busy))))
}

/// Databases count with a sign; no log grows to 2^63 bytes.
pub(super) fn stored_position((segment, offset): (u64, u64)) -> (i64, i64) {
    let signed = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    (signed(segment), signed(offset))
}

/// The way back.
pub(super) fn public_position((segment, offset): (i64, i64)) -> (u64, u64) {
    let unsigned = |number: i64| u64::try_from(number).unwrap_or(0);
    (unsigned(segment), unsigned(offset))
}
