//! `hashroute admin queues …`

use std::collections::BTreeMap;

use clap::{Args, Subcommand};
use data_ops::clicks::count_dead_letters;
use durable::jobs::QueueStatus;
use serde_json::{Value, json};

use super::{Office, print_json, table::table, time};
use crate::{commands::print_line, durable::queues};

/// What to do about queues: list them, without a command.
#[derive(Args)]
pub struct QueuesArguments {
    /// Print JSON instead of a table.
    #[arg(long)]
    json: bool,
    #[command(subcommand)]
    change: Option<QueueChange>,
}

#[derive(Subcommand)]
enum QueueChange {
    /// Let the jobs of a queue lie, on all nodes, until it is resumed.
    Pause {
        /// The queue's name.
        name: String,
    },
    /// Have the jobs of a paused queue done again.
    Resume {
        /// The queue's name.
        name: String,
    },
}

pub async fn run(office: &Office, arguments: QueuesArguments) -> anyhow::Result<()> {
    let jobs = &office.background.jobs;
    match arguments.change {
        None => list(office, arguments.json).await,
        Some(QueueChange::Pause { name }) => {
            check(office, &name).await?;
            jobs.pause(&name).await?;
            print_line(&format!("{name} is paused. Attempts under way go on."))
        }
        Some(QueueChange::Resume { name }) => {
            check(office, &name).await?;
            jobs.resume(&name).await?;
            print_line(&format!("{name} goes on."))
        }
    }
}

/// All queues of jobs: those that have something, and those this version works on.
async fn all(office: &Office) -> anyhow::Result<Vec<QueueStatus>> {
    let mut queues: BTreeMap<String, QueueStatus> = queues()
        .map(|queue| (queue.to_owned(), QueueStatus { queue: queue.to_owned(), ..QueueStatus::default() }))
        .collect();
    queues.extend(office.background.jobs.queues().await?.into_iter().map(|status| (status.queue.clone(), status)));
    Ok(queues.into_values().collect())
}

async fn check(office: &Office, name: &str) -> anyhow::Result<()> {
    let names: Vec<String> = all(office).await?.into_iter().map(|status| status.queue).collect();
    anyhow::ensure!(
        names.iter().any(|known| known == name),
        "there is no queue of jobs \"{name}\"; there are: {}",
        names.join(", ")
    );
    Ok(())
}

async fn list(office: &Office, as_json: bool) -> anyhow::Result<()> {
    let queues = all(office).await?;
    let dead_clicks = count_dead_letters(&office.databases.clicks).await?;
    if as_json {
        let clicks = json!({ "name": "clicks", "kind": "log", "dead": dead_clicks });
        let jobs = queues.iter().map(|status| {
            json!({
                "name": status.queue, "kind": "jobs", "ready": status.ready, "delayed": status.delayed,
                "inFlight": status.in_flight, "dead": status.dead, "oldestDueAt": status.oldest_due_at,
                "isPaused": status.paused,
            })
        });
        return print_json(&Value::Array(std::iter::once(clicks).chain(jobs).collect()));
    }
    let mut rows = vec![[
        "clicks".to_owned(),
        "-".to_owned(),
        "-".to_owned(),
        "-".to_owned(),
        dead_clicks.to_string(),
        "-".to_owned(),
        String::new(),
    ]];
    rows.extend(queues.into_iter().map(|status| {
        [
            status.queue,
            status.ready.to_string(),
            status.delayed.to_string(),
            status.in_flight.to_string(),
            status.dead.to_string(),
            time(status.oldest_due_at),
            if status.paused { "paused".to_owned() } else { String::new() },
        ]
    }));
    print_line(&table(["QUEUE", "READY", "DELAYED", "IN FLIGHT", "DEAD", "WAITS SINCE", ""], rows, ""))?;
    print_line(
        "\nHow many clicks wait in its log only the running service knows: see hashroute_log_consumer_lag_bytes in /metrics.",
    )
}
