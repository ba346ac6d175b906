//! The way of clicks into the log, and where they wait while the log cannot be written.
//!
//! A redirect is answered whether or not its click could be written. What could not, a full disk say, is kept here for
//! whoever wrote it, and tried again by the lanes several times a second and once more when the server ends. Beyond a bound
//! clicks are lost, and counted in `hashroute_clicks_lost_total`.
//!
//! Accepted: what was kept comes after later clicks in the log; the end of the process takes what is still kept with it.

use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use durable::log::{Log, Position, RecordBatch};

/// Bytes of records kept: some hundred thousand clicks.
const ROOM: usize = 32 * 1024 * 1024;

/// See the module.
pub struct ClickLog {
    log: Log,
    room: usize,
    /// Whether anything is kept, told without taking the lock.
    is_behind: AtomicBool,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    batch: RecordBatch,
    /// Nobody will try again.
    ended: bool,
}

impl ClickLog {
    /// Writes to this log.
    #[must_use]
    pub fn new(log: Log) -> Self {
        Self::with_room(log, ROOM)
    }

    fn with_room(log: Log, room: usize) -> Self {
        Self { log, room, is_behind: AtomicBool::new(false), kept: Mutex::default() }
    }

    /// The log itself.
    #[must_use]
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// Appends the records and answers where they end; `None` if they could not be written and are now kept, or lost. The
    /// batch is empty afterwards.
    pub fn append(&self, batch: &mut RecordBatch) -> Option<Position> {
        let end = match self.log.append(batch) {
            Ok(end) => Some(end),
            Err(error) => {
                self.keep(batch, &error);
                None
            }
        };
        batch.clear();
        end
    }

    fn keep(&self, batch: &RecordBatch, error: &std::io::Error) {
        let mut kept = self.kept();
        if !self.is_behind.swap(true, Ordering::Relaxed) {
            tracing::error!(
                error = error as &dyn std::error::Error,
                "clicks cannot be written; redirects go on, and the clicks are tried again"
            );
        }
        if kept.ended || kept.batch.bytes().len() + batch.bytes().len() > self.room {
            count_lost(batch);
        } else {
            kept.batch.extend(batch);
        }
    }

    /// Tries again to write what was kept, if anything was.
    pub fn retry(&self) {
        if !self.is_behind.load(Ordering::Relaxed) {
            return;
        }
        let mut kept = self.kept();
        if self.log.append(&kept.batch).is_ok() {
            tracing::info!(clicks = kept.batch.len(), "clicks can be written again");
            // Not cleared: its memory is wanted elsewhere.
            kept.batch = RecordBatch::new();
            self.is_behind.store(false, Ordering::Relaxed);
        }
    }

    /// Tries a last time. What cannot be written now, or comes later and cannot be written, is lost.
    pub fn end(&self) {
        self.retry();
        let mut kept = self.kept();
        kept.ended = true;
        count_lost(&std::mem::take(&mut kept.batch));
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn count_lost(batch: &RecordBatch) {
    metrics::counter!("hashroute_clicks_lost_total").increment(batch.len() as u64);
}

#[cfg(test)]
mod tests {
    use durable::log::{Durability, LogOptions};
    use metrics_exporter_prometheus::PrometheusBuilder;

    use super::*;

    fn record() -> RecordBatch {
        let mut batch = RecordBatch::new();
        batch.push(|out| out.extend_from_slice(&[7; 100])).unwrap();
        batch
    }

    #[test]
    fn beyond_the_bound_and_at_the_end_clicks_are_lost_and_counted() {
        let metrics = PrometheusBuilder::new().build_recorder();
        let has_lost = |clicks| metrics.handle().render().contains(&format!("hashroute_clicks_lost_total {clicks}\n"));
        metrics::with_local_recorder(&metrics, || {
            let directory = tempfile::tempdir().unwrap();
            let log = Log::open(LogOptions::new(directory.path().join("log"), Durability::Process)).unwrap();
            // Room for two of them. A closed log fails as a full disk does.
            let clicks = ClickLog::with_room(log.clone(), record().bytes().len() * 2);
            assert!(clicks.append(&mut record()).is_some());
            log.close();
            for _ in 0..4 {
                assert!(clicks.append(&mut record()).is_none());
                clicks.retry();
            }
            assert!(has_lost(2));
            assert_eq!(clicks.kept().batch.len(), 2);
            clicks.end();
            assert!(has_lost(4));
            assert!(clicks.append(&mut record()).is_none());
            assert!(has_lost(5));
        });
    }
}
