//! How long to wait before something is tried again.

use std::time::Duration;

use rand::{Rng, RngExt as _};

/// Waits that grow from one failure to the next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Backoff {
    /// After the first failure.
    pub first: Duration,
    /// How many times longer each further wait is.
    pub factor: f64,
    /// No wait is longer.
    pub longest: Duration,
    /// The part of a wait that is left to chance, from 0 (none) to 1 (all): what failed together does not come back together.
    pub jitter: f64,
}

impl Default for Backoff {
    /// 1 s, doubled each time, at most 10 minutes, a quarter of it left to chance.
    fn default() -> Self {
        Self { first: Duration::from_secs(1), factor: 2.0, longest: Duration::from_secs(600), jitter: 0.25 }
    }
}

impl Backoff {
    /// The same wait each time, to the millisecond.
    #[must_use]
    pub const fn constant(wait: Duration) -> Self {
        Self { first: wait, factor: 1.0, longest: wait, jitter: 0.0 }
    }

    /// The wait after this many failures (from 1).
    pub fn after(&self, failures: u32, random: &mut impl Rng) -> Duration {
        let exponent = i32::try_from(failures.saturating_sub(1)).unwrap_or(i32::MAX);
        let grown = self.first.as_secs_f64() * self.factor.powi(exponent);
        // Whatever does not fit (or is no number) is the longest wait.
        let wait = Duration::try_from_secs_f64(grown).map_or(self.longest, |wait| wait.min(self.longest));
        wait.mul_f64(1.0 - self.jitter.clamp(0.0, 1.0) * random.random::<f64>())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::{SeedableRng as _, rngs::StdRng};

    use super::*;

    #[test]
    fn waits_double_up_to_the_longest() {
        let backoff = Backoff { jitter: 0.0, ..Backoff::default() };
        let mut random = StdRng::seed_from_u64(1);
        let waits: Vec<u64> = [1, 2, 3, 10, 11, 4_000_000_000].map(|n| backoff.after(n, &mut random).as_secs()).into();
        assert_eq!(waits, [1, 2, 4, 512, 600, 600]);
    }

    proptest! {
        #[test]
        fn chance_only_shortens_and_never_by_more_than_its_part(failures in 0_u32..200, seed: u64) {
            let backoff = Backoff::default();
            let whole = Backoff { jitter: 0.0, ..backoff }.after(failures, &mut StdRng::seed_from_u64(seed));
            let wait = backoff.after(failures, &mut StdRng::seed_from_u64(seed));
            prop_assert!(wait <= whole && wait >= whole.mul_f64(0.749), "{wait:?} of {whole:?}");
        }
    }
}
