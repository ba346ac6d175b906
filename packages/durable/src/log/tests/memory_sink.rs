//! A sink in memory that fails as it is told.

use std::{
    collections::{HashMap, VecDeque},
    sync::Mutex,
};

use tokio::sync::watch;

use crate::log::{BatchSink, DeadLetter, LogRecord, Position, SinkError, Source};

/// What happens at the next call that would store something.
#[derive(Debug, Clone, Copy)]
pub enum Failure {
    /// Nothing is stored.
    Unavailable,
    /// All is stored, and the answer is lost.
    LostAnswer,
}

#[derive(Debug, Default)]
struct Stored {
    positions: HashMap<Source, Position>,
    applied: Vec<String>,
    dead: Vec<(String, String)>,
    failures: VecDeque<Failure>,
    batches: Vec<usize>,
}

pub struct MemorySink {
    /// Whether the text of a record is its id, and a record applied before is passed over.
    unique: bool,
    stored: Mutex<Stored>,
    pub position: watch::Sender<Position>,
}

impl MemorySink {
    pub fn new() -> Self {
        Self { unique: false, stored: Mutex::default(), position: watch::Sender::default() }
    }

    /// As the sink of clicks does it: single by their ids, whatever the position.
    pub fn unique() -> Self {
        Self { unique: true, ..Self::new() }
    }

    /// Undoes the applying of a record, but not the position.
    pub fn forget(&self, text: &str) {
        self.stored.lock().unwrap().applied.retain(|applied| applied != text);
    }

    pub fn fail(&self, failures: impl IntoIterator<Item = Failure>) {
        self.stored.lock().unwrap().failures.extend(failures);
    }

    pub fn applied(&self) -> Vec<String> {
        self.stored.lock().unwrap().applied.clone()
    }

    pub fn dead(&self) -> Vec<(String, String)> {
        self.stored.lock().unwrap().dead.clone()
    }

    /// Records in each call of `apply`, failed ones included.
    pub fn batches(&self) -> Vec<usize> {
        self.stored.lock().unwrap().batches.clone()
    }

    fn store(&self, source: &Source, next: Position, change: impl FnOnce(&mut Stored)) -> Result<(), SinkError> {
        let mut stored = self.stored.lock().unwrap();
        let failure = stored.failures.pop_front();
        if !matches!(failure, Some(Failure::Unavailable)) {
            change(&mut stored);
            stored.positions.insert(source.clone(), next);
            self.position.send_replace(next);
        }
        failure.map_or(Ok(()), |_| Err(SinkError::Unavailable("database is locked".into())))
    }
}

/// Records whose text begins with `bad` are rejected, with `panic` make the sink panic.
impl BatchSink for MemorySink {
    async fn position(&self, source: &Source) -> Result<Option<Position>, SinkError> {
        Ok(self.stored.lock().unwrap().positions.get(source).copied())
    }

    async fn apply(&self, source: &Source, records: &[LogRecord], next: Position) -> Result<(), SinkError> {
        let texts: Vec<String> =
            records.iter().map(|record| String::from_utf8(record.payload.to_vec()).unwrap()).collect();
        self.stored.lock().unwrap().batches.push(texts.len());
        assert!(!texts.iter().any(|text| text.starts_with("panic")), "a bug in the sink");
        if let Some(bad) = texts.iter().find(|text| text.starts_with("bad")) {
            return Err(SinkError::Rejected(format!("cannot parse {bad}").into()));
        }
        self.store(source, next, |stored| {
            let fresh = texts.into_iter().filter(|text| !self.unique || !stored.applied.contains(text));
            let fresh: Vec<String> = fresh.collect();
            stored.applied.extend(fresh);
        })
    }

    async fn bury(&self, source: &Source, dead: &[DeadLetter], next: Position) -> Result<(), SinkError> {
        let dead = dead
            .iter()
            .map(|letter| (String::from_utf8(letter.record.payload.to_vec()).unwrap(), letter.error.clone()));
        self.store(source, next, |stored| stored.dead.extend(dead))
    }
}
