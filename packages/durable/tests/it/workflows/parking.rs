//! What a run cannot get over sets it aside, with what to do; and then it goes on.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use durable::{
    payload::UnreadablePayload,
    workflows::{Context, MAX_VALUE_BYTES, Options, Parked, RunState, StartError, Workflow, WorkflowError, Workflows},
};
use serde_json::{Value, json};

use super::{AnyScript, Ledger, node, policy, start, status, steps};
use crate::support::{Fixture, execute, on_both_databases};

on_both_databases!(
    two_steps_of_one_name_park_the_run,
    a_step_name_that_cannot_be_stored_parks_the_run,
    an_output_that_is_too_large_parks_the_run_until_it_is_smaller,
    an_input_or_id_that_cannot_be_stored_is_refused,
    a_panic_outside_of_steps_parks_the_run,
    a_result_that_cannot_be_read_any_more_parks_the_run,
    an_input_of_a_newer_version_parks_the_run_until_the_upgrade,
    an_input_of_an_older_version_is_upgraded,
    a_run_of_a_kind_nobody_knows_stays_and_is_shown,
    a_run_that_takes_its_nodes_down_is_parked,
    a_step_state_of_a_newer_version_parks_its_run_alone,
);

async fn parked(workflows: &Workflows, id: &str) -> Parked {
    let run = status(workflows, id).await;
    assert_eq!((run.state, run.node, run.error, run.finished_at), (RunState::Parked, None, None, None));
    run.parked.unwrap()
}

async fn two_steps_of_one_name_park_the_run(fixture: Fixture) {
    let ledger = Ledger::default();
    let noted = ledger.clone();
    let workflows = node(&fixture.store, move |context, _| {
        let ledger = noted.clone();
        Box::pin(async move {
            for _ in 0..2 {
                context.step("load", policy(1), || async { ledger.done("load") }).await?;
            }
            Ok(Value::Null)
        })
    });
    start(&workflows, "one", Value::Null).await;
    workflows.run_due().await.unwrap();
    let why = parked(&workflows, "one").await;
    assert_eq!(why, Parked::DuplicateStep { step: "load".to_owned() });
    assert!(why.to_string().contains("\"load\" twice") && why.to_string().contains("resume the run"));
    assert_eq!(workflows.run_due().await.unwrap(), 0);

    // What was done stands.
    assert_eq!(steps(&status(&workflows, "one").await), [("load", "succeeded")]);
    let noted = ledger.clone();
    let mended = node(&fixture.store, move |context, _| {
        let ledger = noted.clone();
        Box::pin(async move {
            for name in ["load", "load 2"] {
                context.step(name, policy(1), || async { ledger.done(name) }).await?;
            }
            Ok(Value::Null)
        })
    });
    mended.resume("one").await.unwrap();
    mended.run_due().await.unwrap();
    let run = status(&mended, "one").await;
    assert_eq!((run.state, run.parked), (RunState::Succeeded, None));
    assert_eq!(ledger.entries(), ["load", "load 2"]);
}

async fn a_step_name_that_cannot_be_stored_parks_the_run(fixture: Fixture) {
    let workflows = node(&fixture.store, |context, input| {
        Box::pin(async move {
            let name = input.as_str().unwrap().to_owned();
            context.step(name, policy(1), || async { Ok(()) }).await?;
            Ok(Value::Null)
        })
    });
    let long = "n".repeat(201);
    for (id, name) in [("1", ""), ("2", "a\0b"), ("3", long.as_str())] {
        start(&workflows, id, json!(name)).await;
        workflows.run_due().await.unwrap();
        assert!(matches!(parked(&workflows, id).await, Parked::InvalidStepName { .. }), "{name:?}");
    }
    start(&workflows, "4", json!(&long[1..])).await;
    workflows.run_due().await.unwrap();
    assert_eq!(status(&workflows, "4").await.state, RunState::Succeeded);
}

async fn an_output_that_is_too_large_parks_the_run_until_it_is_smaller(fixture: Fixture) {
    let mended = Arc::new(AtomicBool::new(false));
    let switch = mended.clone();
    let workflows = node(&fixture.store, move |context, input| {
        let too_large = !switch.load(Ordering::SeqCst);
        Box::pin(async move {
            // With its quotation marks, the largest or one more.
            let large = "x".repeat(MAX_VALUE_BYTES - 2 + usize::from(too_large));
            match input.as_str() {
                Some("step") => {
                    context.step("load", policy(1), || async { Ok(large) }).await?;
                    Ok(Value::Null)
                }
                Some("transact") => {
                    let stored = context.transact("load", policy(1), move |_| Box::pin(async move { Ok(large) }));
                    stored.await?;
                    Ok(Value::Null)
                }
                _ => Ok(json!(large)),
            }
        })
    });
    for id in ["step", "transact", "run"] {
        start(&workflows, id, json!(id)).await;
    }
    workflows.run_due().await.unwrap();
    let bytes = MAX_VALUE_BYTES + 1;
    assert_eq!(parked(&workflows, "run").await, Parked::OutputTooLarge { step: None, bytes });
    for id in ["step", "transact"] {
        let why = parked(&workflows, id).await;
        assert_eq!(why, Parked::OutputTooLarge { step: Some("load".to_owned()), bytes });
        assert!(why.to_string().contains("step \"load\" has 1048577 bytes, 1048576 are allowed: store the data"));
    }
    mended.store(true, Ordering::SeqCst);
    for id in ["step", "transact", "run"] {
        workflows.resume(id).await.unwrap();
    }
    workflows.run_due().await.unwrap();
    for id in ["step", "transact", "run"] {
        assert_eq!(status(&workflows, id).await.state, RunState::Succeeded, "{id}");
    }
}

async fn an_input_or_id_that_cannot_be_stored_is_refused(fixture: Fixture) {
    let workflows = node(&fixture.store, |_, _| Box::pin(async move { Ok(Value::Null) }));
    let large = json!("x".repeat(MAX_VALUE_BYTES - 1));
    let error = workflows.start::<AnyScript>("one", &large).await.unwrap_err();
    assert!(matches!(error, StartError::InputTooLarge { bytes } if bytes == MAX_VALUE_BYTES + 1));
    for id in ["", "a\0b", &"i".repeat(201)] {
        let error = workflows.start::<AnyScript>(id, &Value::Null).await.unwrap_err();
        assert!(matches!(error, StartError::InvalidId), "{id:?}");
    }
    assert!(workflows.status("one").await.unwrap().is_none());
}

async fn a_panic_outside_of_steps_parks_the_run(fixture: Fixture) {
    let workflows = node(&fixture.store, |context, _| {
        Box::pin(async move {
            context.step("a", policy(1), || async { Ok(()) }).await?;
            if context.id() == "one" {
                panic!("index out of bounds")
            }
            Ok(Value::Null)
        })
    });
    start(&workflows, "one", Value::Null).await;
    start(&workflows, "two", Value::Null).await;
    workflows.run_due().await.unwrap();
    assert_eq!(parked(&workflows, "one").await, Parked::Panicked { message: "index out of bounds".to_owned() });
    assert_eq!(steps(&status(&workflows, "one").await), [("a", "succeeded")]);
    assert_eq!(status(&workflows, "two").await.state, RunState::Succeeded);
}

async fn a_result_that_cannot_be_read_any_more_parks_the_run(fixture: Fixture) {
    let text = node(&fixture.store, |context, _| {
        Box::pin(async move {
            context.step("load", policy(1), || async { Ok("seven".to_owned()) }).await?;
            context.sleep("night", Duration::from_secs(60)).await;
            Ok(Value::Null)
        })
    });
    start(&text, "one", Value::Null).await;
    text.run_due().await.unwrap();
    let number = node(&fixture.store, |context, _| {
        Box::pin(async move {
            let number: u32 = context.step("load", policy(1), || async { Ok(7) }).await?;
            Ok(json!(number))
        })
    });
    fixture.clock.advance(Duration::from_secs(60));
    number.run_due().await.unwrap();
    assert!(matches!(parked(&number, "one").await, Parked::UnreadableResult { step, .. } if step == "load"));
    number.restart_from("one", "load").await.unwrap();
    number.run_due().await.unwrap();
    assert_eq!(status(&number, "one").await.output.as_deref(), Some("7"));
}

/// As it was.
struct Old;

/// As it is, under the same kind.
struct New;

#[derive(serde::Serialize, serde::Deserialize)]
struct Named {
    name: String,
}

impl Workflow for Old {
    const KIND: &'static str = "versioned";
    type Input = String;
    type Output = String;

    async fn run(&self, _: &Context, input: String) -> Result<String, WorkflowError> {
        Ok(input)
    }
}

impl Workflow for New {
    const KIND: &'static str = "versioned";
    const VERSION: u16 = 2;
    type Input = Named;
    type Output = String;

    async fn run(&self, _: &Context, input: Named) -> Result<String, WorkflowError> {
        Ok(input.name)
    }

    fn upgrade(version: u16, input: Value) -> Result<Named, UnreadablePayload> {
        match (version, input) {
            (1, Value::String(name)) => Ok(Named { name }),
            _ => Err(UnreadablePayload::unknown(version, Self::VERSION)),
        }
    }
}

async fn an_input_of_a_newer_version_parks_the_run_until_the_upgrade(fixture: Fixture) {
    let old = Workflows::builder(fixture.store.clone(), Options::default()).register(Old).build();
    let new = Workflows::builder(fixture.store.clone(), Options::default()).register(New).build();
    new.start::<New>("new", &Named { name: "Ada".to_owned() }).await.unwrap();
    old.start::<Old>("old", &"Bea".to_owned()).await.unwrap();
    // It stands in no other's way. On PostgreSQL it is left to newer nodes for ten minutes.
    assert_eq!(old.run_due().await.unwrap(), 1);
    assert_eq!(status(&old, "old").await.output.as_deref(), Some("\"Bea\""));
    if fixture.store.dialect() == durable::store::Dialect::Postgres {
        assert_eq!(status(&old, "new").await.state, RunState::Running);
        fixture.clock.advance(Duration::from_secs(600));
        assert_eq!(old.run_due().await.unwrap(), 0);
    }
    let why = parked(&old, "new").await;
    assert_eq!(why, Parked::NewerInput { found: 2, known: 1 });
    assert!(why.to_string().contains("upgrade every node, then resume"));
    new.resume("new").await.unwrap();
    new.run_due().await.unwrap();
    assert_eq!(status(&new, "new").await.output.as_deref(), Some("\"Ada\""));
}

async fn an_input_of_an_older_version_is_upgraded(fixture: Fixture) {
    let old = Workflows::builder(fixture.store.clone(), Options::default()).register(Old).build();
    let new = Workflows::builder(fixture.store.clone(), Options::default()).register(New).build();
    old.start::<Old>("old", &"Bea".to_owned()).await.unwrap();
    old.start::<Old>("odd", &"Bea".to_owned()).await.unwrap();
    execute(&fixture, "UPDATE workflows SET input = '7' WHERE id = 'odd'").await;
    new.run_due().await.unwrap();
    assert_eq!(status(&new, "old").await.output.as_deref(), Some("\"Bea\""));
    assert!(matches!(parked(&new, "odd").await, Parked::UnreadableInput { found: 1, .. }));
}

async fn a_run_of_a_kind_nobody_knows_stays_and_is_shown(fixture: Fixture) {
    let workflows = node(&fixture.store, |_, _| Box::pin(async move { Ok(Value::Null) }));
    start(&workflows, "one", Value::Null).await;
    execute(&fixture, "UPDATE workflows SET kind = 'removed'").await;
    assert_eq!(workflows.run_due().await.unwrap(), 0);
    let kinds = workflows.kinds().await.unwrap();
    let kinds: Vec<_> = kinds.iter().map(|kind| (kind.kind.as_str(), kind.known, kind.due)).collect();
    assert_eq!(kinds, [("removed", false, 1), ("script", true, 0)]);
    // A program that knows it again goes on.
    execute(&fixture, "UPDATE workflows SET kind = 'script'").await;
    assert_eq!(workflows.run_due().await.unwrap(), 1);
    assert_eq!(status(&workflows, "one").await.state, RunState::Succeeded);
}

async fn a_run_that_takes_its_nodes_down_is_parked(fixture: Fixture) {
    let begin = || {
        let (trap, options) = super::trap(durable::workflows::Point::BeforeCommit, 1);
        let options = Options { interruptions: 3, ..options };
        let workflows = super::node_with(&fixture.store, options, |context, _| {
            Box::pin(async move {
                context.step("allocate", policy(5), || async { Ok(()) }).await?;
                Ok(Value::Null)
            })
        });
        (trap, workflows)
    };
    start(&begin().1, "one", Value::Null).await;
    for _ in 0..3 {
        let (trap, workflows) = begin();
        let died = async {
            tokio::select! {
                _ = workflows.run_due() => false,
                () = trap.reached() => true,
            }
        };
        assert!(died.await);
        super::end_leases(&fixture).await;
    }
    // The fourth does not let it begin.
    let (trap, workflows) = begin();
    trap.open();
    workflows.run_due().await.unwrap();
    assert_eq!(parked(&workflows, "one").await, Parked::Interrupted { times: 3 });
}

async fn a_step_state_of_a_newer_version_parks_its_run_alone(fixture: Fixture) {
    let workflows = node(&fixture.store, |context, _| {
        Box::pin(async move {
            context.step("a", policy(1), || async { Ok(()) }).await?;
            context.sleep("night", Duration::from_secs(60)).await;
            Ok(Value::Null)
        })
    });
    start(&workflows, "one", Value::Null).await;
    start(&workflows, "two", Value::Null).await;
    workflows.run_due().await.unwrap();
    execute(&fixture, "UPDATE workflow_steps SET status = 'hovering' WHERE workflow_id = 'one' AND name = 'a'").await;
    fixture.clock.advance(Duration::from_secs(60));
    workflows.run_due().await.unwrap();
    execute(&fixture, "UPDATE workflow_steps SET status = 'succeeded' WHERE workflow_id = 'one' AND name = 'a'").await;
    assert!(matches!(parked(&workflows, "one").await, Parked::Refused { .. }));
    assert_eq!(status(&workflows, "two").await.state, RunState::Succeeded);
    workflows.resume("one").await.unwrap();
    workflows.run_due().await.unwrap();
    assert_eq!(status(&workflows, "one").await.state, RunState::Succeeded);
}
