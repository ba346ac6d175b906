//! A migrated database of either kind, a clock moved by hand, and a store on both.

use std::sync::Arc;

use data_ops::{
    clock::ManualClock,
    database::{DatabaseConfig, DatabaseError, Databases},
    types::Timestamp,
};
use durable::store::Store;
use sea_orm::ConnectionTrait as _;
use tempfile::TempDir;
use test_postgres::TestDatabase;
use tokio_util::task::TaskTracker;

/// Runs each of the named tests of a room on both databases.
macro_rules! on_both_databases {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                super::$test(crate::support::Fixture::sqlite().await).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                super::$test(crate::support::Fixture::postgres().await).await;
            })+
        }
    };
}
pub(crate) use on_both_databases;

/// How much of what could go on for ever: a little each time, much where `HASHROUTE_TEST_SCALE` is `full`.
pub fn scale<T>(small: T, full: T) -> T {
    match std::env::var("HASHROUTE_TEST_SCALE").as_deref() {
        Ok("full") => full,
        Ok(other) => panic!("HASHROUTE_TEST_SCALE is {other:?}: set it to \"full\", or not at all"),
        Err(_) => small,
    }
}

/// Where chance begins: `HASHROUTE_TEST_SEED`, or another one for each run. A test that fails shows it.
#[expect(clippy::print_stderr, reason = "runners show it where the test fails")]
pub fn seed() -> u64 {
    let given = std::env::var("HASHROUTE_TEST_SEED").ok();
    let seed = given.map_or_else(|| std::process::id().into(), |seed| seed.parse().unwrap());
    eprintln!("HASHROUTE_TEST_SEED={seed}");
    seed
}

/// 2026-03-01T12:00:00Z.
pub const NOW: Timestamp = Timestamp::from_millis(1_772_366_400_000);

/// What has to stay while the databases are in use.
enum Home {
    Directory(#[expect(dead_code, reason = "removed when dropped")] TempDir),
    Server(#[expect(dead_code, reason = "dropped with its server's database")] TestDatabase),
}

/// One node of a test.
pub struct Fixture {
    pub store: Store,
    pub clock: Arc<ManualClock>,
    pub tasks: TaskTracker,
    pub config: DatabaseConfig,
    _home: Option<Home>,
}

impl Fixture {
    pub async fn sqlite() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let config = DatabaseConfig::Sqlite { directory: directory.path().join("data") };
        Self::connect(config, Some(Home::Directory(directory))).await
    }

    pub async fn postgres() -> Self {
        let database = TestDatabase::create().await.unwrap_or_else(|error| panic!("{error}"));
        let config = DatabaseConfig::Postgres { url: database.url().to_owned(), max_connections: 8 };
        Self::connect(config, Some(Home::Server(database))).await
    }

    /// Another node on the same database: on SQLite the same process begun again, so drop the first before.
    pub async fn another(&self) -> Self {
        Self::connect(self.config.clone(), None).await
    }

    /// The same, for another runtime to begin.
    pub fn elsewhere(&self) -> impl Future<Output = Self> + Send + 'static {
        Self::connect(self.config.clone(), None)
    }

    async fn connect(config: DatabaseConfig, home: Option<Home>) -> Self {
        let databases = Databases::connect(&config).await.unwrap();
        databases.migrate().await.unwrap();
        let clock = Arc::new(ManualClock::new(NOW));
        let tasks = TaskTracker::new();
        let store = Store::start(databases.control, clock.clone(), &tasks);
        Self { store, clock, tasks, config, _home: home }
    }
}

/// Runs a statement behind the engines' backs.
pub async fn execute(fixture: &Fixture, sql: &'static str) {
    let statement = fixture.store.dialect().statement(sql, []);
    fixture
        .store
        .write(move |transaction| {
            Box::pin(async move {
                transaction.execute_raw(statement).await?;
                Ok::<(), DatabaseError>(())
            })
        })
        .await
        .unwrap();
}

/// The one number a query answers, in its column `number`.
pub async fn number(fixture: &Fixture, sql: &str) -> i64 {
    let statement = fixture.store.dialect().statement(sql, []);
    let row = fixture.store.database().read().query_one_raw(statement).await.unwrap().unwrap();
    row.try_get("", "number").unwrap()
}
