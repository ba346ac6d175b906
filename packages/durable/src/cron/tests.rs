use std::{collections::BTreeMap, time::Duration};

use data_ops::types::Timestamp;
use proptest::{prelude::*, sample::select};

use super::{
    Cron, LATE, Missed, Schedule, ScheduleError, begins_at, cron_action,
    done::{Done, MOST},
    plan::{State, look},
};

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn schedule(pattern: &str, zone: &str) -> Schedule {
    Schedule::parse(pattern, zone).unwrap()
}

fn cron(pattern: &str, zone: &str, missed: Missed) -> Cron {
    let nothing = cron_action(|_transaction, _run| Box::pin(std::future::ready(Ok(()))));
    Cron::new("test", schedule(pattern, zone), nothing).missed(missed)
}

/// The occurrences after a moment, in UTC.
fn next(schedule: &Schedule, from: &str, count: usize) -> Vec<String> {
    let occurrences = std::iter::successors(schedule.after(at(from)), |last| schedule.after(*last));
    occurrences.take(count).map(|at| at.to_iso8601().replace(":00.000Z", "Z")).collect()
}

#[test]
fn a_time_that_does_not_exist_comes_right_after_the_gap() {
    // From 02:00 to 03:00 on 29 March 2026.
    let fixed = schedule("30 2 * * *", "Europe/Berlin");
    let days = next(&fixed, "2026-03-27T12:00:00Z", 3);
    assert_eq!(days, ["2026-03-28T01:30Z", "2026-03-29T01:00Z", "2026-03-30T00:30Z"]);
    let interval = schedule("*/30 * * * *", "Europe/Berlin");
    let halves = next(&interval, "2026-03-29T00:00:00Z", 4);
    assert_eq!(halves, ["2026-03-29T00:30Z", "2026-03-29T01:00Z", "2026-03-29T01:30Z", "2026-03-29T02:00Z"]);
}

#[test]
fn a_fixed_time_that_comes_twice_runs_once_and_an_interval_goes_on() {
    // From 03:00 back to 02:00 on 25 October 2026.
    let fixed = schedule("30 2 * * *", "Europe/Berlin");
    let days = next(&fixed, "2026-10-24T12:00:00Z", 2);
    assert_eq!(days, ["2026-10-25T00:30Z", "2026-10-26T01:30Z"]);
    let interval = schedule("*/30 * * * *", "Europe/Berlin");
    let halves = next(&interval, "2026-10-25T00:00:00Z", 4);
    assert_eq!(halves, ["2026-10-25T00:30Z", "2026-10-25T01:00Z", "2026-10-25T01:30Z", "2026-10-25T02:00Z"]);
}

#[test]
fn what_is_no_schedule_is_told_what_one_is() {
    let refused = |pattern, zone| Schedule::parse(pattern, zone).unwrap_err();
    assert!(matches!(refused("0 25 * * *", "UTC"), ScheduleError::Pattern { .. }));
    assert!(matches!(refused("", "UTC"), ScheduleError::Pattern { .. }));
    assert!(matches!(refused("0 0 30 2 *", "UTC"), ScheduleError::Never { .. }));
    let refused = refused("0 8 * * *", "Mars/Olympus");
    assert!(refused.to_string().contains("like \"Europe/Berlin\""), "{refused}");
}

#[test]
fn a_schedule_that_is_over_never_comes_again() {
    let cron = cron("0 0 12 1 1 * 2026", "UTC", Missed::RunOnce);
    let state = State::new(&cron, at("2025-12-31T00:00:00Z"));
    let step = look(&cron, &state, at("2026-01-01T12:00:01Z")).unwrap();
    assert_eq!(step.start, [at("2026-01-01T12:00:00Z")]);
    assert_eq!(step.state.next_at, Timestamp::MAX);
    assert_eq!(look(&cron, &step.state, at("2030-01-01T00:00:00Z")), None);
}

#[test]
fn runs_that_were_missed_are_treated_as_asked_for() {
    let due = |missed, now: &str| {
        let cron = cron("0 * * * *", "UTC", missed);
        let state = State::new(&cron, at("2026-03-01T00:30:00Z"));
        let step = look(&cron, &state, at(now)).unwrap();
        assert!(step.state.next_at > at(now));
        (step.start, step.skip.len())
    };
    let hour = |hour: u8| at(&format!("2026-03-01T{hour:02}:00:00Z"));
    // Four have passed, the last of them just now or half an hour ago.
    for (missed, now, started, skipped) in [
        (Missed::Skip, "2026-03-01T04:00:01Z", vec![hour(4)], 3),
        (Missed::Skip, "2026-03-01T04:30:00Z", vec![], 4),
        (Missed::RunOnce, "2026-03-01T04:30:00Z", vec![hour(4)], 3),
        (Missed::RunAll { at_most: 3 }, "2026-03-01T04:30:00Z", vec![hour(2), hour(3), hour(4)], 1),
        (Missed::RunAll { at_most: 9 }, "2026-03-01T04:30:00Z", vec![hour(1), hour(2), hour(3), hour(4)], 0),
    ] {
        assert_eq!(due(missed, now), (started, skipped), "{missed:?} {now}");
    }
    // However long ago: the latest hundred are run, one more is told of.
    let (started, skipped) = due(Missed::RunAll { at_most: usize::MAX }, "2036-03-01T04:30:00Z");
    assert_eq!((started.len(), skipped), (100, 1));
    assert_eq!(started.last(), Some(&at("2036-03-01T04:00:00Z")));
}

#[test]
fn jitter_delays_a_run_by_the_same_on_each_node_and_not_into_the_next() {
    let hourly = |jitter| cron("0 * * * *", "UTC", Missed::Skip).jitter(Duration::from_secs(jitter));
    let mut delays = Vec::new();
    let mut occurrence = at("2026-03-01T00:00:00Z");
    for _run in 0..50 {
        let delay = begins_at(&hourly(600), occurrence).since(occurrence);
        assert_eq!(begins_at(&hourly(600), occurrence).since(occurrence), delay);
        assert!(delay <= Duration::from_secs(600));
        delays.push(delay);
        assert!(begins_at(&hourly(1_000_000), occurrence).since(occurrence) <= Duration::from_secs(1_800));
        occurrence = hourly(0).schedule.after(occurrence).unwrap();
    }
    delays.sort_unstable();
    assert!(delays[5] < Duration::from_secs(180) && delays[45] > Duration::from_secs(420), "{delays:?}");

    let cron = hourly(600);
    let state = State::new(&cron, at("2026-03-01T00:30:00Z"));
    let begins = begins_at(&cron, state.next_at);
    assert_eq!(look(&cron, &state, begins.minus(Duration::from_millis(1))), None);
    // Late is counted from when it was to begin.
    assert_eq!(look(&cron, &state, begins.plus(LATE)).unwrap().start, [state.next_at]);
    assert!(look(&cron, &state, begins.plus(LATE + Duration::from_millis(1))).unwrap().start.is_empty());
}

#[test]
fn a_clock_that_was_a_year_ahead_does_not_stop_a_schedule_when_it_is_put_right() {
    let cron = cron("0 * * * *", "UTC", Missed::RunOnce);
    let state = State::new(&cron, at("2026-03-01T00:30:00Z"));
    // Wrong for more runs than are remembered.
    let (mut state, mut now) = (state, at("2027-03-01T00:30:00Z"));
    for _hour in 0..300 {
        state = look(&cron, &state, now).map_or(state, |step| step.state);
        now = now.plus(Duration::from_secs(3_600));
    }
    let step = look(&cron, &state, at("2026-03-01T00:40:00Z")).unwrap();
    assert_eq!((step.start.len(), step.state.next_at), (0, at("2026-03-01T01:00:00Z")));
    let step = look(&cron, &step.state, at("2026-03-01T01:00:00Z")).unwrap();
    assert_eq!(step.start, [at("2026-03-01T01:00:00Z")]);
}

/// How a clock may move.
#[derive(Debug, Clone, Copy)]
enum Move {
    /// It runs past the next occurrence, being looked at before and after.
    Pass,
    /// It is put elsewhere, by seconds.
    Jump(i64),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let jump = prop_oneof![-100_i64..100, -10_000_i64..10_000, -40_000_000_i64..40_000_000];
    prop::collection::vec(prop_oneof![4 => Just(Move::Pass), 1 => jump.prop_map(Move::Jump)], 1..60)
}

fn schedules() -> impl Strategy<Value = Schedule> {
    const PATTERNS: &[&str] =
        &["*/7 * * * *", "0 * * * *", "30 2 * * *", "0,20 1-3 * * *", "0 12 * * MON", "0 0 L * *", "5 */2 1-7 * *"];
    const ZONES: &[&str] =
        &["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia"];
    (select(PATTERNS), select(ZONES)).prop_map(|(pattern, zone)| schedule(pattern, zone))
}

/// From 2024 to 2029.
fn moments() -> impl Strategy<Value = Timestamp> {
    (1_704_067_200_000_i64..1_861_920_000_000).prop_map(Timestamp::from_millis)
}

proptest! {
    #[test]
    fn occurrences_follow_each_other_from_wherever_one_looks(schedule in schedules(), from in moments(), part in 0.0..1.0) {
        let next = schedule.after(from).unwrap();
        prop_assert!(next > from);
        let between = from.plus(next.since(from).mul_f64(part)).min(next.minus(Duration::from_millis(1)));
        prop_assert_eq!(schedule.after(between), Some(next), "from {}", between);
    }

    #[test]
    fn clocks_that_jump_neither_double_a_run_nor_lose_one(
        schedule in schedules(),
        start in moments(),
        moves in moves(),
        missed in select(&[Missed::Skip, Missed::RunOnce, Missed::RunAll { at_most: 5 }][..]),
        jitter in select(&[0_u64, 50][..]),
    ) {
        let nothing = cron("* * * * *", "UTC", missed);
        let cron = Cron { schedule, ..nothing }.jitter(Duration::from_secs(jitter));
        let (mut state, mut now) = (State::new(&cron, start), start);
        let mut runs = BTreeMap::<Timestamp, usize>::new();
        let mut look_now = |state: &mut State, now| {
            if let Some(step) = look(&cron, state, now) {
                for due_at in step.start {
                    *runs.entry(due_at).or_default() += 1;
                }
                *state = step.state;
            }
            // Once there is nothing more to do, looking again does nothing.
            assert_eq!(look(&cron, state, now), None);
            runs.clone()
        };
        for step in moves {
            match step {
                Move::Jump(seconds) => {
                    let by = Duration::from_secs(seconds.unsigned_abs());
                    now = if seconds < 0 { now.minus(by) } else { now.plus(by) };
                    look_now(&mut state, now);
                }
                Move::Pass => {
                    let next = cron.schedule.after(now).unwrap();
                    now = next.minus(Duration::from_secs(1)).max(now);
                    look_now(&mut state, now);
                    now = begins_at(&cron, next).plus(Duration::from_secs(1));
                    let runs = look_now(&mut state, now);
                    prop_assert!(runs.contains_key(&next), "{next} was lost");
                }
            }
        }
        let doubled: Vec<_> = runs.into_iter().filter(|(_, times)| *times > 1).collect();
        prop_assert!(doubled.is_empty(), "{doubled:?}");
    }

    #[test]
    fn what_was_started_is_told_from_what_was_not(picked in prop::collection::vec(0_usize..40, 0..40)) {
        let schedule = schedule("*/10 * * * *", "UTC");
        let start = at("2026-03-01T00:00:00Z");
        let all: Vec<_> = std::iter::successors(schedule.after(start), |last| schedule.after(*last)).take(41).collect();
        let mut done = Done::default();
        for index in &picked {
            done.add(&schedule, all[*index]);
        }
        for (index, occurrence) in all.iter().enumerate() {
            prop_assert_eq!(done.contains(*occurrence), picked.contains(&index), "{}", index);
        }
        let open = (0..41).find(|index| !picked.contains(index)).unwrap();
        prop_assert_eq!(done.next_open(&schedule, start), Some(all[open]));
        let read: Done = serde_json::from_str(&serde_json::to_string(&done).unwrap()).unwrap();
        prop_assert_eq!(read, done);
    }
}

#[test]
fn after_many_interruptions_the_oldest_are_forgotten_and_nothing_is_doubled() {
    let schedule = schedule("*/10 * * * *", "UTC");
    let start = at("2026-03-01T00:00:00Z");
    let all: Vec<_> = std::iter::successors(schedule.after(start), |last| schedule.after(*last)).take(200).collect();
    let mut done = Done::default();
    for occurrence in all.iter().step_by(2) {
        done.add(&schedule, *occurrence);
    }
    assert!(all.iter().step_by(2).all(|occurrence| done.contains(*occurrence)));
    assert_eq!(serde_json::to_value(&done).unwrap().as_array().unwrap().len(), MOST);
    let latest = all.iter().skip(1).step_by(2).rev().take(MOST - 1);
    assert!(latest.clone().all(|occurrence| !done.contains(*occurrence)));
}
