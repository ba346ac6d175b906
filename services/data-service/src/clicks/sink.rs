//! Where captured clicks go: the click log in the database, its counters, and the position, in one transaction.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use data_ops::{
    clicks::{self, Click, RecordError},
    clock::Clock,
    database::Database,
};
use durable::log::{BatchSink, DeadLetter, LogRecord, Position, SinkError, Source};

use super::{CapturedClick, ClickObserver, Enricher};

/// The consumer's name in the stored position.
pub const CLICK_CONSUMER: &str = "clicks";

/// Applies batches of captured clicks.
pub struct ClickSink {
    pub(super) database: Database,
    clock: Arc<dyn Clock>,
    enricher: Mutex<Enricher>,
    observer: Option<Arc<dyn ClickObserver>>,
}

impl ClickSink {
    /// Into this database of clicks.
    #[must_use]
    pub fn new(database: Database, clock: Arc<dyn Clock>) -> Self {
        Self { database, clock, enricher: Mutex::default(), observer: None }
    }

    /// Shows the observer what was stored, after its commit.
    #[must_use]
    pub fn observed_by(self, observer: Arc<dyn ClickObserver>) -> Self {
        Self { observer: Some(observer), ..self }
    }

    pub(super) fn enricher(&self) -> MutexGuard<'_, Enricher> {
        self.enricher.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enrich(&self, records: &[LogRecord]) -> Result<Vec<Click>, SinkError> {
        let mut enricher = self.enricher();
        records
            .iter()
            .map(|record| CapturedClick::decode(&record.payload).map(|captured| enricher.enrich(&captured)))
            .collect::<Result<_, _>>()
            .map_err(|error| SinkError::Rejected(Box::new(error)))
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
        let enriched = self.enrich(records)?;
        let position = (next.segment, next.offset);
        let recorded = clicks::record_clicks(&self.database, source.log, &source.consumer, &enriched, position)
            .await
            .map_err(sink_error)?;
        metrics::counter!("hashroute_clicks_recorded_total").increment(recorded.inserted as u64);
        if let Some(observer) = self.observer.as_ref().filter(|_| recorded.inserted > 0) {
            observer.recorded(&enriched);
        }
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
