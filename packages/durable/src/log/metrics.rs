//! What the log counts. The handles are made once, so install the recorder before opening a log.

use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};

/// Counted by the log itself.
pub(super) struct LogMetrics {
    pub appended_records: Counter,
    pub appended_bytes: Counter,
    pub append_failures: Counter,
    pub syncs: Counter,
    pub sync_failures: Counter,
    pub sync_seconds: Histogram,
    pub segments: Gauge,
    pub kept_bytes: Gauge,
    pub missing_segments: Counter,
    pub torn_segments: Counter,
    pub torn_bytes: Counter,
    pub positions_ahead: Counter,
}

impl LogMetrics {
    pub fn new() -> Self {
        Self {
            appended_records: counter!("hashroute_log_appended_records_total"),
            appended_bytes: counter!("hashroute_log_appended_bytes_total"),
            append_failures: counter!("hashroute_log_append_failures_total"),
            syncs: counter!("hashroute_log_syncs_total"),
            sync_failures: counter!("hashroute_log_sync_failures_total"),
            sync_seconds: histogram!("hashroute_log_sync_seconds"),
            segments: gauge!("hashroute_log_segments"),
            kept_bytes: gauge!("hashroute_log_kept_bytes"),
            missing_segments: counter!("hashroute_log_missing_segments_total"),
            torn_segments: counter!("hashroute_log_torn_segments_total"),
            torn_bytes: counter!("hashroute_log_torn_bytes_total"),
            positions_ahead: counter!("hashroute_log_positions_ahead_total"),
        }
    }
}

impl std::fmt::Debug for LogMetrics {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("LogMetrics").finish_non_exhaustive()
    }
}

/// Counted by one consumer.
pub(super) struct ConsumerMetrics {
    pub applied_records: Counter,
    pub replays: Counter,
    pub retries: Counter,
    pub rejected_batches: Counter,
    pub dead_letters: Counter,
    pub lag_bytes: Gauge,
}

impl ConsumerMetrics {
    pub fn new(consumer: &str) -> Self {
        let name = consumer.to_owned();
        Self {
            applied_records: counter!("hashroute_log_applied_records_total", "consumer" => name.clone()),
            replays: counter!("hashroute_log_replays_total", "consumer" => name.clone()),
            retries: counter!("hashroute_log_consumer_retries_total", "consumer" => name.clone()),
            rejected_batches: counter!("hashroute_log_rejected_batches_total", "consumer" => name.clone()),
            dead_letters: counter!("hashroute_log_dead_letters_total", "consumer" => name.clone()),
            lag_bytes: gauge!("hashroute_log_consumer_lag_bytes", "consumer" => name),
        }
    }
}
