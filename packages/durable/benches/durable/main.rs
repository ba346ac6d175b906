//! What the durable primitives carry in a second, on SQLite and on PostgreSQL, each with full syncing, beside other engines.
//!
//! `make bench` builds the other engines (`benches/engines`) and runs this. Rounds are interleaved: in each, every leg is measured once, ours
//! and the others' in turn, on a database of its own, and medians are compared.
//! The engines keep the settings they come with; SQLite is synced at every commit by ours and by none of them.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for people who measure: what goes wrong ends it, and it prints"
)]

mod engines;
mod home;
mod jobs;
mod log;
mod objects;
mod report;
mod workflows;

use std::path::PathBuf;

use clap::Parser;

use self::{engines::Engine, home::Home, report::Report};

/// Measures the durable primitives.
#[derive(Parser)]
struct Arguments {
    /// How often each leg is measured.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
    /// Only see that everything works: a tenth of the load, one round.
    #[arg(long)]
    quick: bool,
    /// Only this: a part of its name, such as `workflows`.
    #[arg(long, value_name = "PART")]
    only: Option<String>,
    /// Print JSON instead of a table.
    #[arg(long)]
    json: bool,
    /// The program with the other engines; without it they are left out.
    #[arg(long, value_name = "PROGRAM")]
    engines: Option<PathBuf>,
    /// Given by cargo.
    #[arg(long, hide = true)]
    bench: bool,
}

impl Arguments {
    fn wants(&self, leg: &Leg) -> bool {
        let name = format!("{:?}", leg.work).to_lowercase();
        self.only.as_ref().is_none_or(|part| name.contains(&part.to_lowercase()))
    }
}

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Database {
    /// One process, one file.
    Sqlite,
    /// A server on this machine.
    Postgres,
}

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Work {
    /// Runs of three steps, started one by one, until the last has succeeded.
    ThreeStepWorkflows,
    /// Jobs put down one by one and done.
    Jobs,
    /// Messages to one object, from 64 senders that wait for each answer.
    HotObject,
    /// Messages to 64 objects, from as many senders.
    ManyObjects,
    /// Records appended, synced, read and written to the database.
    LogRecords,
}

/// One row of the report.
pub(crate) struct Leg {
    /// What is done.
    pub work: Work,
    /// Where.
    pub database: Database,
    /// How often in a round.
    pub count: u32,
    /// Per second, at least.
    pub bar: Option<f64>,
    /// Measured in turn with ours.
    pub beside: &'static [Engine],
}

const LEGS: &[Leg] = &[
    Leg {
        work: Work::ThreeStepWorkflows,
        database: Database::Sqlite,
        count: 5_000,
        bar: Some(1_000.0),
        beside: &[Engine::Duroxide, Engine::DurareSqlite],
    },
    Leg {
        work: Work::ThreeStepWorkflows,
        database: Database::Postgres,
        count: 2_000,
        bar: Some(200.0),
        beside: &[Engine::DurarePostgres, Engine::Dbos],
    },
    Leg { work: Work::Jobs, database: Database::Sqlite, count: 10_000, bar: None, beside: &[Engine::ApalisSqlite] },
    Leg { work: Work::Jobs, database: Database::Postgres, count: 5_000, bar: None, beside: &[Engine::ApalisPostgres] },
    Leg { work: Work::HotObject, database: Database::Sqlite, count: 20_000, bar: None, beside: &[] },
    Leg { work: Work::HotObject, database: Database::Postgres, count: 10_000, bar: Some(700.0), beside: &[] },
    Leg { work: Work::ManyObjects, database: Database::Sqlite, count: 10_000, bar: None, beside: &[] },
    Leg { work: Work::ManyObjects, database: Database::Postgres, count: 5_000, bar: None, beside: &[] },
    Leg { work: Work::LogRecords, database: Database::Sqlite, count: 400_000, bar: Some(50_000.0), beside: &[] },
];

#[tokio::main]
async fn main() {
    let arguments = Arguments::parse();
    let (rounds, share) = if arguments.quick { (1, 10) } else { (arguments.rounds, 1) };
    let mut report = Report::new(rounds);
    for round in 1..=rounds {
        for leg in LEGS.iter().filter(|leg| arguments.wants(leg)) {
            let count = leg.count / share;
            let rate = measure(leg, count).await;
            eprintln!("round {round} of {rounds}: {:?} on {:?}: {rate:.0}/s", leg.work, leg.database);
            report.ours(leg, rate);
            let Some(program) = &arguments.engines else { continue };
            for engine in leg.beside {
                let measured = engines::measure(program, *engine, leg.database, count).await;
                match &measured {
                    Ok(rate) => eprintln!("    beside {}: {rate:.0}/s", engine.name()),
                    Err(error) => eprintln!("    beside {}: {error}", engine.name()),
                }
                report.theirs(leg, *engine, measured);
            }
        }
    }
    println!("{}", if arguments.json { report.json() } else { report.table() });
}

/// Per second.
async fn measure(leg: &Leg, count: u32) -> f64 {
    let home = Home::new(leg.database).await;
    let seconds = match leg.work {
        Work::ThreeStepWorkflows => workflows::three_steps(&home, count).await,
        Work::Jobs => jobs::put_down_and_done(&home, count).await,
        Work::HotObject => objects::messages(&home, count, 1).await,
        Work::ManyObjects => objects::messages(&home, count, 64).await,
        Work::LogRecords => log::in_and_out(&home, count).await,
    };
    home.close().await;
    f64::from(count) / seconds
}
