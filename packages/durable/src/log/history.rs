//! Telling whether a stored position is about this log, or about what was in its directory before.

use std::{io, sync::PoisonError};

use uuid::Uuid;

use super::{Position, directory::write_identity, state::Shared};

impl Shared {
    pub fn id(&self) -> Uuid {
        *self.id.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that the consumer's sink may from now on have stored `next`.
    pub fn offered(&self, consumer: &str, next: Position) {
        let mut offered = self.offered.lock().unwrap_or_else(PoisonError::into_inner);
        let furthest = offered.entry(consumer.to_owned()).or_default();
        *furthest = next.max(*furthest);
    }

    /// Whether the consumer can have stored `position` in the history of this log: before this opening, which began a
    /// segment above all others, or because it was offered it since.
    pub fn explains(&self, consumer: &str, position: Position) -> bool {
        let offered = self.offered.lock().unwrap_or_else(PoisonError::into_inner);
        position <= offered.get(consumer).map_or(self.begin, |furthest| self.begin.max(*furthest))
    }

    /// Gives the log another identity in place of `old`, unless that has been done; answers the one it has now.
    pub fn renew_identity(&self, old: Uuid) -> io::Result<Uuid> {
        let mut id = self.id.lock().unwrap_or_else(PoisonError::into_inner);
        if *id == old {
            *id = write_identity(&self.options.directory)?;
        }
        Ok(*id)
    }

    /// Writes no more into a segment whose file is gone: nobody could read it.
    pub fn abandon(&self, number: u64) {
        let mut state = self.state();
        if state.active.as_ref().is_some_and(|active| active.number == number) {
            state.retire_active();
        }
    }
}
