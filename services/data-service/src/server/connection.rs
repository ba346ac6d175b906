//! One connection in a lane.

use std::{
    io::{self, Read, Write},
    net::IpAddr,
    time::Instant,
};

use mio::net::TcpStream;

use super::MAX_HEAD_BYTES;

/// Room for one read. A plain request with a browser's headers is about 1 KiB.
const READ_BYTES: usize = 4 * 1024;
/// Buffers larger than this are given back once empty.
const KEPT_BYTES: usize = 16 * 1024;

/// What a connection is waiting for; decides which time-out holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waiting {
    /// The first byte of a request.
    Request,
    /// The rest of a head.
    Head,
    /// Its clicks to be safe.
    Commit,
    /// The client to take the answer.
    Write,
}

/// What follows once the answers written so far are out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    /// Read on.
    Continue,
    /// Close.
    Close,
    /// Move to hyper, with the unread bytes.
    HandOver,
}

/// The state of one connection.
pub(super) struct Connection {
    pub stream: TcpStream,
    pub peer: IpAddr,
    /// Tells connections apart that use the same slot one after the other.
    pub serial: u64,
    pub input: Vec<u8>,
    pub output: Vec<u8>,
    written: usize,
    pub waiting: Waiting,
    pub since: Instant,
    pub then: Then,
    /// The kernel said there is more to read while the answers were still waiting.
    pub unread: bool,
}

/// How a read ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReadEnd {
    /// Everything there was.
    Drained,
    /// The buffer is full; there may be more.
    Full,
    /// The client sends no more.
    Closed,
}

impl Connection {
    pub fn new(stream: TcpStream, peer: IpAddr, serial: u64, now: Instant) -> Self {
        Self {
            stream,
            peer: peer.to_canonical(),
            serial,
            input: Vec::new(),
            output: Vec::new(),
            written: 0,
            waiting: Waiting::Request,
            since: now,
            then: Then::Continue,
            unread: false,
        }
    }

    /// Reads once. The poll is edge-triggered: a read that fills less than its room has emptied the socket.
    pub fn read(&mut self) -> io::Result<ReadEnd> {
        let start = self.input.len();
        if start >= MAX_HEAD_BYTES {
            return Ok(ReadEnd::Full);
        }
        self.input.resize(start + READ_BYTES, 0);
        let outcome = loop {
            match self.stream.read(&mut self.input[start..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                outcome => break outcome,
            }
        };
        let count = *outcome.as_ref().unwrap_or(&0);
        self.input.truncate(start + count);
        match outcome {
            Ok(0) => Ok(ReadEnd::Closed),
            Ok(READ_BYTES) => Ok(ReadEnd::Full),
            Ok(_) => Ok(ReadEnd::Drained),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(ReadEnd::Drained),
            Err(error) => Err(error),
        }
    }

    /// Forgets the first `count` bytes read.
    pub fn consume(&mut self, count: usize) {
        if count == self.input.len() {
            self.input.clear();
            self.input.shrink_to(KEPT_BYTES);
        } else {
            self.input.drain(..count);
        }
    }

    /// Writes what is waiting. `true` once all of it is out.
    pub fn write(&mut self) -> io::Result<bool> {
        while self.written < self.output.len() {
            match self.stream.write(&self.output[self.written..]) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => self.written += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        self.output.clear();
        self.output.shrink_to(KEPT_BYTES);
        self.written = 0;
        Ok(true)
    }

    /// Starts waiting for something else.
    pub fn wait(&mut self, waiting: Waiting, now: Instant) {
        self.waiting = waiting;
        self.since = now;
    }
}
