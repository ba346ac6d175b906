//! Brings the records to a sink, each exactly once.
//!
//! # Design
//! Collect for `max_wait`, read a batch, apply it; while batches come out full, do not wait. The wait is a sleep rather
//! than a wake-up per record, because waking a thread costs more than appending does. The truth about what was applied
//! is the position the sink stored in the transaction of the effects: the consumer asks for it at the start and after
//! every failure, and keeps nothing of its own.
//!
//! # Races
//! * **Lost answer.** A commit succeeds but its answer is lost, so the sink says *unavailable*. The next position it
//!   reports lies behind the batch, and the batch is not applied again.
//! * **Position of another history.** A stored position that this log cannot have led to (`history`) says nothing about
//!   its records, even once the log has grown past it. The log gets another identity before anything is read, so the
//!   sink has no position for it, and the records are read from the oldest on.
//! * **Stop while collecting.** Everything written before the stop is applied before [`run_consumer`] returns. If the
//!   sink is unavailable by then, it returns at once: the log keeps the records.
//! * **Replay.** With [`Start::Oldest`] or [`Start::At`] the stored position is left aside until the first batch is
//!   applied; from then on it is the replay's own. [`Log::replay`] moves the position of a consumer that is running, in
//!   the sink and between two batches: what was under way is applied before it, and a crash after it finds the new one.

use std::{num::NonZeroUsize, time::Duration};

use rand::{RngExt, SeedableRng, rngs::StdRng};
use tokio::{sync::watch, time::sleep};
use tokio_util::sync::CancellationToken;

use super::{
    Log, Position, ReadBatch,
    metrics::ConsumerMetrics,
    replay::ReplayError,
    sink::{BatchSink, DeadLetter, LogRecord, SinkError, Source, guarded},
};
use crate::failure::chain;

/// Where a consumer begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Start {
    /// At the sink's stored position, or at the oldest record when there is none.
    #[default]
    Stored,
    /// At the oldest record still there.
    Oldest,
    /// Here.
    At(Position),
}

/// How a consumer reads.
#[derive(Debug, Clone)]
pub struct ConsumerOptions {
    /// Records in one batch, at most.
    pub max_records: NonZeroUsize,
    /// Bytes of payload in one batch, about.
    pub max_bytes: usize,
    /// How long records are collected before a batch that is not full is applied.
    pub max_wait: Duration,
    /// The wait after the first failure of the sink; doubled for each further one.
    pub first_backoff: Duration,
    /// The longest wait between two attempts.
    pub max_backoff: Duration,
    /// Where to begin.
    pub start: Start,
}

impl Default for ConsumerOptions {
    /// 50,000 records or 32 MiB, half a second, backoff from 50 ms to 5 s, from the stored position.
    fn default() -> Self {
        Self {
            max_records: NonZeroUsize::MIN.saturating_add(49_999),
            max_bytes: 32 * 1024 * 1024,
            max_wait: Duration::from_millis(500),
            first_backoff: Duration::from_millis(50),
            max_backoff: Duration::from_secs(5),
            start: Start::Stored,
        }
    }
}

/// How a consumer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConsumerEnd {
    /// The position last stored, if this run stored one or was told one.
    pub position: Option<Position>,
    /// Whether everything written before the stop was applied.
    pub drained: bool,
}

/// Reads the log for the consumer `name` until `stop`, then applies what is written and returns.
///
/// Whatever the sink answers, it is tried again until it has taken or buried every record. Segments that all consumers
/// are done with are deleted on the way.
pub async fn run_consumer<S: BatchSink>(
    log: &Log,
    name: &str,
    sink: &S,
    options: ConsumerOptions,
    stop: CancellationToken,
) -> ConsumerEnd {
    let source = Source { log: log.id(), consumer: name.to_owned() };
    log.shared().register(name);
    let (_running, replays) = log.shared().replays.run(name);
    let (high, low) = log.id().as_u64_pair();
    let seed = name.bytes().fold(high ^ low, |seed, byte| seed.rotate_left(8) ^ u64::from(byte));
    let consumer = Consumer {
        log,
        sink,
        source,
        start: options.start,
        options,
        stop,
        metrics: ConsumerMetrics::new(name),
        jitter: StdRng::seed_from_u64(seed),
        failures: 0,
        position: None,
        buried: false,
        buried_before: false,
        replays,
    };
    consumer.run().await
}

struct Consumer<'a, S> {
    log: &'a Log,
    sink: &'a S,
    source: Source,
    start: Start,
    options: ConsumerOptions,
    stop: CancellationToken,
    metrics: ConsumerMetrics,
    jitter: StdRng,
    failures: u32,
    position: Option<Position>,
    /// Whether this batch, and the one before it, had records for the dead letters.
    buried: bool,
    buried_before: bool,
    /// Changes when a replay is asked for.
    replays: watch::Receiver<u64>,
}

/// The sink could not be reached, or the log not be read: wait, and begin again at the stored position.
struct Failed;

impl<S: BatchSink> Consumer<'_, S> {
    async fn run(mut self) -> ConsumerEnd {
        loop {
            if let Ok(()) = self.run_from_stored().await {
                return ConsumerEnd { position: self.position, drained: true };
            }
            self.metrics.retries.increment(1);
            if self.back_off().await.is_err() {
                return ConsumerEnd { position: self.position, drained: false };
            }
        }
    }

    /// Runs from the stored position until stopped and drained.
    async fn run_from_stored(&mut self) -> Result<(), Failed> {
        let from = match self.start {
            Start::Stored => {
                self.position = self.stored().await?;
                self.position
            }
            Start::Oldest => None,
            Start::At(position) => Some(position),
        };
        let mut reader = self.log.reader(from);
        self.log.shared().applied(&self.source.consumer, Some(reader.position()));
        let mut full = false;
        loop {
            if let Some(from) = self.replay().await? {
                reader = self.log.reader(Some(from));
            }
            let target = if full && !self.stop.is_cancelled() { None } else { self.collect(reader.position()).await };
            loop {
                let (records, bytes) = (self.options.max_records.get(), self.options.max_bytes);
                let read = tokio::task::spawn_blocking(move || {
                    let batch = reader.read(records, bytes);
                    (reader, batch)
                });
                let batch: std::io::Result<ReadBatch>;
                (reader, batch) = read.await.map_err(|error| self.failed("read", &error))?;
                let batch = batch.map_err(|error| self.failed("read", &error))?;
                full = batch.full;
                self.deliver(&batch.records, batch.next).await?;
                self.metrics.lag_bytes.set(self.lag(reader.position()));
                match target {
                    None => break,
                    Some(target) if reader.position() >= target => return Ok(()),
                    Some(_) => {}
                }
            }
        }
    }

    /// The sink's position, if it is one of this log's.
    async fn stored(&mut self) -> Result<Option<Position>, Failed> {
        let stored = self.sink.position(&self.source).await.map_err(|error| self.failed("position", &error))?;
        let Some(position) = stored else { return Ok(None) };
        if self.log.shared().explains(&self.source.consumer, position) {
            return Ok(stored);
        }
        let (log, old) = (self.log.clone(), self.source.log);
        let renewed = tokio::task::spawn_blocking(move || log.shared().renew_identity(old)).await;
        let renewed = renewed.unwrap_or_else(|error| Err(std::io::Error::other(error)));
        self.source.log = renewed.map_err(|error| self.failed("identity", &error))?;
        self.log.shared().metrics.positions_ahead.increment(1);
        tracing::error!(
            consumer = self.source.consumer,
            %position,
            log = %old,
            new_log = %self.source.log,
            "a stored position is ahead of the log (was its directory restored?): it is read from its start, under a \
             new identity"
        );
        Ok(None)
    }

    /// Moves the position if somebody asked for it, and answers where to.
    async fn replay(&mut self) -> Result<Option<Position>, Failed> {
        self.replays.mark_unchanged();
        let Some(request) = self.log.shared().replays.take(&self.source.consumer) else { return Ok(None) };
        let (log, start) = (self.log.clone(), request.start);
        let found = tokio::task::spawn_blocking(move || log.shared().record_at(start)).await;
        let from = match found.unwrap_or_else(|error| Err(ReplayError::Read(std::io::Error::other(error)))) {
            Ok(from) => from,
            Err(error) => {
                request.answer(Err(error));
                return Ok(None);
            }
        };
        // First this: what will be read again must not be released by another consumer.
        self.log.shared().applied(&self.source.consumer, Some(from));
        self.log.shared().offered(&self.source.consumer, from);
        if let Err(error) = guarded(self.sink.apply(&self.source, &[], from)).await {
            let failed = self.failed("replay", &error);
            request.answer(Err(ReplayError::Sink(error)));
            return Err(failed);
        }
        self.position = Some(from);
        self.start = Start::Stored;
        self.metrics.replays.increment(1);
        tracing::info!(consumer = self.source.consumer, position = %from, "a log consumer reads again");
        request.answer(Ok(from));
        Ok(Some(from))
    }

    /// Waits until there is something to read and `max_wait` has passed, or a replay is asked for. Once stopped, answers
    /// up to where to drain instead.
    async fn collect(&mut self, position: Position) -> Option<Position> {
        let mut readable = self.log.readable();
        let collected = async {
            // The sender lives as long as the log this borrows.
            drop(readable.wait_for(|readable| *readable > position).await);
            sleep(self.options.max_wait).await;
        };
        tokio::select! {
            biased;
            () = self.stop.cancelled() => {}
            // The sender lives as long as the log.
            _ = self.replays.changed() => return None,
            () = collected => return None,
        }
        let target = self.log.written();
        self.log.request_sync();
        let mut readable = self.log.readable();
        drop(readable.wait_for(|readable| *readable >= target).await);
        Some(target)
    }

    /// Applies the records, halving what the sink rejects until the bad ones stand alone.
    async fn deliver(&mut self, records: &[LogRecord], next: Position) -> Result<(), Failed> {
        if !records.is_empty() {
            self.buried_before = std::mem::take(&mut self.buried);
        }
        let mut parts = vec![records];
        while let Some(part) = parts.pop() {
            let Some(last) = part.last() else { continue };
            let next = if parts.is_empty() { next } else { last.end };
            self.log.shared().offered(&self.source.consumer, next);
            match guarded(self.sink.apply(&self.source, part, next)).await {
                Ok(()) => {
                    self.metrics.applied_records.increment(part.len() as u64);
                    self.log.shared().applied_records(&self.source.consumer, part.len() as u64);
                    self.advance(next).await;
                }
                Err(SinkError::Rejected(error)) => {
                    self.metrics.rejected_batches.increment(1);
                    if let [record] = part {
                        self.bury(record, chain(&*error), next).await?;
                    } else {
                        let (first, second) = part.split_at(part.len() / 2);
                        parts.extend([second, first]);
                    }
                }
                Err(error) => return Err(self.failed("apply", &error)),
            }
        }
        Ok(())
    }

    async fn bury(&mut self, record: &LogRecord, error: String, next: Position) -> Result<(), Failed> {
        if self.buried || self.buried_before {
            tracing::debug!(position = %record.start, error, "another record goes to the dead letters");
        } else {
            tracing::error!(
                consumer = self.source.consumer,
                position = %record.start,
                error,
                "a record cannot be applied and goes to the dead letters; more like it are only counted"
            );
        }
        self.buried = true;
        let dead = [DeadLetter { record: record.clone(), error }];
        guarded(self.sink.bury(&self.source, &dead, next)).await.map_err(|error| self.failed("bury", &error))?;
        self.metrics.dead_letters.increment(1);
        self.advance(next).await;
        Ok(())
    }

    /// The sink has stored `next`.
    async fn advance(&mut self, next: Position) {
        let entered = self.position.is_none_or(|before| before.segment != next.segment);
        self.position = Some(next);
        self.start = Start::Stored;
        if std::mem::take(&mut self.failures) > 0 {
            tracing::info!(consumer = self.source.consumer, "a log consumer goes on");
        }
        self.log.shared().applied(&self.source.consumer, Some(next));
        if entered {
            let log = self.log.clone();
            let released = tokio::task::spawn_blocking(move || log.release(next)).await;
            match released.unwrap_or_else(|error| Err(std::io::Error::other(error))) {
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "read log segments cannot be deleted yet");
                }
            }
        }
    }

    /// Reports the first of several failures in a row.
    fn failed(&self, step: &'static str, error: &(dyn std::error::Error + 'static)) -> Failed {
        let (consumer, error) = (&self.source.consumer, chain(error));
        if self.failures == 0 {
            tracing::warn!(consumer, step, error, "a log consumer cannot go on and will try again until it can");
        } else {
            tracing::debug!(consumer, step, error, attempt = self.failures, "a log consumer still cannot go on");
        }
        Failed
    }

    /// Waits, longer each time, between half and all of what the number of failures asks for. Fails once stopped.
    async fn back_off(&mut self) -> Result<(), Failed> {
        let wait = self.options.first_backoff.saturating_mul(1 << self.failures.min(20)).min(self.options.max_backoff);
        self.failures = self.failures.saturating_add(1);
        let wait = wait.mul_f64(self.jitter.random_range(0.5..=1.0));
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Err(Failed),
            () = sleep(wait) => Ok(()),
        }
    }

    fn lag(&self, position: Position) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a gauge")]
        let lag = self.log.shared().lag_bytes(position) as f64;
        lag
    }
}
