//! `hashroute bench redirect`: what a redirect costs beside nginx `return 302` on the same machine in the same minutes.
//!
//! The figure is processor time a request from the kernel's accounting, which holds on a busy machine where throughput does not.
//! Servers are measured in turn, round after round; nginx comes twice in each, and where it differs from itself by more than
//! 3 % the machine is too unsteady for a judgement. A click that is captured must also be counted: ingestion is on the account
//! of the whole service, which is read only when the analytics show every click.

mod legs;
mod nginx;
mod processor_time;
pub mod report;
mod statistics;
mod table;
mod wrk;

use std::time::Duration;

use anyhow::{Context as _, bail};
use serde_json::Value;

use self::{
    legs::{Field, LEGS},
    nginx::Programs,
    report::{Figures, Report, Start},
};
use super::{
    arguments::{Durability, RedirectPlan},
    client::get,
    crash,
    installation::Installation,
    progress,
    scratch::Scratch,
    service::Service,
    visitors,
};
use crate::commands::print_line;

/// Redirects looked at one by one before any load.
const SAMPLES: u32 = 200;
/// Before the first round: code and data come into memory.
const WARM_UP: Duration = Duration::from_secs(1);

/// Measures and prints. An error when a redirect went wrong, or a crash lost or doubled a click; bars that are missed are only
/// printed, since a busy machine misses them too.
pub async fn run(plan: RedirectPlan) -> anyhow::Result<()> {
    let report = measure(&plan).await?;
    if plan.json {
        print_line(&serde_json::to_string_pretty(&report)?)?;
    } else {
        print_line(&table::render(&report))?;
    }
    if report.crashes.iter().all(crash::CrashReport::is_flawless) {
        Ok(())
    } else {
        bail!("clicks were lost or doubled in a crash")
    }
}

async fn measure(plan: &RedirectPlan) -> anyhow::Result<Report> {
    let programs = Programs::find()?;
    let scratch = Scratch::create()?;
    progress(&format!("making {} links", plan.links));
    let installation = Installation::create(scratch.path())?;
    installation.add_links(plan.links).await?;
    let copies = [installation.copy("process")?, installation.copy("disk")?];
    let start = measure_start(&installation).await?;

    let field = Field::open(&programs, &scratch, &copies, plan).await?;
    for service in [&field.process, &field.disk] {
        check_redirects(service, plan.links).await?;
    }
    for leg in LEGS {
        field.load(leg, plan, WARM_UP).await?;
    }
    let mut figures = Figures::default();
    for round in 1..=plan.rounds {
        for leg in LEGS {
            let measured = field.measure(leg, plan).await?;
            progress(&format!("round {round} of {}: {}", plan.rounds, measured.describe(leg)));
            figures.add(leg, measured);
        }
    }
    field.close().await?;

    let mut crashes = Vec::new();
    for durability in [Durability::Process, Durability::Disk] {
        crashes.push(crash::measure(durability, 1, plan.crash_links).await?);
    }
    Ok(Report::new(plan, start, &figures, crashes, scratch.is_in_memory()))
}

/// Starts once with a log that tells how long the links took.
async fn measure_start(installation: &Installation) -> anyhow::Result<Start> {
    let mut service = Service::start(installation, Durability::Disk, "info").await?;
    let log = service.process.log();
    service.stop().await?;
    let mut lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let loaded = lines.find(|line| line["message"] == "links loaded");
    let loaded = loaded.context("the log does not say how long the links took to load")?;
    Ok(Start {
        links: loaded["links"].as_u64().context("the log does not say how many links were loaded")?,
        links_load_ms: loaded["duration_ms"]
            .as_u64()
            .context("the log does not say how long the links took to load")?,
        ready_after_ms: u64::try_from(service.ready_after.as_millis())?,
    })
}

/// What the load generator cannot see: each visitor is sent to the right destination.
async fn check_redirects(service: &Service, links: u32) -> anyhow::Result<()> {
    for sample in 0..SAMPLES.min(links) {
        let link = sample * (links / SAMPLES.min(links));
        let country = ["8.8.8.8", "194.25.0.125", "127.0.0.1"][usize::try_from(sample % 3)?];
        let place = ["us", "de", "world"][usize::try_from(sample % 3)?];
        let fields = format!("X-Forwarded-For: {country}\r\nUser-Agent: {}\r\n", visitors::browser(sample));
        let answer = get(service.address, &format!("/{}", visitors::slug(link)), &fields).await?;
        let expected = format!("https://shop.example.com/{place}/products/{link}");
        let location = answer.head.lines().find_map(|line| line.strip_prefix("location: "));
        if answer.status != 302 || location != Some(expected.as_str()) {
            bail!("link {link} should lead to {expected}, and the answer is: {}", answer.head);
        }
    }
    Ok(())
}
