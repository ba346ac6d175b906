//! When to look again: pure.

use std::time::Duration;

use data_ops::types::{EvaluationTrigger, HealthState, Timestamp};

use crate::health::{Health, Thresholds};

/// Looks that cannot tell are repeated ever less often, down to this.
const SELDOM: Duration = Duration::from_secs(24 * 3_600);
/// Never sooner.
const SOONEST: Duration = Duration::from_secs(1);

/// The next look, and what it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Next {
    /// When.
    pub at: Timestamp,
    /// Why then.
    pub trigger: EvaluationTrigger,
    /// Whether it waits longer because looks could not tell.
    pub backs_off: bool,
}

/// When to look again at a destination that is like this now, and is looked at every `interval` as long as it is well.
///
/// A suspicion is looked into at the moment that can confirm it; a failure soon at first, then ever less often, down to the
/// interval. Looks that could not tell double the wait.
#[must_use]
pub fn next_look(health: &Health, now: Timestamp, interval: Duration, thresholds: Thresholds) -> Next {
    let wait = match health.state {
        HealthState::Unknown | HealthState::Ok => interval,
        HealthState::Suspect => confirm_in(health, now, thresholds),
        HealthState::Broken => match health.good.first {
            Some(first) => until(first.plus(thresholds.recover_after), now).unwrap_or(thresholds.recover_after),
            None => {
                let broken_for = health.since.map_or(Duration::ZERO, |since| now.since(since));
                let soon = thresholds.recover_after.min(interval);
                (broken_for / 4).clamp(soon, interval)
            }
        },
    };
    let wait = if health.unsure == 0 { wait } else { later(wait, health.unsure, interval) };
    let trigger = match health.state {
        HealthState::Unknown | HealthState::Ok => EvaluationTrigger::Schedule,
        HealthState::Suspect | HealthState::Broken => EvaluationTrigger::Confirmation,
    };
    Next { at: now.plus(wait.max(SOONEST)), trigger, backs_off: health.unsure > 0 }
}

/// Until the moment that can confirm a suspicion.
fn confirm_in(health: &Health, now: Timestamp, thresholds: Thresholds) -> Duration {
    let certain = health.hard.first.map(|first| first.plus(thresholds.confirm_after));
    let whole = thresholds.confirm_transient_after;
    let lasting = health.bad.first.map(|first| {
        // Three findings are needed: one half-way.
        if health.bad.count < 2 { first.plus(whole / 2) } else { first.plus(whole) }
    });
    let soonest = [certain, lasting].into_iter().flatten().filter_map(|at| until(at, now)).min();
    soonest.unwrap_or(thresholds.confirm_after)
}

fn until(at: Timestamp, now: Timestamp) -> Option<Duration> {
    (at > now).then(|| at.since(now))
}

fn later(wait: Duration, unsure: u32, interval: Duration) -> Duration {
    wait.saturating_mul(1 << unsure.min(16)).min(SELDOM.max(interval))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::{Event, Finding, Sign, apply};

    const START: Timestamp = Timestamp::from_millis(1_790_000_000_000);
    const HOUR: Duration = Duration::from_secs(3_600);

    fn minutes(count: u64) -> Timestamp {
        START.plus(Duration::from_secs(60 * count))
    }

    fn look(health: Health, sign: Sign, minute: u64) -> (Health, Next) {
        let finding = Finding { sign, reason: "reason".to_owned(), at: minutes(minute) };
        let (health, _) = apply(health, Event::Found(finding), Thresholds::default());
        let next = next_look(&health, minutes(minute), HOUR, Thresholds::default());
        (health, next)
    }

    #[test]
    fn a_well_one_is_looked_at_by_its_interval() {
        let (_, next) = look(Health::default(), Sign::Good, 0);
        assert_eq!(next, Next { at: minutes(60), trigger: EvaluationTrigger::Schedule, backs_off: false });
    }

    #[test]
    fn a_suspicion_is_confirmed_at_the_first_possible_moment() {
        let (health, next) = look(Health::default(), Sign::Hard, 0);
        assert_eq!(next, Next { at: minutes(10), trigger: EvaluationTrigger::Confirmation, backs_off: false });
        let (health, _) = look(health, Sign::Hard, 10);
        assert_eq!(health.state, HealthState::Broken);
        let (health, next) = look(Health::default(), Sign::Transient, 0);
        assert_eq!(next.at, minutes(15));
        let (health, next) = look(health, Sign::Transient, 15);
        assert_eq!(next.at, minutes(30));
        assert_eq!(look(health, Sign::Transient, 30).0.state, HealthState::Broken);
    }

    #[test]
    fn following_the_plan_always_leads_to_a_decision() {
        for sign in [Sign::Hard, Sign::Transient] {
            let (mut health, mut now, mut looks) = (Health::default(), START, 0);
            while health.state != HealthState::Broken {
                let finding = Finding { sign, reason: "reason".to_owned(), at: now };
                (health, _) = apply(health, Event::Found(finding), Thresholds::default());
                now = next_look(&health, now, HOUR, Thresholds::default()).at;
                looks += 1;
                assert!(looks < 10);
            }
            assert_eq!(looks, if sign == Sign::Hard { 2 } else { 3 });
        }
    }

    #[test]
    fn a_broken_one_is_looked_at_soon_and_then_ever_less_often() {
        let (health, _) = look(Health::default(), Sign::Hard, 0);
        let (health, next) = look(health, Sign::Hard, 10);
        assert_eq!(next.at, minutes(20));
        let (health, next) = look(health, Sign::Hard, 90);
        assert_eq!(next.at, minutes(110));
        let (health, next) = look(health, Sign::Hard, 10 + 24 * 60);
        assert_eq!(next.at, minutes(10 + 24 * 60 + 60));
        let (health, next) = look(health, Sign::Good, 2_000);
        assert_eq!(next.at, minutes(2_010));
        assert_eq!(look(health, Sign::Good, 2_010).0.state, HealthState::Ok);
    }

    #[test]
    fn looks_that_cannot_tell_come_less_and_less_often() {
        let (mut health, mut next) = look(Health::default(), Sign::Unsure, 0);
        assert_eq!(next.at, minutes(120));
        for _ in 0..50 {
            (health, next) = look(health, Sign::Unsure, 0);
        }
        assert_eq!(next.at, minutes(24 * 60));
    }

    #[test]
    fn short_times_for_a_demonstration_work_as_well() {
        let short = Duration::from_secs(2);
        let thresholds = Thresholds { confirm_after: short, confirm_transient_after: short, recover_after: short };
        let finding = Finding { sign: Sign::Hard, reason: "gone".to_owned(), at: START };
        let (health, _) = apply(Health::default(), Event::Found(finding), thresholds);
        assert_eq!(next_look(&health, START, HOUR, thresholds).at, START.plus(Duration::from_secs(1)));
    }
}
