//! What a queue counts. The handles are made once, so install the recorder before making a worker.

use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};

pub(super) struct QueueMetrics {
    pub done: Counter,
    pub retried: Counter,
    pub dead: Counter,
    pub lost: Counter,
    pub released: Counter,
    pub failures: Counter,
    pub in_flight: Gauge,
    pub delay_seconds: Gauge,
    pub attempt_seconds: Histogram,
}

impl QueueMetrics {
    pub fn new(queue: &'static str) -> Self {
        Self {
            done: counter!("hashroute_jobs_done_total", "queue" => queue),
            retried: counter!("hashroute_jobs_retried_total", "queue" => queue),
            dead: counter!("hashroute_jobs_dead_total", "queue" => queue),
            lost: counter!("hashroute_jobs_lost_total", "queue" => queue),
            released: counter!("hashroute_jobs_released_total", "queue" => queue),
            failures: counter!("hashroute_jobs_database_failures_total", "queue" => queue),
            in_flight: gauge!("hashroute_jobs_in_flight", "queue" => queue),
            delay_seconds: gauge!("hashroute_jobs_oldest_due_seconds", "queue" => queue),
            attempt_seconds: histogram!("hashroute_jobs_attempt_seconds", "queue" => queue),
        }
    }
}
