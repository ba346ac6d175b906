//! Jobs that fail: tried again, then set aside, and back.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use durable::{
    backoff::Backoff,
    jobs::{DeadJob, Enqueue, Job, JobContext, JobError, Jobs, QueueOptions},
    payload::UnreadablePayload,
    store::Dialect,
};
use sea_orm::Value;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::{Note, Seen, add, count, execute, note, options, well};
use crate::support::{Fixture, on_both_databases};

on_both_databases!(
    a_poison_job_dies_after_its_attempts_while_its_neighbours_go_on,
    poison_among_many_jobs_dies_and_is_replayed_while_the_others_are_done,
    a_job_waits_longer_after_each_failure,
    a_dead_job_keeps_all_causes_of_its_last_failure,
    a_job_that_cannot_be_done_dies_at_once,
    a_handler_that_panics_has_failed,
    a_handler_that_hangs_has_failed,
    a_job_whose_attempts_never_end_dies,
    a_payload_of_a_newer_version_is_parked_and_replayed_after_the_upgrade,
    jobs_of_the_next_version_wait_for_the_upgrade_and_are_done_by_it,
    a_payload_that_is_no_longer_what_it_was_is_parked,
    dead_jobs_are_listed_replayed_and_deleted,
    dead_jobs_of_all_queues_are_found_and_those_of_one_deleted_together,
    any_number_of_dead_jobs_is_replayed,
);

async fn dead(jobs: &Jobs) -> Vec<DeadJob> {
    jobs.dead("notes", None, 100).await.unwrap()
}

fn poisoned(text: &str) -> Result<(), JobError> {
    if text == "poison" { Err(JobError::retry("it is poison")) } else { Ok(()) }
}

async fn a_poison_job_dies_after_its_attempts_while_its_neighbours_go_on(fixture: Fixture) {
    let jobs = Jobs::open(fixture.store.clone()).await.unwrap();
    add(&jobs, &["before", "poison", "after"]).await;
    let seen = Seen::default();
    let worker = jobs.worker(seen.handler(poisoned), options());
    assert_eq!(worker.run_due().await.unwrap(), 3);
    assert_eq!(count(&fixture.store, "jobs").await, 1);
    for _second in 0..5 {
        fixture.clock.advance(Duration::from_secs(1));
        add(&jobs, &["meanwhile"]).await;
        worker.run_due().await.unwrap();
    }
    let seen = seen.take();
    let times = |text: &str| seen.iter().filter(|seen| *seen == text).count();
    assert_eq!((times("before"), times("poison"), times("after"), times("meanwhile")), (1, 3, 1, 5));
    assert_eq!(count(&fixture.store, "jobs").await, 0);
    let dead = dead(&jobs).await;
    assert_eq!(dead.len(), 1);
    assert_eq!((dead[0].attempts, dead[0].error.as_str()), (3, "it is poison"));
    assert!(dead[0].payload.contains("poison"));
}

/// Under way, with workers that run and callers that put jobs down all the time.
async fn poison_among_many_jobs_dies_and_is_replayed_while_the_others_are_done(fixture: Fixture) {
    const POISON: usize = 5;
    let jobs = Jobs::open(fixture.store.clone()).await.unwrap();
    let (seen, cured) = (Seen::default(), Arc::new(AtomicBool::new(false)));
    let outcome = {
        let cured = cured.clone();
        move |text: &str| if cured.load(Ordering::SeqCst) { Ok(()) } else { poisoned(text) }
    };
    let worker = jobs.worker(seen.handler(outcome), QueueOptions { concurrency: 4, ..options() });
    let stop = CancellationToken::new();
    let running = fixture.tasks.spawn(worker.run(stop.clone()));
    let load = async |name: &'static str| {
        for number in 0..40 {
            if number % 8 == 0 {
                add(&jobs, &["poison"]).await;
            }
            add(&jobs, &[&format!("{name} {number}")]).await;
            fixture.clock.advance(Duration::from_millis(200));
        }
    };
    load("first").await;
    // They have died while the others were done, and those that come now are done too.
    let died = async || {
        while dead(&jobs).await.len() < POISON {
            fixture.clock.advance(Duration::from_millis(500));
            jobs.wake("notes");
        }
    };
    tokio::time::timeout(Duration::from_secs(30), died()).await.unwrap();
    cured.store(true, Ordering::SeqCst);
    let (replayed, ()) = futures_util::join!(jobs.replay_all("notes"), load("second"));
    assert_eq!(replayed.unwrap(), POISON as u64);
    let done = async { while count(&fixture.store, "jobs").await > 0 {} };
    tokio::time::timeout(Duration::from_secs(30), done).await.unwrap();
    stop.cancel();
    running.await.unwrap();
    let seen = seen.take();
    let times = |text: &str| seen.iter().filter(|seen| *seen == text).count();
    for number in 0..40 {
        assert_eq!((times(&format!("first {number}")), times(&format!("second {number}"))), (1, 1), "{number}");
    }
    // Three attempts each, and one after the replay; those of the second load are not ill any more.
    assert_eq!(times("poison"), POISON * 3 + POISON + POISON);
    assert_eq!(count(&fixture.store, "dead_jobs").await, 0);
}

async fn a_job_waits_longer_after_each_failure(fixture: Fixture) {
    let jobs = Jobs::open(fixture.store.clone()).await.unwrap();
    add(&jobs, &["poison"]).await;
    let backoff =
        Backoff { first: Duration::from_secs(10), factor: 3.0, longest: Duration::from_secs(60), jitter: 0.0 };
    let worker = jobs.worker(Seen::default().handler(poisoned), QueueOptions { attempts: 9, backoff, ..options() });
    assert_eq!(worker.run_due().await.unwrap(), 1);
    for wait in [10, 30, 60, 60] {
        fixture.clock.advance(Duration::from_secs(wait) - Duration::from_millis(1));
        assert_eq!(worker.run_due().await.unwrap(), 0, "{wait}");
        fixture.clock.advance(Duration::from_millis(1));
        assert_eq!(worker.run_due().await.unwrap(), 1, "{wait}");
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the mail was not sent")]
struct NotSent(#[source] std::io::Error);

async fn a_dead_job_keeps_all_causes_of_its_last_failure(fixture: Fixture) {
    let jobs = Jobs::open(fixture.store.clone()).await.unwrap();
    add(&jobs, &["mail"]).await;
    // With a character PostgreSQL does not store.
    let handler = Seen::default().handler(|_| Err(JobError::retry(NotSent(std::io::Error::other("no\0host")))));
    let worker = jobs.worker(handler, QueueOptions { attempts: 1, ..options() });
    assert_eq!(worker.run_due().await.unwrap(), 1);
    assert_eq!(dead(&jobs).await[0].error, "the mail was not sent: no\u{fffd}host");
}

async fn a_job_that_cannot_be_done_dies_at_once(fixture: Fixture) {
    let jobs = Jobs::open(fixture.store.clone()).await.unwrap();
    add(&jobs, &["bad address"]).await;
    let worker = jobs.worker(Seen::default().handler(|_| Err(JobError::fail("no such address"))), options());
    assert_eq!(worker.run_due().await.unwrap(), 1);
    let dead = dead(&jobs).await;
    assert_eq!((dead[0].attempts, dead[0].error.as_str()), (1, "no such address"));
}

async fn a_handler_that_panics_has_failed(fixture: Fixture) {
    let jobs = Jobs::open(fixture.store.clone()).await.unwrap();
    add(&jobs, &["before it waits", "while it runs"]).await;
    // Before there is a future, and in it.
    let handler = |job: Note, _context: JobContext| {
        assert_ne!(job.text, "before it waits", "a defect");
        async move {
            assert_ne!(job.text, "while it runs", "another defect");
            Ok(())
        }
    };
    let worker = jobs.worker(handler, QueueOptions { attempts: 2, ..options() });
    assert_eq!(worker.run_due().await.unwrap(), 2);
    fixture.clock.advance(Duration::from_secs(1));
    assert_eq!(worker.run_due().await.unwrap(), 2);
    let dead = dead(&jobs).await;
    assert_eq!(dead.len(), 2);
    for dead in dead {
        assert!(dead.error.starts_with("the handler panicked") && dead.error.contains("defect"), "{}", dead.error);
    }
}

async fn a_handler_that_hangs_has_failed(fixture: Fixture) {
    let jobs = Jobs::open(fixture.store.clone()).await.unwrap();
    add(&jobs, &["hangs"]).await;
    let handler = |_job: Note, _context: JobContext| std::future::pending();
    let options = QueueOptions { attempts: 1, time_out: Duration::from_millis(20), ..options() };
    assert_eq!(jobs.worker(handler, options).run_due().await.unwrap(), 1);
    assert_eq!(dead(&jobs).await[0].error, "the attempt took longer than 20ms");
}

async fn a_job_whose_attempts_never_end_dies(fixture: Fixture) {
    let store = &fixture.store;
    let jobs = Jobs::open(store.clone()).await.unwrap();
    add(&jobs, &["kills its process"]).await;
    let options = QueueOptions { attempts: 2, ..options() };
    for attempt in 1..=2 {
        let (begun, mut begins) = tokio::sync::mpsc::channel(1);
        let handler = move |_job: Note, context: JobContext| {
            let begun = begun.clone();
            async move {
                begun.send(context.attempt()).await.unwrap();
                std::future::pending().await
            }
        };
        let worker = jobs.worker(handler, options.clone());
        let process = fixture.tasks.spawn(async move { worker.run_due().await });
        assert_eq!(begins.recv().await, Some(attempt));
        process.abort();
        let _aborted = process.await;
        execute(store, "UPDATE jobs SET lease_until = 0", []).await;
    }
    let seen = Seen::default();
    jobs.worker(seen.handler(well), options).run_due().await.unwrap();
    assert!(seen.take().is_empty());
    let dead = dead(&jobs).await;
    assert!(dead[0].error.starts_with("none of the attempts came to an end"), "{}", dead[0].error);
}

async fn a_payload_of_a_newer_version_is_parked_and_replayed_after_the_upgrade(fixture: Fixture) {
    let jobs = Jobs::open(fixture.store.clone()).await.unwrap();
    add(&jobs, &["new", "old"]).await;
    execute(&fixture.store, "UPDATE jobs SET version = 7 WHERE payload LIKE '%new%'", []).await;
    let seen = Seen::default();
    let worker = jobs.worker(seen.handler(well), options());
    for _second in 0..3 {
        worker.run_due().await.unwrap();
        // With other nodes about, one of them may be able to read it.
        let waits = fixture.store.dialect() == Dialect::Postgres && _second < 2;
        assert_eq!(dead(&jobs).await.is_empty(), waits, "{_second}");
        fixture.clock.advance(Duration::from_secs(1));
    }
    assert_eq!(seen.take(), ["old"]);
    let parked = dead(&jobs).await;
    assert!(
        parked[0].error.ends_with("(payload version 7, readable up to 1): upgrade and replay"),
        "{}",
        parked[0].error
    );
    // As the upgraded program would find it.
    execute(&fixture.store, "UPDATE dead_jobs SET version = 1", []).await;
    assert_eq!(jobs.replay(parked[0].id).await.unwrap().as_deref(), Some("notes"));
    assert_eq!(worker.run_due().await.unwrap(), 1);
    assert_eq!(seen.take(), ["new"]);
}

/// The job of these tests as the next version of the program has it.
#[derive(Debug, Serialize, Deserialize)]
struct NextNote {
    words: Vec<String>,
}

impl Job for NextNote {
    const QUEUE: &'static str = "notes";
    const VERSION: u16 = 2;

    fn upgrade(version: u16, payload: serde_json::Value) -> Result<Self, UnreadablePayload> {
        match (version, payload["text"].as_str()) {
            (1, Some(text)) => Ok(Self { words: text.split(' ').map(str::to_owned).collect() }),
            _ => Err(UnreadablePayload::unknown(version, Self::VERSION)),
        }
    }
}

async fn jobs_of_the_next_version_wait_for_the_upgrade_and_are_done_by_it(fixture: Fixture) {
    let jobs = Jobs::open(fixture.store.clone()).await.unwrap();
    let next = NextNote { words: vec!["next".to_owned()] };
    jobs.add(&next, Enqueue::default()).await.unwrap();
    let old = jobs.worker(Seen::default().handler(well), options());
    for _attempt in 0..3 {
        old.run_due().await.unwrap();
        fixture.clock.advance(Duration::from_secs(1));
    }
    let parked = dead(&jobs).await;
    assert!(parked[0].error.ends_with("upgrade and replay"), "{}", parked[0].error);
    add(&jobs, &["of the old version"]).await;

    // The upgraded program: what was put down before it, and what was parked.
    let done: Arc<Mutex<Vec<Vec<String>>>> = Arc::default();
    let noted = done.clone();
    let handler = move |job: NextNote, _context: JobContext| {
        noted.lock().unwrap().push(job.words);
        std::future::ready(Ok(()))
    };
    let upgraded = jobs.worker(handler, options());
    assert_eq!(upgraded.run_due().await.unwrap(), 1);
    assert_eq!(jobs.replay_all("notes").await.unwrap(), 1);
    assert_eq!(upgraded.run_due().await.unwrap(), 1);
    assert_eq!(*done.lock().unwrap(), [vec!["of", "the", "old", "version"], vec!["next"]]);
    assert_eq!((count(&fixture.store, "jobs").await, count(&fixture.store, "dead_jobs").await), (0, 0));
}

async fn a_payload_that_is_no_longer_what_it_was_is_parked(fixture: Fixture) {
    let jobs = Jobs::open(fixture.store.clone()).await.unwrap();
    add(&jobs, &["1", "2", "3"]).await;
    for (text, payload) in [("1", "{\"text\""), ("2", "{\"words\":[]}")] {
        let values = [Value::from(payload), Value::from(format!("%\"{text}\"%"))];
        execute(&fixture.store, "UPDATE jobs SET payload = $1 WHERE payload LIKE $2", values).await;
    }
    let seen = Seen::default();
    jobs.worker(seen.handler(well), options()).run_due().await.unwrap();
    assert_eq!(seen.take(), ["3"]);
    let dead = dead(&jobs).await;
    assert_eq!(dead.len(), 2);
    for dead in dead {
        assert!(dead.error.contains("correct or delete it: "), "{}", dead.error);
    }
}

async fn dead_jobs_are_listed_replayed_and_deleted(fixture: Fixture) {
    let jobs = Jobs::open(fixture.store.clone()).await.unwrap();
    let worker = jobs.worker(Seen::default().handler(|_| Err(JobError::fail("no"))), options());
    for number in 0..7 {
        jobs.add(&note(&number.to_string()), Enqueue { unique_key: Some(number.to_string()), ..Enqueue::default() })
            .await
            .unwrap();
        worker.run_due().await.unwrap();
        if number % 3 == 0 {
            fixture.clock.advance(Duration::from_secs(1));
        }
    }
    let mut listed = Vec::new();
    let mut cursor = None;
    loop {
        let page = jobs.dead("notes", cursor, 2).await.unwrap();
        let Some(last) = page.last() else { break };
        cursor = Some(last.cursor());
        listed.extend(page);
    }
    assert_eq!(listed, dead(&jobs).await);
    assert_eq!(listed.len(), 7);
    assert!(listed.is_sorted_by(|one, next| one.failed_at >= next.failed_at));

    assert!(jobs.delete_dead(listed[0].id).await.unwrap());
    assert!(!jobs.delete_dead(listed[0].id).await.unwrap());
    assert_eq!(jobs.replay(listed[0].id).await.unwrap(), None);
    assert_eq!(jobs.replay(listed[1].id).await.unwrap().as_deref(), Some("notes"));
    assert_eq!(jobs.replay_all("others").await.unwrap(), 0);
    assert_eq!(jobs.replay_all("notes").await.unwrap(), 5);
    assert_eq!(count(&fixture.store, "dead_jobs").await, 0);
    // As if they had never been tried.
    let seen = Seen::default();
    let worker = jobs.worker(seen.handler(|_| Err(JobError::retry("once more"))), options());
    assert_eq!(worker.run_due().await.unwrap(), 6);
    assert_eq!(count(&fixture.store, "jobs").await, 6);
}

async fn dead_jobs_of_all_queues_are_found_and_those_of_one_deleted_together(fixture: Fixture) {
    let jobs = Jobs::open(fixture.store.clone()).await.unwrap();
    let worker = jobs.worker(Seen::default().handler(|_| Err(JobError::fail("no"))), options());
    for text in ["one", "two", "three"] {
        jobs.add(&note(text), Enqueue::default()).await.unwrap();
        worker.run_due().await.unwrap();
        fixture.clock.advance(Duration::from_secs(1));
    }
    execute(&fixture.store, "UPDATE dead_jobs SET queue = 'others' WHERE payload LIKE '%two%'", []).await;
    let all = jobs.dead(None, None, 10).await.unwrap();
    assert_eq!(all.iter().map(|dead| dead.queue.as_str()).collect::<Vec<_>>(), ["notes", "others", "notes"]);
    assert_eq!(jobs.dead(None, Some(all[0].cursor()), 1).await.unwrap(), all[1..2]);
    assert_eq!(jobs.find_dead(all[1].id).await.unwrap().as_ref(), Some(&all[1]));
    assert_eq!(jobs.delete_all_dead("notes").await.unwrap(), 2);
    assert_eq!(jobs.delete_all_dead("notes").await.unwrap(), 0);
    assert_eq!(jobs.dead(None, None, 10).await.unwrap(), all[1..2]);
    assert_eq!(jobs.find_dead(all[0].id).await.unwrap(), None);
}

async fn any_number_of_dead_jobs_is_replayed(fixture: Fixture) {
    let jobs = Jobs::open(fixture.store.clone()).await.unwrap();
    let sql = "INSERT INTO dead_jobs (id, queue, version, payload, priority, attempts, epoch, created_at, failed_at, error) \
               VALUES ($1, 'notes', 1, '{\"text\":\"x\"}', 0, 3, 3, 1, $2, 'no')";
    let inserts = (0..1_100_i64).map(|number| {
        let id = durable::jobs::JobId::generate(&*fixture.clock);
        execute(&fixture.store, sql, [Value::from(id.as_uuid()), Value::from(number)])
    });
    futures_util::future::join_all(inserts).await;
    assert_eq!(jobs.replay_all("notes").await.unwrap(), 1_100);
    assert_eq!(count(&fixture.store, "jobs").await, 1_100);
    assert_eq!(count(&fixture.store, "dead_jobs").await, 0);
}
