//! The log queue: records appended by many threads, applied exactly once by each consumer.
//!
//! # Needs
//! * The redirect path records a click for well under a microsecond of work a click, and never waits for a database.
//! * An acknowledged record survives `kill -9` always, a power cut with [`Durability::Disk`].
//! * Every consumer applies every record once, through crashes of either side, and a bad record stops nobody.
//! * A full disk, a failing sync or a deleted file is an error or a number in a metric: never a panic, a false
//!   acknowledgement or a stuck reader.
//!
//! # Design
//! A log is a directory of segment files, framed as [`RecordBatch`] says. [`Log::append`] writes a whole batch with one
//! `write` system call under a mutex: per record that is as cheap as a memory map, without its `SIGBUS` and without
//! `unsafe`. One thread syncs (`committer`); consumers read the files up to [`Log::readable`] and keep their position
//! in their own database, in the transaction of the effects (`consumer`). Opening never touches old data: it begins a
//! segment with a number above all others, so a position means the same records for ever, under one identity.
//!
//! # Properties
//! * The records of one batch, and of one thread, are read in the order they were appended.
//! * What a reader gets of a segment is a prefix of what was appended to it; a frame cut short by a crash ends it.
//! * With `Disk`, readers see only what is synced, so that no consumer knows a record the log could still lose. A
//!   record whose sync failed is the exception: it is handed out, because the alternative is to lose it for sure.
//! * Any number of consumers, each with a place of its own, which [`Log::replay`] moves back while it runs. What all are
//!   done with is deleted, except for a history of [`LogOptions::history_bytes`], which replays and later consumers read.
//! * Consumers that cannot go on fill the disk up to [`LogOptions::max_bytes`] and no further.
//!
//! # Races
//! * **Torn append.** A write that fails half-way (full disk) is cut off again before anything else is appended. If
//!   cutting fails too, the segment is over, and readers stop at its last whole batch.
//! * **Sync against append.** What is appended while a sync runs counts for the next one: the length is taken before it
//!   starts.
//! * **Sync against rotation.** A closed segment is synced before anything in its successor is reported durable.
//! * **Forgotten sync error.** The kernel reports a failed write-back once, and the next sync of that file succeeds
//!   without the data. So a segment is never synced again after a failure, and its unsynced records are
//!   [`DurableState::Failed`].
//! * **Lost name.** A new file's directory is synced before the file is used; otherwise a power cut could free its
//!   number, and a stored position would point into other records.
//! * **Late registration.** One consumer must not release what another, not started yet, still needs: name them all in
//!   [`LogOptions::consumers`]. One that is added when the log is in use already begins at the oldest record kept.
//! * **Position ahead of the log.** A directory that was emptied, or restored from an older state than the database,
//!   gives numbers out again that a stored position has passed. So a log without segments gets a new identity when it is
//!   opened, and any other gets one when a consumer's position lies beyond what this opening found and handed out: also
//!   if the log has grown past that position by then (`history`). It is then read from its start. Records may come
//!   twice, which their unique ids make harmless, rather than never; sinks must not go by the position alone
//!   ([`BatchSink`]).
//!
//! # Accepted losses
//! * `Process`, power cut: at most the last `sync_interval` of records. A disk that lies about syncing: the same,
//!   unbounded.
//! * An append that failed may still be read after a crash, if cutting it off failed as well.
//! * A segment that one consumer deletes in the moment another is told to read it again counts as missing. Some history
//!   makes that impossible in practice.
//! * A segment file deleted under the running log takes with it what was not read. From the reader's finding it missing
//!   on, records go to another segment.
//! * A directory put back to an older state is noticed when a consumer reaches its database. If it cannot until the log
//!   was opened so many times that an opening begins above the stored position, the records below that are skipped.
//! * A damaged sector in the middle of a segment costs the rest of that segment, or what of it was written by the time
//!   it is read.

mod backlog;
mod batch;
mod committer;
mod consumer;
mod directory;
mod error;
mod history;
mod metrics;
mod position;
mod reader;
mod release;
mod replay;
mod sink;
mod state;
pub mod storage;
#[cfg(test)]
mod tests;

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread::JoinHandle,
    time::{Duration, Instant, SystemTime},
};

use tokio::sync::watch;
use uuid::Uuid;

pub use self::{
    backlog::Backlog,
    batch::{MAX_RECORD_BYTES, RecordBatch},
    consumer::{ConsumerEnd, ConsumerOptions, Start, run_consumer},
    error::{NotDurable, OpenError, RecordTooLarge},
    position::{Durable, DurableState, Position},
    reader::{LogReader, ReadBatch},
    replay::ReplayError,
    sink::{BatchSink, DeadLetter, LogRecord, SinkError, Source},
};
use self::{
    directory::LogDirectory,
    metrics::LogMetrics,
    replay::Replays,
    state::{Shared, State},
    storage::{LocalDisk, Storage},
};
pub(crate) use self::{sink::guarded, storage::sync_directory};

/// When records count as safe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Once written: they survive the end of the process. A power cut loses at most the last `sync_interval`.
    Process,
    /// Once synced: they survive a power cut. Wait for [`Log::durable`] before acknowledging.
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
    /// The least time between the starts of two syncs. More of it makes larger groups: less work a record, more
    /// latency.
    pub sync_interval: Duration,
    /// Consumers that segments are kept for even before they first run. Others count from then on.
    pub consumers: Vec<String>,
    /// Bytes of segments that are kept although every consumer is done with them, so that a replay, or a consumer that
    /// is added later, has something to read. At most a quarter of `max_bytes`.
    pub history_bytes: u64,
    /// What all segments together may grow to, about; `None` leaves that to the disk. Appends that would go beyond fail
    /// until consumers have made room. Segments are then an eighth of it or smaller, so that they can.
    pub max_bytes: Option<u64>,
}

impl LogOptions {
    /// The defaults: segments of 64 MiB, a sync at most every 100 ms for `Process` and as often as the disk can for
    /// `Disk`, no history and no bound.
    #[must_use]
    pub fn new(directory: impl Into<PathBuf>, durability: Durability) -> Self {
        let sync_interval = match durability {
            Durability::Process => Duration::from_millis(100),
            Durability::Disk => Duration::ZERO,
        };
        Self {
            directory: directory.into(),
            segment_bytes: 64 * 1024 * 1024,
            durability,
            sync_interval,
            consumers: Vec::new(),
            history_bytes: 0,
            max_bytes: None,
        }
    }
}

/// An open log. Clones are handles to the same one; when the last is dropped, the log is closed.
#[derive(Debug, Clone)]
pub struct Log(Arc<Handle>);

#[derive(Debug)]
struct Handle {
    shared: Arc<Shared>,
    committer: Mutex<Option<JoinHandle<()>>>,
}

impl Log {
    /// Opens or makes the log in a directory and begins a new segment.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open(options: LogOptions) -> Result<Self, OpenError> {
        Self::open_on(options, Arc::new(LocalDisk))
    }

    /// As [`Log::open`], on other files than the system's: tests make them fail.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open_on(mut options: LogOptions, storage: Arc<dyn Storage>) -> Result<Self, OpenError> {
        if let Some(max_bytes) = options.max_bytes {
            options.segment_bytes = options.segment_bytes.min(max_bytes / 8);
            options.history_bytes = options.history_bytes.min(max_bytes / 4);
        }
        let directory = LogDirectory::open(&options.directory)?;
        let next_number = directory.segments.keys().next_back().map_or(1, |last| last + 1);
        let consumers = options.consumers.iter().map(|name| (name.clone(), None)).collect();
        let begin = Position::new(next_number, 0);
        let kept_bytes = directory.segments.values().flatten().sum();
        let path = options.directory.clone();
        let shared = Arc::new(Shared {
            id: Mutex::new(directory.id),
            begin,
            options,
            storage,
            state: Mutex::new(State {
                next_number,
                end: begin,
                segments: directory.segments,
                kept_bytes,
                ..State::default()
            }),
            wake: Condvar::new(),
            durable: watch::Sender::new(Durable { upto: begin, failed: None }),
            readable: watch::Sender::new(begin),
            consumers: Mutex::new(consumers),
            offered: Mutex::default(),
            replays: Replays::default(),
            opened: Instant::now(),
            recently_applied: Mutex::default(),
            metrics: LogMetrics::new(),
            lock: directory.lock,
        });
        if let Err(source) = shared.begin_segment(&mut shared.state()) {
            return Err(OpenError::Directory { path, source });
        }
        let committer = committer::start(&shared).map_err(OpenError::Thread)?;
        Ok(Self(Arc::new(Handle { shared, committer: Mutex::new(Some(committer)) })))
    }

    fn shared(&self) -> &Arc<Shared> {
        &self.0.shared
    }

    /// The log's identity: positions are stored under it. Made with its directory, and again when that turns out to have
    /// been emptied or put back to an older state.
    #[must_use]
    pub fn id(&self) -> Uuid {
        self.0.shared.id()
    }

    /// Where its files are.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.0.shared.options.directory
    }

    /// Appends the records with one write and answers where they end. From then on they survive the end of this
    /// process; wait with [`Log::wait_durable`] or [`Log::durable`] for them to survive a power cut.
    ///
    /// # Errors
    /// The system's (disk full, and so on), `QuotaExceeded` at [`LogOptions::max_bytes`], or `BrokenPipe` after
    /// [`Log::close`]. None of the records is in the log then.
    pub fn append(&self, batch: &RecordBatch) -> io::Result<Position> {
        self.0.shared.append(batch)
    }

    /// Where the next record will go.
    #[must_use]
    pub fn written(&self) -> Position {
        self.0.shared.state().end
    }

    /// How far readers go: what is written, or with [`Durability::Disk`] what is durable.
    #[must_use]
    pub fn readable(&self) -> watch::Receiver<Position> {
        self.0.shared.readable.subscribe()
    }

    /// How far the log is synced; changes after each sync.
    #[must_use]
    pub fn durable(&self) -> watch::Receiver<Durable> {
        self.0.shared.durable.subscribe()
    }

    /// Waits until the records that end at `end` are durable.
    ///
    /// # Errors
    /// Their sync failed. They are in the log all the same, and may be lost in a power cut.
    pub async fn wait_durable(&self, end: Position) -> Result<(), NotDurable> {
        let mut durable = self.durable();
        let reached = durable.wait_for(|durable| durable.state_of(end) != DurableState::Pending).await;
        match reached.map_or(DurableState::Pending, |durable| durable.state_of(end)) {
            DurableState::Durable => Ok(()),
            DurableState::Failed | DurableState::Pending => Err(NotDurable),
        }
    }

    /// Asks for a sync before its time.
    pub fn request_sync(&self) {
        self.0.shared.state().sync_requested = true;
        self.0.shared.wake.notify_all();
    }

    /// A reader from a stored position, or from the oldest record there is. It does not keep segments from being
    /// released: consumers do.
    #[must_use]
    pub fn reader(&self, from: Option<Position>) -> LogReader {
        LogReader::new(Arc::clone(&self.0.shared), from)
    }

    /// Has a consumer that is running read again from `start` on, and answers the place it really goes on at: the start of
    /// a record that is still there. The answer comes when that place is stored in the sink, so that the replay goes on
    /// after a crash. Records come again to this consumer alone, and to a sink that tells them by their ids they do no harm.
    ///
    /// # Errors
    /// See [`ReplayError`]. The consumer goes on where it was.
    pub async fn replay(&self, consumer: &str, start: Start) -> Result<Position, ReplayError> {
        self.0.shared.replays.ask(consumer, start).await
    }

    /// A place with nothing before it that was appended at `time` or later, for [`Log::replay`]: the start of the first
    /// segment that was written to since.
    #[must_use]
    pub fn position_at(&self, time: SystemTime) -> Position {
        self.0.shared.position_at(time)
    }

    /// Keeps the segments from `position` on for `name`, which is not read for by [`run_consumer`], until it says a later
    /// one.
    pub fn hold(&self, name: &str, position: Position) {
        self.0.shared.applied(name, Some(position));
    }

    /// Deletes the segments wholly below `upto` that no consumer needs any more; answers how many. [`run_consumer`]
    /// does so itself.
    ///
    /// # Errors
    /// A file could not be deleted.
    pub fn release(&self, upto: Position) -> io::Result<u64> {
        self.0.shared.release(upto)
    }

    /// Syncs what is written and ends the log: later appends fail, readers go on. Blocks until the sync is done; a
    /// second call does nothing.
    pub fn close(&self) {
        self.0.close();
    }
}

impl Handle {
    fn close(&self) {
        let mut committer = self.committer.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(thread) = committer.take() else { return };
        {
            let mut state = self.shared.state();
            state.closed = true;
            state.retire_active();
        }
        self.shared.wake.notify_all();
        if thread.join().is_err() {
            tracing::error!("the thread that syncs the log had panicked");
        }
        drop(self.shared.lock.unlock());
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.close();
    }
}
