//! Workflows: what tests of them share.

mod branches;
mod changing;
mod events;
mod modelled;
mod nodes;
mod operating;
mod parking;
mod steering;
mod steps;

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use durable::{
    backoff::Backoff,
    store::Store,
    workflows::{Context, Options, Point, RunStatus, Seam, StepError, StepPolicy, Workflow, WorkflowError, Workflows},
};
use futures_util::future::BoxFuture;
use serde_json::Value;
use tokio::sync::{Notify, Semaphore};

use crate::support::{Fixture, execute};

/// An execution of a script.
pub type Running<'a> = BoxFuture<'a, Result<Value, WorkflowError>>;

/// A workflow that is a closure.
pub struct Script<F>(pub F);

impl<F> Workflow for Script<F>
where
    F: for<'a> Fn(&'a Context, Value) -> Running<'a> + Send + Sync + 'static,
{
    const KIND: &'static str = "script";
    type Input = Value;
    type Output = Value;

    async fn run(&self, context: &Context, input: Value) -> Result<Value, WorkflowError> {
        (self.0)(context, input).await
    }
}

/// Says that a closure is a script: without it, its lifetimes are guessed wrongly.
pub fn script<F>(function: F) -> Script<F>
where
    F: for<'a> Fn(&'a Context, Value) -> Running<'a> + Send + Sync + 'static,
{
    Script(function)
}

/// The workflows of a node that knows this script.
pub fn node<F>(store: &Store, function: F) -> Workflows
where
    F: for<'a> Fn(&'a Context, Value) -> Running<'a> + Send + Sync + 'static,
{
    node_with(store, Options::default(), function)
}

pub fn node_with<F>(store: &Store, options: Options, function: F) -> Workflows
where
    F: for<'a> Fn(&'a Context, Value) -> Running<'a> + Send + Sync + 'static,
{
    Workflows::builder(store.clone(), options).register(script(function)).build()
}

/// What steps did, in order.
#[derive(Clone, Default)]
pub struct Ledger(Arc<Mutex<Vec<String>>>);

impl Ledger {
    pub fn note(&self, what: impl Into<String>) {
        self.0.lock().unwrap().push(what.into());
    }

    /// The same, for a step that does nothing else.
    pub fn done(&self, what: impl Into<String>) -> Result<(), StepError> {
        self.note(what);
        Ok(())
    }

    pub fn entries(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    pub fn count(&self, what: &str) -> usize {
        self.entries().iter().filter(|entry| *entry == what).count()
    }
}

/// As many attempts, a second apart.
pub fn policy(attempts: u32) -> StepPolicy {
    StepPolicy { attempts, backoff: Backoff::constant(std::time::Duration::from_secs(1)), time_out: None }
}

pub async fn start(workflows: &Workflows, id: &str, input: Value) {
    workflows.start::<AnyScript>(id, &input).await.unwrap();
}

/// For calls that only need the kind.
pub type AnyScript = Script<for<'a> fn(&'a Context, Value) -> Running<'a>>;

pub async fn status(workflows: &Workflows, id: &str) -> RunStatus {
    workflows.status(id).await.unwrap().unwrap()
}

/// The names of a run's steps and how far they are.
pub fn steps(status: &RunStatus) -> Vec<(&str, &'static str)> {
    status.steps.iter().map(|step| (step.name.as_str(), step.state.as_str())).collect()
}

/// Holds an engine at one place: for ever, as a crash does, or until it is let go, as a node that stood still.
pub struct Trap {
    point: Point,
    before: AtomicUsize,
    reached: Notify,
    open: Semaphore,
}

/// A trap at this point, when the engine comes there for the n-th time, and options with it.
pub fn trap(point: Point, nth: usize) -> (Arc<Trap>, Options) {
    let trap = Trap { point, before: AtomicUsize::new(nth), reached: Notify::new(), open: Semaphore::new(0) };
    let trap = Arc::new(trap);
    (trap.clone(), Options { seam: Some(Arc::new(Trapped(trap))), ..Options::default() })
}

impl Trap {
    /// Waits until the engine is there.
    pub async fn reached(&self) {
        self.reached.notified().await;
    }

    pub fn open(&self) {
        self.open.add_permits(1);
    }
}

struct Trapped(Arc<Trap>);

impl Seam for Trapped {
    fn reach(&self, point: Point, _: &str) -> BoxFuture<'static, ()> {
        let trap = self.0.clone();
        Box::pin(async move {
            if point == trap.point && trap.before.fetch_sub(1, Ordering::SeqCst) == 1 {
                trap.reached.notify_one();
                trap.open.acquire().await.unwrap().forget();
            }
        })
    }
}

/// Has the leases of nodes that are gone end now. (Embedded they end with the process.)
pub async fn end_leases(fixture: &Fixture) {
    execute(fixture, "UPDATE workflows SET lease_until = 0 WHERE lease_until IS NOT NULL").await;
}
