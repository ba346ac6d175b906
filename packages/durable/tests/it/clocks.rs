//! Clocks that jump, in both directions and over the change of the hour: nothing is done twice, nothing is lost, and once
//! the clock is right nothing waits longer than it was to wait. (Alarms: `objects::alarms`.)

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use data_ops::types::Timestamp;
use durable::{
    backoff::Backoff,
    cron::{Cron, CronRun, Crons, Missed, Schedule, cron_action},
    jobs::{Enqueue, Job, JobContext, JobError, Jobs, QueueOptions},
    workflows::{Context, Options, RunState, StepPolicy, Workflow, WorkflowError, Workflows},
};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use sea_orm::{ConnectionTrait as _, Value};
use serde::{Deserialize, Serialize};

use crate::support::{Fixture, NOW, execute, on_both_databases, scale, seed};

on_both_databases!(
    delayed_jobs_are_done_once_and_not_lost,
    sleeping_runs_go_on_once_and_are_not_lost,
    what_was_asked_for_by_a_clock_a_year_ahead_does_not_wait_a_year,
    schedules_go_through_the_changes_of_the_hour_by_a_clock_that_jumps,
);

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(24 * 3_600);
const YEAR: Duration = Duration::from_secs(365 * 24 * 3_600);

/// Moves a clock: mostly by a minute, and sometimes far away.
fn jump(fixture: &Fixture, random: &mut StdRng) {
    let now = fixture.store.now();
    fixture.clock.set(match random.random_range(0..9) {
        0 => now.plus(YEAR),
        1 => now.minus(YEAR),
        2 => now.plus(HOUR),
        3 => now.minus(HOUR),
        4 => now.minus(Duration::from_secs(1)),
        _ => now.plus(MINUTE),
    });
}

#[derive(Debug, Serialize, Deserialize)]
struct Errand(usize);

impl Job for Errand {
    const QUEUE: &'static str = "errands";
    const VERSION: u16 = 1;
}

fn queue() -> QueueOptions {
    QueueOptions { attempts: 3, backoff: Backoff::constant(MINUTE), lease: DAY, ..QueueOptions::default() }
}

/// How often each errand was done; every third fails the first time.
#[derive(Clone, Default)]
struct Done(Arc<Mutex<BTreeMap<usize, u32>>>);

impl durable::jobs::JobHandler<Errand> for Done {
    async fn run(&self, Errand(number): Errand, context: JobContext) -> Result<(), JobError> {
        if number % 3 == 0 && context.attempt() == 1 {
            return Err(JobError::retry("not yet"));
        }
        *self.0.lock().unwrap().entry(number).or_default() += 1;
        Ok(())
    }
}

async fn delayed_jobs_are_done_once_and_not_lost(fixture: Fixture) {
    let jobs = Jobs::open(fixture.store.clone()).await.unwrap();
    let done = Done::default();
    let worker = jobs.worker(done.clone(), queue());
    let mut random = StdRng::seed_from_u64(seed());
    for round in 0..scale(4, 60) {
        let errands = round * 20..round * 20 + 20;
        for errand in errands.clone() {
            let delay = MINUTE * random.random_range(0..60);
            jobs.add(&Errand(errand), Enqueue { delay, ..Enqueue::default() }).await.unwrap();
            jump(&fixture, &mut random);
            worker.run_due().await.unwrap();
        }
        // From here on the clock is right: each has at most its own delay to wait (and the seconds the clock went back by),
        // and its second attempt a minute.
        worker.run_due().await.unwrap();
        for wait in [MINUTE, HOUR, MINUTE] {
            fixture.clock.advance(wait);
            worker.run_due().await.unwrap();
        }
        let done = done.0.lock().unwrap();
        assert!(errands.clone().all(|errand| done.get(&errand) == Some(&1)), "{errands:?}: {done:?}");
    }
    assert!(jobs.dead("errands", None, 10).await.unwrap().is_empty());
}

/// Does something, sleeps, and does something else, which fails the first time where the input says so.
struct Sleeper(Arc<Mutex<Vec<String>>>);

impl Workflow for Sleeper {
    const KIND: &'static str = "sleeper";
    type Input = (u64, bool);
    type Output = ();

    async fn run(&self, context: &Context, (minutes, fails): (u64, bool)) -> Result<(), WorkflowError> {
        let note = |what: &str| {
            let mut noted = self.0.lock().unwrap();
            noted.push(format!("{} {what}", context.id()));
            noted.iter().filter(|noted| **noted == format!("{} {what}", context.id())).count()
        };
        let again = StepPolicy { attempts: 3, backoff: Backoff::constant(MINUTE), time_out: None };
        context.step("before", again, async || Ok(note("before"))).await?;
        context.sleep("sleep", MINUTE * u32::try_from(minutes)?).await;
        let after = async || match note("after") {
            1 if fails => Err(std::io::Error::other("not yet"))?,
            times => Ok(times),
        };
        context.step("after", again, after).await?;
        Ok(())
    }
}

async fn sleeping_runs_go_on_once_and_are_not_lost(fixture: Fixture) {
    let noted: Arc<Mutex<Vec<String>>> = Arc::default();
    let workflows =
        Workflows::builder(fixture.store.clone(), Options::default()).register(Sleeper(noted.clone())).build();
    let mut random = StdRng::seed_from_u64(seed());
    for round in 0..scale(4, 60) {
        let ids: Vec<String> = (0..15).map(|number| format!("{round}-{number}")).collect();
        for (number, id) in ids.iter().enumerate() {
            let input = (random.random_range(0..60), number % 3 == 0);
            workflows.start::<Sleeper>(id, &input).await.unwrap();
            jump(&fixture, &mut random);
            workflows.run_due().await.unwrap();
        }
        // From here on the clock is right. What was started before it went back by seconds begins within the first minute.
        workflows.run_due().await.unwrap();
        for wait in [MINUTE, HOUR, MINUTE] {
            fixture.clock.advance(wait);
            workflows.run_due().await.unwrap();
        }
        for (number, id) in ids.iter().enumerate() {
            let run = workflows.status(id).await.unwrap().unwrap();
            assert_eq!(run.state, RunState::Succeeded, "{run:?}");
            let times =
                |what: &str| noted.lock().unwrap().iter().filter(|line| **line == format!("{id} {what}")).count();
            assert_eq!((times("before"), times("after")), (1, if number % 3 == 0 { 2 } else { 1 }), "{id}");
        }
    }
}

async fn what_was_asked_for_by_a_clock_a_year_ahead_does_not_wait_a_year(fixture: Fixture) {
    let jobs = Jobs::open(fixture.store.clone()).await.unwrap();
    let noted: Arc<Mutex<Vec<String>>> = Arc::default();
    let begin =
        || Workflows::builder(fixture.store.clone(), Options::default()).register(Sleeper(noted.clone())).build();
    let workflows = begin();
    // Before, and since: only what was put off by the wrong clock is put back.
    jobs.add(&Errand(1), Enqueue { delay: 3 * YEAR, ..Enqueue::default() }).await.unwrap();
    workflows.start::<Sleeper>("three years", &(3 * 365 * 24 * 60, false)).await.unwrap();
    workflows.run_due().await.unwrap();
    fixture.clock.advance(YEAR);
    jobs.add(&Errand(2), Enqueue::default()).await.unwrap();
    jobs.add(&Errand(4), Enqueue { delay: MINUTE, ..Enqueue::default() }).await.unwrap();
    workflows.start::<Sleeper>("asleep", &(1, false)).await.unwrap();
    workflows.run_due().await.unwrap();
    workflows.start::<Sleeper>("started", &(1, false)).await.unwrap();
    drop(workflows);

    // The clock is put right while nothing runs.
    fixture.clock.set(NOW);
    let (done, workflows) = (Done::default(), begin());
    let worker = jobs.worker(done.clone(), queue());
    let done = || done.0.lock().unwrap().keys().copied().collect::<Vec<_>>();
    worker.run_due().await.unwrap();
    workflows.run_due().await.unwrap();
    assert_eq!(done(), [2]);
    fixture.clock.advance(MINUTE);
    worker.run_due().await.unwrap();
    workflows.run_due().await.unwrap();
    assert_eq!(done(), [2, 4]);
    for (id, state) in
        [("asleep", RunState::Succeeded), ("started", RunState::Succeeded), ("three years", RunState::Running)]
    {
        assert_eq!(workflows.status(id).await.unwrap().unwrap().state, state, "{id}");
    }
    assert_eq!(workflows.status("three years").await.unwrap().unwrap().due_at, NOW.plus(3 * YEAR));
}

async fn schedules_go_through_the_changes_of_the_hour_by_a_clock_that_jumps(fixture: Fixture) {
    execute(&fixture, "CREATE TABLE effects (cron TEXT NOT NULL, due_at BIGINT NOT NULL)").await;
    let dialect = fixture.store.dialect();
    // At a time that one day does not have and another has twice; each twenty minutes; each day.
    let patterns = [("night", "30 2 * * *"), ("often", "*/20 * * * *"), ("noon", "0 12 * * *")];
    let schedules = patterns.map(|(name, pattern)| (name, Schedule::parse(pattern, "Europe/Berlin").unwrap()));
    let crons = |schedules: &[(&'static str, Schedule)]| -> Vec<Cron> {
        let crons = schedules.iter().map(|(name, schedule)| {
            let action = cron_action(move |transaction, run: CronRun| {
                Box::pin(async move {
                    let values = [Value::from(run.name), run.due_at.as_millis().into()];
                    transaction.execute_raw(dialect.statement("INSERT INTO effects VALUES ($1, $2)", values)).await?;
                    Ok(())
                })
            });
            Cron::new(name, schedule.clone(), action).missed(Missed::Skip)
        });
        crons.collect()
    };
    let mut random = StdRng::seed_from_u64(seed());
    // Before the last Sundays of March and of October.
    for change in ["2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z"].repeat(scale(1, 30)) {
        execute(&fixture, "DELETE FROM crons").await;
        execute(&fixture, "DELETE FROM effects").await;
        fixture.clock.set(Timestamp::parse(change).unwrap().minus(6 * HOUR));
        let mut running = Crons::open(fixture.store.clone(), crons(&schedules)).await.unwrap();
        let mut passed: BTreeSet<(&str, i64)> = BTreeSet::new();
        for _step in 0..100 {
            let now = fixture.store.now();
            if random.random_bool(0.1) {
                let by = [MINUTE, HOUR, 2 * HOUR, DAY][random.random_range(0..4)];
                fixture.clock.set(if random.random_bool(0.5) { now.plus(by) } else { now.minus(by) });
                running.run_due().await.unwrap();
                if random.random_bool(0.3) {
                    running = Crons::open(fixture.store.clone(), crons(&schedules)).await.unwrap();
                }
                continue;
            }
            // Not over any occurrence, but to it.
            let next = schedules.iter().map(|(name, schedule)| (schedule.after(now).unwrap(), *name)).min().unwrap();
            fixture.clock.set(next.0);
            running.run_due().await.unwrap();
            passed.insert((next.1, next.0.as_millis()));
        }
        each_once(&fixture, &passed).await;
    }
}

async fn each_once(fixture: &Fixture, passed: &BTreeSet<(&str, i64)>) {
    let rows = fixture.store.database().read();
    let statement = fixture.store.dialect().statement("SELECT cron, due_at FROM effects", []);
    let rows = rows.query_all_raw(statement).await.unwrap();
    let mut begun = BTreeSet::new();
    for row in rows {
        let (name, due_at): (String, i64) = (row.try_get("", "cron").unwrap(), row.try_get("", "due_at").unwrap());
        assert!(begun.insert((name.clone(), due_at)), "{name} twice: {due_at}");
    }
    for (name, due_at) in passed {
        assert!(begun.contains(&((*name).to_owned(), *due_at)), "{name} lost: {due_at}");
    }
}
