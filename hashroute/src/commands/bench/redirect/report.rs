//! From single measurements to figures, ratios and verdicts.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    legs::{LEGS, Leg, MANY_CONNECTIONS, Measured},
    statistics::Spread,
};
use crate::commands::bench::{arguments::RedirectPlan, crash::CrashReport};

/// nginx may differ from itself by so much before nothing is judged.
const STEADY: f64 = 0.03;
/// Requests per processor second against nginx, `process` durability.
const PROCESS_BAR: f64 = 0.80;
/// What to reach next.
const PROCESS_NEXT: f64 = 0.95;
/// The same, `disk` durability.
const DISK_BAR: f64 = 0.55;
/// Clicks are in the analytics so soon.
const VISIBLE_BAR_MS: f64 = 2_000.0;
/// 100,000 links are in memory so soon after the start, more in proportion.
const LOAD_BAR_MS: f64 = 1_000.0;
const LOAD_BAR_LINKS: f64 = 100_000.0;

/// All measurements.
#[derive(Default)]
pub struct Figures(BTreeMap<Leg, Vec<Measured>>);

/// A start with all links.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Start {
    /// How many.
    pub links: u64,
    /// Reading them into memory.
    pub links_load_ms: u64,
    /// From starting the process to the first "ready".
    pub ready_after_ms: u64,
}

/// What `--json` prints.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    pub rounds: u32,
    pub seconds: u64,
    pub links: u32,
    /// Processor time of nginx the second time against the first: 1 on a steady machine.
    pub control: f64,
    /// Whether the control allows a judgement.
    pub steady: bool,
    /// The temporary directory is in memory.
    pub disk_is_memory: bool,
    pub servers: Vec<Server>,
    pub start: Start,
    pub bars: Vec<Bar>,
    pub crashes: Vec<CrashReport>,
}

/// One server over all rounds. Times are processor time a request.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Server {
    pub server: Leg,
    pub connections: u32,
    pub requests_per_second: Spread,
    pub p50_micros: Spread,
    pub p99_micros: Spread,
    /// The threads that answer.
    pub redirect_micros: Spread,
    /// The thread that syncs.
    pub sync_micros: Spread,
    /// Ingestion and everything else.
    pub rest_micros: Spread,
    /// Requests per processor second against nginx in the same round: only the threads that answer.
    pub redirect_ratio: Spread,
    /// The same with the thread that syncs: a redirect with its click captured.
    pub capture_ratio: Spread,
    /// The same with all threads, until the clicks are counted.
    pub whole_ratio: Spread,
    /// From the end of the load until the analytics show every click.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visible_after_ms: Option<Spread>,
    /// Redirects answered before their click was as safe as promised, in all rounds.
    pub unsafe_clicks: f64,
}

/// One bar.
#[derive(Debug, Serialize)]
pub struct Bar {
    /// What is judged.
    pub what: String,
    /// The bar, in words.
    pub bar: String,
    /// What was measured, in words.
    pub measured: String,
    /// How it went.
    pub verdict: Verdict,
}

/// How it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Verdict {
    Pass,
    Fail,
    /// The machine was too unsteady.
    NotJudged,
}

impl Figures {
    /// Takes down a measurement.
    pub fn add(&mut self, leg: Leg, measured: Measured) {
        self.0.entry(leg).or_default().push(measured);
    }

    fn of(&self, leg: Leg) -> &[Measured] {
        self.0.get(&leg).map(Vec::as_slice).unwrap_or_default()
    }

    fn spread(&self, leg: Leg, value: impl Fn(&Measured) -> f64) -> Spread {
        Spread::of(self.of(leg).iter().map(value))
    }

    /// nginx in each round, the mean of both times.
    fn yardstick(&self) -> Vec<f64> {
        let cost = |measured: &Measured| measured.micros_a_request(measured.redirect);
        let both = self.of(Leg::Nginx).iter().zip(self.of(Leg::NginxAgain));
        both.map(|(first, second)| f64::midpoint(cost(first), cost(second))).collect()
    }

    fn ratio(&self, leg: Leg, cost: impl Fn(&Measured) -> u64) -> Spread {
        let yardstick = self.yardstick();
        let rounds = self.of(leg).iter().zip(yardstick);
        Spread::of(rounds.map(|(measured, yardstick)| yardstick / measured.micros_a_request(cost(measured))))
    }

    fn server(&self, leg: Leg, connections: u32) -> Server {
        let delays = self.of(leg).iter().filter_map(|measured| Some(measured.visible_after?.as_secs_f64() * 1e3));
        let visible_after_ms = Spread::of(delays);
        Server {
            server: leg,
            connections: if leg == Leg::DiskMany { MANY_CONNECTIONS } else { connections },
            requests_per_second: self.spread(leg, |measured| measured.load.per_second()),
            #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
            p50_micros: self.spread(leg, |measured| measured.load.p50_micros as f64),
            #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
            p99_micros: self.spread(leg, |measured| measured.load.p99_micros as f64),
            redirect_micros: self.spread(leg, |measured| measured.micros_a_request(measured.redirect)),
            sync_micros: self.spread(leg, |measured| measured.micros_a_request(measured.sync)),
            rest_micros: self.spread(leg, |measured| measured.micros_a_request(measured.rest)),
            redirect_ratio: self.ratio(leg, |measured| measured.redirect),
            capture_ratio: self.ratio(leg, |measured| measured.redirect + measured.sync),
            whole_ratio: self.ratio(leg, |measured| measured.redirect + measured.sync + measured.rest),
            visible_after_ms: self
                .of(leg)
                .iter()
                .any(|measured| measured.visible_after.is_some())
                .then_some(visible_after_ms),
            unsafe_clicks: self.of(leg).iter().map(|measured| measured.unsafe_clicks).sum(),
        }
    }
}

impl Report {
    /// Puts everything together and judges.
    pub fn new(
        plan: &RedirectPlan,
        start: Start,
        figures: &Figures,
        crashes: Vec<CrashReport>,
        disk_is_memory: bool,
    ) -> Self {
        let servers: Vec<Server> = LEGS.iter().map(|leg| figures.server(*leg, plan.connections)).collect();
        let cost = |leg: Leg| figures.spread(leg, |measured| measured.micros_a_request(measured.redirect)).median;
        let control = cost(Leg::NginxAgain) / cost(Leg::Nginx);
        let mut report = Self {
            rounds: plan.rounds,
            seconds: plan.load.as_secs(),
            links: plan.links,
            control,
            steady: (control - 1.0).abs() <= STEADY,
            disk_is_memory,
            servers,
            start,
            bars: Vec::new(),
            crashes,
        };
        report.bars = report.judge();
        report
    }

    fn judge(&self) -> Vec<Bar> {
        let mut bars = Vec::new();
        for server in &self.servers {
            let bar = match server.server {
                Leg::Process => format!("at least {PROCESS_BAR:.2} of nginx, next step {PROCESS_NEXT:.2}"),
                Leg::Disk => format!("at least {DISK_BAR:.2} of nginx"),
                Leg::Nginx | Leg::NginxAgain | Leg::DiskMany => continue,
            };
            let least = if server.server == Leg::Process { PROCESS_BAR } else { DISK_BAR };
            let ratio = server.capture_ratio.median;
            bars.push(Bar {
                what: format!("redirect with geo and capture, {}", server.name()),
                bar,
                measured: format!("{ratio:.2}"),
                verdict: if self.steady { Verdict::of(ratio >= least) } else { Verdict::NotJudged },
            });
        }
        let delays = self.servers.iter().filter_map(|server| server.visible_after_ms);
        let slowest = delays.map(|delay| delay.max).fold(0.0, f64::max);
        bars.push(Bar {
            what: "clicks in the analytics, slowest round".to_owned(),
            bar: format!("at most {VISIBLE_BAR_MS:.0} ms after the load"),
            measured: format!("{slowest:.0} ms"),
            verdict: Verdict::of(slowest <= VISIBLE_BAR_MS),
        });
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
        let (links, took) = (self.start.links as f64, self.start.links_load_ms as f64);
        let at_most = LOAD_BAR_MS * (links / LOAD_BAR_LINKS).max(1.0);
        bars.push(Bar {
            what: format!("{links} links into memory at the start"),
            bar: format!("at most {at_most:.0} ms"),
            measured: format!("{took:.0} ms"),
            verdict: Verdict::of(took <= at_most),
        });
        bars.extend(self.crashes.iter().map(CrashReport::bar));
        bars
    }
}

impl Verdict {
    /// In words, from a yes or no.
    pub fn of(passed: bool) -> Self {
        if passed { Self::Pass } else { Self::Fail }
    }
}
