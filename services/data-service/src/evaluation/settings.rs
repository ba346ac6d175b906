//! What the operator decides about evaluations.

use std::time::Duration;

use browser::Limits;

use crate::health::Thresholds;

/// What the operator decides about evaluations.
#[derive(Debug, Clone, PartialEq)]
pub struct EvaluationSettings {
    /// Whether destinations are looked at by themselves.
    pub enabled: bool,
    /// Between two looks at a destination that is well, where its links say nothing else.
    pub interval: Duration,
    /// A click has a destination looked at whose last look is older.
    pub click_after: Duration,
    /// Looks a workspace may have in a day.
    pub checks_per_day: u64,
    /// Questions to a language model a workspace may have in a day.
    pub ai_calls_per_day: u64,
    /// What a look may take.
    pub limits: Limits,
    /// How sure to be before visitors are sent elsewhere.
    pub thresholds: Thresholds,
}

impl Default for EvaluationSettings {
    /// Every six hours, after a click every hour; 2,000 looks and 200 questions a day.
    fn default() -> Self {
        Self {
            enabled: true,
            interval: Duration::from_secs(6 * 3_600),
            click_after: Duration::from_secs(3_600),
            checks_per_day: 2_000,
            ai_calls_per_day: 200,
            limits: Limits::default(),
            thresholds: Thresholds::default(),
        }
    }
}
