//! How many requests one caller may make per minute, counted by this node.

use std::{
    net::IpAddr,
    num::NonZeroU32,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use data_ops::types::{ApiKeyId, Clock, SessionId};
use governor::{
    Quota, clock::Clock as GovernorClock, middleware::StateInformationMiddleware, state::keyed::DashMapStateStore,
};
use http::{HeaderMap, HeaderName, HeaderValue, request::Parts};

use crate::api::failure::ApiError;

/// Whose requests are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Caller {
    Key(ApiKeyId),
    Session(SessionId),
    Network(IpAddr),
}

/// What is left of a caller's allowance, for the `X-RateLimit-*` headers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Allowance {
    limit: u32,
    remaining: u32,
    /// Unix time in seconds at which the whole allowance is back.
    reset_at: u64,
}

impl Allowance {
    pub(crate) fn write(self, headers: &mut HeaderMap) {
        let values = [
            ("x-ratelimit-limit", u64::from(self.limit)),
            ("x-ratelimit-remaining", u64::from(self.remaining)),
            ("x-ratelimit-reset", self.reset_at),
        ];
        for (name, value) in values {
            headers.insert(HeaderName::from_static(name), HeaderValue::from(value));
        }
    }
}

/// Where an extractor leaves the allowance for the `answer` layer, which writes the headers.
pub(crate) type AllowanceSlot = Arc<OnceLock<Allowance>>;

/// Counts requests per caller.
pub(crate) struct RateLimiter {
    limiter: governor::RateLimiter<Caller, DashMapStateStore<Caller>, GivenClock, StateInformationMiddleware>,
    clock: GivenClock,
    limit: NonZeroU32,
    checks: AtomicU32,
}

/// After this many checks, callers with a full allowance are forgotten.
const CHECKS_BETWEEN_CLEANUPS: u32 = 4096;

impl RateLimiter {
    pub(crate) fn new(per_minute: NonZeroU32, clock: Arc<dyn Clock>) -> Self {
        let clock = GivenClock(clock);
        let quota = Quota::per_minute(per_minute);
        Self {
            limiter: governor::RateLimiter::new(quota, DashMapStateStore::default(), clock.clone()),
            clock,
            limit: per_minute,
            checks: AtomicU32::new(0),
        }
    }

    /// Takes one request off the caller's allowance.
    pub(crate) fn check(&self, caller: Caller, parts: &Parts) -> Result<(), ApiError> {
        if self.checks.fetch_add(1, Ordering::Relaxed) % CHECKS_BETWEEN_CLEANUPS == CHECKS_BETWEEN_CLEANUPS - 1 {
            self.limiter.retain_recent();
        }
        let now = self.clock.now();
        let (remaining, result) = match self.limiter.check_key(&caller) {
            Ok(state) => (state.remaining_burst_capacity(), Ok(())),
            Err(refused) => {
                let seconds = refused.wait_time_from(now).as_secs_f64().ceil().max(1.0);
                (0, Err(ApiError::too_many_requests(whole(seconds))))
            }
        };
        let per_request = 60.0 / f64::from(self.limit.get());
        let used = self.limit.get().saturating_sub(remaining);
        let reset_at = (now.as_secs_f64() + f64::from(used) * per_request).ceil();
        if let Some(slot) = parts.extensions.get::<AllowanceSlot>() {
            let _first_wins = slot.set(Allowance { limit: self.limit.get(), remaining, reset_at: whole(reset_at) });
        }
        result
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "seconds since 1970 and waiting times: positive, and far below the limits of either type"
)]
fn whole(seconds: f64) -> u64 {
    seconds as u64
}

/// The application's clock as the limiter wants it: time since 1970.
#[derive(Clone)]
struct GivenClock(Arc<dyn Clock>);

impl GovernorClock for GivenClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.now().as_millis()).unwrap_or(0))
    }
}
