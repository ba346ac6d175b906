//! What a node knows of a run while it executes it: shared by the function's [`Context`](super::Context), which adds results,
//! the driver, which stores them, and whoever steers the run from outside.
//!
//! Everything happens under one short lock. Futures of the function wait here by leaving their waker; the driver asks
//! [`Run::next`] after each poll of the function what is to be done now that it waits.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    convert::Infallible,
    future::poll_fn,
    mem,
    sync::{Mutex, MutexGuard, PoisonError},
    task::{Poll, Waker},
};

use data_ops::types::Timestamp;

use super::{error::Parked, journal::StepRow};

/// One run in execution.
pub(super) struct Run {
    pub id: String,
    /// Of the claim under which it is executed: what it writes says so.
    pub epoch: i64,
    pub created_at: Timestamp,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The journal as it was when the run was claimed.
    rows: HashMap<String, StepRow>,
    /// Payloads of events that were sent.
    events: HashMap<String, String>,
    /// How many events were sent when these were read.
    events_seen: i64,
    /// The names used in this execution.
    begun: HashSet<String>,
    /// Results that are not stored yet.
    unsaved: Vec<StepRow>,
    /// How many results, being stored or not even that, must be stored before anything else begins.
    urgent: usize,
    /// Steps whose code is running.
    active: usize,
    /// Steps that begin once what came before them is stored.
    gated: usize,
    /// Until when branches of the function sleep.
    waits: BTreeMap<u64, Timestamp>,
    next_wait: u64,
    /// Somebody paused it: it stops before its next step.
    paused: bool,
    /// The node goes: the same.
    leaving: bool,
    /// It belongs to somebody else by now: it stops where it is, and nothing of it counts any more.
    lost: bool,
    parked: Option<Parked>,
    /// Nodes died with it since it last got on.
    interrupted: bool,
    /// Futures of the function that wait for any of this to change.
    wakers: Vec<Waker>,
    driver: Option<Waker>,
}

/// What the driver has to do while the function waits.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Nothing, until this moment at the latest.
    Wait(Option<Timestamp>),
    /// Store what is not stored.
    Save,
    /// Give the run back until it is due again.
    Suspend(Option<Timestamp>),
    /// Set it aside.
    Park(Parked),
    /// Drop it.
    Lost,
}

impl Run {
    pub fn new(id: String, epoch: i64, created_at: Timestamp) -> Self {
        Self { id, epoch, created_at, state: Mutex::default() }
    }

    /// With what is known of it.
    pub fn load(&self, rows: Vec<StepRow>, events: Vec<(String, String)>, events_seen: i64, interrupted: bool) {
        let mut state = self.state();
        state.interrupted = interrupted;
        state.rows = rows.into_iter().map(|row| (row.name.clone(), row)).collect();
        state.events = events.into_iter().collect();
        state.events_seen = events_seen;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    // What the function's context does.

    /// Takes a name for this execution. Answers the how manyeth it is and what the journal has of it; nothing if it was
    /// used before.
    pub fn begin(&self, name: &str) -> Option<(i64, Option<StepRow>)> {
        let mut state = self.state();
        let position = i64::try_from(state.begun.len()).unwrap_or(i64::MAX);
        state.begun.insert(name.to_owned()).then(|| (position, state.rows.remove(name)))
    }

    /// Waits until everything before is stored. Never ends when the run is to stop.
    pub async fn gate(&self) {
        let _gated = Counted::new(self, |state| &mut state.gated);
        poll_fn(|context| {
            let mut state = self.state();
            if state.urgent == 0 && !state.stops() && state.parked.is_none() {
                return Poll::Ready(());
            }
            state.keep(context.waker());
            Poll::Pending
        })
        .await;
    }

    /// Says that a step's code runs, until it is dropped.
    pub fn active(&self) -> impl Drop + Send + '_ {
        Counted::new(self, |state| &mut state.active)
    }

    /// A result, which is stored before anything else begins; or if it is lazy, with the next.
    pub fn record(&self, row: StepRow) {
        let mut state = self.state();
        state.urgent += usize::from(!row.lazy);
        state.unsaved.push(row);
    }

    /// Has the run set aside, and never ends.
    pub async fn park(&self, why: Parked) -> Infallible {
        self.state().parked.get_or_insert(why);
        std::future::pending().await
    }

    /// Waits until `ready` answers, which is asked again whenever something changes. The run may be given back until
    /// `due`.
    pub async fn wait<T>(&self, due: Timestamp, mut ready: impl FnMut(&HashMap<String, String>) -> Option<T>) -> T {
        let mut waiting = None;
        poll_fn(move |context| {
            let mut state = self.state();
            if !state.stops()
                && let Some(ready) = ready(&state.events)
            {
                return Poll::Ready(ready);
            }
            if waiting.is_none() {
                let key = state.next_wait;
                state.next_wait += 1;
                state.waits.insert(key, due);
                waiting = Some(Waiting { run: self, key });
            }
            state.keep(context.waker());
            Poll::Pending
        })
        .await
    }

    // What the driver does.

    /// What is to be done now that the function waits. `driver` is woken when that may have changed.
    pub fn next(&self, driver: &Waker) -> Next {
        let mut state = self.state();
        state.driver = Some(driver.clone());
        if state.lost {
            return Next::Lost;
        }
        if state.active == 0 {
            if let Some(parked) = state.parked.take() {
                return Next::Park(parked);
            }
            if state.stops() {
                return Next::Suspend(None);
            }
            if state.gated == 0 && !state.waits.is_empty() {
                return Next::Suspend(state.waits.values().min().copied());
            }
        }
        if state.urgent > 0 { Next::Save } else { Next::Wait(state.waits.values().min().copied()) }
    }

    pub fn is_lost(&self) -> bool {
        self.state().lost
    }

    /// Takes what is to be stored.
    pub fn take_unsaved(&self) -> Vec<StepRow> {
        mem::take(&mut self.state().unsaved)
    }

    /// Everything recorded until now is stored.
    pub fn saved(&self) {
        let mut state = self.state();
        // But not what was recorded while that was under way.
        state.urgent = state.unsaved.iter().filter(|row| !row.lazy).count();
        state.wake();
    }

    /// Whether nodes died with it since it last got on, which is to be forgotten now; answered once.
    pub fn take_interrupted(&self) -> bool {
        mem::take(&mut self.state().interrupted)
    }

    /// Has the function's waits look at the clock again.
    pub fn wake(&self) {
        self.state().wake();
    }

    pub fn events_seen(&self) -> i64 {
        self.state().events_seen
    }

    // What others do.

    /// Has it stop before its next step, or go on after all.
    pub fn pause(&self, paused: bool) {
        let mut state = self.state();
        state.paused = paused;
        state.wake();
    }

    /// Has it stop before its next step, for another node to go on.
    pub fn leave(&self) {
        let mut state = self.state();
        state.leaving = true;
        state.wake();
    }

    /// Has it stop where it is: it is somebody else's.
    pub fn lose(&self) {
        let mut state = self.state();
        state.lost = true;
        state.wake();
    }

    /// Hands events over: all there are by now, `sent` in number.
    pub fn deliver(&self, events: Vec<(String, String)>, sent: i64) {
        let mut state = self.state();
        if sent > state.events_seen {
            state.events.extend(events);
            state.events_seen = sent;
            state.wake();
        }
    }
}

impl State {
    fn stops(&self) -> bool {
        self.paused || self.leaving || self.lost
    }

    fn keep(&mut self, waker: &Waker) {
        if !self.wakers.iter().any(|known| known.will_wake(waker)) {
            self.wakers.push(waker.clone());
        }
    }

    fn wake(&mut self) {
        self.wakers.drain(..).chain(self.driver.take()).for_each(Waker::wake);
    }
}

/// Counts up until it is dropped.
struct Counted<'a> {
    run: &'a Run,
    count: fn(&mut State) -> &mut usize,
}

impl<'a> Counted<'a> {
    fn new(run: &'a Run, count: fn(&mut State) -> &mut usize) -> Self {
        *count(&mut run.state()) += 1;
        Self { run, count }
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        *(self.count)(&mut self.run.state()) -= 1;
    }
}

struct Waiting<'a> {
    run: &'a Run,
    key: u64,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.run.state().waits.remove(&self.key);
    }
}
