//! Nodes that are gone, and nodes that come back.

use std::{sync::Arc, time::Duration};

use data_ops::database::DatabaseError;
use durable::{
    jobs::{CompleteError, Enqueue, JobContext, JobError, Jobs, QueueOptions},
    store::Store,
};
use futures_util::future::join_all;
use rand::{RngExt as _, SeedableRng as _};
use sea_orm::ConnectionTrait as _;
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;

use super::{Note, Seen, add, count, execute, note, options, well};
use crate::support::{Fixture, on_both_databases};

on_both_databases!(
    what_a_node_was_doing_when_it_was_dropped_is_done_by_another_once,
    what_a_stale_node_says_changes_nothing,
    a_replayed_job_is_safe_from_its_former_attempt,
    a_job_still_running_here_is_not_started_again_when_its_lease_ran_out,
    jobs_of_nodes_that_keep_dying_take_effect_once,
);

/// Writes an effect and completes the job in one transaction.
async fn affect(store: &Store, job: Note, context: JobContext) -> Result<(), JobError> {
    let dialect = store.dialect();
    let write = store.write(move |transaction| {
        Box::pin(async move {
            let insert = dialect.statement("INSERT INTO effects VALUES ($1)", [job.text.into()]);
            transaction.execute_raw(insert).await.map_err(DatabaseError::from)?;
            context.complete_in(transaction).await?;
            Ok(())
        })
    });
    write.await
}

async fn effects_table(store: &Store) {
    execute(store, "CREATE TABLE effects (job TEXT NOT NULL)", []).await;
}

async fn end_leases(store: &Store) {
    execute(store, "UPDATE jobs SET lease_until = 0 WHERE lease_until IS NOT NULL", []).await;
}

async fn what_a_node_was_doing_when_it_was_dropped_is_done_by_another_once(fixture: Fixture) {
    effects_table(&fixture.store).await;
    let jobs = Jobs::open(fixture.store.clone()).await.unwrap();
    let (begun, mut begins) = mpsc::channel(8);
    // Dropped before the effect, and after it.
    let handler = {
        let store = fixture.store.clone();
        move |job: Note, context: JobContext| {
            let (begun, store) = (begun.clone(), store.clone());
            async move {
                if job.text == "after" {
                    affect(&store, job, context).await?;
                }
                begun.send(()).await.unwrap();
                std::future::pending().await
            }
        }
    };
    add(&jobs, &["before", "after"]).await;
    let worker = jobs.worker(handler, QueueOptions { concurrency: 2, ..options() });
    let node = fixture.tasks.spawn(worker.run(CancellationToken::new()));
    begins.recv().await.unwrap();
    begins.recv().await.unwrap();
    node.abort();
    let _aborted = node.await;

    let other = fixture.another().await;
    let jobs = Jobs::open(other.store.clone()).await.unwrap();
    let handler = {
        let store = other.store.clone();
        move |job: Note, context: JobContext| {
            let store = store.clone();
            async move { affect(&store, job, context).await }
        }
    };
    let worker = jobs.worker(handler, options());
    if !other.store.database().is_sqlite() {
        // The other node may still be there, for all one knows.
        assert_eq!(worker.run_due().await.unwrap(), 0);
        end_leases(&other.store).await;
    }
    assert_eq!(worker.run_due().await.unwrap(), 1);
    assert_eq!((count(&other.store, "effects").await, count(&other.store, "jobs").await), (2, 0));
}

/// Holds an attempt until it is told to go on, deaf to everything else.
struct Held {
    begun: mpsc::Receiver<JobContext>,
    go_on: Arc<Notify>,
    worker: tokio::task::JoinHandle<usize>,
}

async fn hold(
    fixture: &Fixture,
    jobs: &Jobs,
    end: impl Fn() -> Result<(), JobError> + Send + Sync + 'static,
) -> (Held, JobContext) {
    let (sender, begun) = mpsc::channel(8);
    let go_on = Arc::new(Notify::new());
    let end = Arc::new(end);
    let handler = {
        let go_on = go_on.clone();
        move |_job: Note, context: JobContext| {
            let (sender, go_on, end) = (sender.clone(), go_on.clone(), end.clone());
            async move {
                sender.send(context).await.unwrap();
                go_on.notified().await;
                end()
            }
        }
    };
    // One at a time: it must not look for work, and find this job again.
    let worker = jobs.worker(handler, options());
    let worker = fixture.tasks.spawn(async move { worker.run_due().await.unwrap() });
    let mut held = Held { begun, go_on, worker };
    let context = held.begun.recv().await.unwrap();
    (held, context)
}

async fn what_a_stale_node_says_changes_nothing(fixture: Fixture) {
    effects_table(&fixture.store).await;
    let jobs = Jobs::open(fixture.store.clone()).await.unwrap();
    type End = fn() -> Result<(), JobError>;
    let ends: [End; 3] = [|| Ok(()), || Err(JobError::retry("late")), || Err(JobError::fail("late"))];
    for end in ends {
        add(&jobs, &["job"]).await;
        let (stale, stale_context) = hold(&fixture, &jobs, end).await;
        end_leases(&fixture.store).await;
        let other = fixture.another().await;
        let (new, _context) = hold(&other, &Jobs::open(other.store.clone()).await.unwrap(), || Ok(())).await;
        // In a transaction of its own …
        let completed = fixture
            .store
            .write(move |transaction| Box::pin(async move { stale_context.complete_in(transaction).await }))
            .await;
        assert!(matches!(completed, Err(CompleteError::Lost)), "{completed:?}");
        // … and by how its handler ends.
        stale.go_on.notify_one();
        stale.worker.await.unwrap();
        let status = jobs.queues().await.unwrap();
        assert_eq!((status[0].in_flight, status[0].ready, status[0].dead), (1, 0, 0));
        new.go_on.notify_one();
        assert_eq!(new.worker.await.unwrap(), 1);
        assert_eq!(count(&fixture.store, "jobs").await, 0);
    }
    assert_eq!(count(&fixture.store, "dead_jobs").await, 0);
}

async fn a_replayed_job_is_safe_from_its_former_attempt(fixture: Fixture) {
    let jobs = Jobs::open(fixture.store.clone()).await.unwrap();
    add(&jobs, &["job"]).await;
    let (stale, _context) = hold(&fixture, &jobs, || Ok(())).await;
    end_leases(&fixture.store).await;
    let other = fixture.another().await;
    let jobs_there = Jobs::open(other.store.clone()).await.unwrap();
    jobs_there.worker(Seen::default().handler(|_| Err(JobError::fail("no"))), options()).run_due().await.unwrap();
    assert_eq!(jobs_there.replay_all("notes").await.unwrap(), 1);
    // The first attempt of its new life.
    let (new, context) = hold(&other, &jobs_there, || Ok(())).await;
    assert_eq!(context.attempt(), 1);
    stale.go_on.notify_one();
    stale.worker.await.unwrap();
    assert_eq!(count(&fixture.store, "jobs").await, 1);
    new.go_on.notify_one();
    new.worker.await.unwrap();
    assert_eq!(count(&fixture.store, "jobs").await, 0);
}

async fn a_job_still_running_here_is_not_started_again_when_its_lease_ran_out(fixture: Fixture) {
    effects_table(&fixture.store).await;
    let jobs = Jobs::open(fixture.store.clone()).await.unwrap();
    let (begun, mut begins) = mpsc::channel(8);
    let go_on = Arc::new(Notify::new());
    let handler = {
        let (store, go_on) = (fixture.store.clone(), go_on.clone());
        move |job: Note, context: JobContext| {
            let (store, begun, go_on) = (store.clone(), begun.clone(), go_on.clone());
            async move {
                begun.send(job.text.clone()).await.unwrap();
                if job.text == "long" {
                    go_on.notified().await;
                }
                affect(&store, job, context).await
            }
        }
    };
    let worker = jobs.worker(handler, QueueOptions { concurrency: 2, ..options() });
    let stop = CancellationToken::new();
    let running = fixture.tasks.spawn(worker.run(stop.clone()));
    add(&jobs, &["long"]).await;
    assert_eq!(begins.recv().await.unwrap(), "long");
    end_leases(&fixture.store).await;
    // Claiming the next one claims the long one again.
    add(&jobs, &["short"]).await;
    assert_eq!(begins.recv().await.unwrap(), "short");
    go_on.notify_one();
    stop.cancel();
    running.await.unwrap();
    assert!(begins.recv().await.is_none());
    assert_eq!((count(&fixture.store, "effects").await, count(&fixture.store, "jobs").await), (2, 0));
}

/// Nodes are dropped without a word wherever they happen to be, and leases end whether or not their nodes are gone.
async fn jobs_of_nodes_that_keep_dying_take_effect_once(fixture: Fixture) {
    const JOBS: i64 = 60;
    effects_table(&fixture.store).await;
    let first = Jobs::open(fixture.store.clone()).await.unwrap();
    let adds = (0..JOBS).map(|number| {
        let jobs = first.clone();
        async move { jobs.add(&note(&number.to_string()), Enqueue::default()).await.unwrap() }
    });
    join_all(adds).await;
    // Embedded there is one node at a time.
    let embedded = fixture.store.database().is_sqlite();
    let (mut nodes, mut clocks) = (vec![fixture.store.clone()], vec![fixture.clock.clone()]);
    for _node in 0..if embedded { 0 } else { 2 } {
        let node = fixture.another().await;
        nodes.push(node.store);
        clocks.push(node.clock);
    }
    let (sender, mut affected) = mpsc::channel(1_024);
    let begin = |store: Store| {
        let sender = sender.clone();
        async move {
            let jobs = Jobs::open(store.clone()).await.unwrap();
            let handler = move |job: Note, context: JobContext| {
                let (store, sender) = (store.clone(), sender.clone());
                async move {
                    let chance = rand::rngs::StdRng::seed_from_u64(context.id().as_uuid().as_u64_pair().1)
                        .random_range(0..8_u32)
                        + context.attempt();
                    // Some hang before their effect, some after it, until their node is dropped; not each time.
                    if chance == 3 {
                        std::future::pending::<()>().await;
                    }
                    affect(&store, job, context).await?;
                    sender.send(()).await.unwrap();
                    if chance == 5 {
                        std::future::pending::<()>().await;
                    }
                    Ok(())
                }
            };
            let options = QueueOptions { concurrency: 4, attempts: 1_000, ..options() };
            jobs.worker(handler, options)
        }
    };
    let mut running = std::collections::VecDeque::new();
    for store in nodes {
        running.push_back((fixture.tasks.spawn(begin(store.clone()).await.run(CancellationToken::new())), store));
    }
    let seed = u64::from(std::process::id());
    let mut random = rand::rngs::StdRng::seed_from_u64(seed);
    while count(&fixture.store, "jobs").await > 0 {
        for _effect in 0..random.random_range(0..6) {
            // Nothing for a while: all that run hang.
            if tokio::time::timeout(Duration::from_millis(100), affected.recv()).await.is_err() {
                break;
            }
        }
        let (node, store) = running.pop_front().unwrap();
        node.abort();
        let _aborted = node.await;
        end_leases(&fixture.store).await;
        // Failed attempts wait by these clocks.
        clocks.iter().for_each(|clock| clock.advance(Duration::from_secs(1)));
        running.push_back((fixture.tasks.spawn(begin(store.clone()).await.run(CancellationToken::new())), store));
    }
    let sql = "SELECT COUNT(*) AS effects, COUNT(DISTINCT job) AS jobs FROM effects";
    let dialect = fixture.store.dialect();
    let row = fixture.store.database().read().query_one_raw(dialect.statement(sql, [])).await.unwrap().unwrap();
    let effects: (i64, i64) = (row.try_get("", "effects").unwrap(), row.try_get("", "jobs").unwrap());
    assert_eq!(effects, (JOBS, JOBS), "seed {seed}");
    assert_eq!(count(&fixture.store, "dead_jobs").await, 0);
}

/// By the database's own clock, which nobody can move: so this one takes its time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lease_is_renewed_while_its_node_is_there_and_ends_when_it_is_gone() {
    let fixture = Fixture::postgres().await;
    let lease = Duration::from_millis(600);
    let jobs = Jobs::open(fixture.store.clone()).await.unwrap();
    add(&jobs, &["job"]).await;
    let (begun, mut begins) = mpsc::channel(8);
    let handler = move |_job: Note, context: JobContext| {
        let begun = begun.clone();
        async move {
            begun.send(context.attempt()).await.unwrap();
            std::future::pending().await
        }
    };
    let worker = jobs.worker(handler, QueueOptions { lease, ..options() });
    let node = fixture.tasks.spawn(worker.run(CancellationToken::new()));
    begins.recv().await.unwrap();

    let other = fixture.another().await;
    let jobs = Jobs::open(other.store.clone()).await.unwrap();
    let (done, mut ends) = mpsc::channel(8);
    let handler = move |_job: Note, context: JobContext| {
        let done = done.clone();
        async move { done.send(context.attempt()).await.map_err(JobError::fail) }
    };
    let stop = CancellationToken::new();
    let running = other.tasks.spawn(jobs.worker(handler, options()).run(stop.clone()));
    assert!(tokio::time::timeout(lease * 3, ends.recv()).await.is_err(), "taken over although its node is there");
    node.abort();
    assert_eq!(tokio::time::timeout(lease * 10, ends.recv()).await.unwrap(), Some(2));
    stop.cancel();
    running.await.unwrap();
    assert_eq!(count(&other.store, "jobs").await, 0);
}

/// A node that was taken over while it stood still is told by its next renewal, and cut off.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_attempt_that_was_taken_over_is_cut_off() {
    struct CutOff(mpsc::Sender<()>);
    impl Drop for CutOff {
        fn drop(&mut self) {
            let _full = self.0.try_send(());
        }
    }
    let fixture = Fixture::postgres().await;
    let jobs = Jobs::open(fixture.store.clone()).await.unwrap();
    add(&jobs, &["job"]).await;
    let (cut_off, mut cuts) = mpsc::channel(1);
    let (begun, mut begins) = mpsc::channel(1);
    let handler = move |_job: Note, _context: JobContext| {
        let (guard, begun) = (CutOff(cut_off.clone()), begun.clone());
        async move {
            begun.send(()).await.unwrap();
            std::future::pending::<()>().await;
            drop(guard);
            Ok(())
        }
    };
    let worker = jobs.worker(handler, QueueOptions { lease: Duration::from_millis(300), ..options() });
    let stop = CancellationToken::new();
    let node = fixture.tasks.spawn(worker.run(stop.clone()));
    begins.recv().await.unwrap();
    // As another node would have claimed it.
    execute(&fixture.store, "UPDATE jobs SET epoch = epoch + 1, lease_until = 9000000000000000", []).await;
    tokio::time::timeout(Duration::from_secs(5), cuts.recv()).await.unwrap().unwrap();
    stop.cancel();
    node.await.unwrap();
    let seen = Seen::default();
    assert_eq!(jobs.worker(seen.handler(well), options()).run_due().await.unwrap(), 0);
    assert_eq!(count(&fixture.store, "jobs").await, 1);
}
