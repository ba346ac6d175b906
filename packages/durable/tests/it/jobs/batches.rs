//! Batch consumers.

use std::time::Duration;

use data_ops::clock::Clock as _;
use durable::jobs::{BatchContext, BatchOptions, Consume, Enqueue, JobError, Jobs, Worker};

use super::{Note, Seen, add, count, execute, note, options};
use crate::support::{Fixture, on_both_databases};

on_both_databases!(
    a_batch_is_handed_over_when_it_is_full_or_has_waited,
    a_poison_job_spoils_its_batch_once,
    jobs_that_cannot_be_done_die_alone,
    a_batch_and_its_effects_are_stored_together,
    a_batch_may_be_larger_than_one_statement,
);

const BATCH: BatchOptions = BatchOptions { max_size: 3, max_wait: Duration::from_secs(10) };

fn worker(jobs: &Jobs, seen: &Seen, fail: fn(&str) -> Option<JobError>) -> Worker<Note, impl Consume<Note>> {
    let seen = seen.clone();
    let handler = move |batch: Vec<Note>, _context: BatchContext| {
        let texts: Vec<&str> = batch.iter().map(|job| job.text.as_str()).collect();
        seen.push(&texts.join(" "));
        std::future::ready(texts.into_iter().find_map(fail).map_or(Ok(()), Err))
    };
    jobs.batch_worker(handler, BATCH, options())
}

async fn a_batch_is_handed_over_when_it_is_full_or_has_waited(fixture: Fixture) {
    let jobs = Jobs::open(fixture.store.clone()).await.unwrap();
    let seen = Seen::default();
    let worker = worker(&jobs, &seen, |_| None);
    for text in ["1", "2", "3", "4", "5", "6", "7"] {
        add(&jobs, &[text]).await;
        fixture.clock.advance(Duration::from_millis(1));
    }
    jobs.add(&note("later"), Enqueue { delay: Duration::from_secs(60), ..Enqueue::default() }).await.unwrap();
    assert_eq!(worker.run_due().await.unwrap(), 6);
    assert_eq!(seen.take(), ["1 2 3", "4 5 6"]);
    fixture.clock.advance(BATCH.max_wait - Duration::from_millis(2));
    assert_eq!(worker.run_due().await.unwrap(), 0);
    // Nobody holds what waits.
    assert_eq!(jobs.queues().await.unwrap()[0].ready, 1);
    add(&jobs, &["8"]).await;
    fixture.clock.advance(Duration::from_millis(1));
    assert_eq!(worker.run_due().await.unwrap(), 2);
    assert_eq!(seen.take(), ["7 8"]);
    assert!(fixture.clock.now() > crate::support::NOW);
}

async fn a_poison_job_spoils_its_batch_once(fixture: Fixture) {
    let jobs = Jobs::open(fixture.store.clone()).await.unwrap();
    let seen = Seen::default();
    let worker = worker(&jobs, &seen, |text| (text == "poison").then(|| JobError::retry("poison")));
    for text in ["1", "poison", "2"] {
        add(&jobs, &[text]).await;
        fixture.clock.advance(Duration::from_millis(1));
    }
    assert_eq!(worker.run_due().await.unwrap(), 3);
    for _attempt in 0..2 {
        fixture.clock.advance(BATCH.max_wait + Duration::from_secs(1));
        worker.run_due().await.unwrap();
    }
    let seen = seen.take();
    assert_eq!(seen[0], "1 poison 2");
    let mut alone = seen[1..].to_vec();
    alone.sort();
    assert_eq!(alone, ["1", "2", "poison", "poison"]);
    let dead = jobs.dead("notes", None, 10).await.unwrap();
    assert_eq!(dead.len(), 1);
    assert_eq!(dead[0].attempts, 3);
    assert_eq!(count(&fixture.store, "jobs").await, 0);
}

async fn jobs_that_cannot_be_done_die_alone(fixture: Fixture) {
    let jobs = Jobs::open(fixture.store.clone()).await.unwrap();
    add(&jobs, &["1", "bad", "2"]).await;
    // One of them is unreadable besides.
    execute(&fixture.store, "UPDATE jobs SET payload = '{}' WHERE payload LIKE '%2%'", []).await;
    let seen = Seen::default();
    let worker = worker(&jobs, &seen, |text| (text == "bad").then(|| JobError::fail("bad")));
    for _attempt in 0..2 {
        worker.run_due().await.unwrap();
        fixture.clock.advance(BATCH.max_wait + Duration::from_secs(1));
    }
    let mut dead: Vec<_> = jobs.dead("notes", None, 10).await.unwrap().into_iter().map(|dead| dead.attempts).collect();
    dead.sort_unstable();
    assert_eq!(dead, [1, 2]);
    assert_eq!(count(&fixture.store, "jobs").await, 0);
}

async fn a_batch_and_its_effects_are_stored_together(fixture: Fixture) {
    let store = fixture.store.clone();
    execute(&store, "CREATE TABLE effects (job TEXT NOT NULL)", []).await;
    let jobs = Jobs::open(store.clone()).await.unwrap();
    add(&jobs, &["1", "2", "3"]).await;
    let handler = {
        let store = store.clone();
        move |batch: Vec<Note>, context: BatchContext| {
            let (store, dialect) = (store.clone(), store.dialect());
            async move {
                assert_eq!(batch.len(), context.ids().count());
                let first_time = batch.len() > 1;
                let write = store.write(move |transaction| {
                    Box::pin(async move {
                        for job in batch {
                            let insert = dialect.statement("INSERT INTO effects VALUES ($1)", [job.text.into()]);
                            sea_orm::ConnectionTrait::execute_raw(transaction, insert)
                                .await
                                .map_err(data_ops::database::DatabaseError::from)?;
                        }
                        context.complete_in(transaction).await?;
                        if first_time { Err(JobError::retry("after all")) } else { Ok(()) }
                    })
                });
                write.await
            }
        }
    };
    let worker = jobs.batch_worker(handler, BATCH, options());
    assert_eq!(worker.run_due().await.unwrap(), 3);
    assert_eq!((count(&store, "effects").await, count(&store, "jobs").await), (0, 3));
    fixture.clock.advance(BATCH.max_wait + Duration::from_secs(1));
    assert_eq!(worker.run_due().await.unwrap(), 3);
    assert_eq!((count(&store, "effects").await, count(&store, "jobs").await), (3, 0));
}

async fn a_batch_may_be_larger_than_one_statement(fixture: Fixture) {
    let jobs = Jobs::open(fixture.store.clone()).await.unwrap();
    let adds = (0..1_200).map(|number| {
        let jobs = jobs.clone();
        async move { jobs.add(&note(&number.to_string()), Enqueue::default()).await.unwrap() }
    });
    futures_util::future::join_all(adds).await;
    let handler = |batch: Vec<Note>, _context: BatchContext| async move {
        assert_eq!(batch.len(), 1_200);
        Ok(())
    };
    let batch = BatchOptions { max_size: 1_200, ..BATCH };
    assert_eq!(jobs.batch_worker(handler, batch, options()).run_due().await.unwrap(), 1_200);
    assert_eq!(count(&fixture.store, "jobs").await, 0);
}
