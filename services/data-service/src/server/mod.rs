//! The front door: one port for redirects, API and pages.
//!
//! ```text
//!                 ┌──────────── lane (one thread per core) ────────────┐
//!  visitors ────► │ accept → parse head → link in memory? → capture →  │
//!                 │ write the turn's clicks → answer                   │
//!                 └──────┬─────────────────────────────────────────────┘
//!                        │ anything else: the connection, with the bytes read so far
//!                        ▼
//!                 hyper + axum (redirects of links not in memory, API, pages, websockets)
//! ```
//!
//! A connection starts in a lane and stays there as long as it sends plain `GET` or `HEAD` requests for links that are in memory.
//! The first other request moves it to hyper for good.

mod connection;
mod hand_over;
mod head;
mod lane;
mod listen;
mod open_files;

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU8, AtomicUsize, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use axum::Router;
use data_ops::clock::Clock;
use durable::log::Durability;
use tokio::sync::mpsc;
use tokio_util::task::TaskTracker;

pub use self::head::{ForwardingHeaders, HeadFields};
pub use self::listen::{BindError, bind};
use self::{hand_over::HandedOver, lane::Lane};
use crate::{clicks::ClickLog, redirect::Redirector};

/// Limits that hold for every connection, in both lanes.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Open connections at a time; one more gets 503 and is closed. See [`Limits::within_open_files`].
    pub connections: usize,
    /// From the first byte of a head (or from connecting) to its end.
    pub head_timeout: Duration,
    /// A kept-alive connection without a request.
    pub idle_timeout: Duration,
    /// An answer that the client does not take.
    pub write_timeout: Duration,
    /// At shutdown: how long open connections may still send a request before they are closed.
    pub drain: Duration,
    /// At shutdown: how long requests in progress may take to end.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            head_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(75),
            write_timeout: Duration::from_secs(30),
            drain: Duration::from_millis(1_000),
            grace: Duration::from_secs(20),
        }
    }
}

/// A head longer than this is refused.
pub(crate) const MAX_HEAD_BYTES: usize = 32 * 1024;

/// How long a redirect waits for its click to be safe before it is answered all the same (and counted).
pub(crate) const DURABILITY_PATIENCE: Duration = Duration::from_millis(50);

/// What the server is built from.
pub struct ServerParts {
    /// Decides redirects.
    pub redirector: Arc<Redirector>,
    /// Where clicks are captured, on both sides.
    pub clicks: Arc<ClickLog>,
    /// When a redirect may be answered.
    pub durability: Durability,
    /// Which forwarding headers are believed.
    pub forwarding: ForwardingHeaders,
    /// Limits.
    pub limits: Limits,
    /// The time of clicks.
    pub clock: Arc<dyn Clock>,
    /// Answers everything that a lane does not.
    pub router: Router,
}

const RUNNING: u8 = 0;
const DRAINING: u8 = 1;

/// State shared by the lanes and the hand-over.
pub(crate) struct Shared {
    redirector: Arc<Redirector>,
    clicks: Arc<ClickLog>,
    durability: Durability,
    forwarding: ForwardingHeaders,
    limits: Limits,
    clock: Arc<dyn Clock>,
    connections: AtomicUsize,
    phase: AtomicU8,
}

impl Shared {
    fn draining(&self) -> bool {
        self.phase.load(Ordering::Acquire) == DRAINING
    }
}

/// The running server. [`Server::shut_down`] ends it without cutting a request.
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    lanes: Vec<JoinHandle<()>>,
    wakers: Arc<Vec<mio::Waker>>,
    handed_over: TaskTracker,
    acceptor: tokio::task::JoinHandle<()>,
    durable_bridge: Option<tokio::task::JoinHandle<()>>,
}

impl Server {
    /// Starts the lanes on `listeners` (one each, from [`bind`]) and the ordinary side on the current tokio runtime.
    pub fn start(parts: ServerParts, listeners: Vec<std::net::TcpListener>) -> std::io::Result<Self> {
        let address = listeners.first().ok_or_else(|| std::io::Error::other("no listener"))?.local_addr()?;
        let shared = Arc::new(Shared {
            redirector: parts.redirector,
            clicks: parts.clicks,
            durability: parts.durability,
            forwarding: parts.forwarding,
            limits: parts.limits,
            clock: parts.clock,
            connections: AtomicUsize::new(0),
            phase: AtomicU8::new(RUNNING),
        });
        let (sender, receiver) = mpsc::channel::<HandedOver>(4_096);
        let handed_over = TaskTracker::new();
        let acceptor =
            handed_over.spawn(hand_over::serve_all(receiver, parts.router, shared.clone(), handed_over.clone()));
        let mut lanes = Vec::with_capacity(listeners.len());
        let mut wakers = Vec::with_capacity(listeners.len());
        for (number, listener) in listeners.into_iter().enumerate() {
            let lane = Lane::new(listener, shared.clone(), sender.clone())?;
            wakers.push(lane.waker()?);
            lanes.push(std::thread::Builder::new().name(format!("redirect-{number}")).spawn(move || lane.run())?);
        }
        let wakers = Arc::new(wakers);
        let durable_bridge = matches!(shared.durability, Durability::Disk).then(|| {
            let wakers = wakers.clone();
            let mut durable = shared.clicks.log().durable();
            handed_over.spawn(async move {
                while durable.changed().await.is_ok() {
                    wake(&wakers);
                }
            })
        });
        Ok(Self { address, shared, lanes, wakers, handed_over, acceptor, durable_bridge })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops accepting, answers what has been asked, closes idle connections, and returns once every connection is closed or the
    /// grace period has passed. Clicks of all answered redirects are written by then, or lost and counted if they cannot be.
    pub async fn shut_down(self) {
        self.shared.phase.store(DRAINING, Ordering::Release);
        wake(&self.wakers);
        let lanes = self.lanes;
        let ended = tokio::task::spawn_blocking(move || {
            for lane in lanes {
                if lane.join().is_err() {
                    tracing::error!("a redirect lane ended with a panic");
                }
            }
        });
        if ended.await.is_err() {
            tracing::error!("the redirect lanes could not be waited for");
        }
        // The lanes held the senders: the acceptor ends once it has served what they handed over last.
        if let Some(bridge) = self.durable_bridge {
            bridge.abort();
        }
        self.handed_over.close();
        if tokio::time::timeout(self.shared.limits.grace, self.handed_over.wait()).await.is_err() {
            tracing::warn!(open = self.handed_over.len(), "connections still busy after the grace period are cut");
            self.acceptor.abort();
        }
        self.shared.clicks.end();
    }
}

fn wake(wakers: &[mio::Waker]) {
    for waker in wakers {
        if let Err(error) = waker.wake() {
            tracing::warn!(error = &error as &dyn std::error::Error, "a redirect lane could not be woken");
        }
    }
}
