//! The way of captured clicks into the database, as operators see it.

use futures_util::future::BoxFuture;
use serde_json::Value;

use super::DeadLetterKey;
use crate::{database::DatabaseError, types::Timestamp};

/// How the capture of this node is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClickQueueStatus {
    /// Bytes of captured clicks that are not in the database yet.
    pub waiting_bytes: u64,
    /// When the oldest of these was captured, where it can be read.
    pub oldest_at: Option<Timestamp>,
    /// Clicks taken in within the last minute.
    pub taken_in_per_minute: u64,
}

/// Why a dead letter was not replayed. It stays where it is.
#[derive(Debug, thiserror::Error)]
pub enum ReplayLetterError {
    /// It was replayed or given up before.
    #[error("there is no such dead letter any more")]
    Gone,
    /// It still cannot be taken in; this says why.
    #[error("{0}")]
    Refused(String),
    /// The database is locked, full or away: try again later.
    #[error(transparent)]
    Unavailable(#[from] DatabaseError),
}

/// What a replay of all letters did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReplayedLetters {
    /// Letters that are none any more.
    pub replayed: u64,
    /// Letters that still cannot be applied, and stay.
    pub refused: u64,
}

/// What only whoever takes clicks in can tell and do. Listing and deleting dead letters are queries like others.
pub trait ClickQueue: Send + Sync {
    /// How far this node is; `None` where it captures no clicks, or does not know yet.
    fn status(&self) -> BoxFuture<'_, Option<ClickQueueStatus>>;

    /// The fields of a captured click, if its bytes can be read.
    fn describe(&self, payload: &[u8]) -> Option<Value>;

    /// Takes a dead letter in and removes it, both or neither.
    fn replay<'a>(&'a self, key: &'a DeadLetterKey) -> BoxFuture<'a, Result<(), ReplayLetterError>>;

    /// Replays every dead letter, each on its own.
    fn replay_all(&self) -> BoxFuture<'_, Result<ReplayedLetters, DatabaseError>>;
}
