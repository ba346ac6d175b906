//! Any little workflow, interrupted anywhere, comes to what a model of it says.

use std::{
    collections::{BTreeMap, HashMap},
    io,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use durable::workflows::{Context, Options, Point, RunState, StepState, Workflows};
use futures_util::{
    FutureExt as _,
    future::{BoxFuture, join_all},
};
use proptest::{collection::vec, prelude::*, test_runner::TestRunner};
use sea_orm::{ConnectionTrait as _, Value as Sql};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{end_leases, node_with, policy, start, status, trap};
use crate::support::{Fixture, execute, on_both_databases, scale};

on_both_databases!(any_workflow_interrupted_anywhere_comes_to_what_the_model_says);

/// A part of a workflow. Its name is its place.
#[derive(Debug, Clone, Serialize, Deserialize)]
enum Part {
    /// Works at the attempt after this many that fail, or never.
    Step(Option<u32>),
    /// The same in the database.
    Transact(Option<u32>),
    /// In seconds.
    Sleep(u64),
    /// An event that is sent, or not.
    Event(bool),
    /// Side by side, each one part after the other.
    Branches(Vec<Vec<Part>>),
}

/// What happens to a node while it executes the workflow.
#[derive(Debug, Clone, Copy)]
enum Interruption {
    /// It is gone when it comes to this place for the n-th time.
    Crash(Point, usize),
    /// Somebody pauses the run there, and resumes it later.
    Pause(Point, usize),
    /// It ends as it should, and another process begins.
    Restart,
}

fn part() -> impl Strategy<Value = Part> {
    let failures = || prop_oneof![3 => Just(Some(0)), 2 => (1..3_u32).prop_map(Some), 1 => Just(None)];
    let leaf = prop_oneof![
        4 => failures().prop_map(Part::Step),
        3 => failures().prop_map(Part::Transact),
        1 => (1..100_u64).prop_map(Part::Sleep),
        1 => any::<bool>().prop_map(Part::Event),
    ];
    leaf.prop_recursive(2, 8, 3, |part| vec(vec(part, 1..3), 1..4).prop_map(Part::Branches))
}

fn interruption() -> impl Strategy<Value = Interruption> {
    let point = || prop_oneof![Just(Point::Claimed), Just(Point::BeforeCommit), Just(Point::AfterCommit)];
    prop_oneof![
        5 => (point(), 1..4_usize).prop_map(|(point, nth)| Interruption::Crash(point, nth)),
        1 => (point(), 1..4_usize).prop_map(|(point, nth)| Interruption::Pause(point, nth)),
        1 => Just(Interruption::Restart),
    ]
}

/// What a step's row says in the end: its state, and how often it was tried at most.
type Rows = BTreeMap<String, (StepState, Option<u32>)>;

const ALWAYS_FAILS: u32 = 2;

/// The model: what the parts answer, and what the journal says of them.
fn expected(parts: &[Part], place: &str, rows: &mut Rows) -> Value {
    let answers = parts.iter().enumerate().map(|(index, part)| {
        let name = format!("{place}{index}");
        let (answer, row) = match part {
            Part::Step(Some(failures)) | Part::Transact(Some(failures)) => {
                (json!("done"), (StepState::Succeeded, Some(failures + 1)))
            }
            Part::Step(None) | Part::Transact(None) => {
                (json!({ "attempts": ALWAYS_FAILS }), (StepState::Failed, Some(ALWAYS_FAILS)))
            }
            Part::Sleep(_) => (json!("slept"), (StepState::Succeeded, None)),
            Part::Event(true) => (json!(name), (StepState::Succeeded, None)),
            Part::Event(false) => (Value::Null, (StepState::TimedOut, None)),
            Part::Branches(branches) => {
                let branches = branches.iter().enumerate();
                return branches.map(|(branch, parts)| expected(parts, &format!("{name}/{branch}."), rows)).collect();
            }
        };
        rows.insert(name, row);
        answer
    });
    answers.collect::<Vec<_>>().into()
}

/// Names of events that are sent.
fn events(parts: &[Part], place: &str, found: &mut Vec<String>) {
    for (index, part) in parts.iter().enumerate() {
        let name = format!("{place}{index}");
        match part {
            Part::Event(true) => found.push(name),
            Part::Branches(branches) => {
                for (branch, parts) in branches.iter().enumerate() {
                    events(parts, &format!("{name}/{branch}."), found);
                }
            }
            _ => {}
        }
    }
}

/// How often the code of each step ran.
type Ran = Arc<Mutex<HashMap<String, u32>>>;

fn work(ran: &Ran, name: &str, failures: Option<u32>) -> io::Result<()> {
    let mut ran = ran.lock().unwrap();
    let times = ran.entry(name.to_owned()).or_default();
    *times += 1;
    if failures.is_some_and(|failures| *times > failures) { Ok(()) } else { Err(io::Error::other("not yet")) }
}

/// Performs the parts one after the other.
fn perform<'a>(context: &'a Context, parts: &'a [Part], place: String, ran: &'a Ran) -> BoxFuture<'a, Value> {
    async move {
        let mut answers = Vec::new();
        for (index, part) in parts.iter().enumerate() {
            answers.push(perform_one(context, part, format!("{place}{index}"), ran).await);
        }
        answers.into()
    }
    .boxed()
}

async fn perform_one(context: &Context, part: &Part, name: String, ran: &Ran) -> Value {
    let tried = |failures: &Option<u32>| policy(if failures.is_some() { 1_000 } else { ALWAYS_FAILS });
    let done = match part {
        Part::Step(failures) => {
            context.step(name.as_str(), tried(failures), || async { Ok(work(ran, &name, *failures)?) }).await
        }
        Part::Transact(failures) => {
            let (run, step, ran, failures) = (context.id().to_owned(), name.clone(), ran.clone(), *failures);
            let transact = context.transact(name, tried(&failures), move |transaction| {
                Box::pin(async move {
                    let values = [Sql::from(run), step.as_str().into()];
                    let sql = "INSERT INTO effects VALUES ($1, $2)";
                    let backend = transaction.get_database_backend();
                    let insert = sea_orm::Statement::from_sql_and_values(backend, sql, values);
                    transaction.execute_raw(insert).await?;
                    Ok(work(&ran, &step, failures)?)
                })
            });
            transact.await
        }
        Part::Sleep(seconds) => {
            context.sleep(name, Duration::from_secs(*seconds)).await;
            return json!("slept");
        }
        Part::Event(sent) => {
            // The one that is sent comes in time, however long all else takes.
            let time_out = Duration::from_secs(if *sent { 1_000_000 } else { 50 });
            return json!(context.wait_for_event::<String>(name, time_out).await);
        }
        Part::Branches(branches) => {
            let branches = branches.iter().enumerate();
            let branches = branches.map(|(branch, parts)| perform(context, parts, format!("{name}/{branch}."), ran));
            return join_all(branches).await.into();
        }
    };
    done.map_or_else(|failed| json!({ "attempts": failed.attempts }), |()| json!("done"))
}

fn node(fixture: &Fixture, options: Options, ran: &Ran) -> Workflows {
    let ran = ran.clone();
    // A run is left more often in a row here than nodes die in a life.
    node_with(&fixture.store, Options { interruptions: 1_000, ..options }, move |context, input| {
        let ran = ran.clone();
        Box::pin(async move {
            let parts: Vec<Part> = serde_json::from_value(input)?;
            Ok(perform(context, &parts, String::new(), &ran).await)
        })
    })
}

/// The steps that are stored as finished, and how often their code ran until then.
async fn finished(workflows: &Workflows, id: &str, ran: &Ran) -> Vec<(String, Option<u32>)> {
    let steps = status(workflows, id).await.steps.into_iter().filter(|step| step.finished_at.is_some());
    let ran = ran.lock().unwrap();
    steps.map(|step| (step.name.clone(), ran.get(&step.name).copied())).collect()
}

/// Whether the results of the steps before one that has begun are stored.
fn all_before_is_stored(parts: &[Part], place: &str, begun: &HashMap<String, u32>, finished: &[(String, Option<u32>)]) {
    let mut missing: Option<String> = None;
    for (index, part) in parts.iter().enumerate() {
        let name = format!("{place}{index}");
        match part {
            Part::Step(_) | Part::Transact(_) => {
                assert!(missing.is_none() || !begun.contains_key(&name), "{name} began before {missing:?} was stored");
                if !finished.iter().any(|(finished, _)| *finished == name) {
                    missing = Some(name);
                }
            }
            Part::Branches(branches) => {
                for (branch, parts) in branches.iter().enumerate() {
                    all_before_is_stored(parts, &format!("{name}/{branch}."), begun, finished);
                }
            }
            Part::Sleep(_) | Part::Event(_) => {}
        }
    }
}

/// Executes what is due until it waits, or until the interruption.
async fn interrupted(fixture: &Fixture, id: &str, ran: &Ran, interruption: Interruption) -> bool {
    let (point, nth) = match interruption {
        Interruption::Crash(point, nth) | Interruption::Pause(point, nth) => (point, nth),
        Interruption::Restart => {
            node(fixture, Options::default(), ran).run_due().await.unwrap();
            return false;
        }
    };
    let (trap, options) = trap(point, nth);
    let workflows = node(fixture, options, ran);
    if let Interruption::Pause(..) = interruption {
        let pause = async {
            trap.reached().await;
            // It may have come to its end by then.
            let paused = workflows.pause(id).await.is_ok();
            trap.open();
            paused
        };
        let due = async { workflows.run_due().await.unwrap() };
        tokio::pin!(pause, due);
        let paused = tokio::select! {
            paused = &mut pause => {
                due.await;
                paused
            }
            _ = &mut due => false,
        };
        if paused && workflows.resume(id).await.is_err() {
            assert_eq!(status(&workflows, id).await.state, RunState::Succeeded);
        }
        return false;
    }
    let crashed = tokio::select! {
        _ = workflows.run_due() => false,
        () = trap.reached() => true,
    };
    end_leases(fixture).await;
    crashed
}

async fn check(fixture: &Fixture, id: &str, parts: Vec<Part>, interruptions: Vec<Interruption>) {
    // What a former case left behind, if it failed, is not this one's.
    execute(fixture, "DELETE FROM workflows").await;
    let ran = Ran::default();
    let last = node(fixture, Options::default(), &ran);
    start(&last, id, json!(parts)).await;
    let mut sent = Vec::new();
    events(&parts, "", &mut sent);
    let (mut crashes, mut interruptions) = (0, interruptions.into_iter());
    let mut stored = Vec::new();
    for round in 0.. {
        assert!(round < 200, "it does not come to its end");
        match interruptions.next() {
            Some(interruption) => crashes += u32::from(interrupted(fixture, id, &ran, interruption).await),
            None => {
                node(fixture, Options::default(), &ran).run_due().await.unwrap();
            }
        }
        let begun = ran.lock().unwrap().clone();
        let finished = finished(&last, id, &ran).await;
        all_before_is_stored(&parts, "", &begun, &finished);
        stored.extend(finished);
        let run = status(&last, id).await;
        if run.state != RunState::Running {
            break;
        }
        match sent.pop() {
            Some(event) => _ = last.send_event(id, &event, &event).await.unwrap(),
            None => fixture.clock.set(run.due_at.max(fixture.store.now())),
        }
    }

    let mut rows = Rows::new();
    let output = expected(&parts, "", &mut rows);
    let run = status(&last, id).await;
    assert_eq!((run.state, run.output), (RunState::Succeeded, Some(output.to_string())), "{:?}", run.parked);
    let ran = ran.lock().unwrap().clone();
    for (name, times) in stored {
        assert_eq!(ran.get(&name).copied(), times, "step {name} ran again after it was finished");
    }
    assert_eq!(run.steps.len(), rows.len());
    for step in run.steps {
        let (state, attempts) = rows[&step.name];
        assert_eq!(step.state, state, "{}", step.name);
        let Some(attempts) = attempts else { continue };
        let times = ran[&step.name];
        // An attempt that was cut off is not counted.
        assert!(
            step.attempts <= attempts.max(times) && times - step.attempts <= crashes,
            "{step:?}: {times}, {crashes}"
        );
        if crashes == 0 {
            assert_eq!((step.attempts, times), (attempts, attempts), "{}", step.name);
        }
    }
    effects_are(fixture, id, &parts).await;
}

/// Each transaction that succeeded has its effect once, and no other has any.
async fn effects_are(fixture: &Fixture, id: &str, parts: &[Part]) {
    fn transacted(parts: &[Part], place: &str, found: &mut Vec<String>) {
        for (index, part) in parts.iter().enumerate() {
            let name = format!("{place}{index}");
            match part {
                Part::Transact(Some(_)) => found.push(name),
                Part::Branches(branches) => {
                    for (branch, parts) in branches.iter().enumerate() {
                        transacted(parts, &format!("{name}/{branch}."), found);
                    }
                }
                _ => {}
            }
        }
    }
    let mut expected = Vec::new();
    transacted(parts, "", &mut expected);
    expected.sort();
    let sql = "SELECT step FROM effects WHERE run = $1";
    let statement = fixture.store.dialect().statement(sql, [id.into()]);
    let rows = fixture.store.database().read().query_all_raw(statement).await.unwrap();
    let mut found: Vec<String> = rows.iter().map(|row| row.try_get("", "step").unwrap()).collect();
    found.sort();
    assert_eq!(found, expected);
}

async fn any_workflow_interrupted_anywhere_comes_to_what_the_model_says(fixture: Fixture) {
    execute(&fixture, "CREATE TABLE effects (run TEXT NOT NULL, step TEXT NOT NULL)").await;
    let config = ProptestConfig { cases: scale(24, 500), failure_persistence: None, ..ProptestConfig::default() };
    let workflows = (vec(part(), 1..5), vec(interruption(), 0..8));
    let runs = AtomicU64::new(0);
    let checked = tokio::task::block_in_place(|| {
        TestRunner::new(config).run(&workflows, |(parts, interruptions)| {
            let id = format!("run {}", runs.fetch_add(1, Ordering::SeqCst));
            tokio::runtime::Handle::current().block_on(check(&fixture, &id, parts, interruptions));
            Ok(())
        })
    });
    checked.unwrap_or_else(|error| panic!("{error}"));
}
