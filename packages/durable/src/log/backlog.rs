//! How far a consumer is behind.

use std::{io, sync::PoisonError};

use super::{Log, LogRecord, Position, state::Shared};

/// What a consumer has still to apply, at this moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backlog {
    /// Bytes of records, at most: torn ends of segments count too.
    pub bytes: u64,
    /// The record that waits longest, if any does.
    pub oldest: Option<LogRecord>,
    /// Records applied within the last minute.
    pub applied_per_minute: u64,
}

impl Log {
    /// How far the consumer is behind what can be read; nothing before it has said where it is. Blocks on the file system.
    ///
    /// # Errors
    /// The oldest record could not be read.
    pub fn backlog(&self, consumer: &str) -> io::Result<Option<Backlog>> {
        let shared = self.shared();
        let Some(position) = shared.position_of(consumer) else { return Ok(None) };
        let bytes = shared.lag_bytes(position);
        let oldest = match bytes {
            0 => None,
            _ => self.reader(Some(position)).read(1, 1)?.records.into_iter().next(),
        };
        // Where only the torn end of a former segment is left, nothing waits.
        let bytes = if oldest.is_some() { bytes } else { 0 };
        Ok(Some(Backlog { bytes, oldest, applied_per_minute: shared.applied_within_a_minute(consumer) }))
    }
}

impl Shared {
    fn position_of(&self, consumer: &str) -> Option<Position> {
        let consumers = self.consumers.lock().unwrap_or_else(PoisonError::into_inner);
        consumers.get(consumer).copied().flatten()
    }

    fn second(&self) -> i64 {
        i64::try_from(self.opened.elapsed().as_secs()).unwrap_or(i64::MAX)
    }

    /// Counts what a consumer applied.
    pub fn applied_records(&self, consumer: &str, records: u64) {
        let mut recent = self.recently_applied.lock().unwrap_or_else(PoisonError::into_inner);
        recent.entry(consumer.to_owned()).or_default().add(self.second(), records);
    }

    fn applied_within_a_minute(&self, consumer: &str) -> u64 {
        let recent = self.recently_applied.lock().unwrap_or_else(PoisonError::into_inner);
        recent.get(consumer).map_or(0, |recent| recent.within_a_minute(self.second()))
    }
}
