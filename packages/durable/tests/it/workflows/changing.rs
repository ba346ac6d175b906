//! Code that changes under runs in flight.

use std::time::Duration;

use durable::workflows::{Context, RunState, StepFailed};
use serde_json::{Value, json};

use super::{Ledger, Running, node, policy, start, status, steps};
use crate::support::{Fixture, on_both_databases};

on_both_databases!(
    steps_are_inserted_removed_and_put_in_another_order_under_a_run_in_flight,
    a_sleep_that_became_a_step_and_a_step_that_became_a_sleep_go_on,
    a_run_begins_again_from_a_step_that_was_inserted,
);

/// The named steps in this order, and a night before the one called `night`.
fn sequence(
    ledger: Ledger,
    names: &'static [&'static str],
) -> impl for<'a> Fn(&'a Context, Value) -> Running<'a> + Send + Sync + 'static {
    move |context, _| {
        let ledger = ledger.clone();
        Box::pin(async move {
            let mut told = Vec::new();
            for name in names {
                if *name == "night" {
                    context.sleep("night", Duration::from_secs(60)).await;
                } else {
                    told.push(step(context, &ledger, name).await?);
                }
            }
            Ok(json!(told))
        })
    }
}

/// A step that answers the how manyeth it was of all.
async fn step(context: &Context, ledger: &Ledger, name: &str) -> Result<usize, StepFailed> {
    let work = || async {
        ledger.note(name);
        Ok(ledger.entries().len())
    };
    context.step(name, policy(1), work).await
}

async fn steps_are_inserted_removed_and_put_in_another_order_under_a_run_in_flight(fixture: Fixture) {
    let ledger = Ledger::default();
    let before = node(&fixture.store, sequence(ledger.clone(), &["a", "b", "c", "night", "d"]));
    start(&before, "one", Value::Null).await;
    before.run_due().await.unwrap();
    // `b` is gone, `c` comes before `a`, and `x` and `y` are new, one of them in what has passed.
    let after = node(&fixture.store, sequence(ledger.clone(), &["c", "x", "a", "night", "y", "d"]));
    fixture.clock.advance(Duration::from_secs(60));
    after.run_due().await.unwrap();
    let run = status(&after, "one").await;
    assert_eq!(run.state, RunState::Succeeded);
    assert_eq!(ledger.entries(), ["a", "b", "c", "x", "y", "d"]);
    // What they answered is what they answered then.
    assert_eq!(run.output.as_deref(), Some("[3,4,1,5,6]"));
    let mut names: Vec<_> = steps(&run).into_iter().map(|(name, _)| name).collect();
    names.sort_unstable();
    assert_eq!(names, ["a", "b", "c", "d", "night", "x", "y"]);
}

async fn a_sleep_that_became_a_step_and_a_step_that_became_a_sleep_go_on(fixture: Fixture) {
    let ledger = Ledger::default();
    let before = node(&fixture.store, |context, _| {
        Box::pin(async move {
            context.step("first", policy(1), || async { Ok(1) }).await?;
            context.sleep("second", Duration::from_secs(60)).await;
            Ok(Value::Null)
        })
    });
    start(&before, "one", Value::Null).await;
    before.run_due().await.unwrap();
    fixture.clock.advance(Duration::from_secs(60));
    let noted = ledger.clone();
    let after = node(&fixture.store, move |context, _| {
        let ledger = noted.clone();
        Box::pin(async move {
            context.sleep("first", Duration::from_secs(60)).await;
            Ok(json!(step(context, &ledger, "second").await?))
        })
    });
    after.run_due().await.unwrap();
    assert_eq!(status(&after, "one").await.output.as_deref(), Some("1"));
}

async fn a_run_begins_again_from_a_step_that_was_inserted(fixture: Fixture) {
    let ledger = Ledger::default();
    let before = node(&fixture.store, sequence(ledger.clone(), &["a", "b", "night"]));
    start(&before, "one", Value::Null).await;
    before.run_due().await.unwrap();
    let after = node(&fixture.store, sequence(ledger.clone(), &["a", "x", "b", "night"]));
    fixture.clock.advance(Duration::from_secs(60));
    after.run_due().await.unwrap();
    assert_eq!(ledger.entries(), ["a", "b", "x"]);
    after.restart_from("one", "x").await.unwrap();
    after.run_due().await.unwrap();
    assert_eq!(ledger.entries()[3..], ["x", "b"]);
}
