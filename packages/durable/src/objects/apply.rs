//! What messages and the alarm make of a row: no database in here.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

use data_ops::types::Timestamp;
use rand::Rng;
use serde::Serialize;
use serde_json::Value;

use super::{Alarm, Effects, Object, ObjectContext, ObjectError, STATE_LIMIT, SendError, row::Row};
use crate::{
    backoff::Backoff,
    failure::{chain, panic_text},
    jobs::JobRequest,
};

/// States written by one batch, in bytes: large states make batches short, so that a transaction stays short.
const BATCH_BYTES: usize = 4 * 1024 * 1024;

/// What became of a batch of messages.
pub(super) struct Applied<O: Object> {
    /// One for each message that was taken, in their order.
    pub answers: Vec<Result<O::Reply, SendError<O::Error>>>,
    /// Messages for another batch.
    pub left: Vec<O::Message>,
    /// What subscribers are told, and from which version to which.
    pub told: Option<Told>,
    /// What is put down with it.
    pub jobs: Vec<JobRequest>,
    /// Whether there is something to store.
    pub changed: bool,
}

/// What subscribers of one object are told after one commit.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Told {
    /// The version they were told something before.
    pub since: i64,
    /// The version this leads to.
    pub version: i64,
    pub deltas: Vec<Value>,
}

/// When an alarm that failed rings again.
#[derive(Debug, Clone, Copy)]
pub(super) struct AlarmRetry {
    pub attempts: u32,
    pub backoff: Backoff,
}

/// Hands the messages to the object one after the other; one that fails changes nothing.
pub(super) fn apply_messages<O: Object>(row: &mut Row, messages: Vec<O::Message>, now: Timestamp) -> Applied<O> {
    let before = (row.version, row.parked_version);
    let mut steps = Steps::<O>::new(row, now, false);
    let mut answers = Vec::with_capacity(messages.len());
    let mut messages = messages.into_iter();
    while steps.written < BATCH_BYTES {
        let Some(message) = messages.next() else { break };
        answers.push(steps.step(|state, context| O::handle(state, message, context)));
    }
    let (told, jobs) = steps.end();
    let changed = (row.version, row.parked_version) != before;
    Applied { answers, left: messages.collect(), told, jobs, changed }
}

/// What became of an alarm.
#[derive(Debug, PartialEq)]
pub(super) enum Rung {
    Done { told: Option<Told>, jobs: Vec<JobRequest> },
    Failed(String),
}

/// Rings: the alarm is over, unless that fails; then it is set for later, and after too many times the object parked.
pub(super) fn ring<O: Object>(row: &mut Row, retry: AlarmRetry, now: Timestamp, random: &mut impl Rng) -> Rung {
    let mut steps = Steps::<O>::new(row, now, true);
    let rung = steps.step(|state, context| O::alarm(state, context).map(|(state, effects)| (state, effects, ())));
    let (told, jobs) = steps.end();
    let Err(error) = rung else { return Rung::Done { told, jobs } };
    let failure = match &error {
        SendError::Refused(refusal) => chain(refusal),
        SendError::Object(error) => chain(error),
    };
    if row.parked.is_none() {
        row.alarm_attempts += 1;
        let attempts = u32::try_from(row.alarm_attempts).unwrap_or(u32::MAX);
        if attempts >= retry.attempts {
            row.park(&format!("its alarm failed {attempts} times, at last with: {failure}"), O::VERSION);
        } else {
            row.set_alarm(now.plus(retry.backoff.after(attempts, random)), now);
        }
    }
    Rung::Failed(failure)
}

/// The state in the row, if this version of the class can read it.
pub(super) fn read_state<O: Object>(row: &Row) -> Result<O::State, ObjectError> {
    if row.state_version > i64::from(O::VERSION) {
        return Err(ObjectError::NewerState {
            class: O::CLASS,
            name: row.name.clone(),
            found: row.state_version,
            known: O::VERSION,
        });
    }
    let unreadable = |reason: String| ObjectError::UnreadableState { class: O::CLASS, name: row.name.clone(), reason };
    if row.state.len() > STATE_LIMIT {
        return Err(unreadable(too_large()));
    }
    if row.state_version == i64::from(O::VERSION) {
        return serde_json::from_str(&row.state).map_err(|error| unreadable(error.to_string()));
    }
    let version = u16::try_from(row.state_version).unwrap_or(0);
    let state = serde_json::from_str(&row.state).map_err(|error| unreadable(error.to_string()))?;
    match catch_unwind(AssertUnwindSafe(|| O::upgrade(version, state))) {
        Ok(upgraded) => upgraded.map_err(|error| unreadable(error.to_string())),
        Err(panic) => Err(unreadable(format!("reading version {version} panicked: {}", panic_text(&*panic)))),
    }
}

/// The state as it is stored, or what is wrong with it.
pub(super) fn write_state<S: Serialize>(state: &S) -> Result<String, String> {
    let mut text = Limited(Vec::new());
    match serde_json::to_writer(&mut text, state) {
        Ok(()) => String::from_utf8(text.0).map_err(|error| error.to_string()),
        Err(error) if error.is_io() => Err(too_large()),
        Err(error) => Err(format!("cannot be written as JSON: {error}")),
    }
}

fn too_large() -> String {
    format!("is larger than {STATE_LIMIT} bytes")
}

struct Limited(Vec<u8>);

impl io::Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > STATE_LIMIT {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// One batch: the row and what was read of it.
struct Steps<'r, O: Object> {
    row: &'r mut Row,
    /// The state in the row; `None` before it was read, and after something failed that had taken it.
    state: Option<O::State>,
    now: Timestamp,
    /// Whether this is about the alarm and not messages.
    ringing: bool,
    written: usize,
    deltas: Vec<Value>,
    jobs: Vec<JobRequest>,
}

impl<'r, O: Object> Steps<'r, O> {
    fn new(row: &'r mut Row, now: Timestamp, ringing: bool) -> Self {
        row.resume_for(O::VERSION);
        Self { row, state: None, now, ringing, written: 0, deltas: Vec::new(), jobs: Vec::new() }
    }

    fn step<R>(
        &mut self,
        handle: impl FnOnce(O::State, &ObjectContext<'_>) -> Result<(O::State, Effects, R), O::Error>,
    ) -> Result<R, SendError<O::Error>> {
        if let Some(reason) = &self.row.parked {
            let (name, reason) = (self.row.name.clone(), reason.clone());
            return Err(ObjectError::Parked { class: O::CLASS, name, reason }.into());
        }
        let state = match self.state.take() {
            Some(state) => state,
            None => self.read()?,
        };
        let context = ObjectContext {
            name: &self.row.name,
            now: self.now,
            version: u64::try_from(self.row.version).unwrap_or(0) + 1,
            alarm: self.row.alarm_at.filter(|_| !self.ringing).map(Timestamp::from_millis),
        };
        let (state, effects, reply) = match catch_unwind(AssertUnwindSafe(|| handle(state, &context))) {
            Ok(handled) => handled.map_err(SendError::Refused)?,
            Err(panic) => {
                return Err(ObjectError::Panicked { class: O::CLASS, panic: panic_text(&*panic).to_owned() }.into());
            }
        };
        let text = write_state(&state).map_err(|reason| self.unwritable(reason))?;
        self.written += text.len();
        self.row.state = text;
        self.row.state_version = O::VERSION.into();
        self.row.version += 1;
        self.state = Some(state);
        self.set_alarm(effects.alarm);
        self.deltas.extend(effects.publish);
        self.jobs.extend(effects.jobs);
        Ok(reply)
    }

    fn read(&mut self) -> Result<O::State, ObjectError> {
        read_state::<O>(self.row).inspect_err(|error| {
            // A newer state waits for a newer program, which needs nobody to say that it may read it.
            if let ObjectError::UnreadableState { reason, .. } = error {
                self.row.park(&format!("its state cannot be read: {reason}"), O::VERSION);
            }
        })
    }

    fn unwritable(&mut self, reason: String) -> ObjectError {
        self.row.park(&format!("the state it was to have {reason}"), O::VERSION);
        ObjectError::UnwritableState { class: O::CLASS, name: self.row.name.clone(), reason }
    }

    fn set_alarm(&mut self, alarm: Alarm) {
        if self.ringing {
            self.row.clear_alarm();
            self.row.alarm_attempts = 0;
        }
        match alarm {
            Alarm::Keep => {}
            Alarm::Clear => self.row.clear_alarm(),
            Alarm::Set(at) => {
                // One that rings is not to ring again in the same moment, or ringing would have no end.
                let at = if self.ringing { at.max(self.now.plus(Duration::from_millis(1))) } else { at };
                self.row.set_alarm(at, self.now);
                self.row.alarm_attempts = 0;
            }
        }
    }

    fn end(self) -> (Option<Told>, Vec<JobRequest>) {
        if self.deltas.is_empty() {
            return (None, self.jobs);
        }
        let since = std::mem::replace(&mut self.row.published_version, self.row.version);
        (Some(Told { since, version: self.row.version, deltas: self.deltas }), self.jobs)
    }
}
