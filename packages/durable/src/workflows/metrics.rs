//! What workflows count, by kind. The handles are made once, so install the recorder before.

use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};

use super::journal::StepState;

pub(super) struct Metrics {
    pub started: Counter,
    pub succeeded: Counter,
    pub failed: Counter,
    pub parked: Counter,
    pub suspended: Counter,
    pub lost: Counter,
    pub in_flight: Gauge,
    pub seconds: Histogram,
    step_succeeded: Counter,
    step_retried: Counter,
    step_failed: Counter,
}

impl Metrics {
    pub fn new(kind: &'static str) -> Self {
        let ended = |outcome| counter!("hashroute_workflows_executions_total", "kind" => kind, "outcome" => outcome);
        let step = |outcome| counter!("hashroute_workflows_steps_total", "kind" => kind, "outcome" => outcome);
        Self {
            started: counter!("hashroute_workflows_started_total", "kind" => kind),
            succeeded: ended("succeeded"),
            failed: ended("failed"),
            parked: ended("parked"),
            suspended: ended("suspended"),
            lost: ended("lost"),
            in_flight: gauge!("hashroute_workflows_in_flight", "kind" => kind),
            seconds: histogram!("hashroute_workflows_execution_seconds", "kind" => kind),
            step_succeeded: step("succeeded"),
            step_retried: step("retried"),
            step_failed: step("failed"),
        }
    }

    /// An attempt at a step ended.
    pub fn step(&self, state: StepState) {
        match state {
            StepState::Retrying => self.step_retried.increment(1),
            StepState::Failed => self.step_failed.increment(1),
            _ => self.step_succeeded.increment(1),
        }
    }
}

/// A write about a run failed and is tried again.
pub(super) fn write_failed() {
    counter!("hashroute_workflows_write_failures_total").increment(1);
}

/// Runs were taken from a node that is gone.
pub(super) fn taken_over(runs: u64) {
    counter!("hashroute_workflows_taken_over_total").increment(runs);
}
