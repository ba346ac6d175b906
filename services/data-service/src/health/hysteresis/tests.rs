use proptest::prelude::*;

use super::*;

const START: Timestamp = Timestamp::from_millis(1_790_000_000_000);

fn minutes(count: u64) -> Timestamp {
    START.plus(Duration::from_secs(60 * count))
}

fn finding(sign: Sign, minute: u64) -> Event {
    let reason = match sign {
        Sign::Good => "buyable",
        Sign::Hard => "out_of_stock",
        Sign::Transient => "timed_out",
        Sign::Unsure => "login_wall",
    };
    Event::Found(Finding { sign, reason: reason.to_owned(), at: minutes(minute) })
}

fn after(events: impl IntoIterator<Item = Event>) -> Health {
    let apply = |health, event| apply(health, event, Thresholds::default()).0;
    events.into_iter().fold(Health::default(), apply)
}

fn states(findings: &[(Sign, u64)]) -> Vec<HealthState> {
    let mut health = Health::default();
    let step = |(sign, minute): &(Sign, u64)| {
        health = apply(std::mem::take(&mut health), finding(*sign, *minute), Thresholds::default()).0;
        health.state
    };
    findings.iter().map(step).collect()
}

use HealthState::{Broken, Ok as Well, Suspect, Unknown};
use Sign::{Good, Hard, Transient, Unsure};

#[test]
fn two_certain_findings_ten_minutes_apart_make_it_broken() {
    assert_eq!(states(&[(Good, 0), (Hard, 1), (Hard, 10), (Hard, 11)]), [Well, Suspect, Suspect, Broken]);
}

#[test]
fn what_may_pass_needs_three_findings_over_half_an_hour() {
    assert_eq!(states(&[(Transient, 0), (Transient, 30)]), [Suspect, Suspect]);
    assert_eq!(
        states(&[(Transient, 0), (Transient, 15), (Transient, 29), (Transient, 30)]),
        [Suspect, Suspect, Suspect, Broken]
    );
}

#[test]
fn a_certain_finding_among_passing_ones_does_not_count_twice() {
    assert_eq!(states(&[(Transient, 0), (Hard, 12), (Transient, 24)]), [Suspect; 3]);
    assert_eq!(states(&[(Transient, 0), (Hard, 12), (Transient, 24), (Transient, 30)])[3], Broken);
}

#[test]
fn one_good_finding_clears_a_suspicion_and_two_end_a_failure() {
    assert_eq!(states(&[(Hard, 0), (Good, 5), (Hard, 11)]), [Suspect, Well, Suspect]);
    let broken = [(Hard, 0), (Hard, 10)];
    assert_eq!(states(&[&broken[..], &[(Good, 20), (Good, 29), (Good, 30)]].concat())[2..], [Broken, Broken, Well]);
    // Interrupted, it begins anew.
    let interrupted = [&broken[..], &[(Good, 20), (Transient, 25), (Good, 30), (Good, 39), (Good, 40)]].concat();
    assert_eq!(states(&interrupted)[2..], [Broken, Broken, Broken, Broken, Well]);
}

#[test]
fn a_look_that_cannot_tell_neither_counts_nor_interrupts() {
    assert_eq!(states(&[(Unsure, 0), (Unsure, 100), (Unsure, 200)]), [Unknown; 3]);
    assert_eq!(states(&[(Hard, 0), (Unsure, 5), (Hard, 10)]), [Suspect, Suspect, Broken]);
    let back = [(Hard, 0), (Hard, 10), (Good, 20), (Unsure, 25), (Good, 30), (Unsure, 60)];
    assert_eq!(states(&back)[2..], [Broken, Broken, Well, Well]);
    assert_eq!(after([finding(Unsure, 0), finding(Unsure, 1)]).unsure, 2);
}

#[test]
fn a_pin_wins_over_what_is_found_and_is_given_back() {
    let broken = [finding(Hard, 0), finding(Hard, 10)];
    let pinned = |pin| after(broken.clone().into_iter().chain([Event::Pinned(Some(pin))]));
    assert!(after(broken.clone()).is_down());
    assert!(!pinned(Pin::Primary).is_down());
    assert!(after([finding(Good, 0), Event::Pinned(Some(Pin::Backup))]).is_down());
    let (health, change) = apply(pinned(Pin::Primary), Event::Pinned(None), Thresholds::default());
    assert!(health.is_down());
    assert_eq!(change, Some(Change { from: Broken, to: Broken }));
}

#[test]
fn what_is_marked_wrong_does_not_break_it_again_until_something_else_is_found() {
    let marked = [finding(Hard, 0), finding(Hard, 10), Event::MarkedWrong(minutes(12))];
    let health = after(marked.clone());
    assert_eq!((health.state, health.since, health.hard.count), (Well, Some(minutes(12)), 0));
    let same = || [finding(Hard, 20), finding(Hard, 40)];
    assert_eq!(after(marked.clone().into_iter().chain(same())).state, Well);
    // A good look in between, and the words are believed again.
    assert_eq!(after(marked.clone().into_iter().chain([finding(Good, 15)]).chain(same())).state, Broken);
    let other = |at| Event::Found(Finding { sign: Hard, reason: "not_found".to_owned(), at: minutes(at) });
    assert_eq!(after(marked.into_iter().chain([other(20), other(30)])).state, Broken);
}

#[test]
fn what_is_marked_broken_is_so_at_once_and_until_two_looks_say_otherwise() {
    let marked = [finding(Good, 0), Event::MarkedBroken(minutes(1))];
    let health = after(marked.clone());
    assert_eq!((health.state, health.reason.as_deref()), (Broken, Some("marked_by_hand")));
    assert_eq!(after(marked.clone().into_iter().chain([finding(Good, 2)])).state, Broken);
    assert_eq!(after(marked.into_iter().chain([finding(Good, 2), finding(Good, 12)])).state, Well);
}

#[test]
fn what_is_restored_may_break_again() {
    let restored = after([finding(Hard, 0), finding(Hard, 10), Event::Restored(minutes(11))]);
    assert_eq!((restored.state, restored.reason.clone()), (Well, None));
    let (health, _) = apply(restored, finding(Hard, 12), Thresholds::default());
    assert_eq!(health.state, Suspect);
}

#[test]
fn a_clock_put_back_confirms_nothing_early() {
    assert_eq!(states(&[(Hard, 60), (Hard, 0), (Hard, 59)]), [Suspect; 3]);
    assert_eq!(states(&[(Hard, 60), (Hard, 0), (Hard, 70)])[2], Broken);
}

/// The rules read off a whole history, without remembering anything.
fn reference(history: &[(Sign, u64)], thresholds: Thresholds) -> HealthState {
    let mut state = Unknown;
    for end in 1..=history.len() {
        let told: Vec<_> = history[..end].iter().filter(|(sign, _)| *sign != Unsure).collect();
        let (Some((sign, now)), true) = (told.last().copied(), history[end - 1].0 != Unsure) else { continue };
        let is_bad = |sign: &Sign| matches!(sign, Hard | Transient);
        let run: Vec<_> = told.iter().rev().take_while(|(other, _)| is_bad(other) == is_bad(sign)).collect();
        let apart =
            |first: Option<&&&(Sign, u64)>| Duration::from_secs(60 * (now - first.map_or(*now, |first| first.1)));
        if is_bad(sign) {
            let hard: Vec<_> = run.iter().copied().filter(|(sign, _)| *sign == Hard).collect();
            let certain = *sign == Hard && hard.len() >= 2 && apart(hard.last()) >= thresholds.confirm_after;
            let lasting = run.len() >= 3 && apart(run.last().copied().as_ref()) >= thresholds.confirm_transient_after;
            if certain || lasting {
                state = Broken;
            } else if state != Broken {
                state = Suspect;
            }
        } else if state != Broken || run.len() >= 2 && apart(run.last().copied().as_ref()) >= thresholds.recover_after {
            state = Well;
        }
    }
    state
}

proptest! {
    #[test]
    fn every_history_ends_as_the_rules_say(
        steps in proptest::collection::vec((prop_oneof![Just(Good), Just(Hard), Just(Transient), Just(Unsure)], 0..20_u64), 0..60),
        confirm in 0..30_u64,
        transient in 0..60_u64,
        recover in 0..30_u64,
    ) {
        let thresholds = Thresholds {
            confirm_after: Duration::from_secs(60 * confirm),
            confirm_transient_after: Duration::from_secs(60 * transient),
            recover_after: Duration::from_secs(60 * recover),
        };
        let (mut health, mut minute, mut history) = (Health::default(), 0, Vec::new());
        for (sign, wait) in steps {
            minute += wait;
            history.push((sign, minute));
            let before = health.clone();
            let (next, change) = apply(health, finding(sign, minute), thresholds);
            health = next;
            prop_assert_eq!(health.state, reference(&history, thresholds), "{:?}", &history);
            prop_assert_eq!(change.is_some(), before.state != health.state);
            if before.state != health.state {
                prop_assert_eq!(health.since, Some(minutes(minute)));
            }
            if sign == Unsure {
                prop_assert_eq!(Health { unsure: 0, ..before }, Health { unsure: 0, ..health.clone() });
            }
        }
    }
}
