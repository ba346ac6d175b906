//! What a consumer writes to: the contract that makes application exactly once.

use std::{error::Error, future::Future, panic::AssertUnwindSafe};

use bytes::Bytes;
use futures_util::FutureExt as _;
use uuid::Uuid;

use super::Position;
use crate::failure::panic_text;

/// One record read back from the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogRecord {
    /// Where the record begins; unique within the log.
    pub start: Position,
    /// Where it ends: the position to store once it is applied.
    pub end: Position,
    /// The bytes that were appended.
    pub payload: Bytes,
}

/// A record its sink refuses for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// The record as it was read.
    pub record: LogRecord,
    /// The sink's whole error chain as text.
    pub error: String,
}

/// Whose position is meant: one log may have several consumers, one database several logs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Source {
    /// [`Log::id`](super::Log::id).
    pub log: Uuid,
    /// The consumer's name.
    pub consumer: String,
}

/// Why a sink did not apply a batch.
#[derive(Debug, thiserror::Error)]
pub enum SinkError {
    /// Nothing is wrong with the records (database locked, disk full, connection lost): tried again, for ever.
    #[error("the sink is unavailable")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// At least one record can never be applied: the batch is halved until the bad ones stand alone, which are then
    /// buried.
    #[error("the sink rejected the records")]
    Rejected(#[source] Box<dyn Error + Send + Sync>),
}

/// Calls a sink. One that panics has rejected the records: its transaction was dropped.
pub(crate) async fn guarded(call: impl Future<Output = Result<(), SinkError>>) -> Result<(), SinkError> {
    AssertUnwindSafe(call)
        .catch_unwind()
        .await
        .unwrap_or_else(|panic| Err(SinkError::Rejected(format!("the sink panicked: {}", panic_text(&*panic)).into())))
}

/// Where a consumer's records go.
///
/// `apply` and `bury` store `next` as the source's position **in the same transaction** as their effects, all or
/// nothing, and as durably as the effects themselves: segments below the stored position are deleted. After an error
/// the consumer asks for `position` again and goes on from there, so a commit whose answer was lost is not repeated.
///
/// The stored position is only where to go on; it is no proof that what comes before it was applied. A replay, and a log
/// whose directory was put back to an older state, give a sink records from before it: `next` is then stored although it
/// is lower, and a sink that must not apply a record twice tells by an id in the record.
pub trait BatchSink: Send + Sync {
    /// The stored position of the source, `None` before the first batch.
    fn position(&self, source: &Source) -> impl Future<Output = Result<Option<Position>, SinkError>> + Send;

    /// Applies the records, in order, and stores `next`.
    fn apply(
        &self,
        source: &Source,
        records: &[LogRecord],
        next: Position,
    ) -> impl Future<Output = Result<(), SinkError>> + Send;

    /// Keeps the dead letters for a person to look at, and stores `next`. Has to take any payload: every error here is
    /// tried again.
    fn bury(
        &self,
        source: &Source,
        dead: &[DeadLetter],
        next: Position,
    ) -> impl Future<Output = Result<(), SinkError>> + Send;
}
