//! Alarms: once, at their time, by a clock that jumps.

use std::time::Duration;

use data_ops::types::Timestamp;
use durable::objects::{Alarm, ObjectError, Objects, SendError};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

use super::tally::{Message, Tally, objects, objects_at, parts};
use crate::support::{Fixture, NOW, on_both_databases};

on_both_databases!(
    an_alarm_rings_once_when_it_is_due,
    an_alarm_is_moved_cleared_and_told,
    an_alarm_set_for_the_past_rings_at_once_and_only_once,
    an_alarm_that_passed_while_nothing_ran_rings_at_the_next_start,
    an_alarm_that_fails_is_tried_again_later_and_then_its_object_parked,
    an_alarm_set_while_the_node_waits_rings,
    clock_jumps_neither_double_nor_lose_an_alarm,
);

const MINUTE: Duration = Duration::from_secs(60);
const YEAR: Duration = Duration::from_secs(365 * 24 * 3_600);

async fn rung(objects: &Objects, name: &str) -> Vec<Timestamp> {
    objects.get::<Tally>(name).snapshot().await.unwrap().state.rung
}

async fn an_alarm_rings_once_when_it_is_due(fixture: Fixture) {
    let objects = objects(&fixture);
    objects.get::<Tally>("a").send(Message::Alarm(Alarm::Set(NOW.plus(MINUTE)))).await.unwrap();
    fixture.clock.advance(MINUTE - Duration::from_millis(1));
    assert_eq!(objects.run_due().await.unwrap(), 0);
    fixture.clock.advance(Duration::from_millis(1));
    assert_eq!(objects.run_due().await.unwrap(), 1);
    assert_eq!(objects.run_due().await.unwrap(), 0);
    assert_eq!(rung(&objects, "a").await, [NOW.plus(MINUTE)]);
    assert_eq!(objects.get::<Tally>("a").get_alarm().await.unwrap(), None);
    assert_eq!(objects.get::<Tally>("a").snapshot().await.unwrap().version, 2);
}

async fn an_alarm_is_moved_cleared_and_told(fixture: Fixture) {
    let objects = objects(&fixture);
    let tally = objects.get::<Tally>("a");
    assert_eq!(tally.get_alarm().await.unwrap(), None);
    tally.set_alarm(NOW.plus(MINUTE)).await.unwrap();
    assert_eq!(tally.get_alarm().await.unwrap(), Some(NOW.plus(MINUTE)));
    tally.send(Message::AlarmUnlessSet(2 * MINUTE)).await.unwrap();
    assert_eq!(tally.get_alarm().await.unwrap(), Some(NOW.plus(MINUTE)));
    tally.set_alarm(NOW.plus(3 * MINUTE)).await.unwrap();
    fixture.clock.advance(MINUTE);
    assert_eq!(objects.run_due().await.unwrap(), 0);
    tally.delete_alarm().await.unwrap();
    tally.send(Message::AlarmUnlessSet(MINUTE)).await.unwrap();
    tally.send(Message::Alarm(Alarm::Clear)).await.unwrap();
    fixture.clock.advance(YEAR);
    assert_eq!(objects.run_due().await.unwrap(), 0);
    assert_eq!(rung(&objects, "a").await, []);
}

async fn an_alarm_set_for_the_past_rings_at_once_and_only_once(fixture: Fixture) {
    let objects = objects(&fixture);
    objects.get::<Tally>("a").set_alarm(NOW.minus(YEAR)).await.unwrap();
    assert_eq!(objects.run_due().await.unwrap(), 1);
    assert_eq!(objects.run_due().await.unwrap(), 0);
    assert_eq!(rung(&objects, "a").await, [NOW]);
}

async fn an_alarm_that_passed_while_nothing_ran_rings_at_the_next_start(fixture: Fixture) {
    let before = objects(&fixture);
    for number in 0..100 {
        before.get::<Tally>(number.to_string()).set_alarm(NOW.plus(MINUTE)).await.unwrap();
    }
    drop(before);
    let next = fixture.another().await;
    next.clock.advance(YEAR);
    let objects = objects(&next);
    assert_eq!(objects.run_due().await.unwrap(), 100);
    assert_eq!(rung(&objects, "99").await, [NOW.plus(YEAR)]);
}

async fn an_alarm_that_fails_is_tried_again_later_and_then_its_object_parked(fixture: Fixture) {
    let objects = objects(&fixture);
    let tally = objects.get::<Tally>("a");
    tally.send(Message::FailAlarms(1)).await.unwrap();
    tally.set_alarm(NOW).await.unwrap();
    let mut waits = Vec::new();
    for _ in 0..8 {
        assert_eq!(objects.run_due().await.unwrap(), 1);
        assert_eq!(objects.run_due().await.unwrap(), 0);
        let next = tally.get_alarm().await.unwrap().unwrap();
        waits.push(next.since(fixture.store.now()).as_secs());
        fixture.clock.set(next.max(fixture.store.now()));
    }
    // The last attempt sets nothing anew.
    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 0]);
    let error = tally.send(Message::Add(1)).await.unwrap_err();
    assert!(matches!(error, SendError::Object(ObjectError::Parked { .. })), "{error:?}");
    let parked = objects.parked("tally", "", 10).await.unwrap();
    assert_eq!(parked[0].reason, "its alarm failed 8 times, at last with: not today");

    // Resumed, it rings again at once; a newer version of the class does not need anybody to say so.
    assert!(tally.resume().await.unwrap());
    assert_eq!(objects.run_due().await.unwrap(), 1);
    let newer = objects_at::<2>(&fixture);
    assert_eq!(newer.run_due().await.unwrap(), 0);
    fixture.clock.advance(MINUTE);
    assert_eq!(newer.run_due().await.unwrap(), 1);
    assert_eq!(newer.get::<Tally<2>>("a").snapshot().await.unwrap().state.rung.len(), 1);
}

async fn an_alarm_set_while_the_node_waits_rings(fixture: Fixture) {
    let mut parts = parts::<1>(&fixture);
    parts.options.poll = YEAR;
    let stop = parts.stop.clone();
    let objects = Objects::new(parts);
    let running = fixture.tasks.spawn(objects.clone().run());
    for name in ["a", "b", "c"] {
        objects.get::<Tally>(name).send(Message::Alarm(Alarm::Set(NOW))).await.unwrap();
        let rings = async { while rung(&objects, name).await.is_empty() {} };
        tokio::time::timeout(Duration::from_secs(20), rings).await.unwrap();
    }
    stop.cancel();
    running.await.unwrap();
}

async fn clock_jumps_neither_double_nor_lose_an_alarm(fixture: Fixture) {
    let objects = objects(&fixture);
    for seed in 0..6_u64 {
        let mut random = StdRng::seed_from_u64(seed);
        let names: Vec<String> = (0..8).map(|number| format!("{seed}-{number}")).collect();
        let mut waiting = names.iter();
        for _ in 0..24 {
            if let Some(name) = waiting.next() {
                let delay = MINUTE * random.random_range(1..60);
                objects.get::<Tally>(name).send(Message::AlarmUnlessSet(delay)).await.unwrap();
            }
            let now = fixture.store.now();
            fixture.clock.set(match random.random_range(0..8) {
                0 => now.plus(YEAR),
                1 => now.minus(YEAR),
                2 => now.plus(60 * MINUTE),
                3 => now.minus(60 * MINUTE),
                4 => now.minus(Duration::from_secs(1)),
                _ => now.plus(MINUTE),
            });
            objects.run_due().await.unwrap();
            for name in &names {
                assert!(rung(&objects, name).await.len() <= 1, "seed {seed}: {name} rang twice");
            }
        }
        // From here on the clock is right, and each has at most its own delay to wait.
        fixture.clock.advance(60 * MINUTE);
        objects.run_due().await.unwrap();
        for name in &names {
            assert_eq!(rung(&objects, name).await.len(), 1, "seed {seed}: {name}");
        }
    }
}
