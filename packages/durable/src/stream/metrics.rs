//! What a stream counts.

use metrics::{Counter, Gauge, counter, gauge};

pub(super) struct StreamMetrics {
    pub connected: Gauge,
    /// Records NATS has acknowledged, and envelopes it knew already.
    pub published: Counter,
    pub known: Counter,
    /// Times the end of the stream was found lost, and published again.
    pub rewinds: Counter,
    pub unforwardable: Counter,
    pub applied: Counter,
    pub redelivered: Counter,
    pub rejected: Counter,
    pub dead: Counter,
    pub postponed: Counter,
    pub retries: Counter,
    pub bytes: Gauge,
    pub waiting: Gauge,
}

impl StreamMetrics {
    pub fn new() -> Self {
        Self {
            connected: gauge!("hashroute_stream_connected"),
            published: counter!("hashroute_stream_published_records_total"),
            known: counter!("hashroute_stream_published_again_total"),
            rewinds: counter!("hashroute_stream_rewinds_total"),
            unforwardable: counter!("hashroute_stream_unforwardable_records_total"),
            applied: counter!("hashroute_stream_applied_records_total"),
            redelivered: counter!("hashroute_stream_redelivered_messages_total"),
            rejected: counter!("hashroute_stream_rejected_batches_total"),
            dead: counter!("hashroute_stream_dead_letters_total"),
            postponed: counter!("hashroute_stream_postponed_messages_total"),
            retries: counter!("hashroute_stream_consumer_retries_total"),
            bytes: gauge!("hashroute_stream_bytes"),
            waiting: gauge!("hashroute_stream_waiting_messages"),
        }
    }
}

impl std::fmt::Debug for StreamMetrics {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("StreamMetrics").finish_non_exhaustive()
    }
}
