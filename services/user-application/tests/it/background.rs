//! What goes on without a request, for tests: real queues, workflows, objects and schedules on the test's own database. Nothing
//! runs by itself; tests run what is due.

use std::{convert::Infallible, sync::Arc, time::Duration};

use data_ops::{
    clicks::{
        ClickQueue, ClickQueueStatus, DeadLetterKey, ReplayLetterError, ReplayedLetters, dead_letters_after,
        delete_dead_letter,
    },
    database::{DatabaseError, Databases},
    types::{Clock, ManualClock, Timestamp},
};
use durable::{
    cron::{Cron, Crons, EnqueueJob, Schedule},
    jobs::{Enqueue, Job, Jobs},
    objects::{Alarm, Classes, Effects, Object, ObjectContext, ObjectParts, Objects},
    store::Store,
    workflows::{Context, Options, StepError, StepPolicy, Workflow, WorkflowError, Workflows},
};
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio_util::task::TaskTracker;
use user_application::Background;

/// A job of the queue `chores`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Chore {
    pub room: String,
}

impl Job for Chore {
    const QUEUE: &'static str = "chores";
    const VERSION: u16 = 3;
}

/// A workflow that reads, waits for the event `approved` for a day, and stores.
pub struct Import;

impl Workflow for Import {
    const KIND: &'static str = "import";
    type Input = String;
    type Output = usize;

    async fn run(&self, context: &Context, file: String) -> Result<usize, WorkflowError> {
        let read = || async {
            match file.as_str() {
                "broken" => Err(StepError::fail("the file is broken")),
                file => Ok(file.len()),
            }
        };
        let rows = context.step("read", StepPolicy::default(), read).await?;
        let approved: Option<bool> = context.wait_for_event("approved", Duration::from_secs(86_400)).await;
        context.step("store", StepPolicy::default(), || async move { Ok(approved) }).await?;
        Ok(rows)
    }
}

/// An object that keeps a text. One that grows beyond what can be stored is parked.
pub struct Note;

#[derive(Debug, Clone)]
pub enum Write {
    Text(String),
    Remind(Duration),
}

impl Object for Note {
    const CLASS: &'static str = "note";
    const VERSION: u16 = 1;
    type State = String;
    type Message = Write;
    type Reply = ();
    type Error = Infallible;

    fn handle(text: String, message: Write, context: &ObjectContext<'_>) -> Result<(String, Effects, ()), Infallible> {
        Ok(match message {
            Write::Text(text) => (text, Effects::default(), ()),
            Write::Remind(after) => {
                (text, Effects { alarm: Alarm::Set(context.now.plus(after)), ..Effects::default() }, ())
            }
        })
    }
}

/// Clicks whose dead letters can be replayed, except for those that begin with `bad`.
struct Clicks(Databases);

impl ClickQueue for Clicks {
    fn status(&self) -> BoxFuture<'_, Option<ClickQueueStatus>> {
        Box::pin(async {
            let oldest_at = Some(Timestamp::from_millis(1_772_366_399_000));
            Some(ClickQueueStatus { waiting_bytes: 640, oldest_at, taken_in_per_minute: 12 })
        })
    }

    fn describe(&self, payload: &[u8]) -> Option<Value> {
        payload.strip_prefix(b"click ").map(|rest| json!({ "destination": String::from_utf8_lossy(rest) }))
    }

    fn replay<'a>(&'a self, key: &'a DeadLetterKey) -> BoxFuture<'a, Result<(), ReplayLetterError>> {
        Box::pin(async move {
            let found = data_ops::clicks::find_dead_letter(&self.0.clicks, key).await?;
            if found.ok_or(ReplayLetterError::Gone)?.letter.payload.starts_with(b"bad") {
                return Err(ReplayLetterError::Refused("it is still bad".to_owned()));
            }
            delete_dead_letter(&self.0.clicks, key).await?;
            Ok(())
        })
    }

    fn replay_all(&self) -> BoxFuture<'_, Result<ReplayedLetters, DatabaseError>> {
        Box::pin(async move {
            let mut done = ReplayedLetters::default();
            for letter in dead_letters_after(&self.0.clicks, None, 100).await? {
                match self.replay(&letter.key()).await {
                    Ok(()) => done.replayed += 1,
                    Err(_) => done.refused += 1,
                }
            }
            Ok(done)
        })
    }
}

pub async fn start(databases: &Databases, clock: &Arc<ManualClock>, tasks: &TaskTracker) -> Background {
    let store = Store::start(databases.control.clone(), Arc::clone(clock) as Arc<dyn Clock>, tasks);
    let jobs = Jobs::open(store.clone()).await.unwrap();
    let nightly = Schedule::parse("0 3 * * *", "Europe/Berlin").unwrap();
    let tidy = |_run| Chore { room: "all".to_owned() };
    let tidy = EnqueueJob { jobs: jobs.clone(), job: tidy, options: Enqueue::default() };
    let crons = Crons::open(store.clone(), vec![Cron::new("nightly", nightly, tidy)]).await.unwrap();
    let classes = Classes::default().with::<Note>();
    let objects = Objects::new(ObjectParts::new(store.clone(), classes, tasks));
    let workflows = Workflows::builder(store, Options::default()).register(Import).build();
    Background { jobs, workflows, objects, crons, clicks: Arc::new(Clicks(databases.clone())) }
}
