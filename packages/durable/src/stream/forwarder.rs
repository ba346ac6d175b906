//! From the node's log to the stream.

use std::{
    collections::VecDeque,
    io,
    num::NonZeroUsize,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_nats::jetstream::{context::PublishAckFuture, message::PublishMessage};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    Stream, StreamError,
    connection::ConnectionId,
    envelope::{Envelope, seal},
    refused, spool,
};
use crate::{
    failure::chain,
    log::{
        BatchSink, ConsumerEnd, ConsumerOptions, DeadLetter, Log, LogRecord, Position, SinkError, Source, Start,
        run_consumer,
    },
};

/// The forwarder among the consumers of the node's log; name it in [`LogOptions`](crate::log::LogOptions).
pub const FORWARDER: &str = "stream";
/// Who keeps what is not confirmed; name it there too.
pub const CONFIRMED: &str = "stream-confirmed";

/// The largest envelope, where the server would take more.
const ENVELOPE_BYTES: usize = 256 * 1024;
/// Published together before their acknowledgements are waited for.
const BATCH_BYTES: usize = 8 * 1024 * 1024;
const BATCH_RECORDS: usize = 50_000;
/// How long records are collected.
const COLLECT: Duration = Duration::from_millis(100);
const CONFIRM_INTERVAL: Duration = Duration::from_secs(1);
/// How often the end of the stream is looked at without a reason.
const CHECK_INTERVAL: Duration = Duration::from_secs(60);
/// Batches told apart while they wait to be confirmed; more are confirmed together.
const WAITING: usize = 10_000;

/// Forwards the log until `stop`, then what is written by then, and returns. Never gives up.
pub async fn forward(log: &Log, stream: &Stream, stop: CancellationToken) -> ConsumerEnd {
    let forwarder = Forwarder::new(log.clone(), stream.clone());
    let confirming = async {
        loop {
            sleep(CONFIRM_INTERVAL).await;
            if let Err(error) = forwarder.confirm().await {
                tracing::debug!(error = chain(&error), "what the stream holds cannot be confirmed yet");
            }
        }
    };
    tokio::select! {
        end = forwarder.run(stop) => end,
        () = confirming => unreachable!("it goes on for ever"),
    }
}

/// A batch that NATS has acknowledged, and nobody has applied as far as is known.
#[derive(Debug, Clone)]
struct Sent {
    /// The number of its last envelope in the stream, and its id.
    sequence: u64,
    id: String,
    /// Where it ends in the log.
    end: Position,
}

#[derive(Debug, Default)]
struct State {
    /// Whose positions these are.
    log: Option<Uuid>,
    /// Everything before it is acknowledged by NATS.
    forwarded: Option<Position>,
    /// Everything before it is taken in by the database.
    confirmed: Option<Position>,
    waiting: VecDeque<Sent>,
    /// The stream's numbers have begun again.
    is_renumbered: bool,
    /// The connection on which the end of the stream was last seen in its place, and when.
    seen: Option<(ConnectionId, Instant)>,
}

/// What [`forward`] is made of, for tests that drive it step by step.
#[derive(Debug)]
pub struct Forwarder {
    log: Log,
    stream: Stream,
    state: Mutex<State>,
}

impl Forwarder {
    /// Of this log to this stream.
    #[must_use]
    pub fn new(log: Log, stream: Stream) -> Self {
        log.hold(CONFIRMED, Position::default());
        Self { log, stream, state: Mutex::default() }
    }

    /// Forwards until `stop`, then what is written by then.
    pub async fn run(&self, stop: CancellationToken) -> ConsumerEnd {
        let options = ConsumerOptions {
            max_records: NonZeroUsize::new(BATCH_RECORDS).unwrap_or(NonZeroUsize::MIN),
            max_bytes: BATCH_BYTES,
            max_wait: COLLECT,
            ..ConsumerOptions::default()
        };
        run_consumer(&self.log, FORWARDER, self, options, stop).await
    }

    /// Finds out what the database has taken in, stores that position and lets go of the segments before it. Finds out as
    /// well whether the stream still holds the rest; if not, [`Forwarder::run`] is sent back to publish it again. Answers
    /// the confirmed position.
    ///
    /// # Errors
    /// NATS is away, or the position cannot be stored. Nothing was let go of.
    pub async fn confirm(&self) -> Result<Option<Position>, StreamError> {
        let (last, confirmed) = {
            let state = self.state();
            (state.waiting.back().cloned(), state.confirmed)
        };
        let Some(last) = last else { return Ok(confirmed) };
        let floor = self.stream.floor().await?;
        // After the answer: so it came by this connection or by one before it.
        let connection = self.stream.0.connection.id()?;
        let is_seen =
            self.state().seen.as_ref().is_some_and(|(on, at)| *on == connection && at.elapsed() < CHECK_INTERVAL);
        let is_renumbered = std::mem::take(&mut self.state().is_renumbered);
        if is_renumbered || !is_seen {
            if is_renumbered || !self.stream.holds(last.sequence, &last.id).await? {
                return self.rewind(last.sequence).await;
            }
            self.state().seen = Some((connection, Instant::now()));
            // The floor may be older than what was seen now.
            return Ok(confirmed);
        }
        let (log, confirmed) = {
            let mut state = self.state();
            while let Some(sent) = state.waiting.front()
                && sent.sequence <= floor
            {
                state.confirmed = Some(sent.end);
                state.waiting.pop_front();
            }
            (state.log, state.confirmed)
        };
        if let (Some(log), Some(confirmed)) = (log, confirmed) {
            self.let_go(log, confirmed).await.map_err(StreamError::Log)?;
        }
        Ok(confirmed)
    }

    /// The stream has lost what it had acknowledged: all that is not confirmed is published again.
    async fn rewind(&self, sequence: u64) -> Result<Option<Position>, StreamError> {
        let confirmed = self.state().confirmed;
        self.stream.metrics().rewinds.increment(1);
        tracing::error!(
            sequence,
            from = %confirmed.unwrap_or_default(),
            "the stream does not hold what it had acknowledged: it is published again from this node's log"
        );
        let start = confirmed.map_or(Start::Oldest, Start::At);
        match self.log.replay(FORWARDER, start).await {
            Ok(_) => Ok(confirmed),
            Err(error) => {
                // To be tried again, whatever is found in its place by then.
                self.state().is_renumbered = true;
                Err(StreamError::Log(io::Error::other(error)))
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stores the position and deletes what is before it.
    async fn let_go(&self, log_id: Uuid, confirmed: Position) -> io::Result<()> {
        let log = self.log.clone();
        let stored = tokio::task::spawn_blocking(move || {
            spool::write(log.directory(), log_id, confirmed)?;
            log.hold(CONFIRMED, confirmed);
            log.release(confirmed).map(drop)
        });
        stored.await.map_err(io::Error::other)?
    }

    /// Goes on from `next` whatever is before or behind it.
    async fn move_to(&self, log: Uuid, next: Position) -> io::Result<()> {
        let is_back = {
            let mut state = self.state();
            state.forwarded = Some(next);
            state.waiting.retain(|sent| sent.end <= next);
            let is_back = state.confirmed.is_some_and(|confirmed| confirmed > next);
            if is_back {
                state.confirmed = Some(next);
            }
            is_back
        };
        if is_back { self.let_go(log, next).await } else { Ok(()) }
    }

    async fn publish(&self, envelopes: &[Envelope]) -> Result<Option<Sent>, StreamError> {
        let prepared = self.stream.prepare().await?;
        let options = self.stream.options();
        let failed = || refused("take records into the stream", &options.name);
        let mut acknowledgements: Vec<PublishAckFuture> = Vec::with_capacity(envelopes.len());
        for envelope in envelopes {
            let message = PublishMessage::build()
                .payload(envelope.payload.clone())
                .message_id(&envelope.id)
                .expected_stream(&prepared.stream.cached_info().config.name);
            let sent = self.stream.0.context.send_publish(options.subject.clone(), message).await;
            acknowledgements.push(sent.map_err(failed())?);
        }
        let mut last: Option<Sent> = None;
        for (acknowledgement, envelope) in acknowledgements.into_iter().zip(envelopes) {
            let acknowledgement = acknowledgement.await.map_err(failed())?;
            if acknowledgement.duplicate {
                self.stream.metrics().known.increment(1);
            }
            self.stream.metrics().published.increment(envelope.records as u64);
            if last.as_ref().is_none_or(|last| last.sequence <= acknowledgement.sequence) {
                let sequence = acknowledgement.sequence;
                last = Some(Sent { sequence, id: envelope.id.clone(), end: Position::default() });
            }
        }
        Ok(last)
    }

    fn note(&self, sent: Sent) {
        let mut state = self.state();
        if state.waiting.back().is_some_and(|before| before.sequence > sent.sequence) {
            // Another stream of the same name: what waits has numbers of the one before.
            state.is_renumbered = true;
        }
        if state.waiting.len() >= WAITING {
            state.waiting.pop_back();
        }
        state.forwarded = Some(sent.end);
        state.waiting.push_back(sent);
    }
}

impl BatchSink for Forwarder {
    async fn position(&self, source: &Source) -> Result<Option<Position>, SinkError> {
        {
            let state = self.state();
            if state.log == Some(source.log) && state.forwarded.is_some() {
                return Ok(state.forwarded);
            }
        }
        let (log, id) = (self.log.clone(), source.log);
        let read = tokio::task::spawn_blocking(move || spool::read(log.directory(), id)).await;
        let stored = read
            .map_err(io::Error::other)
            .and_then(|read| read)
            .map_err(|error| SinkError::Unavailable(error.into()))?;
        *self.state() = State { log: Some(id), forwarded: stored, confirmed: stored, ..State::default() };
        self.log.hold(CONFIRMED, stored.unwrap_or_default());
        Ok(stored)
    }

    async fn apply(&self, source: &Source, records: &[LogRecord], next: Position) -> Result<(), SinkError> {
        if self.state().log != Some(source.log) {
            *self.state() = State { log: Some(source.log), ..State::default() };
            self.log.hold(CONFIRMED, Position::default());
        }
        if records.is_empty() {
            return self.move_to(source.log, next).await.map_err(|error| SinkError::Unavailable(error.into()));
        }
        // Asked for first: before there was a connection the limit is not known.
        let unavailable = |error: StreamError| SinkError::Unavailable(Box::new(error));
        self.stream.0.connection.id().map_err(unavailable)?;
        let limit = ENVELOPE_BYTES.min(self.stream.0.connection.max_payload());
        let limit = if largest(records) > limit { self.stream.0.connection.max_payload() } else { limit };
        let envelopes = seal(source.log, records, limit).map_err(|error| SinkError::Rejected(Box::new(error)))?;
        match self.publish(&envelopes).await {
            Ok(Some(sent)) => self.note(Sent { end: next, ..sent }),
            Ok(None) => {}
            Err(error) => {
                self.stream.look_again().await;
                return Err(unavailable(error));
            }
        }
        Ok(())
    }

    /// What does not fit into a message stays on the node.
    async fn bury(&self, source: &Source, dead: &[DeadLetter], next: Position) -> Result<(), SinkError> {
        let (directory, dead) = (self.log.directory().to_owned(), dead.to_vec());
        let count = dead.len() as u64;
        let kept = tokio::task::spawn_blocking(move || {
            dead.iter().try_for_each(|letter| spool::keep(&directory, &letter.record))
        });
        let kept = kept.await.map_err(io::Error::other).and_then(|kept| kept);
        let moved = match kept {
            Ok(()) => self.move_to(source.log, next).await,
            Err(error) => Err(error),
        };
        moved.map_err(|error| SinkError::Unavailable(error.into()))?;
        self.stream.metrics().unforwardable.increment(count);
        Ok(())
    }
}

fn largest(records: &[LogRecord]) -> usize {
    records.iter().map(|record| record.payload.len() + 64).max().unwrap_or_default()
}
