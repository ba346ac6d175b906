//! The log queue across nodes: what each node's log holds goes through one stream of NATS JetStream to whichever node
//! takes it.
//!
//! # Needs
//! * A node that goes away for good takes nothing with it that had reached NATS, and any other applies it.
//! * The redirect path does not notice NATS: it writes to the node's own log, as without NATS.
//! * NATS away, slow, full, killed, put back to an older state: no record is lost, none is applied twice.
//! * A bad record stops nobody.
//!
//! # Design
//! The node's log is the spool. [`forward`] is a consumer of it that puts records into *envelopes* of some hundred
//! kilobytes, publishes them with an id by which the server knows them again, and goes on when they are acknowledged. While
//! NATS is away the log grows, up to [`LogOptions::max_bytes`](crate::log::LogOptions::max_bytes). [`Stream::consume`] pulls
//! envelopes on every node, all under one durable consumer, so that each goes to one of them; gives their records to a
//! [`StreamSink`] in one transaction; and acknowledges after the commit.
//!
//! The stream keeps what was applied until it has used half of its bytes, so that it can be read again
//! ([`Stream::replay`]) and by consumers that are added later ([`Stream::trim`]). It refuses what it has no room for; then
//! the spools grow.
//!
//! # What a position means here
//! A node's position in its own log is stored in a file beside it, and is where everything before is **confirmed**: taken
//! in by the database, not merely acknowledged by NATS, which with its usual settings has acknowledged what a power cut
//! takes away. The server's acknowledgement floor of the consumer says so. Segments behind the confirmed position are kept
//! ([`Log::hold`](crate::log::Log::hold)), so that they can be published again; a start begins there too.
//!
//! A place in the *stream* is stored nowhere, and the table of positions has no row of it. Sequence numbers are given out
//! in order, but nothing else happens in their order: nodes commit at their own pace, a message of a node that died comes
//! again behind later ones, and one that was published again has two numbers. "The highest applied" would pass over what
//! somebody else still holds, and "the lowest not applied" is what the server knows without us. So the server decides what
//! comes again, and the sink by the records' own ids what of it is new.
//!
//! # Races
//! * **Lost acknowledgement of a publish.** The envelope is published again; the server knows its id for two minutes, and
//!   after that the sink knows its records.
//! * **Cut differently.** What is published again may be cut elsewhere, because more records are there by then. An id that
//!   said only where an envelope begins would have the server drop the longer one as known, and its records with it: so the
//!   id says where it ends as well, and a checksum says what is in it, in case the log is another one by then.
//! * **Commit, then crash.** The message comes again, to any node. Nothing in it is new.
//! * **Slow commit.** While a batch is being applied or waits for its database, the server is told that work goes on; what
//!   is held too long all the same is applied by two nodes at once, of which the database lets one go first.
//! * **Out of order.** Sums do not depend on the order of records, and nothing else may.
//! * **Lost end of the stream.** A server that comes back without its last messages gives their numbers out again, and the
//!   floor would then confirm what is not there. So after each new connection, and every minute, a node looks whether its
//!   last unconfirmed envelope is still in its place, before it believes any floor; if not, it goes back to its confirmed
//!   position. A consumer that is ahead of its stream would pass over the reused numbers: it is made anew, and everything
//!   the stream still holds is read again. Both are done before the node publishes on that connection.
//! * **Stream or consumer deleted** by an operator: made again. What the stream held is published again by the nodes it came
//!   from, as far as it is unconfirmed.
//! * **Stop.** The node forwards what it has, finishes the batch in its hands and gives back nothing half-done. What is
//!   still in the stream is for the other nodes, or for the next start.
//! * **Versions.** An envelope of a newer layout is handed back, for a node that can read it.
//! * **A bad record** is found by halving, as in the log. It goes to the sink's dead letters, then to the subject
//!   [`StreamOptions::dead_subject`], and only then is its message acknowledged: after a crash in between both happen
//!   again, and both know it by its place in its first log.
//!
//! # Accepted losses
//! * A node lost with its disk takes the records with it that had not reached NATS: the last tenths of a second.
//! * A record too large for the server's `max_payload` stays in a file on the node, is counted and reported.
//! * Dead letters in the subject are a copy, the oldest of which give way to new ones.
//! * A sink that ends the whole process (not one that panics) is given the same message by the next node.
//!
//! # The server
//! JetStream with a file store. Where an acknowledged click must survive a power cut of the server without the node it came
//! from: three servers, `replicas = 3`, and `sync_interval: always` in their `jetstream` block, which servers from 2.10 on
//! have. The operator sets it: a client cannot.

mod connection;
mod consumer;
mod dead;
mod envelope;
mod forwarder;
mod history;
mod metrics;
mod setup;
mod sink;
mod spool;

use std::{io, sync::Arc, time::Duration};

use async_nats::jetstream;

use self::{connection::Connection, metrics::StreamMetrics, setup::Prepared};
pub use self::{
    consumer::{ConsumeOptions, StreamStart},
    forwarder::{CONFIRMED, FORWARDER, Forwarder, forward},
    history::StreamStatus,
    sink::{StreamDeadLetter, StreamRecord, StreamSink},
};
use crate::log::{Log, Position};

/// What a stream is called and how large it may be.
#[derive(Debug, Clone)]
pub struct StreamOptions {
    /// The stream's name.
    pub name: String,
    /// The subject envelopes are published on.
    pub subject: String,
    /// The durable consumer all nodes share.
    pub consumer: String,
    /// Bytes the stream may use. A server without that much room refuses to make it.
    pub max_bytes: u64,
    /// On how many servers of a cluster it is kept.
    pub replicas: usize,
    /// How long a node may hold a message without a sign of life before another gets it.
    pub ack_wait: Duration,
}

impl StreamOptions {
    /// A stream of 1 GiB on one server whose messages come again after 30 s.
    #[must_use]
    pub fn new(name: &str, subject: &str, consumer: &str) -> Self {
        Self {
            name: name.to_owned(),
            subject: subject.to_owned(),
            consumer: consumer.to_owned(),
            max_bytes: 1 << 30,
            replicas: 1,
            ack_wait: Duration::from_secs(30),
        }
    }

    /// The stream of dead letters.
    #[must_use]
    pub fn dead_name(&self) -> String {
        format!("{}_DEAD", self.name)
    }

    /// The subject of dead letters.
    #[must_use]
    pub fn dead_subject(&self) -> String {
        format!("{}.dead", self.subject)
    }
}

/// Why a client could not be made. That NATS cannot be reached is no reason.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The address makes no sense.
    #[error("the address of NATS cannot be used; it is nats://host:4222 or nats://user:password@host:4222")]
    Address(#[source] io::Error),
    /// The client refused to start.
    #[error("the client of NATS could not be started")]
    Client(#[source] async_nats::Error),
}

/// Why something did not work now. It may later.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// NATS is away.
    #[error("there is no connection to NATS")]
    Disconnected,
    /// NATS refused something, or did not answer.
    #[error("NATS could not {what} {name}")]
    Refused {
        /// What was asked.
        what: &'static str,
        /// Of which stream or consumer.
        name: String,
        /// What it said.
        #[source]
        source: async_nats::Error,
    },
    /// It was stopped before its end.
    #[error("it was stopped before its end")]
    Stopped,
    /// The node's own log, or the file with its position.
    #[error("the log's position cannot be kept")]
    Log(#[source] io::Error),
}

/// A stream. Clones are handles to the same one.
#[derive(Debug, Clone)]
pub struct Stream(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    connection: Connection,
    context: jetstream::Context,
    options: StreamOptions,
    prepared: tokio::sync::Mutex<Option<Prepared>>,
    metrics: StreamMetrics,
}

impl Stream {
    /// A client of the stream. Returns at once: NATS may come later, and come and go.
    ///
    /// # Errors
    /// `url` is not the address of a NATS server.
    pub async fn connect(url: &str, options: StreamOptions) -> Result<Self, ConnectError> {
        let metrics = StreamMetrics::new();
        let connection = Connection::open(url, metrics.connected.clone()).await?;
        let context = connection.jetstream();
        Ok(Self(Arc::new(Inner { connection, context, options, prepared: tokio::sync::Mutex::default(), metrics })))
    }

    /// What it is called.
    #[must_use]
    pub fn options(&self) -> &StreamOptions {
        &self.0.options
    }

    /// Whether there is a connection to NATS now.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.0.connection.id().is_ok()
    }

    fn metrics(&self) -> &StreamMetrics {
        &self.0.metrics
    }
}

/// For a log that is forwarded no more, because it is consumed directly again: answers the place up to which everything in
/// it is taken in, as far as that is known, and forgets it. It is where the other consumer begins, because segments before
/// it may be gone; forgotten, because segments after it will be. Blocks on the file system.
///
/// # Errors
/// The file with the position cannot be read or removed.
pub fn leave(log: &Log) -> io::Result<Option<Position>> {
    spool::take(log.directory(), log.id())
}

/// For `map_err` of the client's many error types.
fn refused<E>(what: &'static str, name: &str) -> impl FnOnce(E) -> StreamError + use<E>
where
    E: std::error::Error + Send + Sync + 'static,
{
    let name = name.to_owned();
    move |source| StreamError::Refused { what, name, source: Box::new(source) }
}
