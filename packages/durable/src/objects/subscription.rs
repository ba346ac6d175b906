//! Following an object: a snapshot first, then what changes.

use std::sync::Arc;

use serde_json::Value;
use tokio::sync::broadcast::error::RecvError;

use super::{Object, ObjectError, ObjectHandle, Snapshot, rooms::Seat};

/// What a subscriber is told.
#[derive(Debug, Clone, PartialEq)]
pub enum Update<S> {
    /// The whole state: at first, and whenever something was missed. It takes the place of everything told before.
    Snapshot(Snapshot<S>),
    /// What the object published since the last update, in order.
    Deltas {
        /// The version this leads to.
        version: u64,
        /// As the object said it.
        deltas: Arc<[Value]>,
    },
}

/// One subscriber of one object. Ends when dropped.
pub struct Subscription<O: Object> {
    object: ObjectHandle<O>,
    seat: Seat,
    /// The version the subscriber knows; `None` when it has to be told the whole state.
    seen: Option<i64>,
}

impl<O: Object> Subscription<O> {
    pub(super) fn new(object: ObjectHandle<O>, seat: Seat) -> Self {
        Self { object, seat, seen: None }
    }

    /// Waits for the next update. Dropping the future loses nothing.
    ///
    /// # Errors
    /// The state cannot be read, or the database failed; the next call tries again.
    pub async fn next(&mut self) -> Result<Update<O::State>, ObjectError> {
        loop {
            let Some(seen) = self.seen else {
                let snapshot = self.object.snapshot().await?;
                self.seen = Some(i64::try_from(snapshot.version).unwrap_or(i64::MAX));
                return Ok(Update::Snapshot(snapshot));
            };
            let frame = match self.seat.frames.recv().await {
                Ok(frame) => frame,
                Err(RecvError::Lagged(_)) => {
                    self.missed("slow");
                    continue;
                }
                // The room is open as long as there is a seat.
                Err(RecvError::Closed) => return Err(ObjectError::Stopped),
            };
            match &frame.deltas {
                _ if frame.version <= seen => {}
                Some(deltas) if frame.since <= seen => {
                    self.seen = Some(frame.version);
                    let version = u64::try_from(frame.version).unwrap_or(0);
                    return Ok(Update::Deltas { version, deltas: deltas.clone() });
                }
                _ => self.missed("gap"),
            }
        }
    }

    fn missed(&mut self, reason: &'static str) {
        metrics::counter!("hashroute_objects_missed_frames_total", "class" => O::CLASS, "reason" => reason)
            .increment(1);
        self.seen = None;
    }
}
