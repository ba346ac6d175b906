//! A lane: one thread that accepts connections and answers plain redirects.
//!
//! Properties
//! - A click is in the log file (written to the operating system) before its redirect is answered, so that kill -9 loses none;
//!   with `disk` durability it is on the disk itself.
//! - One turn of the loop reads every connection that is ready, then writes all their clicks with a single write, then answers
//!   all of them: the cost of keeping a click is shared by everybody who came at the same time.
//! - A log that stalls or fails never stops redirects: after 50 ms they are answered all the same, and their clicks are counted in
//!   `hashroute_clicks_undurable_total`. Records that could not be written are kept and tried again, up to a bound.
//!
//! Races
//! - *Slot reuse.* A connection may be gone, and its slot taken by another, when its clicks become safe: members of a group carry
//!   the connection's serial number, which must still match.
//! - *Requests behind a hand-over.* A request that hyper must answer may follow others in one packet. It waits until their answers
//!   are out; then the connection moves with the bytes not yet answered.
//! - *Edge-triggered reads.* What arrives while answers wait is not announced again: `unread` remembers it.
//!
//! Accepted: a visitor who closes the connection before the answer leaves has still been counted.

use std::{
    collections::VecDeque,
    io,
    net::TcpListener as StdListener,
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant, SystemTime},
};

use data_ops::types::{ClickId, Timestamp};
use durable::log::{Durability, Durable, DurableState, Position, RecordBatch};
use mio::{Events, Interest, Poll, Token, net::TcpListener};
use rand::{RngExt as _, SeedableRng as _, rngs::SmallRng};
use slab::Slab;
use tokio::sync::{mpsc, watch};

use super::{
    DURABILITY_PATIENCE, Shared,
    connection::{Connection, ReadEnd, Then, Waiting},
    hand_over::HandedOver,
    head::{Parsed, PlainHead, parse},
};
use crate::redirect::{append_query, capture};

const LISTENER: Token = Token(usize::MAX);
const WAKER: Token = Token(usize::MAX - 1);
const SWEEP: Duration = Duration::from_millis(250);
/// Records kept while the log cannot be written.
const BACKLOG_BYTES: usize = 8 * 1024 * 1024;
/// Answers of one connection that wait at a time; further pipelined requests are read later.
const MAX_OUTPUT_BYTES: usize = 64 * 1024;
const BUSY: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// Connections whose answers wait for the same write to be safe.
struct Group {
    end: Position,
    since: Instant,
    clicks: u64,
    members: Vec<(usize, u64)>,
}

/// Counted per lane, published with every sweep: a shared counter in each redirect would cost more than the look-up.
#[derive(Default)]
struct Counts {
    redirects: u64,
    undurable: u64,
    lost: u64,
    handed_over: u64,
}

pub(super) struct Lane {
    shared: Arc<Shared>,
    poll: Poll,
    listener: Option<TcpListener>,
    connections: Slab<Connection>,
    next_serial: u64,
    hand_over: mpsc::Sender<HandedOver>,
    batch: RecordBatch,
    /// Members of the batch that were answered already, because the log could not be written.
    backlog: bool,
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
    draining_since: Option<Instant>,
}

impl Lane {
    pub fn new(listener: StdListener, shared: Arc<Shared>, hand_over: mpsc::Sender<HandedOver>) -> io::Result<Self> {
        let poll = Poll::new()?;
        let mut listener = TcpListener::from_std(listener);
        poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
        Ok(Self {
            durable: shared.log.durable(),
            at: shared.clock.now(),
            shared,
            poll,
            listener: Some(listener),
            connections: Slab::with_capacity(256),
            next_serial: 0,
            hand_over,
            batch: RecordBatch::new(),
            backlog: false,
            turn: Vec::new(),
            turn_clicks: 0,
            groups: VecDeque::new(),
            random: SmallRng::try_from_rng(&mut rand::rngs::SysRng).map_err(io::Error::other)?,
            now: Instant::now(),
            date: [b' '; 29],
            date_second: i64::MIN,
            counts: Counts::default(),
            draining_since: None,
        })
    }

    pub fn waker(&self) -> io::Result<mio::Waker> {
        mio::Waker::new(self.poll.registry(), WAKER)
    }

    pub fn run(mut self) {
        let mut events = Events::with_capacity(1_024);
        let mut next_sweep = self.now + SWEEP;
        loop {
            let mut patience = next_sweep.saturating_duration_since(self.now);
            if let Some(group) = self.groups.front() {
                patience = patience.min((group.since + DURABILITY_PATIENCE).saturating_duration_since(self.now));
            }
            if let Err(error) = self.poll.poll(&mut events, Some(patience))
                && error.kind() != io::ErrorKind::Interrupted
            {
                tracing::error!(error = &error as &dyn std::error::Error, "a redirect lane cannot wait for events");
                std::thread::sleep(Duration::from_millis(10));
            }
            self.tell_the_time();
            for event in &events {
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
            if self.now >= next_sweep {
                self.sweep();
                next_sweep = self.now + SWEEP;
            }
            if self.shared.draining() && self.drained() {
                break;
            }
        }
        self.publish_counts();
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
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if matches!(error.kind(), io::ErrorKind::Interrupted | io::ErrorKind::ConnectionAborted) => {
                    continue;
                }
                Err(error) => {
                    // Out of file descriptors, most likely: the sweep tries again.
                    tracing::warn!(error = &error as &dyn std::error::Error, "a connection could not be accepted");
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

    fn ready(&mut self, slot: usize, readable: bool, writable: bool) {
        let Some(connection) = self.connections.get_mut(slot) else { return };
        if writable && connection.waiting == Waiting::Write {
            self.write(slot);
        }
        let Some(connection) = self.connections.get_mut(slot) else { return };
        if readable {
            match connection.waiting {
                Waiting::Request | Waiting::Head => self.read(slot),
                Waiting::Commit | Waiting::Write => connection.unread = true,
            }
        }
    }

    /// Reads and answers until there is nothing more to read or something to wait for.
    fn read(&mut self, slot: usize) {
        loop {
            let Some(connection) = self.connections.get_mut(slot) else { return };
            let end = match connection.read() {
                Ok(end) => end,
                Err(_) => return self.close(slot),
            };
            self.answer(slot, end == ReadEnd::Closed);
            let Some(connection) = self.connections.get_mut(slot) else { return };
            match end {
                ReadEnd::Full if matches!(connection.waiting, Waiting::Request | Waiting::Head) => {}
                ReadEnd::Full => {
                    connection.unread = true;
                    return;
                }
                ReadEnd::Drained | ReadEnd::Closed => return,
            }
        }
    }

    /// Answers the requests in the connection's input, as far as a lane may.
    fn answer(&mut self, slot: usize, closed: bool) {
        let Some(connection) = self.connections.get_mut(slot) else { return };
        let shared = &*self.shared;
        let draining = self.draining_since.is_some();
        let mut consumed = 0;
        let mut answered = false;
        let mut partial = false;
        connection.then = Then::Continue;
        while consumed < connection.input.len() && connection.output.len() < MAX_OUTPUT_BYTES {
            match parse(&connection.input[consumed..], &shared.forwarding) {
                Parsed::Partial => {
                    partial = true;
                    break;
                }
                Parsed::Other => {
                    connection.then = Then::HandOver;
                    break;
                }
                Parsed::Plain(head) => {
                    let id = ClickId::from_parts(self.at, self.random.random());
                    let close = head.close || draining;
                    let found = redirect(
                        shared,
                        &head,
                        connection.peer,
                        id,
                        self.at,
                        &self.date,
                        close,
                        &mut connection.output,
                        &mut self.batch,
                    );
                    if !found {
                        connection.then = Then::HandOver;
                        break;
                    }
                    consumed += head.length;
                    answered = true;
                    self.turn_clicks += u64::from(!head.head_only);
                    self.counts.redirects += 1;
                    if close {
                        connection.then = Then::Close;
                        break;
                    }
                }
            }
        }
        connection.consume(consumed);
        if closed && connection.then == Then::Continue {
            connection.then = Then::Close;
        }
        if answered {
            connection.wait(Waiting::Commit, self.now);
            self.turn.push((slot, connection.serial));
        } else if connection.then == Then::Continue {
            let waiting = if partial { Waiting::Head } else { Waiting::Request };
            if connection.waiting != waiting {
                connection.wait(waiting, self.now);
            }
        } else {
            self.finish(slot);
        }
    }

    /// Writes the clicks of this turn and answers, or has the answers wait for the disk.
    fn commit_turn(&mut self) {
        let members = std::mem::take(&mut self.turn);
        let clicks = std::mem::take(&mut self.turn_clicks);
        let end = if clicks == 0 && !self.backlog { None } else { self.append(clicks) };
        match end {
            Some(end) if matches!(self.shared.durability, Durability::Disk) => {
                self.groups.push_back(Group { end, since: self.now, clicks, members });
            }
            _ => self.release(members),
        }
    }

    /// Appends the batch. `None` if it could not be written; the clicks are then counted as undurable.
    fn append(&mut self, clicks: u64) -> Option<Position> {
        match self.shared.log.append(&self.batch) {
            Ok(end) => {
                self.batch.clear();
                self.backlog = false;
                Some(end)
            }
            Err(error) => {
                if !self.backlog {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "clicks cannot be written; redirects go on"
                    );
                }
                self.counts.undurable += clicks;
                self.backlog = true;
                if self.batch.bytes().len() > BACKLOG_BYTES {
                    self.counts.lost += self.batch.len() as u64;
                    self.batch.clear();
                }
                None
            }
        }
    }

    fn release_groups(&mut self) {
        while let Some(group) = self.groups.front() {
            let state = self.durable.borrow().state_of(group.end);
            let late = self.now >= group.since + DURABILITY_PATIENCE;
            if state == DurableState::Pending && !late {
                break;
            }
            let Some(group) = self.groups.pop_front() else { break };
            if state != DurableState::Durable {
                self.counts.undurable += group.clicks;
            }
            self.release(group.members);
        }
    }

    fn release(&mut self, mut members: Vec<(usize, u64)>) {
        for (slot, serial) in members.drain(..) {
            if self.connections.get(slot).is_some_and(|connection| connection.serial == serial) {
                self.write(slot);
            }
        }
        if self.turn.capacity() == 0 {
            self.turn = members;
        }
    }

    fn write(&mut self, slot: usize) {
        let Some(connection) = self.connections.get_mut(slot) else { return };
        match connection.write() {
            Ok(true) => self.finish(slot),
            Ok(false) if connection.waiting == Waiting::Write => {}
            Ok(false) => connection.wait(Waiting::Write, self.now),
            Err(_) => self.close(slot),
        }
    }

    /// Everything answered so far is out.
    fn finish(&mut self, slot: usize) {
        let Some(connection) = self.connections.get_mut(slot) else { return };
        match connection.then {
            Then::Close => self.close(slot),
            Then::HandOver => self.move_to_hyper(slot),
            Then::Continue => {
                connection.wait(Waiting::Request, self.now);
                if std::mem::take(&mut connection.unread) {
                    self.read(slot);
                } else if !connection.input.is_empty() {
                    self.answer(slot, false);
                }
            }
        }
    }

    fn move_to_hyper(&mut self, slot: usize) {
        let mut connection = self.connections.remove(slot);
        self.counts.handed_over += 1;
        let moved = self.poll.registry().deregister(&mut connection.stream).map(|()| HandedOver {
            stream: std::net::TcpStream::from(connection.stream),
            peer: connection.peer,
            head: connection.input,
        });
        let sent = moved.is_ok_and(|moved| self.hand_over.try_send(moved).is_ok());
        if !sent {
            self.shared.connections.fetch_sub(1, Ordering::Relaxed);
            metrics::counter!("hashroute_connections_refused_total").increment(1);
        }
    }

    fn close(&mut self, slot: usize) {
        drop(self.connections.remove(slot));
        self.shared.connections.fetch_sub(1, Ordering::Relaxed);
    }

    fn sweep(&mut self) {
        self.accept();
        if self.backlog {
            self.append(0);
        }
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
        metrics::counter!("hashroute_clicks_lost_total").increment(counts.lost);
        metrics::counter!("hashroute_connections_handed_over_total").increment(counts.handed_over);
        metrics::gauge!("hashroute_connections_open").set(self.shared.connections.load(Ordering::Relaxed) as f64);
    }
}

/// Writes the answer and the click's record if the link is in memory.
#[expect(clippy::too_many_arguments, reason = "the parts of the lane are borrowed one by one")]
fn redirect(
    shared: &Shared,
    head: &PlainHead<'_>,
    peer: std::net::IpAddr,
    id: ClickId,
    at: Timestamp,
    date: &[u8; 29],
    close: bool,
    out: &mut Vec<u8>,
    batch: &mut RecordBatch,
) -> bool {
    let domains = shared.redirector.links.domains();
    let found = domains.for_host(head.fields.host).with_link(head.slug, |link| {
        let request = head.fields.request(&shared.forwarding, peer, head.query);
        let decided = shared.redirector.decide(link, &request);
        out.extend_from_slice(b"HTTP/1.1 302 Found\r\nlocation: ");
        append_query(out, decided.destination, request.query);
        out.extend_from_slice(b"\r\ncache-control: no-store\r\ncontent-length: 0\r\n");
        if close {
            out.extend_from_slice(b"connection: close\r\n");
        }
        out.extend_from_slice(b"date: ");
        out.extend_from_slice(date);
        out.extend_from_slice(b"\r\n\r\n");
        if !head.head_only {
            capture(batch, id, at, link, &decided, &request);
        }
    });
    found.is_some()
}
