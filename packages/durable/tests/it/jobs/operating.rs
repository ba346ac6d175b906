//! Looking at queues, pausing them, ending a worker.

use std::time::Duration;

use durable::jobs::{Enqueue, Job as _, JobContext, JobError, Jobs, QueueOptions, QueueStatus};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{Note, Seen, add, note, options, well};
use crate::support::{Fixture, NOW, on_both_databases};

on_both_databases!(
    a_paused_queue_lies_until_it_is_resumed,
    queues_tell_what_is_in_them,
    a_stopped_worker_ends_what_it_began_and_claims_nothing_more,
    a_stopped_worker_gives_back_what_does_not_end,
);

async fn a_paused_queue_lies_until_it_is_resumed(fixture: Fixture) {
    let jobs = Jobs::open(fixture.store.clone()).await.unwrap();
    let seen = Seen::default();
    let worker = jobs.worker(seen.handler(well), options());
    jobs.pause(Note::QUEUE).await.unwrap();
    jobs.pause(Note::QUEUE).await.unwrap();
    add(&jobs, &["waits"]).await;
    assert_eq!(worker.run_due().await.unwrap(), 0);
    assert!(jobs.queues().await.unwrap()[0].paused);
    jobs.resume(Note::QUEUE).await.unwrap();
    assert_eq!(worker.run_due().await.unwrap(), 1);
    let status = jobs.queues().await.unwrap().remove(0);
    assert_eq!((status.paused, status.finished_per_minute), (false, 1));
    // Only whoever works on a queue knows what it finishes.
    assert!(Jobs::beside(fixture.store.clone()).queues().await.unwrap().is_empty());
    fixture.clock.advance(Duration::from_secs(60));
    assert_eq!(jobs.queues().await.unwrap()[0].finished_per_minute, 0);
}

async fn queues_tell_what_is_in_them(fixture: Fixture) {
    let jobs = Jobs::open(fixture.store.clone()).await.unwrap();
    let empty = QueueStatus { queue: "notes".to_owned(), ..QueueStatus::default() };
    let (begun, mut begins) = mpsc::channel(8);
    let handler = move |job: Note, _context: JobContext| {
        let begun = begun.clone();
        async move {
            if job.text == "dies" {
                return Err(JobError::fail("dead"));
            }
            begun.send(()).await.unwrap();
            std::future::pending().await
        }
    };
    let worker = jobs.worker(handler, options());
    assert_eq!(jobs.queues().await.unwrap(), std::slice::from_ref(&empty));
    add(&jobs, &["dies"]).await;
    worker.run_due().await.unwrap();
    add(&jobs, &["runs"]).await;
    let running = fixture.tasks.spawn(async move { worker.run_due().await });
    begins.recv().await.unwrap();
    jobs.add(&note("later"), Enqueue { delay: Duration::from_secs(60), ..Enqueue::default() }).await.unwrap();
    fixture.clock.advance(Duration::from_secs(1));
    add(&jobs, &["ready", "ready"]).await;
    let oldest_due_at = Some(NOW.plus(Duration::from_secs(1)));
    let status = QueueStatus { ready: 2, delayed: 1, in_flight: 1, dead: 1, oldest_due_at, ..empty };
    assert_eq!(jobs.queues().await.unwrap(), [status]);
    running.abort();
}

async fn a_stopped_worker_ends_what_it_began_and_claims_nothing_more(fixture: Fixture) {
    let jobs = Jobs::open(fixture.store.clone()).await.unwrap();
    let (begun, mut begins) = mpsc::channel(8);
    let may_end = CancellationToken::new();
    let handler = {
        let may_end = may_end.clone();
        move |_job: Note, _context: JobContext| {
            let (begun, may_end) = (begun.clone(), may_end.clone());
            async move {
                begun.send(()).await.unwrap();
                may_end.cancelled().await;
                Ok(())
            }
        }
    };
    let stop = CancellationToken::new();
    let running = fixture.tasks.spawn(jobs.worker(handler, options()).run(stop.clone()));
    add(&jobs, &["1", "2"]).await;
    begins.recv().await.unwrap();
    stop.cancel();
    may_end.cancel();
    running.await.unwrap();
    let status = &jobs.queues().await.unwrap()[0];
    assert_eq!((status.ready, status.in_flight, status.dead), (1, 0, 0));
}

async fn a_stopped_worker_gives_back_what_does_not_end(fixture: Fixture) {
    let jobs = Jobs::open(fixture.store.clone()).await.unwrap();
    let (begun, mut begins) = mpsc::channel(8);
    let handler = move |_job: Note, context: JobContext| {
        let begun = begun.clone();
        async move {
            begun.send(context.attempt()).await.unwrap();
            std::future::pending().await
        }
    };
    add(&jobs, &["hangs"]).await;
    for _start in 0..2 {
        let stop = CancellationToken::new();
        let options = QueueOptions { drain: Duration::from_millis(10), ..options() };
        let running = fixture.tasks.spawn(jobs.worker(handler.clone(), options).run(stop.clone()));
        // Given back as if it had not been begun.
        assert_eq!(begins.recv().await, Some(1));
        stop.cancel();
        running.await.unwrap();
        let status = &jobs.queues().await.unwrap()[0];
        assert_eq!((status.ready, status.in_flight), (1, 0));
    }
}
