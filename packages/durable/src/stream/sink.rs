//! What a consumer of the stream writes to.

use std::future::Future;

use bytes::Bytes;
use uuid::Uuid;

use crate::log::{Position, SinkError};

/// One record that came by the stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamRecord {
    /// The log it was written to first.
    pub log: Uuid,
    /// Where it begins there: with `log` unique for ever, however often the record comes and by whichever node.
    pub position: Position,
    /// The bytes that were appended.
    pub payload: Bytes,
}

/// A record its sink refuses for good, or a message that holds none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamDeadLetter {
    /// The record. Of a message that cannot be read: its whole payload, under an identity of the stream and with the
    /// message's sequence number as segment.
    pub record: StreamRecord,
    /// The sink's whole error chain as text.
    pub error: String,
}

/// Where the records of a stream go.
///
/// A record may come again at any time, before or after others, to this node or to another: the sink tells by an id in the
/// record what it has taken in, and takes it in once. No position is stored; see the module.
pub trait StreamSink: Send + Sync {
    /// Takes the records in, all or none.
    fn apply(&self, records: &[StreamRecord]) -> impl Future<Output = Result<(), SinkError>> + Send;

    /// Keeps the dead letters for a person to look at, each once. Has to take any payload: every error here is tried
    /// again.
    fn bury(&self, dead: &[StreamDeadLetter]) -> impl Future<Output = Result<(), SinkError>> + Send;
}
