//! What crons count.

use data_ops::types::Timestamp;
use metrics::{counter, gauge};

pub(super) fn started(name: &'static str, runs: usize) {
    counter!("hashroute_cron_started_total", "cron" => name).increment(runs as u64);
}

pub(super) fn skipped(name: &'static str, runs: usize) {
    counter!("hashroute_cron_skipped_total", "cron" => name).increment(runs as u64);
}

pub(super) fn failed(name: &'static str) {
    counter!("hashroute_cron_failures_total", "cron" => name).increment(1);
}

pub(super) fn next(name: &'static str, at: Timestamp) {
    #[expect(clippy::cast_precision_loss, reason = "a gauge")]
    let seconds = at.as_millis() as f64 / 1_000.0;
    gauge!("hashroute_cron_next_run_timestamp_seconds", "cron" => name).set(seconds);
}
