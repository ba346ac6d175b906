//! Branches of one run that go on side by side.

use std::{
    io,
    sync::{Arc, OnceLock},
    time::Duration,
};

use durable::workflows::{RunState, StepError, Workflows};
use futures_util::join;
use serde_json::{Value, json};
use tokio::sync::{Barrier, Notify};

use super::{Ledger, node, policy, start, status, steps};
use crate::support::{Fixture, on_both_databases};

on_both_databases!(
    steps_of_two_branches_run_at_the_same_time,
    a_branch_goes_on_while_another_is_in_the_middle_of_a_step,
    an_event_reaches_a_branch_while_another_is_in_the_middle_of_a_step,
    a_branch_that_sleeps_keeps_what_the_others_did,
    a_branch_that_fails_leaves_the_others_alone,
);

async fn steps_of_two_branches_run_at_the_same_time(fixture: Fixture) {
    let both = Arc::new(Barrier::new(2));
    let workflows = node(&fixture.store, move |context, _| {
        let both = both.clone();
        Box::pin(async move {
            let meet = async |number: u32| {
                both.wait().await;
                Ok::<_, StepError>(number)
            };
            let left = context.step("left", policy(1), || meet(1));
            let right = context.step("right", policy(1), || meet(2));
            let (left, right) = join!(left, right);
            Ok(json!([left?, right?]))
        })
    });
    start(&workflows, "one", Value::Null).await;
    workflows.run_due().await.unwrap();
    let run = status(&workflows, "one").await;
    assert_eq!(run.output.as_deref(), Some("[1,2]"));
    assert_eq!(steps(&run), [("left", "succeeded"), ("right", "succeeded")]);
}

async fn a_branch_goes_on_while_another_is_in_the_middle_of_a_step(fixture: Fixture) {
    let passed = Arc::new(Notify::new());
    let workflows = node(&fixture.store, move |context, _| {
        let passed = passed.clone();
        Box::pin(async move {
            let quick = async {
                context.step("first", policy(1), || async { Ok(()) }).await?;
                let pass = || async {
                    passed.notify_one();
                    Ok(())
                };
                context.step("second", policy(1), pass).await
            };
            let wait = || async {
                passed.notified().await;
                Ok(())
            };
            let (quick, slow) = join!(quick, context.step("slow", policy(1), wait));
            quick.and(slow)?;
            Ok(Value::Null)
        })
    });
    start(&workflows, "one", Value::Null).await;
    workflows.run_due().await.unwrap();
    assert_eq!(status(&workflows, "one").await.state, RunState::Succeeded);
}

async fn an_event_reaches_a_branch_while_another_is_in_the_middle_of_a_step(fixture: Fixture) {
    let passed = Arc::new(Notify::new());
    let sender: Arc<OnceLock<Workflows>> = Arc::default();
    let own = sender.clone();
    let workflows = node(&fixture.store, move |context, _| {
        let (passed, sender) = (passed.clone(), own.clone());
        Box::pin(async move {
            let waiting = async {
                let answer: Option<u32> = context.wait_for_event("answer", Duration::from_secs(60)).await;
                passed.notify_one();
                answer
            };
            let sending = context.step("send", policy(1), || async {
                sender.get().unwrap().send_event("one", "answer", &42).await?;
                passed.notified().await;
                Ok(())
            });
            let (answer, sent) = join!(waiting, sending);
            sent?;
            Ok(json!(answer))
        })
    });
    assert!(sender.set(workflows.clone()).is_ok());
    start(&workflows, "one", Value::Null).await;
    workflows.run_due().await.unwrap();
    let run = status(&workflows, "one").await;
    assert_eq!(run.output.as_deref(), Some("42"));
    assert_eq!(steps(&run), [("answer", "succeeded"), ("send", "succeeded")]);
}

async fn a_branch_that_sleeps_keeps_what_the_others_did(fixture: Fixture) {
    let ledger = Ledger::default();
    let noted = ledger.clone();
    let workflows = node(&fixture.store, move |context, _| {
        let ledger = noted.clone();
        Box::pin(async move {
            let sleeping = async {
                context.sleep("short", Duration::from_secs(10)).await;
                context.step("after short", policy(1), || async { ledger.done("after short") }).await
            };
            let longer = async {
                context.sleep("long", Duration::from_secs(20)).await;
                context.step("after long", policy(1), || async { ledger.done("after long") }).await
            };
            let working = context.step("work", policy(1), || async { ledger.done("work") });
            let (sleeping, longer, working) = join!(sleeping, longer, working);
            sleeping.and(longer).and(working)?;
            Ok(Value::Null)
        })
    });
    start(&workflows, "one", Value::Null).await;
    workflows.run_due().await.unwrap();
    let run = status(&workflows, "one").await;
    assert_eq!(run.due_at, fixture.store.now().plus(Duration::from_secs(10)));
    assert_eq!(steps(&run), [("short", "sleeping"), ("long", "sleeping"), ("work", "succeeded")]);
    fixture.clock.advance(Duration::from_secs(10));
    workflows.run_due().await.unwrap();
    assert_eq!(ledger.entries(), ["work", "after short"]);
    fixture.clock.advance(Duration::from_secs(10));
    workflows.run_due().await.unwrap();
    assert_eq!(ledger.entries(), ["work", "after short", "after long"]);
    assert_eq!(status(&workflows, "one").await.state, RunState::Succeeded);
}

async fn a_branch_that_fails_leaves_the_others_alone(fixture: Fixture) {
    let ledger = Ledger::default();
    let noted = ledger.clone();
    let workflows = node(&fixture.store, move |context, _| {
        let ledger = noted.clone();
        Box::pin(async move {
            let failing = context.step("fails", policy(1), || async { Err::<(), _>(io::Error::other("away").into()) });
            let working = async {
                for name in ["one", "two"] {
                    context.step(name, policy(1), || async { ledger.done(name) }).await?;
                }
                Ok::<_, durable::workflows::StepFailed>(())
            };
            let (failing, working) = join!(failing, working);
            working?;
            failing?;
            Ok(Value::Null)
        })
    });
    start(&workflows, "one", Value::Null).await;
    workflows.run_due().await.unwrap();
    let run = status(&workflows, "one").await;
    assert_eq!(run.error.as_deref(), Some("step \"fails\" failed after 1 attempt(s): away"));
    assert_eq!(ledger.entries(), ["one", "two"]);
}
