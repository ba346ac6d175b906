//! Medians over rounds, beside the bars and the other engines.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{Database, LEGS, Leg, Work, engines::Engine};

/// What was measured so far.
pub(crate) struct Report {
    rounds: u32,
    ours: BTreeMap<(Work, Database), Vec<f64>>,
    theirs: BTreeMap<(Work, Database, Engine), Vec<Result<f64, String>>>,
}

#[derive(Serialize)]
struct Row {
    work: Work,
    database: Database,
    /// Per second: median, lowest, highest.
    rate: [f64; 3],
    bar: Option<f64>,
    pass: Option<bool>,
    beside: Vec<Beside>,
}

#[derive(Serialize)]
struct Beside {
    engine: &'static str,
    rate: Option<[f64; 3]>,
    /// How many times theirs ours is, by the medians.
    ratio: Option<f64>,
    /// What it failed of, in some round.
    failed: Option<String>,
}

impl Report {
    pub(crate) fn new(rounds: u32) -> Self {
        Self { rounds, ours: BTreeMap::new(), theirs: BTreeMap::new() }
    }

    pub(crate) fn ours(&mut self, leg: &Leg, rate: f64) {
        self.ours.entry((leg.work, leg.database)).or_default().push(rate);
    }

    pub(crate) fn theirs(&mut self, leg: &Leg, engine: Engine, rate: Result<f64, String>) {
        self.theirs.entry((leg.work, leg.database, engine)).or_default().push(rate);
    }

    fn rows(&self) -> Vec<Row> {
        let measured = LEGS.iter().filter(|leg| self.ours.contains_key(&(leg.work, leg.database)));
        measured.map(|leg| self.row(leg)).collect()
    }

    fn row(&self, leg: &Leg) -> Row {
        let rate = spread(self.ours.get(&(leg.work, leg.database)).cloned().unwrap_or_default());
        let beside = leg.beside.iter().filter_map(|engine| {
            let measured = self.theirs.get(&(leg.work, leg.database, *engine))?;
            let rates: Vec<f64> = measured.iter().filter_map(|rate| rate.as_ref().ok().copied()).collect();
            let theirs = (!rates.is_empty()).then(|| spread(rates));
            let failed = measured.iter().find_map(|rate| rate.as_ref().err().cloned());
            Some(Beside {
                engine: engine.name(),
                rate: theirs,
                ratio: theirs.map(|theirs| rate[0] / theirs[0]),
                failed,
            })
        });
        let pass = leg.bar.map(|bar| rate[0] >= bar);
        Row { work: leg.work, database: leg.database, rate, bar: leg.bar, pass, beside: beside.collect() }
    }

    pub(crate) fn json(&self) -> String {
        let report = serde_json::json!({ "rounds": self.rounds, "rows": self.rows() });
        serde_json::to_string_pretty(&report).unwrap()
    }

    pub(crate) fn table(&self) -> String {
        let mut text = format!(
            "Durable primitives: {} rounds, medians per second (lowest to highest), everything synced\n\n",
            self.rounds
        );
        for row in self.rows() {
            let name = format!("{:?} on {:?}", row.work, row.database);
            let verdict = match (row.bar, row.pass) {
                (Some(bar), Some(true)) => format!("at least {bar:.0}: pass"),
                (Some(bar), _) => format!("at least {bar:.0}: FAIL"),
                (None, _) => String::new(),
            };
            text.push_str(format!("{name:32}{:26}{verdict}", show(row.rate)).trim_end());
            text.push('\n');
            for beside in row.beside {
                let rate = beside.rate.map_or_else(|| "-".to_owned(), show);
                let ratio = beside.ratio.map_or_else(String::new, |ratio| format!("ours is {ratio:.2} of it"));
                let failed = beside.failed.map_or_else(String::new, |failed| format!("  ({failed})"));
                text.push_str(format!("  {:30}{rate:26}{ratio}{failed}", beside.engine).trim_end());
                text.push('\n');
            }
        }
        text.trim_end().to_owned()
    }
}

fn show([median, lowest, highest]: [f64; 3]) -> String {
    format!("{median:.0} ({lowest:.0}–{highest:.0})")
}

fn spread(mut rates: Vec<f64>) -> [f64; 3] {
    rates.sort_by(f64::total_cmp);
    let at = |place: usize| rates.get(place).copied().unwrap_or_default();
    let last = rates.len().saturating_sub(1);
    [f64::midpoint(at(last / 2), at(last.div_ceil(2))), at(0), at(last)]
}
