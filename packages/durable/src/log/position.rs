//! Places in the log, and the bounds readers and waiters go by.

use std::{fmt, ops::Range};

/// A place between two records: a segment file and a byte offset in it. Positions only ever grow, across restarts too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Position {
    /// Number of the segment file, from 1.
    pub segment: u64,
    /// Bytes from the start of that file.
    pub offset: u64,
}

impl Position {
    /// The place `offset` bytes into segment number `segment`.
    #[must_use]
    pub const fn new(segment: u64, offset: u64) -> Self {
        Self { segment, offset }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.segment, self.offset)
    }
}

/// How far the log is on the disk itself, and which records a failed sync left in doubt.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Durable {
    /// Everything before this place was synced, or belongs to `failed`.
    pub upto: Position,
    /// Records a failed sync left in doubt: never to be called durable. Several failures are joined into one range,
    /// which may deny a durable record in between but never confirms a doubtful one.
    pub failed: Option<Range<Position>>,
}

/// What is known of a record, by the position [`Log::append`](super::Log::append) answered for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DurableState {
    /// Not synced yet.
    Pending,
    /// On the disk itself.
    Durable,
    /// The sync that should have covered it failed. It may still be read and applied, but a power cut may lose it.
    Failed,
}

impl Durable {
    /// The state of the records that end at `end`.
    #[must_use]
    pub fn state_of(&self, end: Position) -> DurableState {
        match &self.failed {
            Some(failed) if failed.start < end && end <= failed.end => DurableState::Failed,
            _ if end <= self.upto => DurableState::Durable,
            _ => DurableState::Pending,
        }
    }
}
