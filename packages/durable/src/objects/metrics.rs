//! What is counted of a class. The handles are made once, so install the recorder before objects are started.

use std::time::Duration;

use metrics::{Counter, Histogram, counter, histogram};

use super::{Object, SendError, apply::Applied};

pub(super) struct ClassMetrics {
    messages: Counter,
    failed_messages: Counter,
    batch_seconds: Histogram,
    pub alarms: Counter,
    pub failed_alarms: Counter,
    pub alarm_delay_seconds: Histogram,
    pub parked: Counter,
    pub frames: Counter,
}

impl ClassMetrics {
    pub fn new(class: &'static str) -> Self {
        Self {
            messages: counter!("hashroute_objects_messages_total", "class" => class),
            failed_messages: counter!("hashroute_objects_failed_messages_total", "class" => class),
            batch_seconds: histogram!("hashroute_objects_batch_seconds", "class" => class),
            alarms: counter!("hashroute_objects_alarms_total", "class" => class),
            failed_alarms: counter!("hashroute_objects_failed_alarms_total", "class" => class),
            alarm_delay_seconds: histogram!("hashroute_objects_alarm_delay_seconds", "class" => class),
            parked: counter!("hashroute_objects_parked_total", "class" => class),
            frames: counter!("hashroute_objects_frames_total", "class" => class),
        }
    }

    pub fn batch<O: Object>(&self, applied: &Applied<O>, took: Duration) {
        // Refusing is an answer; only what keeps an object from answering is a failure.
        let failed = applied.answers.iter().filter(|answer| matches!(answer, Err(SendError::Object(_)))).count();
        self.messages.increment(applied.answers.len() as u64);
        self.failed_messages.increment(failed as u64);
        self.batch_seconds.record(took);
    }
}
