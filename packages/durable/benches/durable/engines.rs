//! Other engines, in a program of their own (`benches/engines`): they would bring another SQLite into ours.

use std::path::Path;

use serde::Deserialize;
use test_postgres::TestDatabase;
use tokio::process::Command;

use crate::Database;

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Engine {
    Duroxide,
    DurareSqlite,
    DurarePostgres,
    Dbos,
    ApalisSqlite,
    ApalisPostgres,
}

impl Engine {
    /// As the program calls it.
    fn argument(self) -> &'static str {
        match self {
            Self::Duroxide => "duroxide",
            Self::DurareSqlite | Self::DurarePostgres => "durare",
            Self::Dbos => "dbos",
            Self::ApalisSqlite => "apalis-sqlite",
            Self::ApalisPostgres => "apalis-postgres",
        }
    }

    /// How many it is given, of as many as ours: a slow one shows its rate with few.
    fn count(self, ours: u32) -> u32 {
        if matches!(self, Self::Duroxide | Self::ApalisSqlite) { ours / 10 } else { ours }
    }

    /// What to call it, and how it syncs where that differs from ours.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Duroxide => "duroxide (not synced at every commit)",
            Self::DurareSqlite => "durare (not synced at every commit)",
            Self::DurarePostgres => "durare",
            Self::Dbos => "dbos",
            Self::ApalisSqlite => "apalis-sqlite (not synced)",
            Self::ApalisPostgres => "apalis-postgres",
        }
    }
}

#[derive(Deserialize)]
struct Measured {
    count: u32,
    seconds: f64,
}

/// Per second; or what it failed of, which some do.
pub(crate) async fn measure(program: &Path, engine: Engine, database: Database, count: u32) -> Result<f64, String> {
    let directory = tempfile::tempdir().map_err(|error| error.to_string())?;
    let (url, _server) = match database {
        Database::Sqlite => {
            let file = directory.path().join("engine.db");
            std::fs::File::create(&file).map_err(|error| error.to_string())?;
            (format!("sqlite:{}", file.display()), None)
        }
        Database::Postgres => {
            let server = TestDatabase::create_syncing().await.map_err(|error| error.to_string())?;
            (server.url().to_owned(), Some(server))
        }
    };
    let output = Command::new(program)
        .args([engine.argument(), &url, &engine.count(count).to_string()])
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|error| format!("{} cannot be run: {error}", program.display()))?;
    let printed = String::from_utf8_lossy(&output.stdout);
    let last = printed.lines().last().unwrap_or_default();
    let measured: Measured = serde_json::from_str(last).map_err(|_| {
        let errors = String::from_utf8_lossy(&output.stderr);
        format!("failed: {}", errors.lines().last().unwrap_or("it said nothing"))
    })?;
    Ok(f64::from(measured.count) / measured.seconds)
}
