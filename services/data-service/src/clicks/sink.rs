//! Where captured clicks go: the click log in the database and its counters, in one transaction.
//!
//! From this node's own log they come as a [`BatchSink`], and the position in the log is stored in that transaction too. From
//! the stream that nodes share they come as a [`StreamSink`], without a position: what of them is new is told by their ids
//! alone. Both may be in use one after the other, or on different nodes at once: a click, and a dead letter, is the same by
//! either way.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use data_ops::{
    clicks::{self, Click, RecordError, Recorded, StoredDeadLetter},
    clock::Clock,
    database::Database,
};
use durable::{
    log::{BatchSink, DeadLetter, LogRecord, Position, SinkError, Source},
    stream::{StreamDeadLetter, StreamRecord, StreamSink},
};

use super::{CapturedClick, ClickObserver, Enricher};

/// The consumer's name in the stored position.
pub const CLICK_CONSUMER: &str = "clicks";

/// Applies batches of captured clicks.
pub struct ClickSink {
    pub(super) database: Database,
    clock: Arc<dyn Clock>,
    enricher: Mutex<Enricher>,
    observers: Vec<Arc<dyn ClickObserver>>,
}

impl ClickSink {
    /// Into this database of clicks.
    #[must_use]
    pub fn new(database: Database, clock: Arc<dyn Clock>) -> Self {
        Self { database, clock, enricher: Mutex::default(), observers: Vec::new() }
    }

    /// Shows the observer, too, what was stored, after its commit.
    #[must_use]
    pub fn observed_by(mut self, observer: Arc<dyn ClickObserver>) -> Self {
        self.observers.push(observer);
        self
    }

    pub(super) fn enricher(&self) -> MutexGuard<'_, Enricher> {
        self.enricher.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enrich<'a>(&self, payloads: impl Iterator<Item = &'a [u8]>) -> Result<Vec<Click>, SinkError> {
        let mut enricher = self.enricher();
        payloads
            .map(|payload| CapturedClick::decode(payload).map(|captured| enricher.enrich(&captured)))
            .collect::<Result<_, _>>()
            .map_err(|error| SinkError::Rejected(Box::new(error)))
    }

    /// These are committed, as far as they are new.
    fn took_in(&self, clicks: &[Click], recorded: Recorded) {
        metrics::counter!("hashroute_clicks_recorded_total").increment(recorded.inserted);
        for observer in self.observers.iter().filter(|_| recorded.inserted > 0) {
            observer.recorded(clicks);
        }
    }
}

fn sink_error(error: RecordError) -> SinkError {
    match error {
        RecordError::Unavailable(_) => SinkError::Unavailable(Box::new(error)),
        RecordError::Rejected(_) => SinkError::Rejected(Box::new(error)),
    }
}

impl BatchSink for ClickSink {
    async fn position(&self, source: &Source) -> Result<Option<Position>, SinkError> {
        let stored = clicks::log_position(&self.database, source.log, &source.consumer).await;
        let stored = stored.map_err(|error| SinkError::Unavailable(Box::new(error)))?;
        Ok(stored.map(|(segment, offset)| Position::new(segment, offset)))
    }

    async fn apply(&self, source: &Source, records: &[LogRecord], next: Position) -> Result<(), SinkError> {
        let enriched = self.enrich(records.iter().map(|record| &*record.payload))?;
        let position = (next.segment, next.offset);
        let recorded = clicks::record_clicks(&self.database, source.log, &source.consumer, &enriched, position)
            .await
            .map_err(sink_error)?;
        self.took_in(&enriched, recorded);
        Ok(())
    }

    async fn bury(&self, source: &Source, dead: &[DeadLetter], next: Position) -> Result<(), SinkError> {
        let dead: Vec<clicks::DeadLetter> = dead
            .iter()
            .map(|letter| clicks::DeadLetter {
                position: (letter.record.start.segment, letter.record.start.offset),
                payload: letter.record.payload.to_vec(),
                error: letter.error.clone(),
            })
            .collect();
        let position = (next.segment, next.offset);
        clicks::record_dead_letters(&self.database, source.log, &source.consumer, &dead, position, self.clock.now())
            .await
            .map_err(|error| SinkError::Unavailable(Box::new(error)))
    }
}

impl StreamSink for ClickSink {
    async fn apply(&self, records: &[StreamRecord]) -> Result<(), SinkError> {
        let enriched = self.enrich(records.iter().map(|record| &*record.payload))?;
        let recorded = clicks::record_clicks_without_position(&self.database, &enriched).await.map_err(sink_error)?;
        self.took_in(&enriched, recorded);
        Ok(())
    }

    async fn bury(&self, dead: &[StreamDeadLetter]) -> Result<(), SinkError> {
        let now = self.clock.now();
        let dead: Vec<StoredDeadLetter> = dead
            .iter()
            .map(|StreamDeadLetter { record, error }| StoredDeadLetter {
                log: record.log,
                // As from the log: the same entry is set aside once.
                consumer: CLICK_CONSUMER.to_owned(),
                letter: clicks::DeadLetter {
                    position: (record.position.segment, record.position.offset),
                    payload: record.payload.to_vec(),
                    error: error.clone(),
                },
                created_at: now,
            })
            .collect();
        clicks::set_aside(&self.database, &dead).await.map_err(|error| SinkError::Unavailable(Box::new(error)))
    }
}
