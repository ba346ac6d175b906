//! One database per test.

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use crate::server::{Server, Syncing, find_or_start};
use crate::{Error, io};

/// An empty database that goes away with this value.
#[derive(Debug)]
pub struct TestDatabase {
    name: String,
    url: String,
    admin_url: String,
}

impl TestDatabase {
    /// Makes an empty database, on a server that is started if there is none.
    ///
    /// # Errors
    /// When PostgreSQL is not installed or does not start.
    pub async fn create() -> Result<Self, Error> {
        Self::create_on(Syncing::Off).await
    }

    /// Makes an empty database for measurements: on a server that syncs its files, as one with data worth keeping does.
    ///
    /// # Errors
    /// As [`Self::create`].
    pub async fn create_syncing() -> Result<Self, Error> {
        Self::create_on(Syncing::On).await
    }

    async fn create_on(syncing: Syncing) -> Result<Self, Error> {
        let server: Server = tokio::task::spawn_blocking(move || find_or_start(syncing))
            .await
            .map_err(|error| io("wait for the server")(std::io::Error::other(error)))??;
        let name = format!("hashroute_test_{}", uuid::Uuid::new_v4().simple());
        let admin_url = server.database_url("postgres");
        let mut connection = PgConnection::connect(&admin_url).await?;
        connection.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await?;
        connection.close().await?;
        let url = server.database_url(&name);
        Ok(Self { name, url, admin_url })
    }

    /// Where it is, in the form the product's configuration takes.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for TestDatabase {
    /// On a thread with a runtime of its own, because dropping cannot wait and the test's runtime may be ending. A database
    /// that stays behind goes with the server, so failing is no reason to fail the test.
    fn drop(&mut self) {
        let (admin_url, name) = (self.admin_url.clone(), self.name.clone());
        let dropped = std::thread::spawn(move || {
            let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
                return;
            };
            runtime.block_on(async {
                if let Ok(mut connection) = PgConnection::connect(&admin_url).await {
                    let drop = AssertSqlSafe(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
                    connection.execute(drop).await.ok();
                }
            });
        });
        dropped.join().ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_database_is_empty_and_its_own() {
        let first = TestDatabase::create().await.unwrap();
        let second = TestDatabase::create().await.unwrap();
        for database in [&first, &second] {
            let mut connection = PgConnection::connect(database.url()).await.unwrap();
            connection.execute("CREATE TABLE t (n INT)").await.unwrap();
        }
        assert_ne!(first.url(), second.url());
    }
}
