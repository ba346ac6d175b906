//! What is done later, put together: the store, the job queues with their workers, the objects, the workflows, and the
//! schedules.
//!
//! A part that brings jobs, objects, workflows or schedules of its own adds them here: a worker in [`Durable::start`] and its queue in [`queues`], a class in
//! `classes`, a workflow in `workflows`, a schedule in `schedules`.

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use data_ops::{clock::Clock, database::Databases, links::LinkObserver};
use data_service::{
    clicks::{ClickOperations, ClickSink},
    evaluation::{CheckDue, PruneEvaluations},
    health::{NobodyListens, ReviewFreeze},
    live::LinkClickTracker,
};
use durable::{
    cron::{Cron, Crons, EnqueueJob, Schedule},
    jobs::{Enqueue, Job, Jobs, QueueOptions},
    objects::{Classes, ObjectParts, Objects, Relay},
    store::Store,
    workflows::{self, Workflows, WorkflowsBuilder},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use user_application::Background;

use crate::{
    housekeeping::Housekeeping,
    watching::{self, Parts, Steering, Watching},
};

/// How long to wait, at the end, for whoever still holds the store.
const PATIENCE: Duration = Duration::from_secs(5);

/// The queues of jobs this version works on, also while they are empty.
pub fn queues() -> impl Iterator<Item = &'static str> {
    std::iter::once(Housekeeping::QUEUE).chain(watching::QUEUES)
}

/// Everything that goes on without a request.
pub struct Durable {
    /// Ends what claims and starts work.
    stop: CancellationToken,
    /// Workers, objects, workflows and schedules.
    tasks: TaskTracker,
    handles: Handles,
    steering: Arc<Steering>,
    /// What commits for them; ends when nobody holds the store any more.
    writer: TaskTracker,
}

/// What others do with it. Whoever holds one holds the store.
#[derive(Clone)]
pub struct Handles {
    /// The job queues.
    pub jobs: Jobs,
    /// The objects of the installation.
    pub objects: Objects,
    /// The workflows.
    pub workflows: Workflows,
    /// The schedules.
    pub crons: Crons,
}

impl Handles {
    /// The same with the clicks, for whoever looks after the instance.
    pub fn background(self, clicks: ClickOperations) -> Background {
        let Self { jobs, objects, workflows, crons } = self;
        Background { jobs, workflows, objects, crons, clicks: Arc::new(clicks) }
    }
}

impl Durable {
    /// Starts the workers, the objects, the workflows and the schedules. What objects publish is told to other nodes by `relay`, and
    /// links that lead elsewhere because of `watching` to `links`.
    pub async fn start(
        databases: &Databases,
        clock: Arc<dyn Clock>,
        relay: Option<Arc<dyn Relay>>,
        links: Arc<dyn LinkObserver>,
        watching: &Watching,
    ) -> anyhow::Result<Self> {
        let (stop, tasks, writer) = (CancellationToken::new(), TaskTracker::new(), TaskTracker::new());
        let store = Store::start(databases.control.clone(), clock.clone(), &writer);
        let jobs = Jobs::open(store.clone()).await.context("the job queues could not be opened")?;
        let crons = Crons::open(store.clone(), schedules(&jobs)?).await.context("the schedules could not be opened")?;

        let housekeeping = Housekeeping::handler(databases.clone(), clock.clone());
        let options = QueueOptions { concurrency: 1, ..QueueOptions::default() };
        tasks.spawn(jobs.worker(housekeeping, options).run(stop.clone()));

        let parts = ObjectParts {
            jobs: Some(jobs.clone()),
            relay,
            stop: stop.clone(),
            ..ObjectParts::new(store.clone(), classes(), &tasks)
        };
        let objects = Objects::new(parts);
        tasks.spawn(objects.clone().run());

        let workflows = watching.register(workflows(store.clone()), databases, &store, &clock, &objects).build();
        drop(store);
        let steering = watching.start(Parts {
            databases,
            clock: &clock,
            jobs: &jobs,
            objects: &objects,
            workflows: &workflows,
            links,
            listener: Arc::new(NobodyListens),
            tasks: &tasks,
            stop: &stop,
        });
        tasks.spawn({
            let (workflows, stop) = (workflows.clone(), stop.clone());
            async move { workflows.run(stop).await }
        });

        tasks.spawn(crons.clone().run(stop.clone()));
        Ok(Self { stop, tasks, handles: Handles { jobs, objects, workflows, crons }, steering, writer })
    }

    /// What others do with it.
    pub fn handles(&self) -> &Handles {
        &self.handles
    }

    /// What people can do about destinations.
    pub fn steering(&self) -> &Arc<Steering> {
        &self.steering
    }

    /// Ends in order: nothing more is started, what is under way ends or is given back, the last writes are committed.
    pub async fn shut_down(self) {
        let Self { stop, tasks, handles, steering, writer } = self;
        stop.cancel();
        tasks.close();
        tasks.wait().await;
        drop((handles, steering));
        writer.close();
        if tokio::time::timeout(PATIENCE, writer.wait()).await.is_err() {
            tracing::warn!("something still held the store when the service ended");
        }
    }
}

/// The same things for a process beside the service, on the same database: to look at and to steer. Nothing runs here, and
/// nothing the service runs is taken from it.
pub struct Beside {
    /// Handles that only read and write rows.
    pub background: Background,
    writer: TaskTracker,
}

impl Beside {
    /// Beside whatever runs on these databases.
    pub fn open(databases: &Databases, clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        let (tasks, writer) = (TaskTracker::new(), TaskTracker::new());
        let store = Store::start(databases.control.clone(), clock.clone(), &writer);
        let jobs = Jobs::beside(store.clone());
        let handles = Handles {
            crons: Crons::beside(store.clone(), schedules(&jobs)?),
            objects: Objects::new(ObjectParts::new(store.clone(), classes(), &tasks)),
            workflows: workflows(store).build(),
            jobs,
        };
        let sink = ClickSink::new(databases.clicks.clone(), clock);
        Ok(Self { background: handles.background(ClickOperations::new(sink, None)), writer })
    }

    /// Ends when the last write is committed and nobody holds a handle any more.
    pub async fn close(self) {
        let Self { background, writer } = self;
        drop(background);
        writer.close();
        writer.wait().await;
    }
}

/// Which objects there are.
fn classes() -> Classes {
    watching::classes(Classes::default().with::<LinkClickTracker>())
}

/// Which workflows there are, but for those that need more than the database.
fn workflows(store: Store) -> WorkflowsBuilder {
    Workflows::builder(store, workflows::Options::default())
}

/// What begins at times of the calendar.
fn schedules(jobs: &Jobs) -> anyhow::Result<Vec<Cron>> {
    let every_hour = Schedule::parse("0 * * * *", "UTC")?;
    let sessions = once(jobs, "delete_expired_sessions", || Housekeeping::DeleteExpiredSessions);
    let every_minute = Schedule::parse("* * * * *", "UTC")?;
    let due = once(jobs, "check_due", || CheckDue);
    let freeze = once(jobs, "review_freeze", || ReviewFreeze);
    let old = once(jobs, "prune_evaluations", || PruneEvaluations);
    Ok(vec![
        Cron::new("delete_expired_sessions", every_hour.clone(), sessions).jitter(Duration::from_secs(300)),
        Cron::new("check_due", every_minute.clone(), due).jitter(Duration::from_secs(20)),
        Cron::new("review_freeze", every_minute, freeze),
        Cron::new("prune_evaluations", every_hour, old).jitter(Duration::from_secs(600)),
    ])
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
