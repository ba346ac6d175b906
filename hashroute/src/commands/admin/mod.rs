//! `hashroute admin …`: looking after an installation from the console.
//!
//! All of it reads and writes rows of the database, beside a service that is running or not. A running service notices within a
//! second or so: its workers look for work that often, and so does whatever waits for a time to come.

pub mod bootstrap;
mod crons;
mod dead_letters;
mod objects;
mod queues;
mod table;
mod workflows;

use std::sync::Arc;

use anyhow::bail;
use clap::Subcommand;
use data_ops::{
    clock::{Clock, SystemClock},
    database::{DatabaseConfig, Databases},
    types::Timestamp,
};
use serde_json::Value;
use user_application::Background;

use crate::{
    commands::{block_on, print_line},
    configuration::Configuration,
    durable::Beside,
    logging,
};

/// What to look after.
#[derive(Subcommand)]
pub enum AdminCommand {
    /// Create an owner with a workspace and an API key: the first run for scripts. May run again for further owners and workspaces.
    Bootstrap(bootstrap::BootstrapArguments),
    /// Queues: what waits in them, and stopping them.
    Queues(queues::QueuesArguments),
    /// Jobs and clicks that were set aside.
    DeadLetters {
        #[command(subcommand)]
        command: dead_letters::DeadLettersCommand,
    },
    /// Runs of workflows.
    Workflows {
        #[command(subcommand)]
        command: workflows::WorkflowsCommand,
    },
    /// Durable objects.
    Objects {
        #[command(subcommand)]
        command: objects::ObjectsCommand,
    },
    /// What begins at times of the calendar.
    Crons {
        #[command(subcommand)]
        command: crons::CronsCommand,
    },
}

/// Runs the command and prints what came of it.
pub fn run(configuration: &Configuration, command: AdminCommand) -> anyhow::Result<()> {
    if let AdminCommand::Bootstrap(arguments) = command {
        return bootstrap::run(configuration, &arguments);
    }
    logging::start(configuration)?;
    block_on(async {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let databases = look_into(&configuration.database()).await?;
        let beside = Beside::open(&databases, clock.clone())?;
        let office = Office { background: beside.background.clone(), databases: databases.clone(), now: clock.now() };
        let done = match command {
            AdminCommand::Bootstrap(_) => Ok(()),
            AdminCommand::Queues(arguments) => queues::run(&office, arguments).await,
            AdminCommand::DeadLetters { command } => dead_letters::run(&office, command).await,
            AdminCommand::Workflows { command } => workflows::run(&office, command).await,
            AdminCommand::Objects { command } => objects::run(&office, command).await,
            AdminCommand::Crons { command } => crons::run(&office, command).await,
        };
        drop(office);
        beside.close().await;
        databases.close().await?;
        done
    })
}

/// What the commands work with.
struct Office {
    background: Background,
    databases: Databases,
    now: Timestamp,
}

/// Prints one JSON value, laid out.
fn print_json(value: &Value) -> anyhow::Result<()> {
    print_line(&serde_json::to_string_pretty(value)?)
}

/// A moment for a table.
fn time(at: Option<Timestamp>) -> String {
    at.map_or_else(|| "-".to_owned(), |at| at.to_string())
}

/// Stored JSON with line breaks; other text as it is.
fn pretty(stored: &str) -> String {
    let value = serde_json::from_str::<Value>(stored).and_then(|value| serde_json::to_string_pretty(&value));
    value.unwrap_or_else(|_| stored.to_owned())
}

/// Stored JSON as JSON; other text as a string.
fn json(stored: &str) -> Value {
    serde_json::from_str(stored).unwrap_or_else(|_| Value::from(stored))
}

/// The databases as they are: a service of another version may be running on them.
async fn look_into(configuration: &DatabaseConfig) -> anyhow::Result<Databases> {
    if let DatabaseConfig::Sqlite { directory } = configuration
        && !directory.join("control.db").exists()
    {
        bail!(
            "there is no installation in {}: run this where the service runs, or name its directory by HASHROUTE_DATA_DIR",
            directory.display()
        );
    }
    let databases = Databases::connect(configuration).await?;
    databases.check().await?;
    Ok(databases)
}
