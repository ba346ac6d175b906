//! What all parts share on one node.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use data_ops::database::DatabaseError;
use tokio::sync::{Notify, OnceCell};

use super::{
    Options,
    metrics::{self, Metrics},
    run::Run,
    seam::Point,
    workflow::Kind,
};
use crate::{clock_seen::ClockSeen, store::Store};

pub(super) struct Engine {
    pub store: Store,
    pub options: Options,
    pub registry: BTreeMap<&'static str, Registered>,
    /// This node among the holders of leases; another one after each start.
    pub node: String,
    /// Something may be due.
    pub wake: Notify,
    /// Whether the leases of the former process were freed, where there was one.
    pub freed: OnceCell<()>,
    pub clock_seen: ClockSeen,
    held: Mutex<HashMap<String, Arc<Run>>>,
}

/// A workflow this node knows.
#[derive(Clone)]
pub(super) struct Registered {
    pub kind: &'static str,
    pub workflow: Arc<dyn Kind>,
    /// How many runs may be executed at once, by all nodes together.
    pub limit: Option<u32>,
    pub metrics: Arc<Metrics>,
}

impl Engine {
    pub fn new(store: Store, options: Options, registry: BTreeMap<&'static str, Registered>) -> Self {
        Self {
            store,
            options,
            registry,
            node: uuid::Uuid::new_v4().to_string(),
            wake: Notify::new(),
            freed: OnceCell::new(),
            clock_seen: ClockSeen::new(),
            held: Mutex::default(),
        }
    }

    pub async fn reach(&self, point: Point, run: &str) {
        if let Some(seam) = &self.options.seam {
            seam.reach(point, run).await;
        }
    }

    /// The runs executed here.
    pub fn held(&self) -> MutexGuard<'_, HashMap<String, Arc<Run>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The run, if it is executed here.
    pub fn run(&self, id: &str) -> Option<Arc<Run>> {
        self.held().get(id).cloned()
    }
}

/// A run executed here, until it is dropped.
pub(super) struct Held {
    engine: Arc<Engine>,
    pub run: Arc<Run>,
    metrics: Arc<Metrics>,
}

impl Held {
    pub fn new(engine: Arc<Engine>, run: Run, metrics: Arc<Metrics>) -> Self {
        let run = Arc::new(run);
        let former = engine.held().insert(run.id.clone(), run.clone());
        if let Some(former) = former {
            former.lose();
        }
        metrics.in_flight.increment(1.0);
        Self { engine, run, metrics }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut held = self.engine.held();
        if held.get(&self.run.id).is_some_and(|run| run.epoch == self.run.epoch) {
            held.remove(&self.run.id);
        }
        self.metrics.in_flight.decrement(1.0);
    }
}

/// The waits between attempts to reach a database that is away.
#[derive(Default)]
pub(super) struct Retries(u32);

impl Retries {
    pub async fn wait(&mut self, error: &DatabaseError) {
        const FIRST: Duration = Duration::from_millis(20);
        const LONGEST: Duration = Duration::from_secs(2);
        let wait = FIRST.saturating_mul(1 << self.0.min(10)).min(LONGEST);
        self.0 += 1;
        metrics::write_failed();
        tracing::warn!(error = error as &dyn std::error::Error, ?wait, "the database is away; workflows wait for it");
        tokio::time::sleep(wait).await;
    }
}
