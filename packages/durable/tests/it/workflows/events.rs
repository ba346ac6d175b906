//! Waiting for what comes from outside.

use std::time::Duration;

use durable::workflows::{Context, ControlError, MAX_VALUE_BYTES, RunState, Sent, StepState};
use serde_json::{Value, json};

use super::{Ledger, Running, node, policy, start, status, steps};
use crate::support::{Fixture, on_both_databases};

on_both_databases!(
    a_run_waits_for_its_event_and_holds_nothing_meanwhile,
    an_event_may_come_before_anybody_waits_for_it,
    an_event_that_does_not_come_in_time_is_none_for_good,
    the_first_payload_of_an_event_counts,
    an_event_sent_while_the_run_is_given_back_is_not_slept_over,
    what_cannot_be_sent_is_refused_with_its_reason,
);

const HOUR: Duration = Duration::from_secs(3_600);

fn waiter(ledger: Ledger) -> impl for<'a> Fn(&'a Context, Value) -> Running<'a> + Send + Sync + 'static {
    move |context, _| {
        let ledger = ledger.clone();
        Box::pin(async move {
            context.step("ask", policy(1), || async { ledger.done("ask") }).await?;
            let answer: Option<u32> = context.wait_for_event("answer", HOUR).await;
            context.step("act", policy(1), || async { ledger.done("act") }).await?;
            Ok(json!({ "answer": answer }))
        })
    }
}

async fn a_run_waits_for_its_event_and_holds_nothing_meanwhile(fixture: Fixture) {
    let ledger = Ledger::default();
    let workflows = node(&fixture.store, waiter(ledger.clone()));
    start(&workflows, "one", Value::Null).await;
    workflows.run_due().await.unwrap();
    let run = status(&workflows, "one").await;
    assert_eq!(steps(&run), [("ask", "succeeded"), ("answer", "waiting")]);
    assert_eq!((run.node, run.due_at), (None, fixture.store.now().plus(HOUR)));
    assert_eq!(workflows.run_due().await.unwrap(), 0);

    assert_eq!(workflows.send_event("one", "unrelated", &7).await.unwrap(), Sent::New);
    assert_eq!(workflows.run_due().await.unwrap(), 1);
    assert_eq!(status(&workflows, "one").await.due_at, fixture.store.now().plus(HOUR));

    assert_eq!(workflows.send_event("one", "answer", &42).await.unwrap(), Sent::New);
    assert_eq!(workflows.run_due().await.unwrap(), 1);
    let run = status(&workflows, "one").await;
    assert_eq!(run.output.as_deref(), Some(r#"{"answer":42}"#));
    assert_eq!(steps(&run), [("ask", "succeeded"), ("answer", "succeeded"), ("act", "succeeded")]);
    assert_eq!(ledger.entries(), ["ask", "act"]);
}

async fn an_event_may_come_before_anybody_waits_for_it(fixture: Fixture) {
    let workflows = node(&fixture.store, waiter(Ledger::default()));
    start(&workflows, "one", Value::Null).await;
    workflows.send_event("one", "answer", &7).await.unwrap();
    assert_eq!(workflows.run_due().await.unwrap(), 1);
    assert_eq!(status(&workflows, "one").await.output.as_deref(), Some(r#"{"answer":7}"#));
}

async fn an_event_that_does_not_come_in_time_is_none_for_good(fixture: Fixture) {
    let workflows = node(&fixture.store, |context, _| {
        Box::pin(async move {
            let answer: Option<u32> = context.wait_for_event("answer", HOUR).await;
            // Another execution, by when the event is there.
            context.sleep("later", HOUR).await;
            Ok(json!({ "answer": answer }))
        })
    });
    start(&workflows, "one", Value::Null).await;
    workflows.run_due().await.unwrap();
    fixture.clock.advance(HOUR);
    workflows.run_due().await.unwrap();
    assert_eq!(status(&workflows, "one").await.steps[0].state, StepState::TimedOut);
    workflows.send_event("one", "answer", &42).await.unwrap();
    fixture.clock.advance(HOUR);
    workflows.run_due().await.unwrap();
    assert_eq!(status(&workflows, "one").await.output.as_deref(), Some(r#"{"answer":null}"#));
}

async fn the_first_payload_of_an_event_counts(fixture: Fixture) {
    let workflows = node(&fixture.store, waiter(Ledger::default()));
    start(&workflows, "one", Value::Null).await;
    assert_eq!(workflows.send_event("one", "answer", &1).await.unwrap(), Sent::New);
    assert_eq!(workflows.send_event("one", "answer", &2).await.unwrap(), Sent::Already);
    workflows.run_due().await.unwrap();
    assert_eq!(status(&workflows, "one").await.output.as_deref(), Some(r#"{"answer":1}"#));
    // Whoever sends it again after the end learns the same.
    assert_eq!(workflows.send_event("one", "answer", &2).await.unwrap(), Sent::Already);
    let error = workflows.send_event("one", "another", &2).await.unwrap_err();
    assert!(matches!(error, ControlError::State { state: RunState::Succeeded, .. }), "{error}");
}

async fn an_event_sent_while_the_run_is_given_back_is_not_slept_over(fixture: Fixture) {
    // Another node sends, which cannot tell this one.
    let (trap, seam) = super::trap(durable::workflows::Point::BeforeCommit, 1);
    let workflows = super::node_with(&fixture.store, seam, waiter(Ledger::default()));
    let sender = node(&fixture.store, waiter(Ledger::default()));
    start(&workflows, "one", Value::Null).await;
    let running = workflows.run_due();
    let sending = async {
        // What the step did is stored as the run is given back.
        trap.reached().await;
        sender.send_event("one", "answer", &42).await.unwrap();
        trap.open();
    };
    futures_util::future::join(running, sending).await.0.unwrap();
    assert_eq!(status(&workflows, "one").await.output.as_deref(), Some(r#"{"answer":42}"#));
}

async fn what_cannot_be_sent_is_refused_with_its_reason(fixture: Fixture) {
    let workflows = node(&fixture.store, waiter(Ledger::default()));
    start(&workflows, "one", Value::Null).await;
    let send = |id: &'static str, name: &'static str| workflows.send_event(id, name, &1);
    assert!(matches!(send("none", "answer").await, Err(ControlError::NotFound { id }) if id == "none"));
    assert!(matches!(send("one", "").await, Err(ControlError::InvalidName)));
    assert!(matches!(send("one", "a\nb").await, Err(ControlError::InvalidName)));
    let large = "x".repeat(MAX_VALUE_BYTES - 1);
    let error = workflows.send_event("one", "answer", &large).await.unwrap_err();
    assert!(matches!(error, ControlError::PayloadTooLarge { bytes } if bytes == MAX_VALUE_BYTES + 1));
    workflows.send_event("one", "answer", &large[1..]).await.unwrap();
    workflows.run_due().await.unwrap();
    // It waits for a number.
    let run = status(&workflows, "one").await;
    assert!(run.parked.unwrap().to_string().contains("\"answer\" cannot be read"));
}
