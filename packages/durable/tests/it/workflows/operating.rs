//! Many runs: limits, the loop of a node, lists, retention.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use durable::workflows::{Options, RunState, RunStatus, StepError, Workflows};
use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::{AnyScript, Ledger, node, node_with, policy, script, start, status, steps};
use crate::support::{Fixture, execute, number, on_both_databases};

on_both_databases!(
    no_more_runs_of_a_kind_are_executed_than_its_limit_by_all_nodes_together,
    runs_begin_as_soon_as_they_are_started_and_stop_between_steps_with_the_node,
    a_run_started_in_a_transaction_is_there_if_that_is_committed,
    runs_are_listed_by_kind_latest_first,
    runs_are_removed_some_time_after_their_end,
);

async fn no_more_runs_of_a_kind_are_executed_than_its_limit_by_all_nodes_together(fixture: Fixture) {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let begin = || {
        let (now, most) = (now.clone(), most.clone());
        let function = script(move |context: &durable::workflows::Context, _| {
            let (now, most) = (now.clone(), most.clone());
            Box::pin(async move {
                let work = || async {
                    most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    for _ in 0..50 {
                        tokio::task::yield_now().await;
                    }
                    now.fetch_sub(1, Ordering::SeqCst);
                    Ok::<(), StepError>(())
                };
                context.step("work", policy(1), work).await?;
                Ok(Value::Null)
            })
        });
        Workflows::builder(fixture.store.clone(), Options::default()).register_limited(function, 3).build()
    };
    let nodes = [begin(), begin()];
    for number in 0..30 {
        start(&nodes[0], &format!("{number}"), Value::Null).await;
    }
    // Each claims until there is nothing to be claimed, which may be because of the other.
    while number(&fixture, "SELECT COUNT(*) AS number FROM workflows WHERE finished_at IS NULL").await > 0 {
        join_all(nodes.iter().map(Workflows::run_due)).await.into_iter().for_each(|done| assert!(done.is_ok()));
    }
    assert_eq!(most.load(Ordering::SeqCst), 3);
}

async fn runs_begin_as_soon_as_they_are_started_and_stop_between_steps_with_the_node(fixture: Fixture) {
    let ledger = Ledger::default();
    let (reached, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (noted, there, further) = (ledger.clone(), reached.clone(), go_on.clone());
    let workflows = node(&fixture.store, move |context, _| {
        let (ledger, there, further) = (noted.clone(), there.clone(), further.clone());
        Box::pin(async move {
            let first = || async {
                there.notify_one();
                further.notified().await;
                ledger.done("first")
            };
            context.step("first", policy(1), first).await?;
            context.step("second", policy(1), || async { ledger.done("second") }).await?;
            Ok(json!("done"))
        })
    });
    let stop = CancellationToken::new();
    let running = workflows.run(stop.clone());
    let using = async {
        start(&workflows, "one", Value::Null).await;
        reached.notified().await;
        stop.cancel();
        go_on.notify_one();
    };
    futures_util::join!(running, using);
    let run = status(&workflows, "one").await;
    assert_eq!((run.state, run.node.clone()), (RunState::Running, None));
    assert_eq!(steps(&run), [("first", "succeeded")]);
    // The next node need not wait for a lease.
    assert_eq!(workflows.run_due().await.unwrap(), 1);
    assert_eq!(ledger.entries(), ["first", "second"]);
    assert_eq!(status(&workflows, "one").await.executions, 2);
}

async fn a_run_started_in_a_transaction_is_there_if_that_is_committed(fixture: Fixture) {
    let workflows = node(&fixture.store, |_, _| Box::pin(async move { Ok(Value::Null) }));
    for (id, refuse) in [("kept", false), ("undone", true)] {
        let starting = workflows.clone();
        let written = fixture
            .store
            .write(move |transaction| {
                Box::pin(async move {
                    starting.start_in::<AnyScript>(transaction, id, &Value::Null).await.unwrap();
                    let error = data_ops::database::DatabaseError::Stored { what: "test", reason: "no".to_owned() };
                    if refuse { Err(error) } else { Ok(()) }
                })
            })
            .await;
        assert_eq!(written.is_err(), refuse);
    }
    assert_eq!(workflows.run_due().await.unwrap(), 1);
    assert_eq!(status(&workflows, "kept").await.state, RunState::Succeeded);
    assert!(workflows.status("undone").await.unwrap().is_none());
}

async fn runs_are_listed_by_kind_latest_first(fixture: Fixture) {
    let workflows = node(&fixture.store, |context, input| {
        Box::pin(async move {
            if input == json!("sleep") {
                context.sleep("night", Duration::from_secs(60)).await;
            }
            Ok(Value::Null)
        })
    });
    for (id, input) in [("a", "sleep"), ("b", ""), ("c", "sleep"), ("d", ""), ("e", "sleep")] {
        start(&workflows, id, json!(input)).await;
        if id != "c" {
            fixture.clock.advance(Duration::from_millis(1));
        }
    }
    workflows.run_due().await.unwrap();
    workflows.pause("e").await.unwrap();
    let mut listed = Vec::new();
    let mut cursor = None;
    loop {
        let runs = workflows.list("script", None, cursor.as_ref(), 2).await.unwrap();
        let Some(last) = runs.last() else { break };
        cursor = Some(last.cursor());
        listed.extend(runs.into_iter().map(|run| run.id));
    }
    assert_eq!(listed, ["e", "d", "c", "b", "a"]);
    let asleep = workflows.list("script", Some(RunState::Running), None, 10).await.unwrap();
    assert_eq!(asleep.iter().map(|run| run.id.as_str()).collect::<Vec<_>>(), ["c", "a"]);
    assert!(workflows.list("other", None, None, 10).await.unwrap().is_empty());
    // Of all kinds together.
    execute(&fixture, "UPDATE workflows SET kind = 'another' WHERE id IN ('b', 'e')").await;
    let ids = |runs: Vec<RunStatus>| runs.into_iter().map(|run| run.id).collect::<Vec<_>>();
    let first = workflows.list(None, None, None, 2).await.unwrap();
    let rest = workflows.list(None, None, first.last().map(RunStatus::cursor).as_ref(), 10).await.unwrap();
    assert_eq!((ids(first), ids(rest)), (vec!["e".into(), "d".into()], vec!["c".into(), "b".into(), "a".into()]));
    assert_eq!(ids(workflows.list(None, Some(RunState::Succeeded), None, 10).await.unwrap()), ["d", "b"]);
}

async fn runs_are_removed_some_time_after_their_end(fixture: Fixture) {
    let options = Options { retention: Duration::from_secs(100), ..Options::default() };
    let workflows = node_with(&fixture.store, options, |context, input| {
        Box::pin(async move {
            if input == json!("sleep") {
                context.sleep("year", Duration::from_secs(1_000)).await;
            }
            context.step("a", policy(1), || async { Ok(()) }).await?;
            Ok(Value::Null)
        })
    });
    // More than are removed at once.
    for number in 0..250 {
        start(&workflows, &format!("{number}"), json!("")).await;
    }
    start(&workflows, "asleep", json!("sleep")).await;
    workflows.run_due().await.unwrap();
    fixture.clock.advance(Duration::from_secs(50));
    start(&workflows, "later", json!("")).await;
    workflows.run_due().await.unwrap();
    fixture.clock.advance(Duration::from_secs(49));
    assert_eq!(workflows.remove_finished().await.unwrap(), 0);
    fixture.clock.advance(Duration::from_secs(1));
    assert_eq!(workflows.remove_finished().await.unwrap(), 250);
    let left = workflows.list("script", None, None, 10).await.unwrap();
    assert_eq!(left.iter().map(|run| run.id.as_str()).collect::<Vec<_>>(), ["later", "asleep"]);
    assert_eq!(number(&fixture, "SELECT COUNT(*) AS number FROM workflow_steps").await, 2);
}
