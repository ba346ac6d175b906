//! Pause, resume, terminate, restart.

use std::{sync::Arc, time::Duration};

use durable::workflows::{Context, ControlError, Point, RunState, Workflows};
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::{Ledger, Running, node, node_with, policy, start, status, steps, trap};
use crate::support::{Fixture, on_both_databases};

on_both_databases!(
    a_paused_run_finishes_its_step_and_begins_no_other_until_it_is_resumed,
    a_run_another_node_paused_stops_after_the_step_it_is_in,
    a_run_that_sleeps_can_be_paused_and_sleeps_on,
    a_terminated_run_is_cut_off_and_its_step_does_not_count,
    a_run_begins_again_from_a_step,
    a_run_that_is_executed_begins_again_and_the_former_execution_writes_nothing,
    what_makes_no_sense_is_refused,
);

/// Three steps; the middle one says that it is there and waits.
#[derive(Clone, Default)]
struct Middle {
    ledger: Ledger,
    reached: Arc<Notify>,
    go_on: Arc<Notify>,
}

impl Middle {
    fn script(&self) -> impl for<'a> Fn(&'a Context, Value) -> Running<'a> + Send + Sync + 'static {
        let this = self.clone();
        move |context, _| {
            let this = this.clone();
            Box::pin(async move {
                context.step("a", policy(1), || async { this.ledger.done("a") }).await?;
                let middle = || async {
                    this.reached.notify_one();
                    this.go_on.notified().await;
                    this.ledger.done("b")
                };
                context.step("b", policy(1), middle).await?;
                context.step("c", policy(1), || async { this.ledger.done("c") }).await?;
                Ok(json!("done"))
            })
        }
    }

    /// Executes what is due, and does something else once that has come to the middle.
    async fn meanwhile<T>(&self, workflows: &Workflows, then: impl Future<Output = T>) -> T {
        let running = async { workflows.run_due().await.unwrap() };
        let then = async {
            self.reached.notified().await;
            then.await
        };
        futures_util::join!(running, then).1
    }
}

async fn a_paused_run_finishes_its_step_and_begins_no_other_until_it_is_resumed(fixture: Fixture) {
    let middle = Middle::default();
    let workflows = node(&fixture.store, middle.script());
    start(&workflows, "one", Value::Null).await;
    let pause = async {
        workflows.pause("one").await.unwrap();
        middle.go_on.notify_one();
    };
    middle.meanwhile(&workflows, pause).await;
    let run = status(&workflows, "one").await;
    assert_eq!((run.state, run.node.clone()), (RunState::Paused, None));
    assert_eq!(steps(&run), [("a", "succeeded"), ("b", "succeeded")]);
    workflows.pause("one").await.unwrap();
    assert_eq!(workflows.run_due().await.unwrap(), 0);
    workflows.resume("one").await.unwrap();
    assert_eq!(workflows.run_due().await.unwrap(), 1);
    assert_eq!(status(&workflows, "one").await.state, RunState::Succeeded);
    assert_eq!(middle.ledger.entries(), ["a", "b", "c"]);
}

async fn a_run_another_node_paused_stops_after_the_step_it_is_in(fixture: Fixture) {
    let middle = Middle::default();
    let workflows = node(&fixture.store, middle.script());
    let other = node(&fixture.store, middle.script());
    start(&workflows, "one", Value::Null).await;
    let pause = async {
        other.pause("one").await.unwrap();
        middle.go_on.notify_one();
    };
    middle.meanwhile(&workflows, pause).await;
    assert_eq!(status(&workflows, "one").await.state, RunState::Paused);
    assert_eq!(middle.ledger.entries(), ["a", "b"]);
}

async fn a_run_that_sleeps_can_be_paused_and_sleeps_on(fixture: Fixture) {
    let workflows = node(&fixture.store, |context, _| {
        Box::pin(async move {
            context.sleep("night", Duration::from_secs(60)).await;
            Ok(Value::Null)
        })
    });
    start(&workflows, "one", Value::Null).await;
    workflows.run_due().await.unwrap();
    workflows.pause("one").await.unwrap();
    workflows.resume("one").await.unwrap();
    workflows.run_due().await.unwrap();
    assert_eq!(status(&workflows, "one").await.due_at, fixture.store.now().plus(Duration::from_secs(60)));
    workflows.pause("one").await.unwrap();
    fixture.clock.advance(Duration::from_secs(60));
    assert_eq!(workflows.run_due().await.unwrap(), 0);
    workflows.resume("one").await.unwrap();
    workflows.run_due().await.unwrap();
    assert_eq!(status(&workflows, "one").await.state, RunState::Succeeded);
}

async fn a_terminated_run_is_cut_off_and_its_step_does_not_count(fixture: Fixture) {
    let middle = Middle::default();
    let workflows = node(&fixture.store, middle.script());
    start(&workflows, "one", Value::Null).await;
    // Nobody lets the step go on: it is dropped where it waits.
    middle.meanwhile(&workflows, async { workflows.terminate("one").await.unwrap() }).await;
    let run = status(&workflows, "one").await;
    assert_eq!((run.state, run.node.clone(), run.finished_at), (RunState::Terminated, None, Some(fixture.store.now())));
    assert_eq!(steps(&run), [("a", "succeeded")]);
    workflows.terminate("one").await.unwrap();
    assert_eq!(workflows.run_due().await.unwrap(), 0);
    let error = workflows.resume("one").await.unwrap_err();
    assert!(matches!(error, ControlError::State { state: RunState::Terminated, .. }));
}

async fn a_run_begins_again_from_a_step(fixture: Fixture) {
    let middle = Middle::default();
    let workflows = node(&fixture.store, middle.script());
    start(&workflows, "one", Value::Null).await;
    middle.go_on.notify_one();
    workflows.run_due().await.unwrap();
    workflows.restart_from("one", "b").await.unwrap();
    let run = status(&workflows, "one").await;
    assert_eq!((run.state, run.output.clone(), run.finished_at), (RunState::Running, None, None));
    assert_eq!(steps(&run), [("a", "succeeded")]);
    middle.go_on.notify_one();
    workflows.run_due().await.unwrap();
    assert_eq!(middle.ledger.entries(), ["a", "b", "c", "b", "c"]);

    workflows.restart("one").await.unwrap();
    assert_eq!(steps(&status(&workflows, "one").await), []);
    middle.go_on.notify_one();
    workflows.run_due().await.unwrap();
    assert_eq!(middle.ledger.entries()[5..], ["a", "b", "c"]);
    assert_eq!(status(&workflows, "one").await.output.as_deref(), Some("\"done\""));
}

async fn a_run_that_is_executed_begins_again_and_the_former_execution_writes_nothing(fixture: Fixture) {
    // Another node restarts it, just before this one stores that the first step is done.
    let middle = Middle::default();
    let (trap, options) = trap(Point::BeforeCommit, 1);
    let workflows = node_with(&fixture.store, options, middle.script());
    let other = node(&fixture.store, middle.script());
    start(&workflows, "one", Value::Null).await;
    let running = async {
        workflows.run_due().await.unwrap();
    };
    let restarting = async {
        trap.reached().await;
        other.restart("one").await.unwrap();
        trap.open();
    };
    middle.go_on.notify_one();
    futures_util::join!(running, restarting);
    let run = status(&workflows, "one").await;
    assert_eq!(run.state, RunState::Succeeded);
    // The first execution's step does not count: it is done again, and only once more.
    assert_eq!(middle.ledger.entries(), ["a", "a", "b", "c"]);
}

async fn what_makes_no_sense_is_refused(fixture: Fixture) {
    let workflows = node(&fixture.store, |context, _| {
        Box::pin(async move {
            context.step("a", policy(1), || async { Ok(1) }).await?;
            Ok(Value::Null)
        })
    });
    let missing = |result: Result<(), ControlError>| assert!(matches!(result, Err(ControlError::NotFound { .. })));
    missing(workflows.pause("none").await);
    missing(workflows.resume("none").await);
    missing(workflows.terminate("none").await);
    missing(workflows.restart("none").await);
    missing(workflows.restart_from("none", "a").await);
    start(&workflows, "one", Value::Null).await;
    workflows.resume("one").await.unwrap();
    workflows.run_due().await.unwrap();
    for result in [workflows.pause("one").await, workflows.resume("one").await, workflows.terminate("one").await] {
        assert!(matches!(result, Err(ControlError::State { state: RunState::Succeeded, .. })));
    }
    let error = workflows.restart_from("one", "z").await.unwrap_err();
    assert_eq!(error.to_string(), "the run \"one\" has no step \"z\" (it has: a)");
    assert_eq!(status(&workflows, "one").await.state, RunState::Succeeded);
}
