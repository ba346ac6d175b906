//! A class for the tests: counts, rings, refuses and breaks as it is told.

use std::{collections::BTreeMap, time::Duration};

use data_ops::types::Timestamp;
use durable::backoff::Backoff;
use durable::objects::{Alarm, Classes, Effects, Object, ObjectContext, ObjectOptions, Objects, UnreadableState};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::support::Fixture;

/// The class at version `V`.
pub struct Tally<const V: u16 = 1>;

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    pub total: u64,
    /// The last number heard of each sender, so that one that asks again is not counted again.
    #[serde(default)]
    pub heard: BTreeMap<u32, u32>,
    #[serde(default)]
    pub rung: Vec<Timestamp>,
    /// Alarms that are still to fail.
    #[serde(default)]
    pub failures: u32,
    #[serde(default)]
    pub ballast: String,
}

pub enum Message {
    Add(u64),
    /// Counts one, unless this sender's number was heard before.
    Count {
        sender: u32,
        number: u32,
    },
    Refuse,
    Panic,
    Alarm(Alarm),
    /// Sets no alarm where there is one.
    AlarmUnlessSet(Duration),
    FailAlarms(u32),
    Grow(usize),
}

#[derive(Debug, thiserror::Error)]
#[error("not today")]
pub struct Refusal;

impl<const V: u16> Object for Tally<V> {
    const CLASS: &'static str = "tally";
    const VERSION: u16 = V;
    type State = State;
    type Message = Message;
    type Reply = u64;
    type Error = Refusal;

    fn handle(
        mut state: State,
        message: Message,
        context: &ObjectContext<'_>,
    ) -> Result<(State, Effects, u64), Refusal> {
        let mut effects = Effects::default();
        match message {
            Message::Add(number) => state.total += number,
            Message::Count { sender, number } => {
                let heard = state.heard.entry(sender).or_default();
                if number > *heard {
                    *heard = number;
                    state.total += 1;
                }
            }
            Message::Refuse => {
                state.total += 1_000_000;
                return Err(Refusal);
            }
            Message::Panic => panic!("told to"),
            Message::Alarm(alarm) => effects.alarm = alarm,
            Message::AlarmUnlessSet(delay) => {
                if context.alarm.is_none() {
                    effects.alarm = Alarm::Set(context.now.plus(delay));
                }
            }
            Message::FailAlarms(failures) => state.failures = failures,
            Message::Grow(bytes) => state.ballast = "x".repeat(bytes),
        }
        let total = state.total;
        Ok((state, effects, total))
    }

    fn alarm(mut state: State, context: &ObjectContext<'_>) -> Result<(State, Effects), Refusal> {
        // The state of a failed attempt is not kept, so the attempts are told by the version of the class.
        if state.failures > 0 && V == 1 {
            return Err(Refusal);
        }
        state.rung.push(context.now);
        Ok((state, Effects::default()))
    }

    fn upgrade(version: u16, state: Value) -> Result<State, UnreadableState> {
        match serde_json::from_value::<State>(state) {
            Ok(state) => Ok(State { total: state.total + 100 * u64::from(version), ..state }),
            Err(error) => Err(UnreadableState(error.to_string())),
        }
    }
}

pub fn objects(fixture: &Fixture) -> Objects {
    objects_at::<1>(fixture)
}

/// Objects of a node whose class has the version `V`.
pub fn objects_at<const V: u16>(fixture: &Fixture) -> Objects {
    let options = ObjectOptions {
        alarm_backoff: Backoff { jitter: 0.0, ..Backoff::default() },
        ..ObjectOptions::new(fixture.store.dialect())
    };
    Objects::new(fixture.store.clone(), Classes::default().with::<Tally<V>>(), options, &fixture.tasks)
}
