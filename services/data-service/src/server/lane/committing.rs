//! Making a turn's clicks safe before their redirects are answered.

use std::time::Instant;

use durable::log::{Durability, DurableState, Position};

use super::Lane;
use crate::server::DURABILITY_PATIENCE;

/// Connections whose answers wait for the same write to be safe.
pub(super) struct Group {
    pub end: Position,
    pub since: Instant,
    pub clicks: u64,
    pub members: Vec<(usize, u64)>,
}

impl Lane {
    /// Writes the clicks of this turn and answers, or has the answers wait for the disk.
    pub(super) fn commit_turn(&mut self) {
        let members = std::mem::take(&mut self.turn);
        let clicks = std::mem::take(&mut self.turn_clicks);
        let end = if clicks == 0 { None } else { self.append(clicks) };
        match end {
            Some(end) if matches!(self.shared.durability, Durability::Disk) => {
                self.groups.push_back(Group { end, since: self.now, clicks, members });
            }
            _ => self.release(members),
        }
    }

    /// Appends the batch. `None` if it could not be written; the clicks are then counted as undurable.
    fn append(&mut self, clicks: u64) -> Option<Position> {
        let end = self.shared.clicks.append(&mut self.batch);
        if end.is_none() {
            self.counts.undurable += clicks;
        }
        end
    }

    pub(super) fn release_groups(&mut self) {
        while let Some(group) = self.groups.front() {
            let state = self.durable.borrow().state_of(group.end);
            let late = self.now >= group.since + DURABILITY_PATIENCE;
            if state == DurableState::Pending && !late {
                break;
            }
            let Some(group) = self.groups.pop_front() else { break };
            if state != DurableState::Durable {
                self.counts.undurable += group.clicks;
            }
            self.release(group.members);
        }
    }

    fn release(&mut self, mut members: Vec<(usize, u64)>) {
        for (slot, serial) in members.drain(..) {
            if self.connections.get(slot).is_some_and(|connection| connection.serial == serial) {
                self.write(slot);
            }
        }
        if self.turn.capacity() == 0 {
            self.turn = members;
        }
    }
}
