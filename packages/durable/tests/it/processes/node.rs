//! A node: asks for work of each sort, and does it.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use data_ops::{clock::SystemClock, database::DatabaseError};
use durable::{
    backoff::Backoff,
    cron::{Cron, CronRun, Crons, Missed, Schedule, cron_action},
    jobs::{BoxError, Enqueue, Job, JobContext, JobError, JobRequest, Jobs, QueueOptions},
    objects::{Alarm, Classes, Effects, Object, ObjectContext, ObjectParts, Objects},
    store::{Dialect, Store},
    workflows::{Context, Options, StepError, StepPolicy, Workflow, WorkflowError, Workflows},
};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use sea_orm::{ConnectionTrait as _, Value};
use serde::{Deserialize, Serialize};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{PLAN, Plan, connect, journal::Journal, reckoning};

/// As often as it takes: attempts are cut off all the time here.
const AGAIN: StepPolicy =
    StepPolicy { attempts: 1_000, backoff: Backoff::constant(Duration::from_millis(20)), time_out: None };

/// Writes a line into a table, once.
#[derive(Debug, Serialize, Deserialize)]
struct Effect(String);

impl Job for Effect {
    const QUEUE: &'static str = "effects";
    const VERSION: u16 = 1;
}

/// Three steps and a short sleep, of which the second one is in the database, and the others are not.
struct Three(Journal, Dialect);

impl Workflow for Three {
    const KIND: &'static str = "three";
    type Input = ();
    type Output = ();

    async fn run(&self, context: &Context, (): ()) -> Result<(), WorkflowError> {
        let (id, Self(journal, dialect)) = (context.id(), self);
        context.step("fetch", AGAIN, || work(journal, id, "fetch")).await?;
        let (run, within, dialect) = (id.to_owned(), journal.clone(), *dialect);
        let apply = context.transact("apply", AGAIN, move |transaction| {
            Box::pin(async move {
                let insert = dialect.statement("INSERT INTO run_effects VALUES ($1)", [run.as_str().into()]);
                transaction.execute_raw(insert).await?;
                work(&within, &run, "apply").await
            })
        });
        apply.await?;
        context.sleep("nap", Duration::from_millis(20)).await;
        context.step("notify", AGAIN, || work(journal, id, "notify")).await?;
        Ok(())
    }
}

/// Something that takes a while and can be seen outside.
async fn work(journal: &Journal, id: &str, step: &str) -> Result<(), StepError> {
    journal.note("step", &format!("{id} {step}"));
    tokio::time::sleep(Duration::from_millis(10)).await;
    Ok(())
}

/// Counts the messages of each sender, and how often its alarm rang; puts down a job for each.
pub struct Register;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Counted {
    pub heard: std::collections::BTreeMap<String, u64>,
    pub rung: u64,
}

pub enum Message {
    /// The next of this sender; said again, it counts once.
    Count {
        sender: String,
        number: u64,
    },
    Alarm(Duration),
}

impl Object for Register {
    const CLASS: &'static str = "register";
    const VERSION: u16 = 1;
    type State = Counted;
    type Message = Message;
    type Reply = ();
    type Error = std::convert::Infallible;

    fn handle(
        mut state: Counted,
        message: Message,
        context: &ObjectContext<'_>,
    ) -> Result<(Counted, Effects, ()), Self::Error> {
        let mut effects = Effects::default();
        match message {
            Message::Count { sender, number } => {
                let heard = state.heard.entry(sender.clone()).or_default();
                if number > *heard {
                    *heard = number;
                    effects.jobs.push(effect(format!("message {sender} {number}")));
                }
            }
            Message::Alarm(delay) => effects.alarm = Alarm::Set(context.now.plus(delay)),
        }
        Ok((state, effects, ()))
    }

    fn alarm(state: Counted, context: &ObjectContext<'_>) -> Result<(Counted, Effects), Self::Error> {
        let mut effects = Effects::default();
        effects.jobs.push(effect(format!("alarm {}", context.name)));
        Ok((Counted { rung: state.rung + 1, ..state }, effects))
    }
}

fn effect(what: String) -> JobRequest {
    JobRequest::new(&Effect(what), Enqueue::default()).unwrap()
}

pub fn objects(store: &Store, jobs: Option<Jobs>, tasks: &TaskTracker) -> Objects {
    let parts = ObjectParts::new(store.clone(), Classes::default().with::<Register>(), tasks);
    Objects::new(ObjectParts { jobs, ..parts })
}

#[test]
#[ignore = "a process that the tests of this room start"]
fn node() {
    let Ok(plan) = std::env::var(PLAN) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(run(serde_json::from_str(&plan).unwrap()));
}

async fn run(plan: Plan) {
    let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
    let store = Store::start(connect(&plan.database).await.control, Arc::new(SystemClock), &tasks);
    let journal = Journal::open(&plan.journal, &plan.name);
    journal.note("up", "");
    let (lease, poll) = (plan.lease, Duration::from_millis(50));

    let jobs = Jobs::open(store.clone()).await.unwrap();
    let backoff = Backoff::constant(Duration::from_millis(20));
    let options = QueueOptions { attempts: 1_000, backoff, lease, ..QueueOptions::default() };
    let affect = Affect { store: store.clone(), journal: journal.clone(), inside: Some(plan.inside).into() };
    tasks.spawn(jobs.worker(affect, options).run(stop.clone()));
    let options = Options { lease, poll, ..Options::default() };
    let three = Three(journal.clone(), store.dialect());
    let workflows = Workflows::builder(store.clone(), options).register(three).build();
    let (running, end) = (workflows.clone(), stop.clone());
    tasks.spawn(async move { running.run(end).await });
    let objects = objects(&store, Some(jobs.clone()), &tasks);
    tasks.spawn(objects.clone().run());
    // While somebody holds their rows it fails, and whoever starts processes starts it again.
    let crons = loop {
        if let Ok(crons) = Crons::open(store.clone(), vec![each_second(&store)]).await {
            break crons;
        }
    };
    tasks.spawn(crons.run(stop.clone()));

    let asking = Asking { journal, jobs, workflows, objects, name: plan.name };
    asking.ask(plan.asks).await;
    // Until it is killed, or there is nothing left.
    while !(plan.until_done && reckoning::is_done(&store).await) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

struct Affect {
    store: Store,
    journal: Journal,
    /// How long the first stays inside its transaction. More of them would leave no connection for what renews leases.
    inside: Mutex<Option<Duration>>,
}

impl durable::jobs::JobHandler<Effect> for Affect {
    async fn run(&self, Effect(what): Effect, context: JobContext) -> Result<(), JobError> {
        let (dialect, journal) = (self.store.dialect(), self.journal.clone());
        let inside = self.inside.lock().unwrap().take().unwrap_or_default();
        let affect = self.store.write(move |transaction| {
            Box::pin(async move {
                let insert = dialect.statement("INSERT INTO job_effects VALUES ($1)", [what.as_str().into()]);
                transaction.execute_raw(insert).await.map_err(DatabaseError::from)?;
                context.complete_in(transaction).await?;
                if !inside.is_zero() {
                    journal.note("inside", &what);
                    tokio::time::sleep(inside).await;
                }
                Ok::<_, JobError>(())
            })
        });
        affect.await?;
        // The effect is there, and yet the attempt goes on.
        tokio::time::sleep(Duration::from_millis(5)).await;
        Ok(())
    }
}

fn each_second(store: &Store) -> Cron {
    let dialect = store.dialect();
    let action = cron_action(move |transaction, run: CronRun| {
        Box::pin(async move {
            let insert = "INSERT INTO cron_effects VALUES ($1)";
            let insert = dialect.statement(insert, [Value::from(run.due_at.as_millis())]);
            transaction.execute_raw(insert).await.map_err(BoxError::from)?;
            Ok(())
        })
    });
    let schedule = Schedule::parse("* * * * * *", "UTC").unwrap();
    Cron::new("each second", schedule, action).missed(Missed::RunAll { at_most: 100 })
}

/// Asks for work, and notes what it was answered.
struct Asking {
    journal: Journal,
    jobs: Jobs,
    workflows: Workflows,
    objects: Objects,
    name: String,
}

impl Asking {
    async fn ask(&self, times: u64) {
        let mut random = StdRng::seed_from_u64(self.name.bytes().map(u64::from).sum());
        for number in 1..=times {
            futures_util::join!(self.job(number), self.start(number), self.message(number), self.alarm(number));
            tokio::time::sleep(Duration::from_millis(random.random_range(0..20))).await;
        }
        self.journal.note("asked", "");
    }

    async fn job(&self, number: u64) {
        let what = format!("job {} {number}", self.name);
        // Without an answer nobody knows whether it is there, and it is not asked for again.
        if self.jobs.add(&Effect(what.clone()), Enqueue::default()).await.is_ok() {
            self.journal.note("job", &what);
        }
    }

    async fn start(&self, number: u64) {
        let id = format!("{}-{number}", self.name);
        while self.workflows.start::<Three>(&id, &()).await.is_err() {}
        self.journal.note("run", &id);
    }

    async fn message(&self, number: u64) {
        let hot = self.objects.get::<Register>("hot");
        let count = || hot.send(Message::Count { sender: self.name.clone(), number });
        while count().await.is_err() {}
        self.journal.note("message", &number.to_string());
    }

    async fn alarm(&self, number: u64) {
        let name = format!("{}-{number}", self.name);
        let delay = Duration::from_millis(number % 7 * 20);
        if self.objects.get::<Register>(name.clone()).send(Message::Alarm(delay)).await.is_ok() {
            self.journal.note("alarm", &name);
        }
    }
}
