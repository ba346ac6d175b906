//! Replaying what could not be applied: after an upgrade that can read it, or once the database takes what it refused.

use std::time::{Duration, Instant};

use data_ops::{
    clicks::{self, DeadLetterKey, RecordError},
    database::DatabaseError,
};

use super::{CapturedClick, ClickSink, DecodeError};

/// Letters read at once for a replay of all.
const PAGE: u32 = 200;
/// How long a replay of all goes on: less than a request may take. What is left is for the next.
const REPLAY_FOR: Duration = Duration::from_secs(20);

/// Why a dead letter was not replayed. It stays where it is.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// It was replayed or given up before.
    #[error("there is no such dead letter any more")]
    Gone,
    /// This version cannot read it either.
    #[error("the dead letter still cannot be read")]
    Unreadable(#[source] DecodeError),
    /// The database still refuses it.
    #[error("the dead letter still cannot be stored")]
    Refused(#[source] RecordError),
    /// The database is locked, full or away: try again later.
    #[error("the database is not available")]
    Unavailable(#[source] DatabaseError),
}

/// What a replay of one letter did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replayed {
    /// Its click is counted from now on.
    Counted,
    /// Its click was counted already.
    Known,
}

/// What a replay of all letters did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReplayedAll {
    /// Letters that are none any more.
    pub replayed: u64,
    /// Letters that still cannot be applied, and stay.
    pub refused: u64,
}

impl ClickSink {
    /// Applies a dead letter as if it came from the log now, and removes it, both or neither.
    ///
    /// # Errors
    /// See [`ReplayError`].
    pub async fn replay(&self, key: &DeadLetterKey) -> Result<Replayed, ReplayError> {
        let found = clicks::find_dead_letter(&self.database, key).await.map_err(ReplayError::Unavailable)?;
        let letter = found.ok_or(ReplayError::Gone)?.letter;
        let click = {
            let captured = CapturedClick::decode(&letter.payload).map_err(ReplayError::Unreadable)?;
            self.enricher().enrich(&captured)
        };
        match clicks::replay_dead_letter(&self.database, key, &[click]).await {
            Ok(None) => Err(ReplayError::Gone),
            Ok(Some(recorded)) => {
                metrics::counter!("hashroute_clicks_recorded_total").increment(recorded.inserted);
                metrics::counter!("hashroute_dead_letters_replayed_total").increment(1);
                Ok(if recorded.inserted > 0 { Replayed::Counted } else { Replayed::Known })
            }
            Err(RecordError::Unavailable(error)) => Err(ReplayError::Unavailable(error)),
            Err(error @ RecordError::Rejected(_)) => Err(ReplayError::Refused(error)),
        }
    }

    /// Replays dead letters, each on its own: every one there is, or as many as [`REPLAY_FOR`] leaves time for.
    ///
    /// # Errors
    /// The database is not available; what was replayed until then is.
    pub async fn replay_all(&self) -> Result<ReplayedAll, DatabaseError> {
        let began = Instant::now();
        let (mut done, mut last) = (ReplayedAll::default(), None);
        loop {
            let letters = clicks::dead_letters_after(&self.database, last.as_ref(), PAGE).await?;
            if letters.is_empty() {
                return Ok(done);
            }
            for letter in letters {
                if began.elapsed() > REPLAY_FOR {
                    return Ok(done);
                }
                let key = letter.key();
                match self.replay(&key).await {
                    Ok(_) => done.replayed += 1,
                    Err(ReplayError::Gone) => {}
                    Err(ReplayError::Unavailable(error)) => return Err(error),
                    Err(ReplayError::Unreadable(_) | ReplayError::Refused(_)) => done.refused += 1,
                }
                last = Some(key);
            }
        }
    }
}
