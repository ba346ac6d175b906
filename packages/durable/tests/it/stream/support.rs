//! Nodes with a log each, a server they share, and a sink that counts.

use std::{
    collections::{BTreeMap, HashSet, VecDeque},
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use async_nats::jetstream;
use durable::{
    backoff::Backoff,
    log::{Durability, Log, LogOptions, Position, RecordBatch, SinkError},
    stream::{
        CONFIRMED, ConsumeOptions, FORWARDER, Forwarder, Stream, StreamDeadLetter, StreamOptions, StreamRecord,
        StreamSink,
    },
};
use tempfile::TempDir;
use test_nats::TestNats;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

const PATIENCE: Duration = Duration::from_secs(60);

pub fn options() -> StreamOptions {
    StreamOptions { max_bytes: 64 << 20, ..StreamOptions::new("RECORDS", "records", "all") }
}

pub async fn connect(nats: &TestNats, options: StreamOptions) -> Stream {
    Stream::connect(&nats.url(), options).await.unwrap()
}

/// A client of the test's own.
pub async fn jetstream(nats: &TestNats) -> jetstream::Context {
    jetstream::new(async_nats::connect(nats.url()).await.unwrap())
}

/// Tries until it is so.
pub async fn until<T>(what: &str, mut attempt: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(value) = attempt().await {
            return value;
        }
        assert!(Instant::now() < deadline, "still not so: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

pub fn texts(name: &str, numbers: std::ops::Range<u32>) -> Vec<String> {
    numbers.map(|number| format!("{name} {number}")).collect()
}

/// A node's log on its way to the stream.
pub struct Node {
    pub directory: Arc<TempDir>,
    pub log: Log,
    pub stream: Stream,
    pub forwarder: Arc<Forwarder>,
}

impl Node {
    pub async fn start(nats: &TestNats) -> Self {
        Self::start_with(nats, options(), |_| {}).await
    }

    pub async fn start_with(nats: &TestNats, options: StreamOptions, change: impl Fn(&mut LogOptions)) -> Self {
        let directory = Arc::new(tempfile::tempdir().unwrap());
        Self::open(directory, connect(nats, options).await, change)
    }

    fn open(directory: Arc<TempDir>, stream: Stream, change: impl Fn(&mut LogOptions)) -> Self {
        let mut log_options = LogOptions::new(directory.path(), Durability::Process);
        log_options.segment_bytes = 2_000;
        log_options.consumers = vec![FORWARDER.to_owned(), CONFIRMED.to_owned()];
        change(&mut log_options);
        let log = Log::open(log_options).unwrap();
        let forwarder = Arc::new(Forwarder::new(log.clone(), stream.clone()));
        Self { directory, log, stream, forwarder }
    }

    /// The process ends and begins again.
    pub fn restart(self) -> Self {
        let Self { directory, log, stream, forwarder } = self;
        drop((log, forwarder));
        Self::open(directory, stream, |_| {})
    }

    pub fn append(&self, texts: &[String]) -> Position {
        let mut batch = RecordBatch::new();
        for text in texts {
            batch.push(|out| out.extend_from_slice(text.as_bytes())).unwrap();
        }
        self.log.append(&batch).unwrap()
    }

    /// Hands all that is written over to NATS.
    pub async fn forward(&self) {
        until("all is forwarded", async || {
            let stop = CancellationToken::new();
            stop.cancel();
            self.forwarder.run(stop).await.drained.then_some(())
        })
        .await;
    }

    pub async fn confirm_up_to(&self, position: Position) {
        until("all is confirmed", async || {
            (self.forwarder.confirm().await.ok().flatten() == Some(position)).then_some(())
        })
        .await;
    }
}

/// Runs until the value is dropped.
pub struct Running {
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

impl Running {
    pub fn new() -> Self {
        Self { stop: CancellationToken::new(), tasks: JoinSet::new() }
    }

    pub fn consume(&mut self, stream: &Stream, sink: &Arc<TestSink>) {
        let (stream, sink, stop) = (stream.clone(), sink.clone(), self.stop.clone());
        let options = ConsumeOptions {
            max_wait: Duration::from_millis(20),
            backoff: Backoff::constant(Duration::from_millis(20)),
            ..ConsumeOptions::default()
        };
        self.tasks.spawn(async move { stream.consume(&*sink, options, stop).await });
    }

    /// Forwards and confirms as the product does, only faster.
    pub fn forward(&mut self, node: &Node) {
        let (forwarder, stop) = (node.forwarder.clone(), self.stop.clone());
        self.tasks.spawn(async move {
            forwarder.run(stop).await;
        });
        let (forwarder, stop) = (node.forwarder.clone(), self.stop.clone());
        self.tasks.spawn(async move {
            while !stop.is_cancelled() {
                drop(forwarder.confirm().await);
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
    }

    pub async fn stop(mut self) {
        self.stop.cancel();
        while let Some(ended) = self.tasks.join_next().await {
            ended.unwrap();
        }
    }
}

/// Tells records by their texts. Texts that begin with `bad` are rejected, with `panic` make it panic.
#[derive(Default)]
pub struct TestSink {
    state: Mutex<SinkState>,
}

#[derive(Default)]
struct SinkState {
    applied: HashSet<String>,
    /// With those known already.
    given: usize,
    dead: BTreeMap<String, String>,
    failures: VecDeque<()>,
}

impl TestSink {
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// The next calls fail.
    pub fn fail(&self, times: usize) {
        self.state.lock().unwrap().failures.extend(vec![(); times]);
    }

    pub fn has_failed(&self) -> bool {
        self.state.lock().unwrap().failures.is_empty()
    }

    pub fn forget(&self, text: &str) {
        assert!(self.state.lock().unwrap().applied.remove(text));
    }

    pub fn applied(&self) -> Vec<String> {
        let mut applied: Vec<String> = self.state.lock().unwrap().applied.iter().cloned().collect();
        applied.sort_unstable();
        applied
    }

    pub fn given(&self) -> usize {
        self.state.lock().unwrap().given
    }

    pub fn dead(&self) -> BTreeMap<String, String> {
        self.state.lock().unwrap().dead.clone()
    }

    pub async fn until_applied(&self, mut expected: Vec<String>) {
        expected.sort_unstable();
        until("all is applied", async || (self.applied() == expected).then_some(())).await;
    }

    fn fails(&self) -> Result<(), SinkError> {
        match self.state.lock().unwrap().failures.pop_front() {
            Some(()) => Err(SinkError::Unavailable("the database is away".into())),
            None => Ok(()),
        }
    }
}

impl StreamSink for TestSink {
    async fn apply(&self, records: &[StreamRecord]) -> Result<(), SinkError> {
        self.fails()?;
        let texts: Vec<String> =
            records.iter().map(|record| String::from_utf8_lossy(&record.payload).into_owned()).collect();
        assert!(!texts.iter().any(|text| text.starts_with("panic")), "a bug in the sink");
        if let Some(bad) = texts.iter().find(|text| text.starts_with("bad")) {
            return Err(SinkError::Rejected(format!("cannot parse {bad}").into()));
        }
        let mut state = self.state.lock().unwrap();
        state.given += texts.len();
        state.applied.extend(texts);
        Ok(())
    }

    async fn bury(&self, dead: &[StreamDeadLetter]) -> Result<(), SinkError> {
        self.fails()?;
        let dead = dead.iter();
        let dead =
            dead.map(|letter| (String::from_utf8_lossy(&letter.record.payload).into_owned(), letter.error.clone()));
        self.state.lock().unwrap().dead.extend(dead);
        Ok(())
    }
}

/// Copies a directory with all that is in it.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}
