//! What appenders, the committer and readers share, and the append itself.

use std::{
    collections::BTreeMap,
    fs::File,
    io, mem,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use tokio::sync::watch;
use uuid::Uuid;

use super::{
    Durability, Durable, LogOptions, Position, RecordBatch,
    directory::segment_path,
    error::LogFull,
    metrics::LogMetrics,
    replay::Replays,
    storage::{SegmentFile, Storage, write_whole},
};
use crate::recent::Recent;

/// A segment that is or was written by this process.
#[derive(Debug, Clone)]
pub(super) struct Segment {
    pub number: u64,
    pub file: Arc<dyn SegmentFile>,
    /// End of the last whole batch.
    pub length: u64,
    /// How much of it is synced.
    pub synced: u64,
    /// How far the file was filled with zeros.
    pub prepared: u64,
}

#[derive(Debug, Default)]
pub(super) struct State {
    /// The segment being appended to; none after a failure, until the next append begins one.
    pub active: Option<Segment>,
    /// The next segment, made ahead of time: making one syncs the directory, which no append should wait for.
    pub spare: Option<Segment>,
    /// Closed segments the committer has not synced yet, oldest first.
    pub closing: Vec<Segment>,
    /// Number of the next segment to be made.
    pub next_number: u64,
    /// Where written records end.
    pub end: Position,
    /// All segments there are. The length is known of those that are closed.
    pub segments: BTreeMap<u64, Option<u64>>,
    /// Bytes in them.
    pub kept_bytes: u64,
    /// The committer sleeps until something is written.
    pub parked: bool,
    pub sync_requested: bool,
    pub closed: bool,
}

impl State {
    /// Whether the committer has work.
    pub fn is_unsynced(&self) -> bool {
        !self.closing.is_empty() || self.active.as_ref().is_some_and(|active| active.length > active.synced)
    }

    /// Closes the active segment: the next append begins a new one.
    pub fn retire_active(&mut self) {
        if let Some(active) = self.active.take() {
            self.segments.insert(active.number, Some(active.length));
            self.closing.push(active);
        }
    }
}

#[derive(Debug)]
pub(super) struct Shared {
    pub id: Mutex<Uuid>,
    /// The first place of this opening: above everything that was in the directory before.
    pub begin: Position,
    pub options: LogOptions,
    pub storage: Arc<dyn Storage>,
    pub state: Mutex<State>,
    /// Wakes the committer.
    pub wake: Condvar,
    pub durable: watch::Sender<Durable>,
    pub readable: watch::Sender<Position>,
    /// The applied position of each consumer, `None` until it has said so.
    pub consumers: Mutex<BTreeMap<String, Option<Position>>>,
    /// The furthest position each consumer's sink was given to store since the log was opened.
    pub offered: Mutex<BTreeMap<String, Position>>,
    pub replays: Replays,
    pub opened: Instant,
    /// How many records each consumer applied lately.
    pub recently_applied: Mutex<BTreeMap<String, Recent>>,
    pub metrics: LogMetrics,
    pub lock: File,
}

impl Shared {
    /// A panic cannot leave the state half changed in a way that matters: positions move last.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn append(&self, batch: &RecordBatch) -> io::Result<Position> {
        let bytes = batch.bytes();
        let mut state = self.state();
        if state.closed {
            return Err(io::Error::new(io::ErrorKind::BrokenPipe, "the log is closed"));
        }
        let result = self.append_locked(&mut state, bytes);
        let end = match result {
            Ok(end) => end,
            Err(error) => {
                self.metrics.append_failures.increment(1);
                return Err(error);
            }
        };
        if self.options.durability == Durability::Process {
            self.readable.send_replace(end);
        }
        let wake = mem::take(&mut state.parked);
        drop(state);
        if wake {
            self.wake.notify_one();
        }
        self.metrics.appended_records.increment(batch.len() as u64);
        self.metrics.appended_bytes.increment(bytes.len() as u64);
        Ok(end)
    }

    fn append_locked(&self, state: &mut State, bytes: &[u8]) -> io::Result<Position> {
        if bytes.is_empty() {
            return Ok(state.end);
        }
        if let Some(max_bytes) = self.options.max_bytes
            && state.kept_bytes + bytes.len() as u64 > max_bytes
        {
            return Err(io::Error::new(io::ErrorKind::QuotaExceeded, LogFull { max_bytes }));
        }
        if let Some(active) = &state.active
            && active.length > 0
            && active.length + bytes.len() as u64 > self.options.segment_bytes
        {
            state.retire_active();
        }
        let active = match &mut state.active {
            Some(active) => active,
            None => self.begin_segment(state)?,
        };
        if let Err(error) = write_whole(&*active.file, bytes, active.length) {
            // Cut what was written of the batch; where even that fails, the segment is over.
            match active.file.set_len(active.length) {
                Ok(()) => active.prepared = active.prepared.min(active.length),
                Err(_) => {
                    // The committer tries once more to cut it when it closes the segment.
                    active.prepared = u64::MAX;
                    state.retire_active();
                }
            }
            return Err(error);
        }
        active.length += bytes.len() as u64;
        state.end = Position::new(active.number, active.length);
        state.kept_bytes += bytes.len() as u64;
        Ok(state.end)
    }

    /// Makes the spare the active segment, or a new file where there is none.
    pub fn begin_segment<'state>(&self, state: &'state mut State) -> io::Result<&'state mut Segment> {
        let segment = match state.spare.take() {
            Some(spare) => spare,
            None => {
                let number = state.next_number;
                let made = self.create(number);
                if made.is_ok() || made.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::AlreadyExists) {
                    state.next_number += 1;
                    state.segments.insert(number, Some(0));
                }
                made?
            }
        };
        state.segments.insert(segment.number, None);
        #[expect(clippy::cast_precision_loss, reason = "a gauge of at most some thousands")]
        self.metrics.segments.set(state.segments.len() as f64);
        Ok(state.active.insert(segment))
    }

    /// Makes the file of a segment.
    pub fn create(&self, number: u64) -> io::Result<Segment> {
        let file = self.storage.create(&segment_path(&self.options.directory, number))?;
        Ok(Segment { number, file: Arc::from(file), length: 0, synced: 0, prepared: 0 })
    }
}
