//! `hashroute bench crash`: kill -9 under load, restart, count.
//!
//! Every link is asked for at most once, so that its counter says everything: an answered one has exactly one click, one whose
//! answer was cut off has none or one, and one that was not asked for has none. The data stays from round to round, so a click
//! that a later replay doubles is found as well.

mod ledger;
mod load;

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, bail};
use data_ops::{clicks::link_counters, types::LinkId};
use serde::Serialize;

use self::{
    ledger::{Ledger, Verdict},
    load::Load,
};
use super::{
    arguments::{CrashArguments, Durability},
    installation::Installation,
    processes::random,
    progress,
    redirect::report::{self, Bar},
    scratch::Scratch,
    service::Service,
};
use crate::commands::print_line;

/// Connections that ask.
const CONNECTIONS: u32 = 32;
/// How long clicks may take to be counted after a restart.
const CAUGHT_UP_WITHIN: Duration = Duration::from_secs(30);
/// How long the load may take.
const LOAD_WITHIN: Duration = Duration::from_secs(120);
/// How long a crash may keep the service from answering.
const READY_BAR: Duration = Duration::from_secs(2);

/// What one crash did.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CrashRound {
    /// Links asked for.
    asked: usize,
    /// Of them, those whose answer arrived whole.
    answered: usize,
    /// From the restart to the first "ready".
    ready_after_ms: u128,
    /// What the counters say, of this round's links and all before.
    #[serde(flatten)]
    verdict: Verdict,
}

/// What all crashes did.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CrashReport {
    durability: Durability,
    rounds: Vec<CrashRound>,
}

/// Crashes and prints. An error when a click is lost or doubled.
pub async fn run(arguments: &CrashArguments) -> anyhow::Result<()> {
    let report = measure(arguments.durability, arguments.rounds, arguments.links).await?;
    if arguments.json {
        print_line(&serde_json::to_string_pretty(&report)?)?;
    } else {
        print_line(&report.to_text())?;
    }
    if report.is_flawless() { Ok(()) } else { bail!("clicks were lost or doubled in a crash") }
}

/// Crashes `rounds` times, each time with `links` fresh links.
pub async fn measure(durability: Durability, rounds: u32, links: u32) -> anyhow::Result<CrashReport> {
    let scratch = Scratch::create()?;
    progress(&format!("crash, {durability} durability: making {} links", links.saturating_mul(rounds)));
    let total = links.checked_mul(rounds).context("so many links cannot be made; use fewer rounds or links")?;
    let installation = Installation::create(scratch.path())?;
    let ids = installation.add_links(total).await?;
    let ledger = Arc::new(Ledger::new(ids.len()));
    let mut report = CrashReport { durability, rounds: Vec::new() };
    for round in 0..rounds {
        let load = Load { ledger: ledger.clone(), first: round * links, links, connections: CONNECTIONS };
        let crashed = crash(&installation, durability, &load, &ids).await?;
        progress(&format!("crash {}: {}", round + 1, crashed.to_text()));
        report.rounds.push(crashed);
    }
    Ok(report)
}

async fn crash(
    installation: &Installation,
    durability: Durability,
    load: &Load,
    ids: &[LinkId],
) -> anyhow::Result<CrashRound> {
    let mut service = Service::start(installation, durability, "warn").await?;
    // The round before ended in order: nothing is on its way.
    let before = service.clicks().await?;

    // Anywhere from the first answers to nearly the last, and up to two milliseconds after one of them.
    let threshold = u32::try_from(u64::from(load.links) * (2 + random() % 89) / 100)?;
    let mut running = load.start(service.address, threshold);
    let reached = tokio::time::timeout(LOAD_WITHIN, running.reached()).await;
    reached.context("the load does not get on")??;
    tokio::time::sleep(Duration::from_micros(random() % 2_000)).await;
    service.process.kill()?;
    service.process.wait().await?;
    running.finish(LOAD_WITHIN).await?;

    let (asked, answered) = load.ledger.asked_and_answered(load.range());
    let mut service = Service::start(installation, durability, "warn").await?;
    let ready_after = service.ready_after;
    service.wait_for_clicks(before + u64::try_from(answered)?, CAUGHT_UP_WITHIN).await?;
    service.settled_clicks(CAUGHT_UP_WITHIN).await?;
    service.stop().await?;

    let known = &ids[..load.range().end];
    let databases = installation.open().await?;
    let counters = link_counters(&databases.clicks, known).await?;
    databases.close().await?;
    let clicks = |number: usize| counters.get(&known[number]).map_or(0, |counter| counter.clicks);
    let verdict = load.ledger.judge(known.len(), clicks);
    Ok(CrashRound { asked, answered, ready_after_ms: ready_after.as_millis(), verdict })
}

impl CrashReport {
    /// Whether nothing was lost, doubled or made up.
    pub fn is_flawless(&self) -> bool {
        self.rounds.iter().all(|round| round.verdict.is_flawless())
    }

    /// As one line among other bars.
    pub fn bar(&self) -> Bar {
        let sum = |count: fn(&Verdict) -> usize| self.rounds.iter().map(|round| count(&round.verdict)).sum::<usize>();
        let answered: usize = self.rounds.iter().map(|round| round.answered).sum();
        Bar {
            what: format!("kill -9 under load, {}", self.durability),
            bar: "0 clicks lost, 0 doubled".to_owned(),
            measured: format!(
                "{} lost, {} doubled of {answered}",
                sum(|verdict| verdict.lost),
                sum(|verdict| verdict.doubled)
            ),
            verdict: report::Verdict::of(self.is_flawless()),
        }
    }

    /// For people.
    pub fn to_text(&self) -> String {
        let answered: usize = self.rounds.iter().map(|round| round.answered).sum();
        let verdict = if self.is_flawless() { "pass" } else { "FAIL" };
        let mut lines = vec![format!(
            "kill -9 under load, {} durability, {answered} redirects answered: {verdict}",
            self.durability
        )];
        lines.extend(self.rounds.iter().map(|round| format!("  {}", round.to_text())));
        lines.join("\n")
    }
}

impl CrashRound {
    fn to_text(&self) -> String {
        let Verdict { lost, doubled, unexplained } = self.verdict;
        let in_time = if self.ready_after_ms <= READY_BAR.as_millis() { "pass" } else { "FAIL" };
        format!(
            "{} asked for, {} answered: {lost} lost, {doubled} doubled, {unexplained} unexplained; ready again after {} ms (at most {}: {in_time})",
            self.asked,
            self.answered,
            self.ready_after_ms,
            READY_BAR.as_millis(),
        )
    }
}
