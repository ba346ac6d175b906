//! The proxy through which a browser reaches the web, and the only way it has.
//!
//! A listener per evaluation, on a socket that only this browser gets: what passes is known to belong to that page, counted, capped and
//! written down. Requests for `http` come whole and are passed on one by one; `https` and websockets come as tunnels, of which only host,
//! port and bytes are seen. Each is checked as a redirect would be, resolved here and connected to here: the browser needs no name server.
//!
//! What the guard refuses is answered 403 (to a browser: an error page with that status, or a failed tunnel), what cannot be reached 502 or
//! 504, what is over the listener's limits 503. The browser cannot tell these from answers of the page, so whoever judges the page asks
//! [`Egress::records`].

mod forward;
mod serve;

use std::{
    fmt, io,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::{Arc, atomic::AtomicU32},
    time::Duration,
};

use tokio::net::{TcpListener, UnixListener};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::serve::{Listener, accept};
use crate::{
    ConnectionRecord, Guard, Refusal,
    check::{NamedBy, Origin, check},
    connect::ConnectTimeouts,
    record::Log,
};

/// Where to listen.
#[derive(Debug, Clone)]
pub enum Listen {
    /// On a Unix socket at this path, which must not exist. Who connects needs the right to write to it, which the umask decides unless
    /// the caller does. It is removed at the end.
    Unix(PathBuf),
    /// On 127.0.0.1; port 0 means any, see [`Egress::addresses`]. Every program of this machine can use it.
    Loopback(u16),
}

/// For what, how much and how long.
#[derive(Debug, Clone)]
pub struct EgressOptions {
    /// The URL that a user typed, which the browser is going to open. Where private destinations are allowed, its host and port are the
    /// only private ones that can be reached.
    pub url: String,
    /// Bytes that may pass in all, both ways.
    pub max_bytes: u64,
    /// Connections to the outside that may be made in all.
    pub max_connections: u32,
    /// Connections of the browser that may be open at the same time; further ones wait.
    pub max_open: usize,
    /// When everything is closed, from the start.
    pub deadline: Duration,
    /// Looking up a host.
    pub look_up: Duration,
    /// Connecting to it.
    pub connect: Duration,
}

impl EgressOptions {
    /// For a page: 16 MiB, 300 connections, 64 of them open, 60 s.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            max_bytes: 16 * 1024 * 1024,
            max_connections: 300,
            max_open: 64,
            deadline: Duration::from_secs(60),
            look_up: Duration::from_secs(5),
            connect: Duration::from_secs(10),
        }
    }
}

/// Why there is no proxy.
#[derive(Debug, thiserror::Error)]
pub enum EgressError {
    /// The guard refuses the URL itself.
    #[error("{0}")]
    Refused(Refusal),
    /// It cannot listen there.
    #[error("the proxy cannot listen")]
    Listen(#[source] io::Error),
}

/// A proxy that is listening. Ends when it is closed or dropped, at its deadline at the latest.
pub struct Egress {
    shared: Arc<Shared>,
    tasks: TaskTracker,
    addresses: Vec<SocketAddr>,
    paths: Vec<PathBuf>,
}

/// What the tasks of a listener have in common.
struct Shared {
    guard: Guard,
    origin: Origin,
    log: Arc<Log>,
    stop: CancellationToken,
    timeouts: ConnectTimeouts,
    max_connections: u32,
    connections: AtomicU32,
}

impl fmt::Debug for Egress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Egress")
            .field("addresses", &self.addresses)
            .field("paths", &self.paths)
            .finish_non_exhaustive()
    }
}

impl Guard {
    /// Begins to listen as a proxy for one look at a page.
    ///
    /// # Errors
    /// When the guard refuses the URL, or there is no listening there.
    pub async fn egress(&self, listen: &[Listen], options: EgressOptions) -> Result<Egress, EgressError> {
        let target = check(&self.policy, &options.url, NamedBy::User).map_err(EgressError::Refused)?;
        let shared = Arc::new(Shared {
            guard: self.clone(),
            origin: target.origin(),
            log: Log::new(options.max_bytes),
            stop: CancellationToken::new(),
            timeouts: ConnectTimeouts { look_up: options.look_up, connect: options.connect },
            max_connections: options.max_connections,
            connections: AtomicU32::new(0),
        });
        let mut egress =
            Egress { shared: Arc::clone(&shared), tasks: TaskTracker::new(), addresses: Vec::new(), paths: Vec::new() };
        let open = Arc::new(tokio::sync::Semaphore::new(options.max_open));
        for place in listen {
            let listener = match place {
                Listen::Unix(path) => {
                    let listener = UnixListener::bind(path).map_err(EgressError::Listen)?;
                    egress.paths.push(path.clone());
                    Listener::Unix(listener)
                }
                Listen::Loopback(port) => {
                    let listener =
                        TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).await.map_err(EgressError::Listen)?;
                    egress.addresses.push(listener.local_addr().map_err(EgressError::Listen)?);
                    Listener::Tcp(listener)
                }
            };
            let tasks = egress.tasks.clone();
            egress.tasks.spawn(accept(Arc::clone(&shared), listener, Arc::clone(&open), tasks));
        }
        let stop = shared.stop.clone();
        egress.tasks.spawn(async move {
            if tokio::time::timeout(options.deadline, stop.cancelled()).await.is_err() {
                stop.cancel();
            }
        });
        Ok(egress)
    }
}

impl Egress {
    /// The addresses on 127.0.0.1 it listens on, in the order they were asked for.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// The connections so far, refused and failed ones included, in the order they were asked for; the first thousand.
    #[must_use]
    pub fn records(&self) -> Vec<ConnectionRecord> {
        self.shared.log.records()
    }

    /// How many connections there were beyond the recorded ones.
    #[must_use]
    pub fn records_left_out(&self) -> u64 {
        self.shared.log.left_out()
    }

    /// Bytes that passed, both ways.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.shared.log.bytes()
    }

    /// More bytes came than may pass: connections were cut.
    #[must_use]
    pub fn is_over_bytes(&self) -> bool {
        self.shared.log.is_exceeded()
    }

    /// Closes everything, and waits until it is closed.
    pub async fn close(self) -> Vec<ConnectionRecord> {
        self.shared.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        self.records()
    }
}

impl Drop for Egress {
    fn drop(&mut self) {
        self.shared.stop.cancel();
        for path in &self.paths {
            // Whoever made the directory removes it; a file left behind only keeps its name from being used again.
            let _ = std::fs::remove_file(path);
        }
    }
}
