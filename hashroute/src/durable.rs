//! What is done later, put together: the store, the job queues with their workers, the objects, and the schedules.
//!
//! A part that brings jobs, objects or schedules of its own adds them here: a worker or a class in [`Durable::start`], a schedule in
//! `schedules`.

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use data_ops::{clock::Clock, database::Databases};
use data_service::live::LinkClickTracker;
use durable::{
    cron::{Cron, Crons, EnqueueJob, Schedule},
    jobs::{Enqueue, Job, Jobs, QueueOptions},
    objects::{Classes, ObjectParts, Objects, Relay},
    store::Store,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::housekeeping::Housekeeping;

/// How long to wait, at the end, for whoever still holds the store.
const PATIENCE: Duration = Duration::from_secs(5);

/// Everything that goes on without a request.
pub struct Durable {
    /// Ends what claims and starts work.
    stop: CancellationToken,
    /// Workers, objects and schedules.
    tasks: TaskTracker,
    objects: Objects,
    /// What commits for them; ends when nobody holds the store any more.
    writer: TaskTracker,
}

impl Durable {
    /// Starts the workers, the objects and the schedules. What objects publish is told to other nodes by `relay`.
    pub async fn start(
        databases: &Databases,
        clock: Arc<dyn Clock>,
        relay: Option<Arc<dyn Relay>>,
    ) -> anyhow::Result<Self> {
        let (stop, tasks, writer) = (CancellationToken::new(), TaskTracker::new(), TaskTracker::new());
        let store = Store::start(databases.control.clone(), clock.clone(), &writer);
        let jobs = Jobs::open(store.clone()).await.context("the job queues could not be opened")?;
        let crons = Crons::open(store.clone(), schedules(&jobs)?).await.context("the schedules could not be opened")?;

        let housekeeping = Housekeeping::handler(databases.clone(), clock);
        let options = QueueOptions { concurrency: 1, ..QueueOptions::default() };
        tasks.spawn(jobs.worker(housekeeping, options).run(stop.clone()));

        let classes = Classes::default().with::<LinkClickTracker>();
        let parts =
            ObjectParts { jobs: Some(jobs), relay, stop: stop.clone(), ..ObjectParts::new(store, classes, &tasks) };
        let objects = Objects::new(parts);
        tasks.spawn(objects.clone().run());

        tasks.spawn(crons.run(stop.clone()));
        Ok(Self { stop, tasks, objects, writer })
    }

    /// The objects of the installation. Whoever holds them holds the store.
    pub fn objects(&self) -> &Objects {
        &self.objects
    }

    /// Ends in order: nothing more is started, what is under way ends or is given back, the last writes are committed.
    pub async fn shut_down(self) {
        let Self { stop, tasks, objects, writer } = self;
        stop.cancel();
        tasks.close();
        tasks.wait().await;
        drop(objects);
        writer.close();
        if tokio::time::timeout(PATIENCE, writer.wait()).await.is_err() {
            tracing::warn!("something still held the store when the service ended");
        }
    }
}

/// What begins at times of the calendar.
fn schedules(jobs: &Jobs) -> anyhow::Result<Vec<Cron>> {
    let every_hour = Schedule::parse("0 * * * *", "UTC")?;
    let sessions = once(jobs, "delete_expired_sessions", || Housekeeping::DeleteExpiredSessions);
    Ok(vec![Cron::new("delete_expired_sessions", every_hour, sessions).jitter(Duration::from_secs(300))])
}

/// A job that need not lie in its queue twice.
fn once<J: Job>(
    jobs: &Jobs,
    key: &str,
    job: impl Fn() -> J + Send + Sync + 'static,
) -> EnqueueJob<impl Fn(durable::cron::CronRun) -> J + Send + Sync + 'static> {
    EnqueueJob {
        jobs: jobs.clone(),
        job: move |_run| job(),
        options: Enqueue { unique_key: Some(key.to_owned()), ..Enqueue::default() },
    }
}
