//! Nodes that are gone, and nodes that come back: whoever claimed a run last writes about it, and nobody else.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use durable::workflows::{Context, Options, Point, RunState, Workflows};
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::{Ledger, Running, end_leases, node_with, policy, start, status, steps, trap};
use crate::support::{Fixture, execute, number, on_both_databases};

on_both_databases!(
    a_run_is_ended_wherever_its_node_was_lost,
    a_node_that_stood_still_anywhere_changes_nothing_when_it_goes_on,
);

/// A step outside, one in the database, another outside. Each notes its node.
fn three(
    fixture: &Fixture,
    node: &'static str,
    ledger: &Ledger,
) -> impl for<'a> Fn(&'a Context, Value) -> Running<'a> + Send + Sync + 'static {
    let (dialect, ledger) = (fixture.store.dialect(), ledger.clone());
    move |context, _| {
        let ledger = ledger.clone();
        Box::pin(async move {
            let fetch = || async {
                ledger.note(format!("{node} fetch"));
                Ok(node.to_owned())
            };
            let fetched = context.step("fetch", policy(1), fetch).await?;
            let noted = ledger.clone();
            let apply = context.transact("apply", policy(1), move |transaction| {
                Box::pin(async move {
                    noted.note(format!("{node} apply"));
                    let insert = dialect.statement("INSERT INTO effects VALUES ($1)", [node.into()]);
                    transaction.execute_raw(insert).await?;
                    Ok(node.to_owned())
                })
            });
            let applied = apply.await?;
            let notify = || async {
                ledger.note(format!("{node} notify"));
                Ok(node.to_owned())
            };
            let notified = context.step("notify", policy(1), notify).await?;
            Ok(json!([fetched, applied, notified]))
        })
    }
}

/// Where an execution of that comes past, in order: it is claimed; its first step is stored, its second one, and its third
/// with the end.
const PLACES: [(Point, usize); 7] = [
    (Point::Claimed, 1),
    (Point::BeforeCommit, 1),
    (Point::AfterCommit, 1),
    (Point::BeforeCommit, 2),
    (Point::AfterCommit, 2),
    (Point::BeforeCommit, 3),
    (Point::AfterCommit, 3),
];

/// How many of its steps are stored at each of these.
const STORED: [usize; 7] = [0, 0, 1, 1, 2, 2, 3];

async fn a_run_is_ended_wherever_its_node_was_lost(fixture: Fixture) {
    execute(&fixture, "CREATE TABLE effects (node TEXT NOT NULL)").await;
    for ((point, nth), stored) in PLACES.into_iter().zip(STORED) {
        execute(&fixture, "DELETE FROM effects").await;
        let (id, ledger) = (format!("{point:?} {nth}"), Ledger::default());
        let (trap, options) = trap(point, nth);
        let lost = node_with(&fixture.store, options, three(&fixture, "lost", &ledger));
        start(&lost, &id, Value::Null).await;
        let died = tokio::select! {
            _ = lost.run_due() => false,
            () = trap.reached() => true,
        };
        assert!(died, "{id}");
        end_leases(&fixture).await;

        let next = node_with(&fixture.store, Options::default(), three(&fixture, "next", &ledger));
        next.run_due().await.unwrap();
        let run = status(&next, &id).await;
        assert_eq!(run.state, RunState::Succeeded, "{id}");
        // Of each step the result that was stored first, and the other node did what was not.
        let nodes: Vec<_> = (0..3).map(|step| if step < stored { "lost" } else { "next" }).collect();
        assert_eq!(run.output, Some(json!(nodes).to_string()), "{id}");
        let again: Vec<_> = ledger.entries().into_iter().filter(|entry| entry.starts_with("next ")).collect();
        let names = ["next fetch", "next apply", "next notify"];
        assert_eq!(again, names[stored..], "{id}");
        assert_eq!(number(&fixture, "SELECT COUNT(*) AS number FROM effects").await, 1, "{id}");
    }
}

async fn a_node_that_stood_still_anywhere_changes_nothing_when_it_goes_on(fixture: Fixture) {
    execute(&fixture, "CREATE TABLE effects (node TEXT NOT NULL)").await;
    // Once all is stored there is nothing left that it could change.
    for (point, nth) in &PLACES[..6] {
        execute(&fixture, "DELETE FROM effects").await;
        let (id, ledger) = (format!("{point:?} {nth}"), Ledger::default());
        let (trap, options) = trap(*point, *nth);
        let frozen = node_with(&fixture.store, options, three(&fixture, "frozen", &ledger));
        start(&frozen, &id, Value::Null).await;
        let other = node_with(&fixture.store, Options::default(), three(&fixture, "other", &ledger));
        let (meanwhile, seen) = (ledger.clone(), AtomicUsize::new(0));
        let frozen_runs = async { frozen.run_due().await.unwrap() };
        let other_runs = async {
            trap.reached().await;
            end_leases(&fixture).await;
            other.run_due().await.unwrap();
            let run = status(&other, &id).await;
            assert_eq!(run.state, RunState::Succeeded, "{id}");
            seen.store(meanwhile.entries().len(), Ordering::SeqCst);
            trap.open();
            run
        };
        let (_, ended) = futures_util::join!(frozen_runs, other_runs);
        let run = status(&frozen, &id).await;
        assert_eq!((&run.output, run.executions), (&ended.output, ended.executions), "{id}");
        assert_eq!(run.finished_at, ended.finished_at, "{id}");
        assert_eq!(steps(&run).len(), 3, "{id}");
        assert_eq!(number(&fixture, "SELECT COUNT(*) AS number FROM effects").await, 1, "{id}");
        // At most the step it was in, which may not be undone, and never one after it.
        let late = &ledger.entries()[seen.load(Ordering::SeqCst)..];
        assert!(late.len() <= 1 && late.iter().all(|entry| entry.starts_with("frozen ")), "{id}: {late:?}");
    }
}

/// How often each run was begun, by nodes that all look for work at the same time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_nodes_share_the_runs_and_none_is_executed_twice() {
    let fixture = Fixture::postgres().await;
    let ledger = Ledger::default();
    let mut homes = Vec::new();
    for _node in 0..3 {
        homes.push(fixture.another().await);
    }
    let nodes: Vec<Workflows> = homes
        .iter()
        .map(|home| {
            let noted = ledger.clone();
            node_with(&home.store, Options { at_once: 8, ..Options::default() }, move |context, _| {
                let ledger = noted.clone();
                Box::pin(async move {
                    let id = context.id().to_owned();
                    context.step("work", policy(1), || async { ledger.done(id) }).await?;
                    Ok(Value::Null)
                })
            })
        })
        .collect();
    let ids: Vec<String> = (0..120).map(|number| format!("{number:03}")).collect();
    futures_util::future::join_all(ids.iter().map(|id| start(&nodes[0], id, Value::Null))).await;
    let stop = CancellationToken::new();
    let running: Vec<_> = nodes
        .iter()
        .map(|node| {
            let (node, stop) = (node.clone(), stop.clone());
            fixture.tasks.spawn(async move { node.run(stop).await })
        })
        .collect();
    let unfinished = "SELECT COUNT(*) AS number FROM workflows WHERE finished_at IS NULL";
    let ended = async { while number(&fixture, unfinished).await > 0 {} };
    tokio::time::timeout(Duration::from_secs(60), ended).await.unwrap();
    stop.cancel();
    for running in running {
        running.await.unwrap();
    }
    let mut done = ledger.entries();
    done.sort();
    assert_eq!(done, ids);
    assert_eq!(number(&fixture, "SELECT MAX(epoch) AS number FROM workflows").await, 1);
}

/// A step that lasts until it is let go, and says when it is begun and when it is cut off.
#[derive(Clone, Default)]
struct Long {
    begun: Arc<Notify>,
    go_on: Arc<Notify>,
    cut_off: Arc<Notify>,
    ledger: Ledger,
}

struct CutOff(Arc<Notify>);

impl Drop for CutOff {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

impl Long {
    fn node(&self, fixture: &Fixture, name: &'static str, lease: Duration) -> Workflows {
        let long = self.clone();
        let options = Options { lease, poll: lease / 5, ..Options::default() };
        node_with(&fixture.store, options, move |context, _| {
            let long = long.clone();
            Box::pin(async move {
                let work = || async {
                    let guard = CutOff(long.cut_off.clone());
                    long.ledger.note(name);
                    long.begun.notify_one();
                    long.go_on.notified().await;
                    drop(guard);
                    Ok(name.to_owned())
                };
                Ok(json!(context.step("long", policy(1), work).await?))
            })
        })
    }
}

/// By the database's own clock, which nobody can move: so this one takes its time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_stays_with_its_node_while_that_is_there_and_goes_to_another_when_it_is_gone() {
    let fixture = Fixture::postgres().await;
    let (lease, long) = (Duration::from_millis(600), Long::default());
    let first = long.node(&fixture, "first", lease);
    start(&first, "one", Value::Null).await;
    let running = fixture.tasks.spawn(async move { first.run(CancellationToken::new()).await });
    long.begun.notified().await;

    let home = fixture.another().await;
    let (second, stop) = (long.node(&home, "second", lease), CancellationToken::new());
    let (node, until) = (second.clone(), stop.clone());
    let other = fixture.tasks.spawn(async move { node.run(until).await });
    let taken = tokio::time::timeout(lease * 3, long.begun.notified()).await;
    assert!(taken.is_err(), "taken over although its node is there");
    running.abort();
    let _aborted = running.await;
    tokio::time::timeout(lease * 8, long.begun.notified()).await.unwrap();
    long.go_on.notify_one();
    stop.cancel();
    other.await.unwrap();
    let run = status(&second, "one").await;
    assert_eq!((run.state, run.output.as_deref()), (RunState::Succeeded, Some("\"second\"")));
    assert_eq!(long.ledger.entries(), ["first", "second"]);
}

/// A node that stood still learns by its next heartbeat that its run is somebody else's, and drops what it was doing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_is_cut_off_when_its_node_learns_that_the_run_was_taken_over() {
    let fixture = Fixture::postgres().await;
    let (lease, long) = (Duration::from_millis(300), Long::default());
    let (frozen, stop) = (long.node(&fixture, "frozen", lease), CancellationToken::new());
    start(&frozen, "one", Value::Null).await;
    let (node, until) = (frozen.clone(), stop.clone());
    let running = fixture.tasks.spawn(async move { node.run(until).await });
    long.begun.notified().await;
    // As another node would have claimed it.
    execute(&fixture, "UPDATE workflows SET epoch = epoch + 1, node = 'other', lease_until = 9000000000000000").await;
    tokio::time::timeout(Duration::from_secs(20), long.cut_off.notified()).await.unwrap();
    stop.cancel();
    running.await.unwrap();
    let run = status(&frozen, "one").await;
    assert_eq!((run.state, run.node.as_deref(), run.executions), (RunState::Running, Some("other"), 2));
    assert_eq!(steps(&run), []);
}

/// Runs whose node dies again and again, each time after another of their steps: that is no run that takes nodes down.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_gets_on_between_the_crashes_is_not_set_aside() {
    let fixture = Fixture::sqlite().await;
    let done: Arc<AtomicUsize> = Arc::default();
    let begin = |nth: usize| {
        let (trap, options) = trap(Point::AfterCommit, nth);
        let done = done.clone();
        let workflows = node_with(&fixture.store, Options { interruptions: 3, ..options }, move |context, _| {
            let done = done.clone();
            Box::pin(async move {
                for step in 0..12 {
                    let work = || async {
                        done.fetch_add(1, Ordering::SeqCst);
                        Ok(())
                    };
                    context.step(format!("{step}"), policy(1), work).await?;
                }
                Ok(Value::Null)
            })
        });
        (trap, workflows)
    };
    start(&begin(1).1, "one", Value::Null).await;
    for _crash in 0..11 {
        let (trap, workflows) = begin(1);
        tokio::select! {
            _ = workflows.run_due() => panic!("{:?}", status(&workflows, "one").await),
            () = trap.reached() => {}
        }
    }
    let (_, workflows) = begin(100);
    workflows.run_due().await.unwrap();
    assert_eq!(status(&workflows, "one").await.state, RunState::Succeeded);
    assert_eq!(done.load(Ordering::SeqCst), 12);
}

/// A message for a run is sent through another node than the one that executes it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_sent_on_one_node_reaches_a_run_that_another_is_executing() {
    let fixture = Fixture::postgres().await;
    let (begun, heard): (Arc<Notify>, Arc<Notify>) = Default::default();
    let (here, there) = (begun.clone(), heard.clone());
    let options = Options { lease: Duration::from_millis(300), ..Options::default() };
    let workflows = node_with(&fixture.store, options, move |context, _| {
        let (begun, heard) = (here.clone(), there.clone());
        Box::pin(async move {
            let waiting = async {
                let answer: Option<u32> = context.wait_for_event("answer", Duration::from_secs(3_600)).await;
                heard.notify_one();
                answer
            };
            // The other branch keeps the run where it is until the answer has come.
            let working = context.step("work", policy(1), || async {
                begun.notify_one();
                heard.notified().await;
                Ok(())
            });
            let (answer, worked) = futures_util::join!(waiting, working);
            worked?;
            Ok(json!(answer))
        })
    });
    start(&workflows, "one", Value::Null).await;
    let stop = CancellationToken::new();
    let (node, until) = (workflows.clone(), stop.clone());
    let running = fixture.tasks.spawn(async move { node.run(until).await });
    begun.notified().await;
    let home = fixture.another().await;
    let other = node_with(&home.store, Options::default(), |_, _| Box::pin(async move { Ok(Value::Null) }));
    other.send_event("one", "answer", &42).await.unwrap();
    let ended = async { while status(&workflows, "one").await.state == RunState::Running {} };
    tokio::time::timeout(Duration::from_secs(20), ended).await.unwrap();
    stop.cancel();
    running.await.unwrap();
    assert_eq!(status(&workflows, "one").await.output.as_deref(), Some("42"));
}
