//! A lane: one thread that accepts connections and answers plain redirects.
//!
//! Properties
//! - A click is in the log file (written to the operating system) before its redirect is answered, so that kill -9 loses none;
//!   with `disk` durability it is on the disk itself.
//! - One turn of the loop reads every connection that is ready, then writes all their clicks with a single write, then answers
//!   all of them: the cost of keeping a click is shared by everybody who came at the same time.
//! - A log that stalls or fails never stops redirects: after 50 ms they are answered all the same, and their clicks are counted in
//!   `hashroute_clicks_undurable_total`. Records that could not be written are kept and tried again, see [`ClickLog`](crate::clicks::ClickLog).
//!
//! Races
//! - *Slot reuse.* A connection may be gone, and its slot taken by another, when its clicks become safe: members of a group carry
//!   the connection's serial number, which must still match.
//! - *Requests behind a hand-over.* A request that hyper must answer may follow others in one packet. It waits until their answers
//!   are out; then the connection moves with the bytes not yet answered.
//! - *Edge-triggered reads.* What arrives while answers wait is not announced again: `unread` remembers it.
//!
//! Accepted: a visitor who closes the connection before the answer leaves has still been counted.

mod answering;
mod committing;

use std::{
    collections::VecDeque,
    io,
    net::TcpListener as StdListener,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant, SystemTime},
};

use data_ops::types::Timestamp;
use durable::log::{Durable, RecordBatch};
use mio::{Events, Interest, Poll, Token, net::TcpListener};
use rand::{SeedableRng as _, rngs::SmallRng};
use slab::Slab;
use tokio::sync::{mpsc, watch};

use self::committing::Group;
use super::{
    DURABILITY_PATIENCE, Shared,
    connection::{Connection, Waiting},
    hand_over::HandedOver,
    listen::Accepting,
};

const LISTENER: Token = Token(usize::MAX);
const WAKER: Token = Token(usize::MAX - 1);
const SWEEP: Duration = Duration::from_millis(250);
const BUSY: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// Counted per lane, published with every sweep: a shared counter in each redirect would cost more than the look-up.
#[derive(Default)]
struct Counts {
    redirects: u64,
    undurable: u64,
    handed_over: u64,
}

pub(super) struct Lane {
    shared: Arc<Shared>,
    poll: Poll,
    listener: Option<TcpListener>,
    accepting: Accepting,
    connections: Slab<Connection>,
    next_serial: u64,
    hand_over: mpsc::Sender<HandedOver>,
    batch: RecordBatch,
    turn: Vec<(usize, u64)>,
    turn_clicks: u64,
    groups: VecDeque<Group>,
    durable: watch::Receiver<Durable>,
    random: SmallRng,
    now: Instant,
    at: Timestamp,
    date: [u8; 29],
    date_second: i64,
    counts: Counts,
    next_sweep: Instant,
    draining_since: Option<Instant>,
}

impl Lane {
    pub fn new(listener: StdListener, shared: Arc<Shared>, hand_over: mpsc::Sender<HandedOver>) -> io::Result<Self> {
        let poll = Poll::new()?;
        let mut listener = TcpListener::from_std(listener);
        poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
        Ok(Self {
            durable: shared.clicks.log().durable(),
            at: shared.clock.now(),
            shared,
            poll,
            listener: Some(listener),
            accepting: Accepting::default(),
            connections: Slab::with_capacity(256),
            next_serial: 0,
            hand_over,
            batch: RecordBatch::new(),
            turn: Vec::new(),
            turn_clicks: 0,
            groups: VecDeque::new(),
            random: SmallRng::try_from_rng(&mut rand::rngs::SysRng).map_err(io::Error::other)?,
            now: Instant::now(),
            date: [b' '; 29],
            date_second: i64::MIN,
            counts: Counts::default(),
            next_sweep: Instant::now() + SWEEP,
            draining_since: None,
        })
    }

    pub fn waker(&self) -> io::Result<mio::Waker> {
        mio::Waker::new(self.poll.registry(), WAKER)
    }

    pub fn run(mut self) {
        let mut events = Events::with_capacity(1_024);
        loop {
            match catch_unwind(AssertUnwindSafe(|| self.take_turn(&mut events))) {
                Ok(true) => break,
                Ok(false) => {}
                Err(_) => self.start_over(),
            }
        }
        self.publish_counts();
    }

    /// One turn of the loop. `true` once a shutdown has nothing left to do.
    fn take_turn(&mut self, events: &mut Events) -> bool {
        let mut patience = self.next_sweep.saturating_duration_since(self.now);
        if let Some(group) = self.groups.front() {
            patience = patience.min((group.since + DURABILITY_PATIENCE).saturating_duration_since(self.now));
        }
        if let Err(error) = self.poll.poll(events, Some(patience))
            && error.kind() != io::ErrorKind::Interrupted
        {
            tracing::error!(error = &error as &dyn std::error::Error, "a redirect lane cannot wait for events");
            std::thread::sleep(Duration::from_millis(10));
        }
        self.tell_the_time();
        for event in &*events {
            match event.token() {
                LISTENER => self.accept(),
                WAKER => {}
                Token(slot) => self.ready(slot, event.is_readable(), event.is_writable()),
            }
        }
        self.release_groups();
        // Answering may make room for requests that were read already: they are a further turn.
        while !self.turn.is_empty() {
            self.commit_turn();
        }
        if self.now >= self.next_sweep {
            self.sweep();
            self.next_sweep = self.now + SWEEP;
        }
        self.shared.draining() && self.drained()
    }

    /// After a panic, which is a defect: nothing this lane holds can be trusted, so its connections are closed and it goes on empty.
    fn start_over(&mut self) {
        tracing::error!(connections = self.connections.len(), "a redirect lane panicked and starts over");
        metrics::counter!("hashroute_lane_panics_total").increment(1);
        self.shared.connections.fetch_sub(self.connections.len(), Ordering::Relaxed);
        self.connections.clear();
        self.turn.clear();
        self.turn_clicks = 0;
        self.groups.clear();
        self.batch.clear();
    }

    fn tell_the_time(&mut self) {
        self.now = Instant::now();
        self.at = self.shared.clock.now();
        let second = self.at.as_millis().div_euclid(1_000);
        if second != self.date_second {
            self.date_second = second;
            let since_epoch = Duration::from_secs(u64::try_from(second).unwrap_or(0));
            let text = httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + since_epoch);
            if let Ok(date) = <[u8; 29]>::try_from(text.as_bytes()) {
                self.date = date;
            }
        }
    }

    fn accept(&mut self) {
        while let Some(listener) = &self.listener {
            let (mut stream, peer) = match listener.accept() {
                Ok(accepted) => accepted,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.accepting.caught_up();
                    break;
                }
                Err(error) if matches!(error.kind(), io::ErrorKind::Interrupted | io::ErrorKind::ConnectionAborted) => {
                    continue;
                }
                Err(error) => {
                    // Out of file descriptors, most likely: the sweep tries again.
                    self.accepting.failed(&error);
                    break;
                }
            };
            if self.shared.connections.fetch_add(1, Ordering::Relaxed) >= self.shared.limits.connections {
                self.shared.connections.fetch_sub(1, Ordering::Relaxed);
                metrics::counter!("hashroute_connections_refused_total").increment(1);
                let _best_effort = io::Write::write(&mut stream, BUSY);
                continue;
            }
            let entry = self.connections.vacant_entry();
            let token = Token(entry.key());
            if let Err(error) =
                self.poll.registry().register(&mut stream, token, Interest::READABLE | Interest::WRITABLE)
            {
                tracing::warn!(error = &error as &dyn std::error::Error, "a connection could not be watched");
                self.shared.connections.fetch_sub(1, Ordering::Relaxed);
                continue;
            }
            self.next_serial += 1;
            entry.insert(Connection::new(stream, peer.ip(), self.next_serial, self.now));
        }
    }

    fn sweep(&mut self) {
        self.accept();
        self.shared.clicks.retry();
        let limits = &self.shared.limits;
        let expired: Vec<usize> = self
            .connections
            .iter()
            .filter(|(_, connection)| {
                let patience = match connection.waiting {
                    Waiting::Request if self.draining_since.is_some() => limits.drain,
                    Waiting::Request => limits.idle_timeout,
                    Waiting::Head => limits.head_timeout,
                    Waiting::Commit => return false,
                    Waiting::Write => limits.write_timeout,
                };
                self.now.saturating_duration_since(connection.since) > patience
            })
            .map(|(slot, _)| slot)
            .collect();
        for slot in expired {
            self.close(slot);
        }
        self.publish_counts();
    }

    /// At shutdown: `true` once nothing is left to do.
    fn drained(&mut self) -> bool {
        let since = *self.draining_since.get_or_insert(self.now);
        if self.listener.is_some() {
            // Who is in the kernel's queue has been told "connected" and is served.
            self.accept();
            self.listener = None;
        }
        let limits = &self.shared.limits;
        self.connections.is_empty() && self.groups.is_empty()
            || self.now.saturating_duration_since(since) > limits.drain + limits.grace
    }

    fn publish_counts(&mut self) {
        let counts = std::mem::take(&mut self.counts);
        metrics::counter!("hashroute_redirects_total", "lane" => "fast").increment(counts.redirects);
        metrics::counter!("hashroute_clicks_undurable_total").increment(counts.undurable);
        metrics::counter!("hashroute_connections_handed_over_total").increment(counts.handed_over);
        metrics::gauge!("hashroute_connections_open").set(self.shared.connections.load(Ordering::Relaxed) as f64);
    }
}
