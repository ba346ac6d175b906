//! Workflows: functions whose finished steps are never run again, through crashes, deploys and changes of node.
//!
//! # Needs
//! An evaluation renders a page, asks an AI and changes state: minutes of work in steps that cost money or are seen outside.
//! It has to end although nodes die in the middle of it, must not do twice what it has done, and may wait for days without
//! costing anything meanwhile.
//!
//! # Properties
//! * A run exists once for its id, however often it is started.
//! * A step whose result is stored never runs again. A step that changes this database by [`Context::transact`] takes
//!   effect exactly once. Any other may begin again when its node died before its result was stored: pass
//!   [`Context::idempotency_key`] outwards.
//! * Embedded, a run goes on at once when the process is back; on PostgreSQL when the lease of its node has ended.
//! * Two nodes never write about one run under the same claim, and an older claim writes nothing.
//! * Sleeping, waiting for an event and waiting for another attempt hold no memory.
//! * What a run cannot get over (a payload of the future, two steps of one name, an output too large) sets it aside with what
//!   to do ([`Parked`]): nothing of it is lost.
//! * Steps are known by name: steps may be inserted, removed and put in another order under runs in flight.
//!
//! # Design
//! A run is a row; each of its steps is a row once there is something to say about it. A node claims runs that are due, by a
//! lease and a raised epoch, many in one statement; reads their journals; and executes their functions from the beginning.
//! A step the journal knows returns at once. One it does not know runs, and its result is recorded (`run`), stored by the
//! driver before any other step begins (`driver`), or with the end of the run where nothing else comes. That is all that is
//! written: three steps are a start, a share of a claim, two results, and the third with the end.
//!
//! What cannot go on now just does not return. When the function waits, and no code of a step runs, and everything it
//! waits for is in the database's hands, the run is given back, due when the first of it is, and its memory is freed. So
//! there is no error that means "later" which a function could mistake for one to be handled.
//!
//! When runs are due is told by the service's clock, leases by the database's.
//!
//! # Races
//! * **Two nodes claim.** On PostgreSQL each leaves out the rows the other is taking; embedded there is one writer.
//! * **Node gone, node back.** Its leases end, others take its runs over under a higher epoch, and what it still writes
//!   changes nothing. A result being stored holds the run's row, so that it is either seen by the next claim or refused.
//! * **Node frozen inside a transaction.** It holds the run against being taken over until PostgreSQL ends its connection,
//!   after ten seconds, and with it the transaction.
//! * **Event against suspension.** The run is given back under the number of events it has seen; if more were sent by
//!   then, it is due at once.
//! * **Event against time-out.** Which it was is stored before anything follows from it.
//! * **Clock back.** What waits by a clock that was ahead would go on too late by as much: it waits as long as it was to
//!   wait, from now on (`due_times`). A clock that jumps ahead ends sleeps early, and what was over stays over.
//! * **Lost answer.** Whether a result was stored is not known when the connection breaks meanwhile. It is stored again
//!   under the same epoch, which changes nothing; a transaction of the function's own is looked up in the journal.
//! * **Claimed and forgotten** (a connection lost during the claim): what a node leases and does not execute is given back.
//! * **Rolling upgrade.** An input of a newer version is left to newer nodes for a while before it is set aside.
//!
//! # Accepted
//! * A step that was cut off by a crash counts no attempt, since nothing is written when it begins. So that a step that takes
//!   its node down does not do so for ever, it is counted how often a run is left without a word, and after ten times in a
//!   row, with no result stored in between, it is set aside.
//! * A step that failed is tried again in the next execution: while another branch of its run goes on, it waits for that.
//! * Races between branches (`select!`) may end differently in the next execution. Waiting for an event has its own
//!   time-out; for the rest, put what decides into a step.
//! * A run that was frozen with its node may run its current step once more than its journal says.
//! * Of a run that is being executed while the clock is put back, what sleeps already sleeps by the former time.
//! * An id is free again when its run was removed, some time after its end.

mod claim;
mod context;
mod control;
mod driver;
mod due_times;
mod engine;
mod error;
mod heartbeat;
mod journal;
mod listing;
mod metrics;
mod policy;
mod retention;
mod run;
mod runner;
mod seam;
mod start;
mod status;
mod workflow;

use std::{collections::BTreeMap, fmt, sync::Arc, time::Duration};

#[doc(hidden)]
pub use self::seam::{Point, Seam};
pub use self::{
    context::Context,
    control::Sent,
    error::{
        BoxError, ControlError, MAX_NAME_BYTES, MAX_VALUE_BYTES, Parked, StartError, StepError, StepFailed,
        WorkflowError,
    },
    journal::StepState,
    listing::{KindStatus, RunCursor},
    policy::StepPolicy,
    start::Started,
    status::{RunState, RunStatus, StepStatus},
    workflow::Workflow,
};
use self::{
    engine::{Engine, Registered},
    metrics::Metrics,
};
use crate::store::Store;

/// How a node executes workflows.
#[derive(Clone)]
pub struct Options {
    /// How many runs this node executes at once.
    pub at_once: usize,
    /// How long a node that is gone keeps its runs (PostgreSQL).
    pub lease: Duration,
    /// How often other nodes' doings are looked for (PostgreSQL).
    pub poll: Duration,
    /// How often in a row a run may be left by a node that dies, with no result stored in between, before it is set aside.
    pub interruptions: i64,
    /// How long runs with an input of a newer version are left to newer nodes (PostgreSQL).
    pub newer_input_grace: Duration,
    /// How long runs are kept after their end.
    pub retention: Duration,
    /// For tests.
    #[doc(hidden)]
    pub seam: Option<Arc<dyn Seam>>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            at_once: 256,
            lease: Duration::from_secs(10),
            poll: Duration::from_millis(250),
            interruptions: 10,
            newer_input_grace: Duration::from_secs(600),
            retention: Duration::from_secs(30 * 24 * 3_600),
            seam: None,
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Options")
            .field("at_once", &self.at_once)
            .field("lease", &self.lease)
            .finish_non_exhaustive()
    }
}

/// The workflows of a node. Cheap to clone.
#[derive(Clone)]
pub struct Workflows(Arc<Engine>);

/// Collects the workflows a node knows.
pub struct WorkflowsBuilder {
    store: Store,
    options: Options,
    registry: BTreeMap<&'static str, Registered>,
}

impl Workflows {
    /// To register workflows with.
    #[must_use]
    pub fn builder(store: Store, options: Options) -> WorkflowsBuilder {
        WorkflowsBuilder { store, options, registry: BTreeMap::new() }
    }

    fn engine(&self) -> &Arc<Engine> {
        &self.0
    }

    fn store(&self) -> &Store {
        &self.0.store
    }

    /// Has this node look for runs that are due, for whoever started some by [`Workflows::start_in`] and has committed.
    pub fn wake(&self) {
        self.0.wake.notify_one();
    }
}

impl WorkflowsBuilder {
    /// With this workflow, in place of any other of its kind.
    #[must_use]
    pub fn register<W: Workflow>(self, workflow: W) -> Self {
        self.insert(workflow, None)
    }

    /// With this workflow, of which all nodes together execute at most `limit` runs at once. Those that sleep or wait are
    /// not counted.
    #[must_use]
    pub fn register_limited<W: Workflow>(self, workflow: W, limit: u32) -> Self {
        self.insert(workflow, Some(limit))
    }

    fn insert<W: Workflow>(mut self, workflow: W, limit: Option<u32>) -> Self {
        let metrics = Arc::new(Metrics::new(W::KIND));
        let registered = Registered { kind: W::KIND, workflow: Arc::new(workflow), limit, metrics };
        self.registry.insert(W::KIND, registered);
        self
    }

    /// The workflows, not running: see [`Workflows::run`].
    #[must_use]
    pub fn build(self) -> Workflows {
        Workflows(Arc::new(Engine::new(self.store, self.options, self.registry)))
    }
}
