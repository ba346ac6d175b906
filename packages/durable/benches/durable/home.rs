//! A migrated database of either kind, synced as in service.

use std::{path::Path, sync::Arc};

use data_ops::{
    clock::SystemClock,
    database::{DatabaseConfig, Databases},
};
use durable::store::Store;
use tempfile::TempDir;
use test_postgres::TestDatabase;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::Database;

/// Senders, starters and workers at once: as many as the other engines are given.
pub(crate) const AT_ONCE: usize = 64;

/// A database, and what runs on it.
pub(crate) struct Home {
    pub store: Store,
    pub tasks: TaskTracker,
    pub stop: CancellationToken,
    databases: Databases,
    directory: TempDir,
    _server: Option<TestDatabase>,
}

impl Home {
    pub(crate) async fn new(database: Database) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let (config, server) = match database {
            Database::Sqlite => (DatabaseConfig::Sqlite { directory: directory.path().join("data") }, None),
            Database::Postgres => {
                let server = TestDatabase::create_syncing().await.unwrap_or_else(|error| panic!("{error}"));
                (DatabaseConfig::Postgres { url: server.url().to_owned(), max_connections: 20 }, Some(server))
            }
        };
        let databases = Databases::connect(&config).await.unwrap();
        databases.migrate().await.unwrap();
        let tasks = TaskTracker::new();
        let store = Store::start(databases.control.clone(), Arc::new(SystemClock), &tasks);
        Self { store, tasks, stop: CancellationToken::new(), databases, directory, _server: server }
    }

    /// For files beside the database.
    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) async fn close(self) {
        self.stop.cancel();
        self.tasks.close();
        drop(self.store);
        self.tasks.wait().await;
        self.databases.close().await.unwrap();
    }
}
