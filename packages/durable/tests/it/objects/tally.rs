//! A class for the tests: counts, rings, refuses and breaks as it is told.

use std::{collections::BTreeMap, time::Duration};

use data_ops::types::Timestamp;
use durable::{
    jobs::{Enqueue, Job, JobRequest},
    objects::{Alarm, Classes, Effects, Object, ObjectContext, ObjectParts, Objects, UnreadableState},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

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
    /// Publishes this.
    Tell(u64),
    /// Puts down a job.
    PutDown(String),
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Errand(pub String);

impl Job for Errand {
    const QUEUE: &'static str = "errands";
    const VERSION: u16 = 1;
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
            Message::Tell(number) => effects.publish.push(json!(number)),
            Message::PutDown(what) => {
                let request = JobRequest::new(&Errand(what), Enqueue::default()).map_err(|_too_large| Refusal)?;
                effects.jobs.push(request);
            }
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

/// For tests that want it otherwise.
pub fn parts<const V: u16>(fixture: &Fixture) -> ObjectParts {
    let mut parts = ObjectParts::new(fixture.store.clone(), Classes::default().with::<Tally<V>>(), &fixture.tasks);
    parts.options.alarm_backoff.jitter = 0.0;
    parts
}

/// Objects of a node whose class has the version `V`.
pub fn objects_at<const V: u16>(fixture: &Fixture) -> Objects {
    Objects::new(parts::<V>(fixture))
}
