//! What a look at the clock asks for. Nothing here touches the database.

use std::collections::VecDeque;

use data_ops::types::Timestamp;

use super::{Cron, KEPT, LATE, Missed, begins_at, done::Done};

/// What is known of a cron.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct State {
    pub next_at: Timestamp,
    pub done: Done,
}

impl State {
    /// Of a cron that begins now.
    pub(super) fn new(cron: &Cron, now: Timestamp) -> Self {
        Self { next_at: next_open(cron, &Done::default(), now), done: Done::default() }
    }

    /// With the occurrences of another schedule.
    pub(super) fn rescheduled(&self, cron: &Cron, now: Timestamp) -> Self {
        Self { next_at: next_open(cron, &self.done, now), done: self.done.clone() }
    }
}

/// What is to be done, and what is known afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    /// Due times of the runs to start, in order.
    pub start: Vec<Timestamp>,
    /// Due times of the latest runs that are left out.
    pub skip: Vec<Timestamp>,
    pub state: State,
}

/// What to do about a cron now, if anything.
pub(super) fn look(cron: &Cron, state: &State, now: Timestamp) -> Option<Step> {
    if now < begins_at(cron, state.next_at) {
        let next_at = next_open(cron, &state.done, now);
        // The clock was put back, or right again: something comes before what was thought to be next.
        let back = next_at < state.next_at;
        let state = State { next_at, done: state.done.clone() };
        return back.then_some(Step { start: Vec::new(), skip: Vec::new(), state });
    }
    let mut due = cron.schedule.latest(state.next_at, now, KEPT + 1);
    // The very latest may have to wait for its jitter.
    while due.back().is_some_and(|last| begins_at(cron, *last) > now) {
        due.pop_back();
    }
    let last = due.back().copied().unwrap_or(state.next_at);
    due.retain(|occurrence| !state.done.contains(*occurrence));
    let skip = due.len() - started(cron, &due, now);
    let start: Vec<_> = due.split_off(skip).into();
    let mut done = state.done.clone();
    for occurrence in &start {
        done.add(&cron.schedule, *occurrence);
    }
    let next_at = next_open(cron, &done, last);
    Some(Step { start, skip: due.into(), state: State { next_at, done } })
}

/// How many of the latest of these are started.
fn started(cron: &Cron, due: &VecDeque<Timestamp>, now: Timestamp) -> usize {
    match (cron.missed, due.back()) {
        (_, None) => 0,
        (Missed::Skip, Some(last)) => usize::from(now.since(begins_at(cron, *last)) <= LATE),
        (Missed::RunOnce, Some(_)) => 1,
        (Missed::RunAll { at_most }, Some(_)) => due.len().min(at_most.clamp(1, KEPT)),
    }
}

fn next_open(cron: &Cron, done: &Done, after: Timestamp) -> Timestamp {
    // A pattern with a year may be over: then at the end of time.
    done.next_open(&cron.schedule, after).unwrap_or(Timestamp::MAX)
}
