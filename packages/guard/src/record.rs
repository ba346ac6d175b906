//! What connections were made, or refused: hosts and addresses, and nothing of what was said.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::Instant,
};

use crate::{ConnectError, Refusal, Stream};

/// How many connections are recorded at most.
const MAX_RECORDS: usize = 1_000;

/// A connection that was made, tried or refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionRecord {
    /// On whose behalf.
    pub via: Via,
    /// The host: a name in lower case, or an address; empty where the request named none that could be read.
    pub host: String,
    /// The port; 0 where the request named none that could be read.
    pub port: u16,
    /// The address it was made to.
    pub address: Option<SocketAddr>,
    /// How it went.
    pub outcome: Outcome,
    /// Bytes sent to it.
    pub sent: u64,
    /// Bytes received from it.
    pub received: u64,
    /// When it began, from the start of the fetch or of the listener.
    pub started: Duration,
}

/// On whose behalf a connection is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// A fetch.
    Fetch,
    /// A request that came to the proxy.
    ProxyRequest,
    /// A tunnel through the proxy.
    Tunnel,
}

/// How a connection went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is being made.
    Connecting,
    /// It was made.
    Connected,
    /// The guard refused it.
    Refused(Refusal),
    /// It could not be made; or it was, and for a request that is not in a tunnel no answer came.
    Failed(ConnectError),
    /// The listener had made as many connections as it may, or passed as many bytes.
    OverLimit,
}

/// The connections of one fetch or listener, and the bytes they may pass in all.
#[derive(Debug)]
pub(crate) struct Log {
    started: Instant,
    max_bytes: u64,
    bytes: AtomicU64,
    exceeded: AtomicBool,
    records: Mutex<Records>,
}

#[derive(Debug, Default)]
struct Records {
    kept: Vec<Arc<Entry>>,
    left_out: u64,
}

/// One record while its connection lives.
#[derive(Debug)]
pub(crate) struct Entry {
    via: Via,
    host: String,
    port: u16,
    state: Mutex<(Option<SocketAddr>, Outcome)>,
    sent: AtomicU64,
    received: AtomicU64,
    started: Duration,
}

impl Log {
    pub fn new(max_bytes: u64) -> Arc<Self> {
        Arc::new(Self {
            started: Instant::now(),
            max_bytes,
            bytes: AtomicU64::new(0),
            exceeded: AtomicBool::new(false),
            records: Mutex::default(),
        })
    }

    /// Begins a record.
    pub fn begin(&self, via: Via, host: String, port: u16, outcome: Outcome) -> Arc<Entry> {
        let entry = Arc::new(Entry {
            via,
            host,
            port,
            state: Mutex::new((None, outcome)),
            sent: AtomicU64::new(0),
            received: AtomicU64::new(0),
            started: self.started.elapsed(),
        });
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        if records.kept.len() < MAX_RECORDS {
            records.kept.push(Arc::clone(&entry));
        } else {
            records.left_out += 1;
        }
        entry
    }

    pub fn records(&self) -> Vec<ConnectionRecord> {
        let records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        records.kept.iter().map(|entry| entry.record()).collect()
    }

    /// How many connections there were beyond those recorded.
    pub fn left_out(&self) -> u64 {
        self.records.lock().unwrap_or_else(PoisonError::into_inner).left_out
    }

    pub fn bytes(&self) -> u64 {
        self.bytes.load(Relaxed)
    }

    /// Whether more bytes came than may.
    pub fn is_exceeded(&self) -> bool {
        self.exceeded.load(Relaxed)
    }

    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    fn spend(&self, bytes: u64) -> io::Result<()> {
        if self.bytes.fetch_add(bytes, Relaxed).saturating_add(bytes) > self.max_bytes {
            self.exceeded.store(true, Relaxed);
            return Err(io::Error::other("more bytes than may pass"));
        }
        Ok(())
    }
}

impl Entry {
    pub fn settle(&self, address: Option<SocketAddr>, outcome: Outcome) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = (address, outcome);
    }

    /// Says how a connection that was made ended.
    pub fn fail(&self, outcome: Outcome) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).1 = outcome;
    }

    fn record(&self) -> ConnectionRecord {
        let (address, outcome) = self.state.lock().unwrap_or_else(PoisonError::into_inner).clone();
        ConnectionRecord {
            via: self.via,
            host: self.host.clone(),
            port: self.port,
            address,
            outcome,
            sent: self.sent.load(Relaxed),
            received: self.received.load(Relaxed),
            started: self.started,
        }
    }
}

/// A connection whose bytes are counted, and which fails once there are too many.
pub(crate) struct Metered {
    stream: Box<dyn Stream>,
    log: Arc<Log>,
    entry: Arc<Entry>,
}

impl Metered {
    pub fn new(stream: Box<dyn Stream>, log: Arc<Log>, entry: Arc<Entry>) -> Self {
        Self { stream, log, entry }
    }

    /// Its record.
    pub fn entry(&self) -> Arc<Entry> {
        Arc::clone(&self.entry)
    }
}

impl AsyncRead for Metered {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        let bytes = (buffer.filled().len() - before) as u64;
        self.entry.received.fetch_add(bytes, Relaxed);
        Poll::Ready(self.log.spend(bytes))
    }
}

impl AsyncWrite for Metered {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write(context, bytes))?;
        self.entry.sent.fetch_add(written as u64, Relaxed);
        Poll::Ready(self.log.spend(written as u64).map(|()| written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
