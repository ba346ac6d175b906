//! Applying messages and alarms to a row, against a model that knows no batches.

use std::time::Duration;

use data_ops::types::Timestamp;
use proptest::prelude::*;
use rand::{SeedableRng as _, rngs::StdRng};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    Alarm, Effects, Object, ObjectContext, ObjectError, SendError,
    apply::{AlarmRetry, Rung, Told, apply_messages, ring, write_state},
    row::Row,
};
use crate::backoff::Backoff;

const NOW: Timestamp = Timestamp::from_millis(1_772_366_400_000);
const RETRY: AlarmRetry = AlarmRetry { attempts: 3, backoff: Backoff::constant(Duration::from_secs(1)) };

struct Journal;

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct Entries(Vec<u64>);

#[derive(Debug, Clone)]
enum Entry {
    Note(u64),
    Tell(u64),
    Alarm(Alarm),
    Refuse,
    Panic,
}

#[derive(Debug, thiserror::Error)]
#[error("no")]
struct No;

impl Object for Journal {
    const CLASS: &'static str = "journal";
    const VERSION: u16 = 1;
    type State = Entries;
    type Message = Entry;
    type Reply = u64;
    type Error = No;

    fn handle(mut state: Entries, entry: Entry, context: &ObjectContext<'_>) -> Result<(Entries, Effects, u64), No> {
        let mut effects = Effects::default();
        match entry {
            Entry::Note(number) => state.0.push(number),
            Entry::Tell(number) => effects.publish = vec![json!(number), json!(context.version)],
            Entry::Alarm(alarm) => effects.alarm = alarm,
            Entry::Refuse => {
                state.0.clear();
                return Err(No);
            }
            Entry::Panic => panic!("told to"),
        }
        Ok((state, effects, context.version))
    }

    fn alarm(state: Entries, context: &ObjectContext<'_>) -> Result<(Entries, Effects), No> {
        assert_eq!(context.alarm, None);
        let effects = Effects { alarm: Alarm::Set(context.now), ..Effects::default() };
        if state.0.contains(&0) { Err(No) } else { Ok((state, effects)) }
    }
}

fn random() -> StdRng {
    StdRng::seed_from_u64(1)
}

fn new() -> Row {
    Row::new("j", write_state(&Entries::default()).unwrap(), 1)
}

fn entries() -> impl Strategy<Value = Vec<Entry>> {
    let alarm = prop_oneof![
        Just(Alarm::Keep),
        Just(Alarm::Clear),
        (-5_i64..5).prop_map(|ms| Alarm::Set(Timestamp::from_millis(NOW.as_millis() + ms)))
    ];
    let entry = prop_oneof![
        3 => any::<u64>().prop_map(Entry::Note),
        2 => any::<u64>().prop_map(Entry::Tell),
        2 => alarm.prop_map(Entry::Alarm),
        1 => Just(Entry::Refuse),
        1 => Just(Entry::Panic),
    ];
    prop::collection::vec(entry, 0..40)
}

proptest! {
    #[test]
    fn however_messages_are_put_into_batches_they_do_the_same(entries in entries(), size in 1_usize..12) {
        let mut row = new();
        let (mut told, mut seen) = (Vec::new(), 0);
        for batch in entries.chunks(size) {
            let before = row.clone();
            let applied = apply_messages::<Journal>(&mut row, batch.to_vec(), NOW);
            prop_assert_eq!(applied.changed, row != before);
            prop_assert_eq!(applied.answers.len(), batch.len());
            prop_assert!(applied.left.is_empty());
            if let Some(Told { since, version, deltas }) = applied.told {
                prop_assert_eq!(since, seen);
                prop_assert_eq!(version, row.version);
                seen = version;
                told.extend(deltas);
            }
        }
        // The model: only what succeeds happens.
        let (mut notes, mut model_told, mut version, mut alarm) = (Vec::new(), Vec::new(), 0_i64, None);
        for entry in &entries {
            match entry {
                Entry::Refuse | Entry::Panic => continue,
                Entry::Note(number) => notes.push(*number),
                Entry::Tell(number) => model_told.extend([json!(number), json!(version + 1)]),
                Entry::Alarm(Alarm::Keep) => {}
                Entry::Alarm(Alarm::Clear) => alarm = None,
                Entry::Alarm(Alarm::Set(at)) => alarm = Some(at.as_millis()),
            }
            version += 1;
        }
        prop_assert_eq!(serde_json::from_str::<Entries>(&row.state).unwrap(), Entries(notes));
        prop_assert_eq!(told, model_told);
        prop_assert_eq!((row.version, row.alarm_at), (version, alarm));
        prop_assert!(row.parked.is_none());
    }
}

#[test]
fn an_alarm_may_set_itself_anew_but_not_for_the_moment_in_which_it_rings() {
    let mut row = new();
    row.set_alarm(NOW, NOW);
    assert_eq!(ring::<Journal>(&mut row, RETRY, NOW, &mut random()), Rung::Done { told: None, jobs: Vec::new() });
    assert_eq!((row.alarm_at, row.version), (Some(NOW.as_millis() + 1), 1));
}

#[test]
fn an_alarm_that_fails_changes_nothing_but_when_it_rings_and_parks_at_last() {
    let mut row = new();
    apply_messages::<Journal>(&mut row, vec![Entry::Note(0)], NOW);
    row.set_alarm(NOW, NOW);
    let before = row.clone();
    for wait in [1_000, 1_000] {
        assert_eq!(ring::<Journal>(&mut row, RETRY, NOW, &mut random()), Rung::Failed("no".to_owned()));
        assert_eq!(row.alarm_at, Some(NOW.as_millis() + wait));
        assert_eq!((&row.state, row.version), (&before.state, before.version));
    }
    ring::<Journal>(&mut row, RETRY, NOW, &mut random());
    assert_eq!(row.parked.as_deref(), Some("its alarm failed 3 times, at last with: no"));
    let applied = apply_messages::<Journal>(&mut row, vec![Entry::Note(1)], NOW);
    assert!(!applied.changed);
    assert!(matches!(applied.answers[0], Err(SendError::Object(ObjectError::Parked { .. }))));
}

#[test]
fn a_batch_of_large_states_is_cut_short() {
    let mut row = new();
    row.state = write_state(&vec![u64::MAX; 40_000]).unwrap();
    let weight = row.state.len();
    let applied = apply_messages::<Journal>(&mut row, vec![Entry::Note(1); 20], NOW);
    assert_eq!(applied.answers.len(), (4 * 1024 * 1024_usize).div_ceil(weight));
    assert_eq!(applied.answers.len() + applied.left.len(), 20);
}
