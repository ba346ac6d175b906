//! `hashroute admin crons …`

use clap::Subcommand;
use durable::cron::CronRunRecord;
use serde_json::{Value, json};

use super::{Office, print_json, table::table};
use crate::commands::print_line;

/// What to do about schedules.
#[derive(Subcommand)]
pub enum CronsCommand {
    /// List them.
    List {
        /// Print JSON instead of a table.
        #[arg(long)]
        json: bool,
    },
    /// List the last runs of one.
    Runs {
        /// Its name.
        name: String,
        /// Print JSON instead of a table.
        #[arg(long)]
        json: bool,
    },
    /// Run one now, besides its schedule.
    Run {
        /// Its name.
        name: String,
    },
    /// Leave one alone, on all nodes, until it is resumed.
    Pause {
        /// Its name.
        name: String,
    },
    /// Have a paused one go on; what came meanwhile is left out.
    Resume {
        /// Its name.
        name: String,
    },
}

pub async fn run(office: &Office, command: CronsCommand) -> anyhow::Result<()> {
    let crons = &office.background.crons;
    match command {
        CronsCommand::List { json } => list(office, json).await,
        CronsCommand::Runs { name, json } => {
            check(office, &name).await?;
            runs(&crons.runs(&name).await?, json)
        }
        CronsCommand::Run { name } => {
            check(office, &name).await?;
            crons.run_now(&name).await?;
            print_line(&format!("{name} has begun."))
        }
        CronsCommand::Pause { name } => {
            check(office, &name).await?;
            crons.pause(&name).await?;
            print_line(&format!("{name} is paused."))
        }
        CronsCommand::Resume { name } => {
            check(office, &name).await?;
            crons.resume(&name).await?;
            print_line(&format!("{name} goes on."))
        }
    }
}

async fn check(office: &Office, name: &str) -> anyhow::Result<()> {
    let names: Vec<String> = office.background.crons.list().await?.into_iter().map(|cron| cron.name).collect();
    anyhow::ensure!(
        names.iter().any(|known| known == name),
        "there is no cron \"{name}\"; there are: {} (they are written down when the service first starts)",
        names.join(", ")
    );
    Ok(())
}

async fn list(office: &Office, as_json: bool) -> anyhow::Result<()> {
    let crons = office.background.crons.list().await?;
    if as_json {
        let crons = crons.into_iter().map(|cron| {
            json!({
                "name": cron.name, "schedule": cron.schedule, "timeZone": cron.time_zone, "nextAt": cron.next_at,
                "isPaused": cron.paused, "isKnown": cron.known, "lastRun": cron.last_run.as_ref().map(record),
            })
        });
        return print_json(&crons.collect());
    }
    let rows = crons.into_iter().map(|cron| {
        let last =
            cron.last_run.map_or_else(|| "-".to_owned(), |run| format!("{} {}", run.due_at, run.outcome.as_str()));
        let next = if cron.paused { "paused".to_owned() } else { cron.next_at.to_string() };
        [cron.name, format!("{} {}", cron.schedule, cron.time_zone), next, last]
    });
    print_line(&table(
        ["CRON", "SCHEDULE", "NEXT", "LAST"],
        rows.collect(),
        "There are none before the service first starts.",
    ))
}

fn runs(runs: &[CronRunRecord], as_json: bool) -> anyhow::Result<()> {
    if as_json {
        return print_json(&runs.iter().map(record).collect());
    }
    let rows =
        runs.iter().map(|run| [run.due_at.to_string(), run.started_at.to_string(), run.outcome.as_str().to_owned()]);
    print_line(&table(["DUE", "NOTICED", "OUTCOME"], rows.collect(), "It has not run yet."))
}

fn record(run: &CronRunRecord) -> Value {
    json!({ "dueAt": run.due_at, "startedAt": run.started_at, "outcome": run.outcome.as_str() })
}
