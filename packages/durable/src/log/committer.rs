//! The thread that syncs: group commit, spare segments, and what happens when a sync fails.
//!
//! Everything appended while one sync runs is covered by the next. In [`Durability::Disk`] the file is filled with
//! zeros a little ahead of the appends, because a sync that does not also have to record a new length is cheaper: on
//! ext4 (2 cores, virtual disk, 400 groups each of 6,400 and 65,536 bytes, medians of three rounds) it took
//!
//! | file | latency p50 µs | processor time µs, caller + kernel threads |
//! |---|---|---|
//! | growing | 154 / 208 | 65 + 22 / 85 + 31 |
//! | `fallocate` | 146 / 194 | 59 + 24 / 73 + 29 |
//! | zeros | **100 / 123** | **46 + 13 / 66 + 13** |
//!
//! The zeros themselves cost 0.05 to 0.1 µs a record of 200 bytes, most of which the appends then save. With one sync
//! in 100 ms, as in [`Durability::Process`], the difference does not matter, and files simply grow.

use std::{
    sync::{Arc, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::{
    Durability, Position,
    state::{Segment, Shared, State},
    storage::write_whole,
};

/// How far ahead of the appends the file is filled with zeros; half of it is the sign to go on.
const PREPARE_BYTES: u64 = 1024 * 1024;
/// The zeros are written in small pieces: the kernel caches a large write in large folios, and then each append of one
/// record to such a folio costs twice as much (1.2 µs instead of 0.6).
static ZEROS: [u8; 16 * 1024] = [0; 16 * 1024];
/// Waits after failed syncs: each closes a segment, which must not become a storm of them.
const FIRST_BACKOFF: Duration = Duration::from_millis(50);
const MAX_BACKOFF: Duration = Duration::from_secs(1);

pub(super) fn run(shared: &Shared) {
    let mut started: Option<Instant> = None;
    let mut backoff = Duration::ZERO;
    // The last segment a successor was prepared for, whether that went well or not.
    let mut prepared_for = 0;
    loop {
        let (mut state, closed) = wait_for_work(shared, started, backoff, prepared_for);
        started = Some(Instant::now());
        state.sync_requested = false;
        let closing = std::mem::take(&mut state.closing);
        prepare_active(shared, &mut state);
        let active = state.active.clone().filter(|active| active.length > active.synced);
        drop(state);

        let mut failed = false;
        for segment in closing {
            failed |= !sync(shared, &segment);
            if segment.prepared > segment.length {
                // Only to give the space back: a tail of zeros reads as the end of the segment.
                drop(segment.file.set_len(segment.length));
            }
        }
        if let Some(segment) = active {
            failed |= !sync(shared, &segment);
        }
        backoff = if failed { (backoff * 2).clamp(FIRST_BACKOFF, MAX_BACKOFF) } else { Duration::ZERO };
        if closed && !shared.state().is_unsynced() {
            return;
        }
        prepared_for = make_spare(shared, prepared_for);
    }
}

/// Sleeps until something is to be synced and its time has come. Answers whether the log was closed.
fn wait_for_work(
    shared: &Shared,
    started: Option<Instant>,
    backoff: Duration,
    prepared_for: u64,
) -> (MutexGuard<'_, State>, bool) {
    let mut state = shared.state();
    while !(state.closed || state.is_unsynced() || state.sync_requested || needs_spare(&state, prepared_for).is_some())
    {
        state.parked = true;
        state = shared.wake.wait(state).unwrap_or_else(PoisonError::into_inner);
        state.parked = false;
    }
    let due = started.map(|started| started + shared.options.sync_interval.max(backoff));
    while let Some(wait) = due.and_then(|due| due.checked_duration_since(Instant::now()))
        && !wait.is_zero()
        && !state.closed
        && !(state.sync_requested && backoff.is_zero())
    {
        state = shared.wake.wait_timeout(state, wait).unwrap_or_else(PoisonError::into_inner).0;
    }
    let closed = state.closed;
    (state, closed)
}

/// Syncs one segment and tells how it went. A segment whose sync failed is closed and never synced again: the kernel
/// reports a failed write once, and a later sync of the same file succeeds without the data.
fn sync(shared: &Shared, segment: &Segment) -> bool {
    if segment.length == segment.synced {
        return true;
    }
    let started = Instant::now();
    let result = segment.file.sync();
    shared.metrics.syncs.increment(1);
    shared.metrics.sync_seconds.record(started.elapsed());

    let mut state = shared.state();
    let upto = match &result {
        Ok(()) => {
            if let Some(current) = find(&mut state, segment.number) {
                current.synced = segment.length;
            }
            segment.length
        }
        Err(_) => {
            let written = find(&mut state, segment.number).map_or(segment.length, |current| current.length);
            if state.active.as_ref().is_some_and(|active| active.number == segment.number) {
                state.retire_active();
            }
            state.closing.retain(|closing| closing.number != segment.number);
            written
        }
    };
    drop(state);

    let upto = Position::new(segment.number, upto);
    // First this, so that whoever was told that a record is durable can read it.
    if shared.options.durability == Durability::Disk {
        shared.readable.send_modify(|readable| *readable = upto.max(*readable));
    }
    shared.durable.send_modify(|durable| {
        if result.is_err() {
            let start = Position::new(segment.number, segment.synced);
            let start = durable.failed.take().map_or(start, |range| range.start);
            durable.failed = Some(start..upto);
        }
        durable.upto = durable.upto.max(upto);
    });
    if let Err(error) = &result {
        shared.metrics.sync_failures.increment(1);
        tracing::error!(
            error = error as &dyn std::error::Error,
            segment = segment.number,
            "the log could not be synced to the disk: a power cut may lose its latest records"
        );
    }
    result.is_ok()
}

fn find(state: &mut State, number: u64) -> Option<&mut Segment> {
    state.active.iter_mut().chain(&mut state.closing).find(|segment| segment.number == number)
}

/// Fills the file with zeros ahead of the appends, under the lock because an append must not be overwritten: a third of
/// a millisecond in every megabyte.
fn prepare_active(shared: &Shared, state: &mut State) {
    if let Some(active) = &mut state.active
        && shared.options.durability == Durability::Disk
        && active.length + PREPARE_BYTES / 2 > active.prepared
    {
        prepare(shared, active);
    }
}

fn prepare(shared: &Shared, segment: &mut Segment) {
    let from = segment.prepared.max(segment.length);
    let upto = (from + PREPARE_BYTES).min(shared.options.segment_bytes);
    segment.prepared = from;
    while let Some(missing) = upto.checked_sub(segment.prepared).filter(|missing| *missing > 0) {
        let zeros = usize::try_from(missing).map_or(&ZEROS[..], |missing| &ZEROS[..missing.min(ZEROS.len())]);
        // A full disk is for the append to report.
        if write_whole(&*segment.file, zeros, segment.prepared).is_err() {
            return;
        }
        segment.prepared += zeros.len() as u64;
    }
}

/// The active segment, when it is in use and has no successor yet.
fn needs_spare(state: &State, prepared_for: u64) -> Option<u64> {
    let active = state.active.as_ref().filter(|active| active.length > 0 && active.number > prepared_for)?;
    state.spare.is_none().then_some(active.number)
}

/// Makes the next segment before it is needed. A failure is left to the append that will then have to make its own.
fn make_spare(shared: &Shared, prepared_for: u64) -> u64 {
    let mut state = shared.state();
    let Some(active) = needs_spare(&state, prepared_for).filter(|_| !state.closed) else { return prepared_for };
    let number = state.next_number;
    state.next_number += 1;
    state.segments.insert(number, Some(0));
    drop(state);

    let made = shared.create(number);
    let mut state = shared.state();
    match made {
        // An append may have made a later one in the meantime: numbers must grow, so this one stays empty.
        Ok(mut spare) if state.next_number == number + 1 && !state.closed => {
            drop(state);
            if shared.options.durability == Durability::Disk {
                prepare(shared, &mut spare);
                if spare.file.sync().is_err() {
                    return active;
                }
            }
            let mut state = shared.state();
            if state.next_number == number + 1 {
                state.spare = Some(spare);
            }
        }
        Ok(_) => {}
        Err(error) => {
            if state.next_number == number + 1 && error.kind() != std::io::ErrorKind::AlreadyExists {
                state.next_number = number;
                state.segments.remove(&number);
            }
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the next log segment cannot be made ahead of time"
            );
        }
    }
    active
}

/// Starts the thread.
pub(super) fn start(shared: &Arc<Shared>) -> std::io::Result<std::thread::JoinHandle<()>> {
    let shared = Arc::clone(shared);
    std::thread::Builder::new().name("log-sync".to_owned()).spawn(move || run(&shared))
}
