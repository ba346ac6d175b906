//! How often, and for how long, a step is tried.

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    time::Duration,
};

use rand::{SeedableRng as _, rngs::StdRng};

use crate::backoff::Backoff;

/// What is done about a step that does not go well.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StepPolicy {
    /// How often it is tried in all; at least once. A crash of the node is no attempt.
    pub attempts: u32,
    /// How long to wait between two attempts. The run holds no memory meanwhile, unless other steps of it run.
    pub backoff: Backoff,
    /// An attempt that takes longer is dropped where it waits and has failed.
    pub time_out: Option<Duration>,
}

impl Default for StepPolicy {
    /// Five attempts, 1 s and doubling between them, no time-out.
    fn default() -> Self {
        Self { attempts: 5, backoff: Backoff::default(), time_out: None }
    }
}

impl StepPolicy {
    /// One attempt.
    #[must_use]
    pub fn once() -> Self {
        Self { attempts: 1, ..Self::default() }
    }

    /// As often as said, with the default waits.
    #[must_use]
    pub fn attempts(attempts: u32) -> Self {
        Self { attempts, ..Self::default() }
    }

    /// The same with this time-out.
    #[must_use]
    pub fn time_out(self, time_out: Duration) -> Self {
        Self { time_out: Some(time_out), ..self }
    }

    /// The wait after this many failures. Chance comes from the run's id, so that what failed together does not come back
    /// together and the same failure always waits the same.
    pub(super) fn wait(&self, id: &str, step: &str, failures: u32) -> Duration {
        let mut hasher = DefaultHasher::new();
        (id, step, failures).hash(&mut hasher);
        self.backoff.after(failures, &mut StdRng::seed_from_u64(hasher.finish()))
    }
}
