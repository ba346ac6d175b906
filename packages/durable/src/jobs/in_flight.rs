//! What this worker has claimed and not yet settled.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};

use data_ops::types::JobId;
use metrics::Gauge;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// One attempt at one job: what is written about it asks for its epoch.
#[derive(Debug)]
pub struct Claim {
    pub(super) id: JobId,
    pub(super) attempt: u32,
    pub(super) epoch: AtomicI64,
    /// The handler has removed the job in a transaction of its own.
    pub(super) completed: AtomicBool,
    /// The job is somebody else's.
    pub(super) lost: CancellationToken,
}

impl Claim {
    pub(super) fn new(id: JobId, attempt: u32, epoch: i64) -> Self {
        Self {
            id,
            attempt,
            epoch: AtomicI64::new(epoch),
            completed: AtomicBool::new(false),
            lost: CancellationToken::new(),
        }
    }

    pub(super) fn epoch(&self) -> i64 {
        self.epoch.load(Ordering::Acquire)
    }

    pub(super) fn is_completed(&self) -> bool {
        self.completed.load(Ordering::Acquire)
    }
}

#[derive(Debug, Default)]
pub(super) struct InFlight {
    held: Mutex<HashMap<JobId, Held>>,
    cut_off: Mutex<Vec<Arc<Claim>>>,
}

#[derive(Debug)]
struct Held {
    claim: Arc<Claim>,
    leased_at: Instant,
}

impl InFlight {
    fn held(&self) -> std::sync::MutexGuard<'_, HashMap<JobId, Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn cut_off(&self) -> std::sync::MutexGuard<'_, Vec<Arc<Claim>>> {
        self.cut_off.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a claim in. If the job is running here already, its attempt goes on under the new epoch, and `None` is answered.
    pub(super) fn begin(&self, id: JobId, attempt: u32, epoch: i64, leased_at: Instant) -> Option<Arc<Claim>> {
        let mut held = self.held();
        if let Some(running) = held.get_mut(&id) {
            running.claim.epoch.store(epoch, Ordering::Release);
            running.leased_at = leased_at;
            return None;
        }
        let claim = Arc::new(Claim::new(id, attempt, epoch));
        held.insert(id, Held { claim: claim.clone(), leased_at });
        Some(claim)
    }

    pub(super) fn end(&self, claims: &[Arc<Claim>]) {
        let mut held = self.held();
        for claim in claims {
            held.remove(&claim.id);
        }
    }

    /// The claims whose task was ended from outside, once.
    pub(super) fn take_cut_off(&self) -> Vec<Arc<Claim>> {
        std::mem::take(&mut *self.cut_off())
    }

    pub(super) fn all(&self) -> Vec<Arc<Claim>> {
        self.held().values().map(|held| held.claim.clone()).collect()
    }

    /// These have been renewed, the others of `asked` are lost, unless they ended or were claimed again meanwhile.
    pub(super) fn renewed(&self, asked: &[(Arc<Claim>, i64)], renewed: &HashSet<JobId>, leased_at: Instant) {
        let mut held = self.held();
        for (claim, epoch) in asked {
            let Some(running) = held.get_mut(&claim.id) else { continue };
            if renewed.contains(&claim.id) {
                running.leased_at = leased_at;
            } else if running.claim.epoch() == *epoch {
                running.claim.lost.cancel();
            }
        }
    }

    /// What could not be renewed for a whole lease may be somebody else's by now.
    pub(super) fn give_up_after(&self, lease: Duration) {
        for held in self.held().values() {
            if held.leased_at.elapsed() >= lease {
                held.claim.lost.cancel();
            }
        }
    }
}

/// Held by the task that works on these claims: what is not ended with it was cut off.
pub(super) struct Working {
    in_flight: Arc<InFlight>,
    claims: Vec<Arc<Claim>>,
    gauge: Gauge,
}

impl Working {
    pub(super) fn new(in_flight: Arc<InFlight>, claims: Vec<Arc<Claim>>, gauge: Gauge) -> Self {
        gauge.increment(1);
        Self { in_flight, claims, gauge }
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        self.gauge.decrement(1);
        let mut held = self.in_flight.held();
        let left = self.claims.drain(..).filter(|claim| held.remove(&claim.id).is_some());
        self.in_flight.cut_off().extend(left);
    }
}
