//! The log queue.

mod batch;
mod error;
mod position;
mod sink;

use std::{io, num::NonZeroUsize, path::PathBuf, time::Duration};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub use self::{
    batch::{MAX_RECORD_BYTES, RecordBatch},
    error::{NotDurable, OpenError, RecordTooLarge},
    position::{Durable, DurableState, Position},
    sink::{BatchSink, DeadLetter, LogRecord, SinkError, Source},
};

/// When records count as safe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Once written: they survive the end of the process. A power cut loses at most the last `sync_interval`.
    Process,
    /// Once synced: they survive a power cut. Wait for [`Log::durable`].
    Disk,
}

/// How a log is opened.
#[derive(Debug, Clone)]
pub struct LogOptions {
    /// Where the segments live; made if missing. One log per directory.
    pub directory: PathBuf,
    /// A segment that would grow past this is closed and the next one begun.
    pub segment_bytes: u64,
    /// When records count as safe, which is also how far readers go.
    pub durability: Durability,
    /// The least time between the starts of two syncs.
    pub sync_interval: Duration,
    /// Consumers segments are kept for from the start, even before they run. Any other one counts from when it first runs.
    pub consumers: Vec<String>,
}

impl LogOptions {
    /// The defaults: segments of 64 MiB, a sync at most every 100 ms for `Process` and as often as the disk can for `Disk`.
    #[must_use]
    pub fn new(directory: impl Into<PathBuf>, durability: Durability) -> Self {
        let sync_interval = match durability {
            Durability::Process => Duration::from_millis(100),
            Durability::Disk => Duration::ZERO,
        };
        Self { directory: directory.into(), segment_bytes: 64 * 1024 * 1024, durability, sync_interval, consumers: Vec::new() }
    }
}

/// The log.
#[derive(Debug, Clone)]
pub struct Log {}

impl Log {
    /// Opens.
    pub fn open(options: LogOptions) -> Result<Self, OpenError> { let _ = options; unimplemented!() }
    /// The identity.
    pub fn id(&self) -> Uuid { unimplemented!() }
    /// One write for the whole batch; answers where it ends.
    pub fn append(&self, batch: &RecordBatch) -> io::Result<Position> { let _ = batch; unimplemented!() }
    /// How far the log is synced; changes after each sync.
    pub fn durable(&self) -> watch::Receiver<Durable> { unimplemented!() }
    /// Waits until the records that end at `end` are durable.
    pub async fn wait_durable(&self, end: Position) -> Result<(), NotDurable> { let _ = end; unimplemented!() }
    /// How far readers go.
    pub fn readable(&self) -> watch::Receiver<Position> { unimplemented!() }
    /// Where the next record will go.
    pub fn written(&self) -> Position { unimplemented!() }
    /// Syncs now.
    pub fn request_sync(&self) { unimplemented!() }
    /// Stops.
    pub fn close(&self) { unimplemented!() }
    /// Deletes whole segments.
    pub fn release(&self, upto: Position) -> io::Result<u64> { let _ = upto; unimplemented!() }
}

/// Where a consumer begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Start {
    /// At the sink's stored position, or at the oldest record when there is none.
    #[default]
    Stored,
    /// At the oldest record still there.
    Oldest,
    /// Here.
    At(Position),
}

/// How a consumer reads.
#[derive(Debug, Clone)]
pub struct ConsumerOptions {
    /// Records in one batch, at most.
    pub max_records: NonZeroUsize,
    /// Bytes of payload in one batch, about.
    pub max_bytes: usize,
    /// How long records are collected before a batch that is not full is applied.
    pub max_wait: Duration,
    /// Waits after an unavailable sink: the first,
    pub first_backoff: Duration,
    /// and the longest.
    pub max_backoff: Duration,
    /// Where to begin.
    pub start: Start,
}

/// How a consumer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConsumerEnd {
    /// The stored position.
    pub position: Option<Position>,
    /// Whether everything written before the stop was applied.
    pub drained: bool,
}

/// Runs until `stop`.
pub async fn run_consumer<S: BatchSink>(log: &Log, name: &str, sink: &S, options: ConsumerOptions, stop: CancellationToken) -> ConsumerEnd {
    let _ = (log, name, sink, options, stop); unimplemented!()
}
