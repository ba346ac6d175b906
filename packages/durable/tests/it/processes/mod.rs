//! Nodes that are processes of their own, killed and frozen in the middle of everything they do.
//!
//! Each node (`node`) puts down jobs, starts runs, sends messages and sets alarms without end, and does them too. What it
//! was answered, and which steps it begins, it adds to a file that outlives it (`journal`): a step that cannot be taken
//! back, as a mail that was sent. Afterwards database and file are compared (`reckoning`).

mod freezing;
mod journal;
mod killing;
mod node;
mod reckoning;

use std::{path::PathBuf, process::Stdio, time::Duration};

use data_ops::{
    clock::SystemClock,
    database::{DatabaseConfig, DatabaseError, Databases},
};
use durable::store::Store;
use sea_orm::ConnectionTrait as _;
use serde::{Deserialize, Serialize};
use tempfile::TempDir;
use test_postgres::TestDatabase;
use tokio::process::{Child, Command};
use tokio_util::task::TaskTracker;

use self::journal::{Entry, Journal};

/// Names the plan of the process that is started with it.
const PLAN: &str = "DURABLE_TEST_NODE";

/// Longer than anything takes on a machine that does many other things.
const PATIENCE: Duration = Duration::from_secs(90);

/// What a node is told.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Plan {
    /// Another one for each process.
    name: String,
    /// A directory (SQLite) or a URL (PostgreSQL).
    database: String,
    journal: PathBuf,
    lease: Duration,
    /// How long a job stays inside the transaction that completes it.
    inside: Duration,
    /// How many jobs, runs, messages and alarms it asks for, a few milliseconds apart.
    asks: u64,
    /// Whether it ends when nothing is left to be done.
    until_done: bool,
}

/// What outlives the nodes of a test.
struct Ground {
    database: String,
    lease: Duration,
    directory: TempDir,
    _server: Option<TestDatabase>,
}

impl Ground {
    async fn sqlite() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let database = directory.path().join("data").to_str().unwrap().to_owned();
        // Nobody waits for it.
        let lease = Duration::from_secs(3_600);
        Self { database, lease, directory, _server: None }.prepared().await
    }

    async fn postgres(lease: Duration) -> Self {
        let server = TestDatabase::create().await.unwrap_or_else(|error| panic!("{error}"));
        let (database, directory) = (server.url().to_owned(), tempfile::tempdir().unwrap());
        Self { database, lease, directory, _server: Some(server) }.prepared().await
    }

    async fn prepared(self) -> Self {
        self.look(async |store| {
            let tables = [
                "CREATE TABLE job_effects (what TEXT NOT NULL)",
                "CREATE TABLE run_effects (run TEXT NOT NULL)",
                "CREATE TABLE cron_effects (due_at BIGINT NOT NULL)",
            ];
            for table in tables {
                let statement = store.dialect().statement(table, []);
                let create = store.write(move |transaction| {
                    Box::pin(async move { Ok::<_, DatabaseError>(transaction.execute_raw(statement).await?) })
                });
                create.await.unwrap();
            }
        })
        .await;
        self
    }

    fn journal(&self) -> PathBuf {
        self.directory.path().join("journal")
    }

    fn entries(&self) -> Vec<Entry> {
        Journal::read(&self.journal())
    }

    /// Looks into the database, and leaves it: the next process is to find it as the last one left it.
    async fn look<T>(&self, with: impl AsyncFnOnce(&Store) -> T) -> T {
        let (databases, tasks) = (connect(&self.database).await, TaskTracker::new());
        let store = Store::start(databases.control.clone(), std::sync::Arc::new(SystemClock), &tasks);
        let seen = with(&store).await;
        drop(store);
        tasks.close();
        tasks.wait().await;
        databases.close().await.unwrap();
        seen
    }

    fn plan(&self, name: impl Into<String>, asks: u64) -> Plan {
        let (database, journal) = (self.database.clone(), self.journal());
        let inside = Duration::ZERO;
        Plan { name: name.into(), database, journal, lease: self.lease, inside, asks, until_done: false }
    }

    /// Starts a process, and waits until it has begun to work.
    async fn start(&self, plan: Plan) -> Process {
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "processes::node::node", "--ignored", "--nocapture"])
            .env(PLAN, serde_json::to_string(&plan).unwrap())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let process = Process { child, name: plan.name };
        let up = async || self.entries().iter().any(|entry| entry.what == "up" && entry.process == process.name);
        eventually("the process has begun", up).await;
        process
    }
}

async fn connect(database: &str) -> Databases {
    let config = if database.starts_with("postgres") {
        DatabaseConfig::Postgres { url: database.to_owned(), max_connections: 6 }
    } else {
        DatabaseConfig::Sqlite { directory: database.into() }
    };
    let databases = Databases::connect(&config).await.unwrap();
    databases.migrate().await.unwrap();
    databases
}

/// Asks again and again.
async fn eventually(what: &str, is: impl AsyncFn() -> bool) {
    let asking = async {
        while !is().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, asking).await.unwrap_or_else(|_| panic!("not within {PATIENCE:?}: {what}"));
}

/// A node that runs.
struct Process {
    child: Child,
    name: String,
}

impl Process {
    /// `kill -9`.
    async fn kill(&mut self) {
        self.child.kill().await.unwrap();
    }

    /// Has it stand still wherever it is.
    async fn freeze(&self) {
        self.signal("STOP").await;
    }

    /// Has it go on as if nothing had been.
    async fn thaw(&self) {
        self.signal("CONT").await;
    }

    async fn signal(&self, signal: &str) {
        let id = self.child.id().expect("it runs");
        let sent = Command::new("sh").args(["-c", &format!("kill -{signal} {id}")]).status().await.unwrap();
        assert!(sent.success());
    }

    /// Waits until it ends by itself.
    async fn end(mut self) {
        let ended = tokio::time::timeout(PATIENCE, self.child.wait()).await;
        assert!(ended.expect("it comes to its end").unwrap().success(), "{} failed", self.name);
    }
}
