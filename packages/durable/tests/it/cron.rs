//! Schedules, on a database.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use data_ops::{clock::Clock as _, types::Timestamp};
use durable::{
    cron::{
        Cron, CronAction, CronError, CronOutcome, CronRun, Crons, EnqueueJob, Missed, RunNowError, Schedule,
        cron_action,
    },
    jobs::{BoxError, Enqueue, Job, JobContext, Jobs, QueueOptions},
    store::Store,
};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use sea_orm::{ConnectionTrait as _, Value};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::support::{Fixture, NOW, on_both_databases};

on_both_databases!(
    a_run_begins_when_it_is_due_and_once,
    a_run_and_what_it_does_are_stored_together,
    what_was_missed_while_nothing_ran_is_run_once,
    clocks_that_jump_neither_double_nor_lose_a_run,
    nodes_that_look_together_start_a_run_once,
    a_changed_schedule_counts_from_now,
    a_cron_of_another_program_is_left_alone,
    a_paused_cron_leaves_out_what_comes_meanwhile,
    a_cron_is_run_by_hand_besides_its_schedule,
    the_last_hundred_runs_are_remembered,
    a_running_scheduler_puts_jobs_down_for_workers,
);

/// What actions were given, in order; and whether they are to fail.
#[derive(Clone, Default)]
struct Seen {
    runs: Arc<Mutex<Vec<Timestamp>>>,
    fails: Arc<Mutex<bool>>,
}

impl Seen {
    /// Writes the run down, in a table and here, and fails after that if it is to.
    fn action(&self, store: &Store) -> impl CronAction + use<> {
        let (seen, dialect) = (self.clone(), store.dialect());
        cron_action(move |transaction, run: CronRun| {
            let seen = seen.clone();
            Box::pin(async move {
                let insert =
                    dialect.statement("INSERT INTO effects VALUES ($1)", [Value::from(run.due_at.as_millis())]);
                transaction.execute_raw(insert).await?;
                if *seen.fails.lock().unwrap() {
                    return Err(BoxError::from("not now"));
                }
                seen.runs.lock().unwrap().push(run.due_at);
                Ok(())
            })
        })
    }

    fn take(&self) -> Vec<Timestamp> {
        std::mem::take(&mut *self.runs.lock().unwrap())
    }
}

async fn effects(store: &Store) -> Vec<i64> {
    let statement = store.dialect().statement("SELECT due_at FROM effects ORDER BY due_at", []);
    let rows = store.database().read().query_all_raw(statement).await.unwrap();
    rows.iter().map(|row| row.try_get("", "due_at").unwrap()).collect()
}

async fn effects_table(fixture: &Fixture) {
    let dialect = fixture.store.dialect();
    let create = fixture.store.write(move |transaction| {
        Box::pin(async move {
            let create = dialect.statement("CREATE TABLE effects (due_at BIGINT NOT NULL)", []);
            Ok::<_, data_ops::database::DatabaseError>(transaction.execute_raw(create).await?)
        })
    });
    create.await.unwrap();
}

fn hourly(action: impl CronAction) -> Cron {
    every("0 * * * *", action)
}

fn every(pattern: &str, action: impl CronAction) -> Cron {
    Cron::new("test", Schedule::parse(pattern, "UTC").unwrap(), action)
}

async fn open(fixture: &Fixture, cron: Cron) -> Crons {
    Crons::open(fixture.store.clone(), vec![cron]).await.unwrap()
}

fn hour(hours: u64) -> Timestamp {
    NOW.plus(Duration::from_secs(hours * 3_600))
}

const MINUTE: Duration = Duration::from_secs(60);

async fn a_run_begins_when_it_is_due_and_once(fixture: Fixture) {
    effects_table(&fixture).await;
    let seen = Seen::default();
    let crons = open(&fixture, hourly(seen.action(&fixture.store))).await;
    // It is noon; a run of noon began before there was this cron.
    assert_eq!(crons.run_due().await.unwrap(), 0);
    fixture.clock.set(hour(1).minus(Duration::from_millis(1)));
    assert_eq!(crons.run_due().await.unwrap(), 0);
    fixture.clock.set(hour(1));
    assert_eq!(crons.run_due().await.unwrap(), 1);
    assert_eq!(crons.run_due().await.unwrap(), 0);
    fixture.clock.set(hour(2).plus(MINUTE / 2));
    assert_eq!(crons.run_due().await.unwrap(), 1);
    assert_eq!(seen.take(), [hour(1), hour(2)]);
    let runs = crons.runs("test").await.unwrap();
    assert_eq!(runs.len(), 2);
    assert_eq!((runs[0].due_at, runs[0].started_at), (hour(2), hour(2).plus(MINUTE / 2)));
    assert_eq!(runs[0].outcome, CronOutcome::Started);
    assert_eq!(crons.list().await.unwrap()[0].next_at, hour(3));

    let twice = [hourly(seen.action(&fixture.store)), hourly(seen.action(&fixture.store))];
    let refused = Crons::open(fixture.store.clone(), twice.into()).await.unwrap_err();
    assert!(matches!(refused, CronError::Twice { name: "test" }));
}

async fn a_run_and_what_it_does_are_stored_together(fixture: Fixture) {
    effects_table(&fixture).await;
    let seen = Seen::default();
    let crons = open(&fixture, hourly(seen.action(&fixture.store))).await;
    *seen.fails.lock().unwrap() = true;
    fixture.clock.set(hour(1));
    for _look in 0..3 {
        assert_eq!(crons.run_due().await.unwrap(), 0);
    }
    assert!(effects(&fixture.store).await.is_empty() && crons.runs("test").await.unwrap().is_empty());
    *seen.fails.lock().unwrap() = false;
    assert_eq!(crons.run_due().await.unwrap(), 1);
    assert_eq!(effects(&fixture.store).await, [hour(1).as_millis()]);
}

async fn what_was_missed_while_nothing_ran_is_run_once(fixture: Fixture) {
    effects_table(&fixture).await;
    let seen = Seen::default();
    drop(open(&fixture, hourly(seen.action(&fixture.store))).await);
    fixture.clock.set(hour(5).plus(MINUTE * 20));
    // The program begins anew.
    let crons = open(&fixture, hourly(seen.action(&fixture.store))).await;
    assert_eq!(crons.run_due().await.unwrap(), 1);
    assert_eq!(seen.take(), [hour(5)]);
    let outcomes: Vec<_> = crons.runs("test").await.unwrap().into_iter().map(|run| (run.due_at, run.outcome)).collect();
    let skipped = [4, 3, 2, 1].map(|hours| (hour(hours), CronOutcome::Skipped));
    assert_eq!(outcomes[0], (hour(5), CronOutcome::Started));
    assert_eq!(outcomes[1..], skipped);
    // The clock goes back to before them: each has its own time now.
    fixture.clock.set(hour(2).plus(MINUTE));
    assert_eq!(crons.run_due().await.unwrap(), 0);
    fixture.clock.set(hour(3));
    assert_eq!(crons.run_due().await.unwrap(), 1);
    assert_eq!(crons.runs("test").await.unwrap()[2].outcome, CronOutcome::Started);
}

async fn clocks_that_jump_neither_double_nor_lose_a_run(fixture: Fixture) {
    effects_table(&fixture).await;
    let seen = Seen::default();
    let cron = || hourly(seen.action(&fixture.store)).missed(Missed::Skip);
    let mut crons = open(&fixture, cron()).await;
    let schedule = Schedule::parse("0 * * * *", "UTC").unwrap();
    let seed = u64::from(std::process::id());
    let mut random = StdRng::seed_from_u64(seed);
    let mut passed = std::collections::BTreeSet::new();
    for _move in 0..40 {
        if random.random_bool(0.3) {
            // ± an hour, a day, a year.
            let most = [3_600, 86_400, 31_536_000][random.random_range(0..3)];
            let by = Duration::from_secs(random.random_range(0..=most));
            let now = fixture.clock.now();
            fixture.clock.set(if random.random_bool(0.5) { now.plus(by) } else { now.minus(by) });
            crons.run_due().await.unwrap();
            if random.random_bool(0.3) {
                crons = open(&fixture, cron()).await;
            }
        } else {
            let next = schedule.after(fixture.clock.now()).unwrap();
            fixture.clock.set(next.minus(Duration::from_secs(1)).max(fixture.clock.now()));
            crons.run_due().await.unwrap();
            fixture.clock.set(next.plus(Duration::from_secs(1)));
            crons.run_due().await.unwrap();
            passed.insert(next.as_millis());
        }
    }
    let effects = effects(&fixture.store).await;
    assert!(effects.is_sorted_by(|one, next| one < next), "seed {seed}: {effects:?}");
    assert!(passed.iter().all(|due| effects.contains(due)), "seed {seed}: {passed:?} {effects:?}");
}

async fn nodes_that_look_together_start_a_run_once(fixture: Fixture) {
    effects_table(&fixture).await;
    let seen = Seen::default();
    let mut fixtures = vec![];
    for _node in 0..3 {
        fixtures.push(fixture.another().await);
    }
    let mut nodes = vec![];
    for (behind, node) in fixtures.iter().enumerate() {
        // Their clocks differ a little.
        node.clock.set(NOW.minus(Duration::from_millis(300 * behind as u64)));
        nodes.push(open(node, hourly(seen.action(&node.store))).await);
    }
    for hours in 1..=5 {
        for (behind, node) in fixtures.iter().enumerate() {
            node.clock.set(hour(hours).plus(Duration::from_millis(700 - 300 * behind as u64)));
        }
        let looks = nodes.iter().flat_map(|crons| [crons.clone(), crons.clone()]);
        let looks = looks.map(|crons| fixture.tasks.spawn(async move { crons.run_due().await.unwrap() }));
        let looks: Vec<_> = looks.collect();
        let mut started = 0;
        for look in looks {
            started += look.await.unwrap();
        }
        // A node whose clock is behind the hour may be the last to look.
        for crons in &nodes {
            started += crons.run_due().await.unwrap();
        }
        assert_eq!(started, 1);
    }
    assert_eq!(effects(&fixture.store).await, (1..=5).map(|hours| hour(hours).as_millis()).collect::<Vec<_>>());
}

async fn a_changed_schedule_counts_from_now(fixture: Fixture) {
    effects_table(&fixture).await;
    let seen = Seen::default();
    let old = open(&fixture, hourly(seen.action(&fixture.store))).await;
    fixture.clock.set(hour(2).plus(MINUTE));
    let new = open(&fixture, every("30 * * * *", seen.action(&fixture.store))).await;
    // What the old schedule had missed is no matter of the new one, and the old program leaves the row alone.
    assert_eq!((new.run_due().await.unwrap(), old.run_due().await.unwrap()), (0, 0));
    assert_eq!(new.list().await.unwrap()[0].next_at, hour(2).plus(MINUTE * 30));
    assert!(!old.list().await.unwrap()[0].known);
    fixture.clock.set(hour(3).plus(MINUTE));
    assert_eq!((old.run_due().await.unwrap(), new.run_due().await.unwrap()), (0, 1));
    assert_eq!(seen.take(), [hour(2).plus(MINUTE * 30)]);
}

async fn a_cron_of_another_program_is_left_alone(fixture: Fixture) {
    effects_table(&fixture).await;
    let seen = Seen::default();
    drop(open(&fixture, hourly(seen.action(&fixture.store))).await);
    let other = Cron::new("other", Schedule::parse("0 0 * * *", "UTC").unwrap(), seen.action(&fixture.store));
    let crons = open(&fixture, other).await;
    fixture.clock.set(hour(1));
    assert_eq!(crons.run_due().await.unwrap(), 0);
    let known: Vec<_> = crons.list().await.unwrap().into_iter().map(|cron| (cron.name, cron.known)).collect();
    assert_eq!(known, [("other".to_owned(), true), ("test".to_owned(), false)]);
}

async fn a_paused_cron_leaves_out_what_comes_meanwhile(fixture: Fixture) {
    effects_table(&fixture).await;
    let seen = Seen::default();
    let crons = open(&fixture, hourly(seen.action(&fixture.store)).missed(Missed::RunAll { at_most: 9 })).await;
    assert!(crons.pause("test").await.unwrap());
    assert!(!crons.pause("none").await.unwrap() && !crons.resume("none").await.unwrap());
    fixture.clock.set(hour(3));
    assert_eq!(crons.run_due().await.unwrap(), 0);
    assert!(crons.list().await.unwrap()[0].paused);
    assert!(crons.resume("test").await.unwrap());
    assert_eq!(crons.run_due().await.unwrap(), 0);
    // To resume what is not paused leaves out nothing.
    fixture.clock.set(hour(4));
    assert!(crons.resume("test").await.unwrap());
    assert_eq!(crons.run_due().await.unwrap(), 1);
    assert_eq!(seen.take(), [hour(4)]);
}

async fn a_cron_is_run_by_hand_besides_its_schedule(fixture: Fixture) {
    effects_table(&fixture).await;
    let seen = Seen::default();
    let crons = open(&fixture, hourly(seen.action(&fixture.store))).await;
    crons.pause("test").await.unwrap();
    fixture.clock.set(NOW.plus(MINUTE));
    crons.run_now("test").await.unwrap();
    assert_eq!(seen.take(), [NOW.plus(MINUTE)]);
    assert_eq!(crons.runs("test").await.unwrap()[0].outcome, CronOutcome::Asked);
    assert_eq!(crons.list().await.unwrap()[0].next_at, hour(1));
    assert!(matches!(crons.run_now("none").await, Err(RunNowError::Unknown { .. })));
    *seen.fails.lock().unwrap() = true;
    fixture.clock.set(NOW.plus(MINUTE * 2));
    assert!(matches!(crons.run_now("test").await, Err(RunNowError::Action(_))));
    assert_eq!(crons.runs("test").await.unwrap().len(), 1);
}

async fn the_last_hundred_runs_are_remembered(fixture: Fixture) {
    effects_table(&fixture).await;
    let seen = Seen::default();
    let crons = open(&fixture, hourly(seen.action(&fixture.store)).missed(Missed::RunAll { at_most: 30 })).await;
    for days in 1..=5 {
        fixture.clock.set(hour(24 * days));
        assert_eq!(crons.run_due().await.unwrap(), 24);
    }
    let runs = crons.runs("test").await.unwrap();
    assert_eq!((runs.len(), runs[0].due_at, runs[99].due_at), (100, hour(120), hour(21)));
}

/// The job of a run.
#[derive(Debug, Serialize, Deserialize)]
struct Report {
    due_at: Timestamp,
}

impl Job for Report {
    const QUEUE: &'static str = "reports";
    const VERSION: u16 = 1;
}

async fn a_running_scheduler_puts_jobs_down_for_workers(fixture: Fixture) {
    let jobs = Jobs::open(fixture.store.clone()).await.unwrap();
    let action = EnqueueJob {
        jobs: jobs.clone(),
        job: |run: CronRun| Report { due_at: run.due_at },
        options: Enqueue { unique_key: Some("report".to_owned()), ..Enqueue::default() },
    };
    let crons = open(&fixture, hourly(action)).await;
    let (sender, mut receiver) = mpsc::channel(8);
    let handler = move |job: Report, _context: JobContext| {
        let sender = sender.clone();
        async move { sender.send(job.due_at).await.map_err(durable::jobs::JobError::fail) }
    };
    let stop = CancellationToken::new();
    let running = [
        fixture.tasks.spawn(crons.clone().run(stop.clone())),
        fixture.tasks.spawn(jobs.worker(handler, QueueOptions::default()).run(stop.clone())),
    ];
    for hours in 1..=2 {
        fixture.clock.set(hour(hours));
        assert_eq!(receiver.recv().await, Some(hour(hours)));
    }
    stop.cancel();
    for running in running {
        running.await.unwrap();
    }
    // While the former job lies there, a run puts down none.
    fixture.clock.set(hour(3));
    assert_eq!(crons.run_due().await.unwrap(), 1);
    fixture.clock.set(hour(4));
    assert_eq!(crons.run_due().await.unwrap(), 1);
    let reports = &jobs.queues().await.unwrap()[0];
    assert_eq!((reports.queue.as_str(), reports.ready), ("reports", 1));
}
