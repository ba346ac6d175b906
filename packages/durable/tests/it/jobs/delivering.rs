//! Putting down and handing over.

use std::{
    sync::Arc,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use data_ops::{clock::Clock as _, database::DatabaseError};
use durable::{
    jobs::{Enqueue, EnqueueError, Job, JobContext, JobError, Jobs, Priority, QueueOptions},
    payload::{MAX_PAYLOAD_BYTES, PayloadError, UnreadablePayload},
};
use serde::{Deserialize, Serialize};
use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

use super::{Note, Seen, add, count, note, options, well};
use crate::support::{Fixture, on_both_databases};

on_both_databases!(
    a_job_is_there_only_if_its_transaction_is_committed,
    urgent_jobs_come_first_and_then_those_due_first,
    a_delayed_job_waits_for_the_clock,
    a_unique_key_is_taken_until_its_job_is_done,
    a_payload_that_is_too_large_is_refused_and_nothing_stored,
    payloads_of_older_versions_are_read,
    no_more_jobs_run_at_a_time_than_allowed,
    a_running_worker_is_woken_by_what_is_put_down,
    workers_that_compete_do_each_job_once,
);

async fn a_job_is_there_only_if_its_transaction_is_committed(fixture: Fixture) {
    #[derive(Debug, thiserror::Error)]
    enum WorkError {
        #[error("refused")]
        Refused,
        #[error(transparent)]
        Enqueue(#[from] EnqueueError),
        #[error(transparent)]
        Database(#[from] DatabaseError),
    }
    let jobs = Jobs::open(fixture.store.clone()).await.unwrap();
    for refuse in [true, false] {
        let putting = jobs.clone();
        let write = fixture.store.write(move |transaction| {
            Box::pin(async move {
                putting.enqueue(transaction, &note(&format!("refused: {refuse}")), Enqueue::default()).await?;
                if refuse { Err(WorkError::Refused) } else { Ok(()) }
            })
        });
        assert_eq!(write.await.is_err(), refuse);
    }
    let seen = Seen::default();
    assert_eq!(jobs.worker(seen.handler(well), options()).run_due().await.unwrap(), 1);
    assert_eq!(seen.take(), ["refused: false"]);
    assert_eq!(count(&fixture.store, "jobs").await, 0);
}

async fn urgent_jobs_come_first_and_then_those_due_first(fixture: Fixture) {
    let jobs = Jobs::open(fixture.store.clone()).await.unwrap();
    for (text, priority, delay) in [
        ("low", Priority::Low, 0),
        ("normal, later", Priority::Normal, 2),
        ("normal, sooner", Priority::Normal, 1),
        ("high, later", Priority::High, 4),
        ("high, sooner", Priority::High, 3),
    ] {
        let options = Enqueue { priority, delay: Duration::from_secs(delay), ..Enqueue::default() };
        jobs.add(&note(text), options).await.unwrap();
    }
    fixture.clock.advance(Duration::from_secs(9));
    let in_order = ["high, sooner", "high, later", "normal, sooner", "normal, later", "low"];
    // Claimed one by one, and all at once.
    let seen = Seen::default();
    assert_eq!(jobs.worker(seen.handler(|_| Err(JobError::retry("again"))), options()).run_due().await.unwrap(), 5);
    assert_eq!(seen.take(), in_order);
    fixture.clock.advance(Duration::from_secs(9));
    let options = QueueOptions { concurrency: 5, ..options() };
    assert_eq!(jobs.worker(seen.handler(well), options).run_due().await.unwrap(), 5);
    assert_eq!(seen.take().len(), 5);
}

async fn a_delayed_job_waits_for_the_clock(fixture: Fixture) {
    let jobs = Jobs::open(fixture.store.clone()).await.unwrap();
    let seen = Seen::default();
    let worker = jobs.worker(seen.handler(well), options());
    let minute = Duration::from_secs(60);
    jobs.add(&note("later"), Enqueue { delay: minute, ..Enqueue::default() }).await.unwrap();
    assert_eq!(worker.run_due().await.unwrap(), 0);
    fixture.clock.advance(minute - Duration::from_millis(1));
    assert_eq!(worker.run_due().await.unwrap(), 0);
    // A clock that goes back and comes again loses nothing.
    let before = fixture.clock.now();
    fixture.clock.set(before.minus(minute));
    assert_eq!(worker.run_due().await.unwrap(), 0);
    fixture.clock.set(before.plus(Duration::from_millis(1)));
    assert_eq!(worker.run_due().await.unwrap(), 1);
    assert_eq!(seen.take(), ["later"]);
}

async fn a_unique_key_is_taken_until_its_job_is_done(fixture: Fixture) {
    let jobs = Jobs::open(fixture.store.clone()).await.unwrap();
    let keyed = || Enqueue { unique_key: Some("key".to_owned()), ..Enqueue::default() };
    let first = jobs.add(&note("first"), keyed()).await.unwrap();
    assert_eq!(jobs.add(&note("second"), keyed()).await.unwrap(), first);
    let other = Enqueue { unique_key: Some("other".to_owned()), ..Enqueue::default() };
    assert_ne!(jobs.add(&note("other"), other).await.unwrap(), first);
    let seen = Seen::default();
    let worker = jobs.worker(seen.handler(well), options());
    assert_eq!(worker.run_due().await.unwrap(), 2);
    assert_ne!(jobs.add(&note("third"), keyed()).await.unwrap(), first);
    assert_eq!(worker.run_due().await.unwrap(), 1);
    assert!(!seen.take().contains(&"second".to_owned()));
}

async fn a_payload_that_is_too_large_is_refused_and_nothing_stored(fixture: Fixture) {
    let jobs = Jobs::open(fixture.store.clone()).await.unwrap();
    let refused = jobs.add(&note(&"x".repeat(MAX_PAYLOAD_BYTES)), Enqueue::default()).await.unwrap_err();
    assert!(matches!(refused, EnqueueError::Payload { queue: "notes", source: PayloadError::TooLarge { .. } }));
    let said = std::error::Error::source(&refused).unwrap().to_string();
    assert!(said.contains("store the data where it belongs and pass its id"), "{said}");
    assert_eq!(count(&fixture.store, "jobs").await, 0);
    // The largest that fits: text of many bytes a character, and the character PostgreSQL has no room for.
    let largest = "\0ä".repeat(MAX_PAYLOAD_BYTES / 8 - 8);
    jobs.add(&note(&largest), Enqueue::default()).await.unwrap();
    let seen = Seen::default();
    jobs.worker(seen.handler(well), options()).run_due().await.unwrap();
    assert_eq!(seen.take(), [largest]);
}

/// [`Note`] after its text was split.
#[derive(Debug, Serialize, Deserialize)]
struct NewNote {
    words: Vec<String>,
}

impl Job for NewNote {
    const QUEUE: &'static str = "notes";
    const VERSION: u16 = 2;

    fn upgrade(version: u16, payload: serde_json::Value) -> Result<Self, UnreadablePayload> {
        match version {
            1 => {
                let old: Note = serde_json::from_value(payload)
                    .map_err(|source| UnreadablePayload::Malformed { version: 1, source })?;
                Ok(Self { words: old.text.split(' ').map(str::to_owned).collect() })
            }
            other => Err(UnreadablePayload::unknown(other, Self::VERSION)),
        }
    }
}

async fn payloads_of_older_versions_are_read(fixture: Fixture) {
    let jobs = Jobs::open(fixture.store.clone()).await.unwrap();
    add(&jobs, &["two words"]).await;
    jobs.add(&NewNote { words: vec!["one".to_owned()] }, Enqueue::default()).await.unwrap();
    let seen = Seen::default();
    let handler = {
        let seen = seen.clone();
        move |job: NewNote, _context: JobContext| {
            seen.push(&job.words.join("+"));
            std::future::ready(Ok(()))
        }
    };
    assert_eq!(jobs.worker(handler, options()).run_due().await.unwrap(), 2);
    let mut texts = seen.take();
    texts.sort();
    assert_eq!(texts, ["one", "two+words"]);
}

async fn no_more_jobs_run_at_a_time_than_allowed(fixture: Fixture) {
    let jobs = Jobs::open(fixture.store.clone()).await.unwrap();
    add(&jobs, &["1", "2", "3", "4", "5", "6", "7"]).await;
    let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    // The first three meet: so many run together.
    let meeting = Arc::new(tokio::sync::Barrier::new(3));
    let begun = Arc::new(AtomicUsize::new(0));
    let handler = {
        let (running, most) = (running.clone(), most.clone());
        move |_job: Note, _context: JobContext| {
            let (running, most, meeting, begun) = (running.clone(), most.clone(), meeting.clone(), begun.clone());
            async move {
                most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                if begun.fetch_add(1, Ordering::SeqCst) < 3 {
                    meeting.wait().await;
                }
                tokio::task::yield_now().await;
                running.fetch_sub(1, Ordering::SeqCst);
                Ok(())
            }
        }
    };
    let worker = jobs.worker(handler, QueueOptions { concurrency: 3, ..options() });
    assert_eq!(worker.run_due().await.unwrap(), 7);
    assert_eq!(most.load(Ordering::SeqCst), 3);
}

async fn a_running_worker_is_woken_by_what_is_put_down(fixture: Fixture) {
    let jobs = Jobs::open(fixture.store.clone()).await.unwrap();
    let (sender, mut receiver) = mpsc::channel(8);
    let handler = move |job: Note, _context: JobContext| {
        let sender = sender.clone();
        async move { sender.send(job.text).await.map_err(JobError::fail) }
    };
    let stop = CancellationToken::new();
    let running = fixture.tasks.spawn(jobs.worker(handler, options()).run(stop.clone()));
    let began = std::time::Instant::now();
    for number in 0..20 {
        jobs.add(&note(&number.to_string()), Enqueue::default()).await.unwrap();
        assert_eq!(receiver.recv().await.unwrap(), number.to_string());
    }
    // Looked for, they would take three quarters of a second each. (On PostgreSQL too little to tell on a busy machine.)
    let limit = Duration::from_secs(if fixture.store.database().is_sqlite() { 10 } else { 60 });
    assert!(began.elapsed() < limit, "{:?}", began.elapsed());
    stop.cancel();
    running.await.unwrap();
}

async fn workers_that_compete_do_each_job_once(fixture: Fixture) {
    let jobs = Jobs::open(fixture.store.clone()).await.unwrap();
    let texts: Vec<String> = (0..60).map(|number| format!("{number:02}")).collect();
    add(&jobs, &texts.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let seen = Seen::default();
    // All begin together.
    let gate = Arc::new(Semaphore::new(0));
    let workers = (0..3).map(|_| {
        let worker = jobs.worker(seen.handler(well), QueueOptions { concurrency: 4, ..options() });
        let gate = gate.clone();
        fixture.tasks.spawn(async move {
            let _pass = gate.acquire().await.unwrap();
            worker.run_due().await.unwrap()
        })
    });
    let workers: Vec<_> = workers.collect();
    gate.add_permits(3);
    let mut done = 0;
    for worker in workers {
        done += worker.await.unwrap();
    }
    assert_eq!(done, 60);
    let mut seen = seen.take();
    seen.sort();
    assert_eq!(seen, texts);
}
