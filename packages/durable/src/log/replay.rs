//! Asking a running consumer to read again.

use std::{
    collections::BTreeMap,
    fs, io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use tokio::sync::{oneshot, watch};

use super::{LogReader, Position, SinkError, Start, directory::segment_path, state::Shared};

/// Records read at once on the way to a place.
const STEP: usize = 10_000;
const STEP_BYTES: usize = 1024 * 1024;
/// How much earlier than now a file may seem to be written.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(1);

/// Why a replay does not begin.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// No consumer of this name is running on this log.
    #[error("there is no running consumer of that name")]
    NotRunning,
    /// The place lies behind the last record.
    #[error("the log ends at {end}, before the place to begin at")]
    Ahead {
        /// Where it ends.
        end: Position,
    },
    /// The log could not be read.
    #[error("the log cannot be read")]
    Read(#[source] io::Error),
    /// The sink could not store where to begin.
    #[error("the place to begin at could not be stored")]
    Sink(#[source] SinkError),
}

/// One replay that was asked for.
#[derive(Debug)]
pub(super) struct Request {
    pub start: Start,
    answer: oneshot::Sender<Result<Position, ReplayError>>,
}

impl Request {
    pub fn answer(self, result: Result<Position, ReplayError>) {
        // Whoever asked may have gone.
        drop(self.answer.send(result));
    }
}

/// The consumers that are running, each with what was asked of it.
type Running = BTreeMap<String, Vec<Request>>;

#[derive(Debug, Default)]
pub(super) struct Replays {
    running: Arc<Mutex<Running>>,
    asked: watch::Sender<u64>,
}

/// A consumer that is running; when it is dropped, whoever still waits for a replay is told that it is not.
pub(super) struct RunningConsumer {
    running: Arc<Mutex<Running>>,
    name: String,
}

impl Drop for RunningConsumer {
    fn drop(&mut self) {
        lock(&self.running).remove(&self.name);
    }
}

fn lock(running: &Mutex<Running>) -> MutexGuard<'_, Running> {
    running.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Replays {
    pub async fn ask(&self, consumer: &str, start: Start) -> Result<Position, ReplayError> {
        let (answer, answered) = oneshot::channel();
        match lock(&self.running).get_mut(consumer) {
            Some(requests) => requests.push(Request { start, answer }),
            None => return Err(ReplayError::NotRunning),
        }
        self.asked.send_modify(|asked| *asked += 1);
        answered.await.unwrap_or(Err(ReplayError::NotRunning))
    }

    /// A consumer begins to run. What it is given changes with every request, to any consumer.
    pub fn run(&self, name: &str) -> (RunningConsumer, watch::Receiver<u64>) {
        lock(&self.running).insert(name.to_owned(), Vec::new());
        (RunningConsumer { running: self.running.clone(), name: name.to_owned() }, self.asked.subscribe())
    }

    /// The next request to this consumer.
    pub fn take(&self, name: &str) -> Option<Request> {
        let mut running = lock(&self.running);
        let requests = running.get_mut(name)?;
        (!requests.is_empty()).then(|| requests.remove(0))
    }
}

impl Shared {
    /// The start of the record at or around `start`, or of the oldest one if that is later.
    pub fn record_at(self: &Arc<Self>, start: Start) -> Result<Position, ReplayError> {
        let oldest = LogReader::new(Arc::clone(self), None).position();
        let wanted = match start {
            Start::At(position) if position > oldest => position,
            Start::Stored | Start::Oldest | Start::At(_) => return Ok(oldest),
        };
        let end = *self.readable.borrow();
        if wanted > end {
            return Err(ReplayError::Ahead { end });
        }
        let mut reader = LogReader::new(Arc::clone(self), Some(Position::new(wanted.segment, 0)));
        loop {
            let batch = reader.read(STEP, STEP_BYTES).map_err(ReplayError::Read)?;
            if let Some(around) = batch.records.iter().find(|record| record.end > wanted) {
                return Ok(around.start);
            }
            if !batch.full {
                return Ok(batch.next);
            }
        }
    }

    /// The start of the first segment written to at `time` or later; where that cannot be told, it counts as such.
    pub fn position_at(&self, time: SystemTime) -> Position {
        // The file system's clock is a little late.
        let time = time.checked_sub(CLOCK_TOLERANCE).unwrap_or(SystemTime::UNIX_EPOCH);
        let (numbers, end) = {
            let state = self.state();
            (state.segments.keys().copied().collect::<Vec<_>>(), state.end)
        };
        let since = numbers.into_iter().find(|number| {
            let path = segment_path(&self.options.directory, *number);
            match fs::metadata(path).and_then(|metadata| metadata.modified()) {
                Ok(written) => written >= time,
                Err(error) => error.kind() != io::ErrorKind::NotFound,
            }
        });
        since.map_or(end, |number| Position::new(number, 0).min(end))
    }
}
