//! The job queue.

mod batches;
mod delivering;
mod failing;
mod leases;
mod operating;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use durable::{
    backoff::Backoff,
    jobs::{Enqueue, Job, JobContext, JobError, Jobs, QueueOptions},
    store::Store,
};
use sea_orm::{ConnectionTrait as _, Value};
use serde::{Deserialize, Serialize};

/// The job of these tests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Note {
    text: String,
}

impl Job for Note {
    const QUEUE: &'static str = "notes";
    const VERSION: u16 = 1;
}

fn note(text: &str) -> Note {
    Note { text: text.to_owned() }
}

/// One attempt after the other, each tried again a second later. Leases are so long that none is renewed in a test.
fn options() -> QueueOptions {
    QueueOptions {
        concurrency: 1,
        attempts: 3,
        backoff: Backoff::constant(Duration::from_secs(1)),
        lease: Duration::from_secs(3_600),
        ..QueueOptions::default()
    }
}

async fn add(jobs: &Jobs, texts: &[&str]) {
    for text in texts {
        jobs.add(&note(text), Enqueue::default()).await.unwrap();
    }
}

/// What handlers were given, in order.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<String>>>);

impl Seen {
    fn push(&self, text: &str) {
        self.0.lock().unwrap().push(text.to_owned());
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    /// A handler that remembers, and fails where `outcome` does.
    fn handler(
        &self,
        outcome: impl Fn(&str) -> Result<(), JobError> + Send + Sync + 'static,
    ) -> impl Fn(Note, JobContext) -> std::future::Ready<Result<(), JobError>> + Send + Sync + 'static {
        let seen = self.clone();
        move |job, _context| {
            seen.push(&job.text);
            std::future::ready(outcome(&job.text))
        }
    }
}

fn well(_text: &str) -> Result<(), JobError> {
    Ok(())
}

/// Runs a statement of the test's own.
async fn execute(store: &Store, sql: &str, values: impl IntoIterator<Item = Value>) -> u64 {
    let statement = store.dialect().statement(sql, values);
    let execute = store.write(move |transaction| {
        Box::pin(async move { Ok::<_, data_ops::database::DatabaseError>(transaction.execute_raw(statement).await?) })
    });
    execute.await.unwrap().rows_affected()
}

async fn count(store: &Store, table: &str) -> i64 {
    let statement = store.dialect().statement(format!("SELECT COUNT(*) AS rows_there FROM {table}"), []);
    let row = store.database().read().query_one_raw(statement).await.unwrap().unwrap();
    row.try_get("", "rows_there").unwrap()
}
