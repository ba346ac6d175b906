//! When findings become a state: pure.
//!
//! One bad look is no reason to send visitors elsewhere, and one good one none to send them back. Findings that agree have to
//! come often enough, and far enough apart. A look that could not tell changes nothing: it neither counts nor interrupts.

use std::time::Duration;

use data_ops::types::{HealthState, Pin, Timestamp};
use serde::{Deserialize, Serialize};

/// How many findings that the destination is certainly bad make it broken.
const HARD_AGREEING: u32 = 2;
/// How many bad findings of any kind do.
const TRANSIENT_AGREEING: u32 = 3;
/// How many good findings make it well again.
const GOOD_AGREEING: u32 = 2;

/// The reason of what a person said.
const MARKED: &str = "marked_by_hand";

/// How sure to be before anything changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Thresholds {
    /// The time between the first and the last of two certain findings.
    pub confirm_after: Duration,
    /// The time between the first and the last of three findings that may pass.
    pub confirm_transient_after: Duration,
    /// The time between the first and the last of two good findings.
    pub recover_after: Duration,
}

impl Default for Thresholds {
    /// 10 minutes, 30 minutes, 10 minutes.
    fn default() -> Self {
        Self {
            confirm_after: Duration::from_secs(600),
            confirm_transient_after: Duration::from_secs(1_800),
            recover_after: Duration::from_secs(600),
        }
    }
}

/// What one look says about visitors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sign {
    /// They find what they came for.
    Good,
    /// They do not, and it will not pass by itself.
    Hard,
    /// They do not, and it may pass.
    Transient,
    /// It cannot be told.
    Unsure,
}

/// What one look found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What it says about visitors.
    pub sign: Sign,
    /// Why, as a code such as `out_of_stock`.
    pub reason: String,
    /// When it was found.
    pub at: Timestamp,
}

/// Findings that agree, of which nothing but an unsure one came between.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Streak {
    /// How many.
    pub count: u32,
    /// When the first of them was found.
    pub first: Option<Timestamp>,
}

impl Streak {
    fn add(&mut self, at: Timestamp) {
        self.count = self.count.saturating_add(1);
        self.first.get_or_insert(at);
    }

    /// Whether there are enough, over a long enough time. A clock that was put back makes it shorter, never longer.
    fn is(&self, count: u32, apart: Duration, at: Timestamp) -> bool {
        self.count >= count && self.first.is_some_and(|first| at >= first && at.since(first) >= apart)
    }
}

/// What is remembered of a destination.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Health {
    /// How well it is.
    pub state: HealthState,
    /// Since when; `None` while it was never anything else than unknown.
    pub since: Option<Timestamp>,
    /// Why it is suspect or broken.
    pub reason: Option<String>,
    /// What somebody decided.
    pub pin: Option<Pin>,
    /// Certain bad findings in a row.
    pub hard: Streak,
    /// Bad findings in a row, certain or not.
    pub bad: Streak,
    /// Good findings in a row, while it is broken.
    pub good: Streak,
    /// Looks in a row that could not tell.
    pub unsure: u32,
    /// A reason somebody said is wrong: it counts as unsure until a look says something else.
    pub dismissed: Option<String>,
}

impl Default for Health {
    /// Nobody has looked yet.
    fn default() -> Self {
        let none = Streak::default();
        Self {
            state: HealthState::Unknown,
            since: None,
            reason: None,
            pin: None,
            hard: none,
            bad: none,
            good: none,
            unsure: 0,
            dismissed: None,
        }
    }
}

/// What happens to a destination's health.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Somebody looked.
    Found(Finding),
    /// Somebody says that what was found is wrong: visitors go here, and the same finding does not change that again.
    MarkedWrong(Timestamp),
    /// Somebody says that visitors do not find here what they should, whatever was found.
    MarkedBroken(Timestamp),
    /// Somebody says that it is well again.
    Restored(Timestamp),
    /// Somebody decided, or took that back.
    Pinned(Option<Pin>),
}

/// A new state, or a new pin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// The state before.
    pub from: HealthState,
    /// The state after; the same where only the pin is new.
    pub to: HealthState,
}

impl Health {
    /// Whether visitors are to go to a backup.
    #[must_use]
    pub fn is_down(&self) -> bool {
        match self.pin {
            Some(Pin::Primary) => false,
            Some(Pin::Backup) => true,
            None => self.state == HealthState::Broken,
        }
    }

    fn become_now(&mut self, state: HealthState, at: Timestamp) {
        if self.state != state {
            self.state = state;
            self.since = Some(at);
        }
    }

    /// Forgets what was found, and takes this for its state.
    fn begin_anew(&mut self, state: HealthState, at: Timestamp) {
        self.become_now(state, at);
        (self.hard, self.bad, self.good) = <_>::default();
        self.reason = None;
        self.unsure = 0;
    }

    fn found(&mut self, finding: Finding, thresholds: Thresholds) {
        let Finding { sign, reason, at } = finding;
        let is_bad = matches!(sign, Sign::Hard | Sign::Transient);
        let dismissed = is_bad && self.dismissed.as_ref() == Some(&reason);
        if sign == Sign::Unsure || dismissed {
            self.unsure = self.unsure.saturating_add(1);
            return;
        }
        self.unsure = 0;
        self.dismissed = None;
        if is_bad { self.found_bad(sign, reason, at, thresholds) } else { self.found_good(at, thresholds) }
    }

    fn found_bad(&mut self, sign: Sign, reason: String, at: Timestamp, thresholds: Thresholds) {
        self.good = Streak::default();
        self.bad.add(at);
        self.reason = Some(reason);
        if sign == Sign::Hard {
            self.hard.add(at);
        }
        let certain = sign == Sign::Hard && self.hard.is(HARD_AGREEING, thresholds.confirm_after, at);
        let lasting = self.bad.is(TRANSIENT_AGREEING, thresholds.confirm_transient_after, at);
        if certain || lasting {
            self.become_now(HealthState::Broken, at);
        } else if self.state != HealthState::Broken {
            self.become_now(HealthState::Suspect, at);
        }
    }

    fn found_good(&mut self, at: Timestamp, thresholds: Thresholds) {
        (self.hard, self.bad) = <_>::default();
        if self.state == HealthState::Broken {
            self.good.add(at);
            if !self.good.is(GOOD_AGREEING, thresholds.recover_after, at) {
                return;
            }
        }
        self.begin_anew(HealthState::Ok, at);
    }
}

/// What an event makes of a destination's health, and whether that is something others have to know.
#[must_use]
pub fn apply(mut health: Health, event: Event, thresholds: Thresholds) -> (Health, Option<Change>) {
    let (from, pin) = (health.state, health.pin);
    match event {
        Event::Found(finding) => health.found(finding, thresholds),
        Event::MarkedWrong(at) => {
            let dismissed = health.reason.take();
            health.begin_anew(HealthState::Ok, at);
            health.dismissed = dismissed.or(health.dismissed);
        }
        Event::MarkedBroken(at) => {
            health.begin_anew(HealthState::Broken, at);
            health.dismissed = None;
            health.reason = Some(MARKED.to_owned());
        }
        Event::Restored(at) => {
            health.begin_anew(HealthState::Ok, at);
            health.dismissed = None;
        }
        Event::Pinned(pin) => health.pin = pin,
    }
    let changed = from != health.state || pin != health.pin;
    let change = changed.then_some(Change { from, to: health.state });
    (health, change)
}

#[cfg(test)]
mod tests;
