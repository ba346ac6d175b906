//! Reading requests and answering them from memory.

use std::{net::IpAddr, sync::atomic::Ordering};

use data_ops::types::{ClickId, Timestamp};
use durable::log::RecordBatch;
use rand::RngExt as _;

use super::Lane;
use crate::{
    redirect::{append_query, capture},
    server::{
        Shared,
        connection::{ReadEnd, Then, Waiting},
        hand_over::HandedOver,
        head::{Parsed, PlainHead, parse},
    },
};

/// Answers of one connection that wait at a time; further pipelined requests are read later.
const MAX_OUTPUT_BYTES: usize = 64 * 1024;

impl Lane {
    pub(super) fn ready(&mut self, slot: usize, readable: bool, writable: bool) {
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

    pub(super) fn write(&mut self, slot: usize) {
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

    pub(super) fn close(&mut self, slot: usize) {
        drop(self.connections.remove(slot));
        self.shared.connections.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Writes the answer and the click's record if the link is in memory.
#[expect(clippy::too_many_arguments, reason = "the parts of the lane are borrowed one by one")]
fn redirect(
    shared: &Shared,
    head: &PlainHead<'_>,
    peer: IpAddr,
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
