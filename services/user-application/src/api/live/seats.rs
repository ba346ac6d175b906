//! How many sockets there are, by whose they are.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use data_ops::types::{ApiKeyId, UserId, WorkspaceId};

use crate::live::LiveLimits;

/// Whose sockets are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Holder {
    Workspace(WorkspaceId),
    Person(UserId),
    Key(ApiKeyId),
}

/// The sockets of this node.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seats(Arc<Mutex<HashMap<Holder, usize>>>);

/// One socket; free again when dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    seats: Seats,
    holders: [Holder; 2],
}

impl Seats {
    fn lock(&self) -> MutexGuard<'_, HashMap<Holder, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A seat in the workspace for the caller; `None` where either has as many as it may.
    pub(crate) fn take(&self, workspace: WorkspaceId, caller: Holder, limits: &LiveLimits) -> Option<Seat> {
        let holders = [Holder::Workspace(workspace), caller];
        let mut taken = self.lock();
        let count = |holder| taken.get(&holder).copied().unwrap_or_default();
        if count(holders[0]) >= limits.per_workspace || count(holders[1]) >= limits.per_caller {
            return None;
        }
        for holder in holders {
            *taken.entry(holder).or_default() += 1;
        }
        metrics::gauge!("hashroute_live_sockets").increment(1.0);
        Some(Seat { seats: self.clone(), holders })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.lock();
        for holder in self.holders {
            let count = taken.entry(holder).or_default();
            *count = count.saturating_sub(1);
            if *count == 0 {
                taken.remove(&holder);
            }
        }
        metrics::gauge!("hashroute_live_sockets").decrement(1.0);
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn seats_are_bounded_by_workspace_and_by_caller_and_come_back() {
        let (seats, limits) =
            (Seats::default(), LiveLimits { per_workspace: 3, per_caller: 2, ..LiveLimits::default() });
        let [one, two] = [1, 2].map(|number| WorkspaceId::from_uuid(Uuid::from_u128(number)));
        let [ada, bob] = [1, 2].map(|number| Holder::Person(UserId::from_uuid(Uuid::from_u128(number))));
        let key = Holder::Key(ApiKeyId::from_uuid(Uuid::from_u128(1)));
        let first = seats.take(one, ada, &limits);
        let second = seats.take(one, ada, &limits);
        assert!(first.is_some() && second.is_some());
        assert!(seats.take(one, ada, &limits).is_none(), "two for a caller");
        assert!(seats.take(two, ada, &limits).is_none(), "wherever");
        let third = seats.take(one, bob, &limits);
        assert!(third.is_some());
        assert!(seats.take(one, key, &limits).is_none(), "three for a workspace");
        drop(first);
        let fourth = seats.take(one, key, &limits);
        assert!(fourth.is_some());
        drop((second, third, fourth));
        assert!(seats.lock().is_empty());
    }
}
