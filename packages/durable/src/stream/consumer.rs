//! From the stream to the sink.

use std::{
    num::NonZeroUsize,
    sync::{Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use async_nats::jetstream::{
    self, AckKind,
    consumer::{Consumer, DeliverPolicy, pull},
};
use futures_util::StreamExt as _;
use rand::{SeedableRng as _, rngs::StdRng};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    Stream, StreamDeadLetter, StreamError, StreamRecord, StreamSink,
    envelope::{OpenError, open},
    refused,
};
use crate::{
    backoff::Backoff,
    failure::chain,
    log::{Position, SinkError, guarded},
};

/// How long the server may be late with its answer to a pull.
const PULL_PATIENCE: Duration = Duration::from_secs(2);
/// When a message comes again that only a newer version can read.
const NEWER_AGAIN: Duration = Duration::from_secs(5);
const TRIM_INTERVAL: Duration = Duration::from_secs(10);
/// How long a replay may stand still before the server forgets it.
const REPLAY_PATIENCE: Duration = Duration::from_secs(300);

/// How a consumer reads.
#[derive(Debug, Clone)]
pub struct ConsumeOptions {
    /// Messages in one batch, at most: each of some hundred kilobytes and a thousand clicks.
    pub max_messages: NonZeroUsize,
    /// How long messages are collected.
    pub max_wait: Duration,
    /// The waits while the sink or NATS is away.
    pub backoff: Backoff,
}

impl Default for ConsumeOptions {
    /// 64 messages, 400 ms, from 50 ms to 5 s.
    fn default() -> Self {
        Self {
            max_messages: NonZeroUsize::MIN.saturating_add(63),
            max_wait: Duration::from_millis(400),
            backoff: Backoff {
                first: Duration::from_millis(50),
                factor: 2.0,
                longest: Duration::from_secs(5),
                jitter: 0.5,
            },
        }
    }
}

/// Where a replay begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamStart {
    /// At the oldest message the stream holds.
    Oldest,
    /// At what the stream was given at this time, or first after it.
    Time(SystemTime),
}

impl Stream {
    /// Takes records from the stream into the sink until `stop`, along with all other nodes. Never gives up.
    pub async fn consume<S: StreamSink>(&self, sink: &S, options: ConsumeOptions, stop: CancellationToken) {
        let mut worker = Worker::new(self, sink, options, stop);
        let mut trimmed = Instant::now();
        while !worker.stop.is_cancelled() {
            if let Err(error) = worker.turn().await {
                worker.wait(&error).await;
            }
            if trimmed.elapsed() >= TRIM_INTERVAL {
                trimmed = Instant::now();
                if let Err(error) = self.look_after().await {
                    tracing::debug!(error = chain(&error), "the stream cannot be looked after now");
                }
            }
        }
        self.0.connection.flush().await;
    }

    /// Gives the sink once more what the stream holds from `start` on, beside what goes on; a sink that tells records by
    /// their ids takes in what it is missing. Answers how many records that were.
    ///
    /// # Errors
    /// NATS or the sink is away, or `stop` came: what was given until then is taken in.
    pub async fn replay<S: StreamSink>(
        &self,
        sink: &S,
        start: StreamStart,
        stop: CancellationToken,
    ) -> Result<u64, StreamError> {
        let prepared = self.prepare().await?;
        let name = &self.options().name;
        let config = pull::Config {
            name: Some(format!("{}-replay-{}", self.options().consumer, Uuid::new_v4().simple())),
            inactive_threshold: REPLAY_PATIENCE,
            ..self.consumer_config(match start {
                StreamStart::Oldest => DeliverPolicy::All,
                StreamStart::Time(time) => DeliverPolicy::ByStartTime { start_time: time.into() },
            })
        };
        let consumer = prepared.stream.create_consumer(config).await.map_err(refused("begin a replay of", name))?;
        let mut left = consumer.cached_info().num_pending;
        let mut worker = Worker::new(self, sink, ConsumeOptions::default(), stop);
        let mut records = 0;
        let result = loop {
            if left == 0 {
                break Ok(records);
            }
            match worker.pull(&consumer).await {
                Ok(messages) => {
                    let taken = worker.take(messages).await;
                    left = left.saturating_sub(taken.messages);
                    records += taken.records;
                }
                Err(error) => break Err(error),
            }
            if worker.stop.is_cancelled() {
                break Err(StreamError::Stopped);
            }
        };
        let deleted = prepared.stream.delete_consumer(&consumer.cached_info().name).await;
        if let Err(error) = deleted {
            tracing::debug!(error = chain(&error), "a replay's consumer is left for the server to forget");
        }
        result
    }

    async fn look_after(&self) -> Result<(), StreamError> {
        self.trim().await?;
        self.status().await.map(drop)
    }
}

/// What was taken from the stream at once.
#[derive(Debug, Clone, Copy, Default)]
struct Taken {
    messages: u64,
    records: u64,
}

struct Worker<'a, S> {
    stream: &'a Stream,
    sink: &'a S,
    options: ConsumeOptions,
    stop: CancellationToken,
    random: Mutex<StdRng>,
    failures: u32,
    reported_dead: bool,
}

impl<'a, S: StreamSink> Worker<'a, S> {
    fn new(stream: &'a Stream, sink: &'a S, options: ConsumeOptions, stop: CancellationToken) -> Self {
        let random = StdRng::seed_from_u64(Uuid::new_v4().as_u64_pair().0);
        Self { stream, sink, options, stop, random: Mutex::new(random), failures: 0, reported_dead: false }
    }

    /// Takes what there is, or what comes within `max_wait`.
    async fn turn(&mut self) -> Result<(), StreamError> {
        let consumer = self.stream.prepare().await?.consumer;
        let messages = match self.pull(&consumer).await {
            Ok(messages) => messages,
            Err(error) => {
                self.stream.look_again().await;
                return Err(error);
            }
        };
        self.take(messages).await;
        if self.failures > 0 {
            self.failures = 0;
            tracing::info!(stream = self.stream.options().name, "the consumer of the stream goes on");
        }
        Ok(())
    }

    async fn pull(&self, consumer: &Consumer<pull::Config>) -> Result<Vec<jetstream::Message>, StreamError> {
        let name = &self.stream.options().name;
        let wait = self.options.max_wait;
        let pull = consumer.batch().max_messages(self.options.max_messages.get()).expires(wait).messages();
        let mut batch = pull.await.map_err(refused("hand out messages of", name))?;
        let mut messages = Vec::new();
        let mut failure = None;
        let collect = async {
            while let Some(message) = batch.next().await {
                match message {
                    Ok(message) => messages.push(message),
                    Err(error) => failure = Some(error),
                }
            }
        };
        // What comes later than that comes again.
        drop(timeout(wait + PULL_PATIENCE, collect).await);
        match failure {
            Some(source) if messages.is_empty() => {
                Err(StreamError::Refused { what: "hand out messages of", name: name.clone(), source })
            }
            _ => Ok(messages),
        }
    }

    /// Applies the records of the messages, and acknowledges them once that is committed.
    async fn take(&mut self, messages: Vec<jetstream::Message>) -> Taken {
        let (mut held, mut records, mut dead) = (Vec::new(), Vec::new(), Vec::new());
        let mut newer = 0;
        for message in messages {
            match open(&message.payload) {
                Ok(opened) => records.extend(opened),
                Err(OpenError::Newer(version)) => {
                    tracing::warn!(version, "a message of the stream is left for a node with a newer version");
                    self.stream.metrics().postponed.increment(1);
                    newer += 1;
                    acknowledge(&message, AckKind::Nak(Some(NEWER_AGAIN))).await;
                    continue;
                }
                Err(error) => dead.push(self.unreadable(&message, error)),
            }
            if message.info().is_ok_and(|info| info.delivered > 1) {
                self.stream.metrics().redelivered.increment(1);
            }
            held.push(message);
        }
        let count = records.len() as u64;
        let done = self.while_saying_so(&held, self.deliver(&records, dead)).await;
        let kind = if done.is_some() { AckKind::Ack } else { AckKind::Nak(None) };
        for message in &held {
            acknowledge(message, kind).await;
        }
        if let (Some(has_dead), false) = (done, held.is_empty()) {
            self.reported_dead = has_dead;
        }
        Taken { messages: held.len() as u64 + newer, records: count }
    }

    /// Applies the records and sets aside what cannot be, for as long as it takes. `None` if it was stopped before that;
    /// otherwise whether there were dead letters.
    async fn deliver(&self, records: &[StreamRecord], mut dead: Vec<StreamDeadLetter>) -> Option<bool> {
        let mut parts = vec![records];
        let mut failures = 0;
        while let Some(part) = parts.last().copied() {
            if part.is_empty() {
                parts.pop();
                continue;
            }
            match guarded(self.sink.apply(part)).await {
                Ok(()) => {
                    self.stream.metrics().applied.increment(part.len() as u64);
                    failures = 0;
                    parts.pop();
                }
                Err(SinkError::Rejected(error)) => {
                    self.stream.metrics().rejected.increment(1);
                    parts.pop();
                    if let [record] = part {
                        dead.push(StreamDeadLetter { record: record.clone(), error: chain(&*error) });
                    } else {
                        let (first, second) = part.split_at(part.len() / 2);
                        parts.extend([second, first]);
                    }
                }
                Err(SinkError::Unavailable(error)) => self.pause(&mut failures, "apply", chain(&*error)).await?,
            }
        }
        while !dead.is_empty() {
            match self.bury(&dead).await {
                Ok(()) => return Some(true),
                Err(error) => self.pause(&mut failures, "bury", error).await?,
            }
        }
        Some(false)
    }

    async fn bury(&self, dead: &[StreamDeadLetter]) -> Result<(), String> {
        guarded(self.sink.bury(dead)).await.map_err(|error| chain(&error))?;
        self.stream.publish_dead(dead).await.map_err(|error| chain(&error))?;
        self.stream.metrics().dead.increment(dead.len() as u64);
        for StreamDeadLetter { record, error } in dead {
            if self.reported_dead {
                tracing::debug!(log = %record.log, position = %record.position, error, "another record goes to the dead letters");
            } else {
                tracing::error!(
                    log = %record.log, position = %record.position, error,
                    "a record cannot be applied and goes to the dead letters"
                );
            }
        }
        Ok(())
    }

    /// A message that holds no records is a dead letter itself.
    fn unreadable(&self, message: &jetstream::Message, error: OpenError) -> StreamDeadLetter {
        let (sequence, published) =
            message.info().map_or((0, 0), |info| (info.stream_sequence, info.published.unix_timestamp_nanos()));
        let name = crc32fast::hash(self.stream.options().name.as_bytes());
        let record = StreamRecord {
            log: Uuid::from_u128(u128::from(name)),
            position: Position::new(sequence, u64::try_from(published).unwrap_or_default()),
            payload: message.payload.clone(),
        };
        StreamDeadLetter { record, error: chain(&error) }
    }

    /// Tells the server that the messages are being worked on while `work` runs.
    async fn while_saying_so<T>(&self, messages: &[jetstream::Message], work: impl Future<Output = T>) -> T {
        let mut signs = interval(self.stream.options().ack_wait / 3);
        signs.set_missed_tick_behavior(MissedTickBehavior::Delay);
        signs.tick().await;
        let mut work = std::pin::pin!(work);
        loop {
            tokio::select! {
                biased;
                done = &mut work => return done,
                _ = signs.tick() => {
                    for message in messages {
                        acknowledge(message, AckKind::Progress).await;
                    }
                }
            }
        }
    }

    /// Waits before the sink is tried again; `None` once stopped.
    async fn pause(&self, failures: &mut u32, step: &'static str, error: String) -> Option<()> {
        *failures += 1;
        self.stream.metrics().retries.increment(1);
        if *failures == 1 {
            tracing::warn!(step, error, "the consumer of the stream cannot go on and will try again until it can");
        }
        let wait = self.back_off(*failures);
        self.stop.run_until_cancelled(sleep(wait)).await
    }

    fn back_off(&self, failures: u32) -> Duration {
        let mut random = self.random.lock().unwrap_or_else(PoisonError::into_inner);
        self.options.backoff.after(failures, &mut *random)
    }

    /// Waits before the server is tried again.
    async fn wait(&mut self, error: &StreamError) {
        self.failures = self.failures.saturating_add(1);
        self.stream.metrics().retries.increment(1);
        // That there is no connection is reported by whoever makes it.
        if self.failures == 1 && !matches!(error, StreamError::Disconnected) {
            tracing::warn!(error = chain(error), "the stream cannot be read now; trying again");
        }
        let wait = self.back_off(self.failures);
        self.stop.run_until_cancelled(sleep(wait)).await;
    }
}

/// Says something of a message. If it does not arrive, the message comes again.
async fn acknowledge(message: &jetstream::Message, kind: AckKind) {
    if let Err(error) = message.ack_with(kind).await {
        tracing::debug!(error = &*error as &dyn std::error::Error, "a message was not acknowledged and comes again");
    }
}
