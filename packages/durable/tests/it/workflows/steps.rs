//! Steps: once each, retried, timed out, asleep.

use std::{io, time::Duration};

use durable::workflows::{Context, RunState, StartError, Started, StepError, StepPolicy, StepState};
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};

use super::{AnyScript, Ledger, Running, node, policy, start, status, steps};
use crate::support::{Fixture, on_both_databases};

on_both_databases!(
    a_run_goes_through_its_steps_once_and_ends_with_its_output,
    an_id_is_started_once,
    a_kind_nobody_registered_is_not_started,
    a_step_that_fails_is_tried_again_after_its_backoff,
    a_step_fails_after_its_attempts_and_the_function_may_make_up_for_it,
    a_step_that_says_so_is_not_tried_again,
    a_step_that_panics_or_hangs_has_failed,
    a_sleep_ends_when_the_clock_says_so_though_the_process_was_another,
    a_sleep_is_not_cut_short_by_a_clock_that_goes_back,
    what_a_function_says_it_failed_of_is_kept_with_all_causes,
    a_transaction_takes_effect_with_its_journal_or_not_at_all,
);

async fn a_run_goes_through_its_steps_once_and_ends_with_its_output(fixture: Fixture) {
    let ledger = Ledger::default();
    let noted = ledger.clone();
    let workflows = node(&fixture.store, move |context, input| {
        let ledger = noted.clone();
        Box::pin(async move {
            let mut sum = input["first"].as_i64().unwrap();
            for name in ["a", "b", "c"] {
                sum += context
                    .step(name, policy(1), || async {
                        ledger.note(context.idempotency_key(name));
                        Ok(10)
                    })
                    .await?;
            }
            Ok(json!({ "sum": sum }))
        })
    });
    start(&workflows, "script:1", json!({ "first": 5 })).await;
    assert_eq!(status(&workflows, "script:1").await.state, RunState::Running);
    assert_eq!(workflows.run_due().await.unwrap(), 1);
    let run = status(&workflows, "script:1").await;
    assert_eq!(run.state, RunState::Succeeded);
    assert_eq!(run.output.as_deref(), Some(r#"{"sum":35}"#));
    assert_eq!((run.executions, run.node.clone(), run.finished_at), (1, None, Some(fixture.store.now())));
    assert_eq!(steps(&run), [("a", "succeeded"), ("b", "succeeded"), ("c", "succeeded")]);
    assert!(run.steps.iter().all(|step| step.attempts == 1 && step.output.as_deref() == Some("10")));
    assert_eq!(ledger.entries(), ["script:1/a", "script:1/b", "script:1/c"]);
    assert_eq!(workflows.run_due().await.unwrap(), 0);
}

async fn an_id_is_started_once(fixture: Fixture) {
    let workflows = node(&fixture.store, |_, input| Box::pin(async move { Ok(input) }));
    let again = || workflows.start::<AnyScript>("one", &Value::Null);
    assert_eq!(again().await.unwrap(), Started::New);
    assert_eq!(again().await.unwrap(), Started::Already);
    workflows.run_due().await.unwrap();
    assert_eq!(again().await.unwrap(), Started::Already);
    assert_eq!(workflows.run_due().await.unwrap(), 0);

    // Many at once, and of another kind.
    let started =
        futures_util::future::join_all((0..20).map(|_| workflows.start::<AnyScript>("two", &Value::Null))).await;
    assert_eq!(started.into_iter().filter(|started| *started.as_ref().unwrap() == Started::New).count(), 1);
    let sql = "UPDATE workflows SET kind = 'other' WHERE id = 'two'";
    crate::support::execute(&fixture, sql).await;
    let error = workflows.start::<AnyScript>("two", &Value::Null).await.unwrap_err();
    assert!(matches!(error, StartError::IdInUse { id, kind } if id == "two" && kind == "other"));
}

async fn a_kind_nobody_registered_is_not_started(fixture: Fixture) {
    let workflows = durable::workflows::Workflows::builder(fixture.store.clone(), Default::default()).build();
    let error = workflows.start::<AnyScript>("one", &Value::Null).await.unwrap_err();
    assert!(matches!(error, StartError::UnknownKind { kind, .. } if kind == "script"));
    assert!(workflows.status("one").await.unwrap().is_none());
}

async fn a_step_that_fails_is_tried_again_after_its_backoff(fixture: Fixture) {
    let ledger = Ledger::default();
    let noted = ledger.clone();
    let workflows = node(&fixture.store, move |context, _| {
        let ledger = noted.clone();
        Box::pin(async move {
            context.step("before", policy(1), || async { ledger.done("before") }).await?;
            let value = context.step("flaky", policy(3), || async {
                ledger.note("flaky");
                if ledger.count("flaky") < 3 {
                    Err(io::Error::other("away"))?
                }
                Ok(7)
            });
            Ok(json!(value.await?))
        })
    });
    start(&workflows, "one", Value::Null).await;
    workflows.run_due().await.unwrap();
    let run = status(&workflows, "one").await;
    assert_eq!(steps(&run), [("before", "succeeded"), ("flaky", "retrying")]);
    assert_eq!(run.steps[1].error.as_deref(), Some("away"));
    assert_eq!(run.steps[1].due_at, Some(fixture.store.now().plus(Duration::from_secs(1))));
    fixture.clock.advance(Duration::from_millis(999));
    assert_eq!(workflows.run_due().await.unwrap(), 0);
    fixture.clock.advance(Duration::from_millis(1));
    assert_eq!(workflows.run_due().await.unwrap(), 1);
    fixture.clock.advance(Duration::from_secs(1));
    workflows.run_due().await.unwrap();
    let run = status(&workflows, "one").await;
    assert_eq!((run.state, run.output.as_deref()), (RunState::Succeeded, Some("7")));
    assert_eq!((run.steps[1].attempts, run.steps[1].error.as_deref()), (3, None));
    assert_eq!(ledger.entries(), ["before", "flaky", "flaky", "flaky"]);
}

async fn a_step_fails_after_its_attempts_and_the_function_may_make_up_for_it(fixture: Fixture) {
    let ledger = Ledger::default();
    let noted = ledger.clone();
    let workflows = node(&fixture.store, move |context, _| {
        let ledger = noted.clone();
        Box::pin(async move {
            let failed = context.step("charge", policy(2), || async {
                ledger.note("charge");
                Err::<(), _>(StepError::from(io::Error::other("declined")))
            });
            let failed = failed.await.unwrap_err();
            context.step("refund", policy(1), || async { ledger.done("refund") }).await?;
            Ok(json!([failed.step, failed.attempts, failed.error]))
        })
    });
    start(&workflows, "one", Value::Null).await;
    workflows.run_due().await.unwrap();
    fixture.clock.advance(Duration::from_secs(1));
    workflows.run_due().await.unwrap();
    let run = status(&workflows, "one").await;
    assert_eq!(run.output.as_deref(), Some(r#"["charge",2,"declined"]"#));
    assert_eq!(steps(&run), [("charge", "failed"), ("refund", "succeeded")]);
    assert_eq!(ledger.entries(), ["charge", "charge", "refund"]);
}

async fn a_step_that_says_so_is_not_tried_again(fixture: Fixture) {
    let workflows = node(&fixture.store, |context, _| {
        Box::pin(async move {
            context.step("never", policy(5), || async { Err::<(), _>(StepError::fail("no such page")) }).await?;
            Ok(Value::Null)
        })
    });
    start(&workflows, "one", Value::Null).await;
    workflows.run_due().await.unwrap();
    let run = status(&workflows, "one").await;
    assert_eq!(run.state, RunState::Failed);
    assert_eq!(run.error.as_deref(), Some("step \"never\" failed after 1 attempt(s): no such page"));
}

async fn a_step_that_panics_or_hangs_has_failed(fixture: Fixture) {
    let workflows = node(&fixture.store, |context, _| {
        Box::pin(async move {
            let hanging = StepPolicy::once().time_out(Duration::from_millis(1));
            let hung = context.step("hang", hanging, std::future::pending::<Result<(), StepError>>).await.unwrap_err();
            let work = || async { if context.id() == "one" { panic!("a defect") } else { Ok(()) } };
            let panicked = context.step("panic", StepPolicy::once(), work).await.unwrap_err();
            Ok(json!([hung.error, panicked.error]))
        })
    });
    start(&workflows, "one", Value::Null).await;
    workflows.run_due().await.unwrap();
    let run = status(&workflows, "one").await;
    assert_eq!(run.output.as_deref(), Some(r#"["no answer within 1ms","it panicked: a defect"]"#));
}

fn sleeper(ledger: Ledger) -> impl for<'a> Fn(&'a Context, Value) -> Running<'a> + Send + Sync + 'static {
    move |context, _| {
        let ledger = ledger.clone();
        Box::pin(async move {
            context.step("before", policy(1), || async { ledger.done("before") }).await?;
            context.sleep("night", Duration::from_secs(3_600)).await;
            context.step("after", policy(1), || async { ledger.done("after") }).await?;
            Ok(Value::Null)
        })
    }
}

async fn a_sleep_ends_when_the_clock_says_so_though_the_process_was_another(fixture: Fixture) {
    let ledger = Ledger::default();
    let workflows = node(&fixture.store, sleeper(ledger.clone()));
    start(&workflows, "one", Value::Null).await;
    workflows.run_due().await.unwrap();
    let run = status(&workflows, "one").await;
    assert_eq!(steps(&run), [("before", "succeeded"), ("night", "sleeping")]);
    assert_eq!((run.node, run.due_at), (None, fixture.store.now().plus(Duration::from_secs(3_600))));

    let other = node(&fixture.store, sleeper(ledger.clone()));
    fixture.clock.advance(Duration::from_secs(3_599));
    assert_eq!(other.run_due().await.unwrap(), 0);
    fixture.clock.advance(Duration::from_secs(1));
    assert_eq!(other.run_due().await.unwrap(), 1);
    let run = status(&other, "one").await;
    assert_eq!(steps(&run), [("before", "succeeded"), ("night", "succeeded"), ("after", "succeeded")]);
    assert_eq!(ledger.entries(), ["before", "after"]);
}

async fn a_sleep_is_not_cut_short_by_a_clock_that_goes_back(fixture: Fixture) {
    let workflows = node(&fixture.store, |context, _| {
        Box::pin(async move {
            context.sleep("night", Duration::from_secs(60)).await;
            let failed =
                context.step("flaky", policy(2), || async { Err::<(), _>(io::Error::other("away").into()) }).await;
            failed.unwrap_err();
            Ok(Value::Null)
        })
    });
    start(&workflows, "one", Value::Null).await;
    workflows.run_due().await.unwrap();
    let begin = fixture.store.now();
    fixture.clock.advance(Duration::from_secs(60));
    workflows.run_due().await.unwrap();
    // The sleep is over for good, and the retry waits for its second.
    fixture.clock.set(begin);
    workflows.run_due().await.unwrap();
    assert_eq!(status(&workflows, "one").await.due_at, begin.plus(Duration::from_secs(1)));
    fixture.clock.set(begin.plus(Duration::from_secs(1)));
    workflows.run_due().await.unwrap();
    let run = status(&workflows, "one").await;
    assert_eq!(run.state, RunState::Succeeded);
    assert_eq!(run.steps[0].finished_at, Some(begin.plus(Duration::from_secs(60))));
}

#[derive(Debug, thiserror::Error)]
#[error("the page cannot be checked")]
struct CheckError(#[source] io::Error);

async fn what_a_function_says_it_failed_of_is_kept_with_all_causes(fixture: Fixture) {
    let workflows =
        node(&fixture.store, |_, _| Box::pin(async move { Err(CheckError(io::Error::other("no\0route")))? }));
    start(&workflows, "one", Value::Null).await;
    workflows.run_due().await.unwrap();
    let run = status(&workflows, "one").await;
    assert_eq!(run.state, RunState::Failed);
    assert_eq!(run.error.as_deref(), Some("the page cannot be checked: no\u{fffd}route"));
}

async fn a_transaction_takes_effect_with_its_journal_or_not_at_all(fixture: Fixture) {
    let ledger = Ledger::default();
    let noted = ledger.clone();
    let dialect = fixture.store.dialect();
    let workflows = node(&fixture.store, move |context, _| {
        let ledger = noted.clone();
        Box::pin(async move {
            let inserted = context.transact("insert", policy(2), move |transaction| {
                Box::pin(async move {
                    let sql = "INSERT INTO paused_queues (queue, paused_at) VALUES ('mail', 1)";
                    transaction.execute_raw(dialect.statement(sql, [])).await?;
                    ledger.note("insert");
                    // After its effect.
                    if ledger.count("insert") == 1 {
                        Err(io::Error::other("away"))?
                    }
                    Ok("done".to_owned())
                })
            });
            Ok(json!(inserted.await?))
        })
    });
    start(&workflows, "one", Value::Null).await;
    workflows.run_due().await.unwrap();
    let rows = "SELECT COUNT(*) AS number FROM paused_queues";
    assert_eq!(crate::support::number(&fixture, rows).await, 0);
    let run = status(&workflows, "one").await;
    assert_eq!((run.steps[0].state, run.steps[0].error.as_deref()), (StepState::Retrying, Some("away")));
    fixture.clock.advance(Duration::from_secs(1));
    workflows.run_due().await.unwrap();
    assert_eq!(crate::support::number(&fixture, rows).await, 1);
    let run = status(&workflows, "one").await;
    assert_eq!((run.output.as_deref(), run.steps[0].attempts), (Some("\"done\""), 2));
}
