//! Cron: what begins at times of the calendar.
//!
//! # Needs
//! Tidying up every hour, a report every Monday at eight where the reader lives. On any number of nodes each run begins once,
//! whatever the clocks do, and what was missed while nothing ran is treated as its author wants.
//!
//! # Properties
//! * Each occurrence of a schedule is started at most once, over all nodes and all time: also when clocks go back.
//! * While a node runs, no occurrence its clock passes is left out.
//! * What a run does ([`CronAction`]) is committed together with the note that it was started: both or neither.
//! * A schedule means the local time of its zone. Where the clocks are put forward, a run at a time that does not exist begins
//!   right after the gap; where they are put back, a fixed time runs once and an interval goes on through both hours.
//! * After a clock that was wrong is put right, schedules go on from the right time, in whichever direction it was wrong.
//!
//! # Design
//! A cron is a row with the moment of its next run. A look compares it with the service's clock and, if it is due, moves it
//! by compare-and-set in the transaction that runs the action; whoever finds it moved does nothing. Which occurrences were
//! started is kept as intervals (`done`), one for each stretch without interruption, so the row stays small and still says
//! of every moment whether it was done. Actions only write rows: they put down a job, or start a workflow. Each process
//! brings the crons its program knows, and leaves other rows alone.
//!
//! # Races
//! * **Two nodes look.** The second one's compare-and-set finds the row moved.
//! * **Clock forward.** The occurrences in between are missed: see [`Missed`]. They are not marked as started, so when the
//!   clock is put back they have their time again.
//! * **Clock back.** Occurrences that were started are not started again; the next run is the first one that was not.
//! * **Schedule changed.** The program that starts writes its schedule and its next occurrence; programs that know another
//!   schedule of that name leave the row alone, until they are replaced.
//!
//! # Accepted
//! * A run begins up to a second late, and later by its jitter.
//! * Nodes whose clocks differ by more than the time between two runs take turns at misjudging each other.
//! * After many interruptions (`done::MOST`) the two oldest intervals become one: occurrences missed between them are forgotten.
//! * An action that fails is tried again with every look, until it succeeds; its runs wait meanwhile.

mod action;
mod done;
mod metrics;
mod operate;
mod plan;
mod rows;
mod runner;
mod schedule;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use data_ops::{database::DatabaseError, types::Timestamp};

pub use self::{
    action::{CronAction, CronRun, EnqueueJob, cron_action},
    operate::{CronOutcome, CronRunRecord, CronStatus, RunNowError},
    runner::Crons,
    schedule::{Schedule, ScheduleError},
};

/// What becomes of occurrences that passed while nothing ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Missed {
    /// They are left out. A run that is at most a minute late is not missed.
    Skip,
    /// The latest of them is run, for all of them.
    #[default]
    RunOnce,
    /// Each is run, in order; of more than this many (or 100) the latest.
    RunAll {
        /// How many.
        at_most: usize,
    },
}

/// Something that begins by a schedule.
#[derive(Clone)]
pub struct Cron {
    name: &'static str,
    schedule: Schedule,
    missed: Missed,
    jitter: Duration,
    action: Arc<dyn CronAction>,
}

impl Cron {
    /// A cron that does `action` by `schedule`. The name is stored: it tells crons apart.
    #[must_use]
    pub fn new(name: &'static str, schedule: Schedule, action: impl CronAction) -> Self {
        Self { name, schedule, missed: Missed::default(), jitter: Duration::ZERO, action: Arc::new(action) }
    }

    /// Another treatment of missed runs than [`Missed::RunOnce`].
    #[must_use]
    pub fn missed(mut self, missed: Missed) -> Self {
        self.missed = missed;
        self
    }

    /// Begins each run later, by a part of this that differs from run to run but is the same on each node, and by half the
    /// time to the next run at most.
    #[must_use]
    pub fn jitter(mut self, jitter: Duration) -> Self {
        self.jitter = jitter;
        self
    }
}

impl std::fmt::Debug for Cron {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (name, schedule) = (self.name, &self.schedule);
        formatter.debug_struct("Cron").field("name", &name).field("schedule", schedule).finish_non_exhaustive()
    }
}

/// Why the crons could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum CronError {
    /// Two have the same name.
    #[error("there are two crons with the name \"{name}\"")]
    Twice {
        /// Which.
        name: &'static str,
    },
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// How late a run may begin that is not missed.
const LATE: Duration = Duration::from_secs(60);

/// Runs remembered of each cron, and run after each other at most.
const KEPT: usize = 100;

/// When the run of an occurrence begins.
fn begins_at(cron: &Cron, occurrence: Timestamp) -> Timestamp {
    if cron.jitter.is_zero() {
        return occurrence;
    }
    let gap = cron.schedule.after(occurrence).map_or(Duration::MAX, |next| next.since(occurrence));
    // Any even spread does, as long as each node computes the same (FNV-1a).
    let bytes = cron.name.bytes().chain(occurrence.as_millis().to_le_bytes());
    let hash = bytes
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    let part = f64::from(u32::try_from(hash >> 32).unwrap_or(0)) / f64::from(u32::MAX);
    occurrence.plus(cron.jitter.mul_f64(part).min(gap / 2))
}
