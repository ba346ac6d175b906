//! The tail: links that other nodes change are found in the database, twice a second.
//!
//! Each change is read once, in order, a page at a time. What commits late, behind what was already read, is looked for
//! during the overlap after that ([`ChangeCursor::recheck`]). Nothing is remembered of single changes, and while nothing
//! changes nothing is read.
//!
//! What is read again beside a late change is the same as before: a link that is in memory at the version read stays there.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use data_ops::{links::ChangeCursor, types::Timestamp};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{LinkMap, LinkMapError};

/// How often links changed by other nodes are looked for.
const INTERVAL: Duration = Duration::from_millis(500);
/// How long after a change was read an older one is still looked for, since a transaction may commit after one with a later
/// stamp.
pub(super) const OVERLAP: Duration = Duration::from_secs(5);
/// Changes held in memory at a time.
const PAGE: usize = 1_000;

/// See the module.
pub struct ChangeFollower {
    links: Arc<LinkMap>,
    cursor: ChangeCursor,
    /// Up to where changes were read by when; the last few seconds of it.
    reached: VecDeque<(Instant, Timestamp)>,
}

/// What one look for changes came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Followed {
    /// Changes read.
    pub read: usize,
    /// Those of them whose link was not in memory at this version, and is not now.
    pub forgotten: usize,
}

impl ChangeFollower {
    /// Begins where the scan at start did, however long that took.
    #[must_use]
    pub fn new(links: Arc<LinkMap>) -> Self {
        let cursor = links.opened_at().clone();
        Self { links, cursor, reached: VecDeque::new() }
    }

    /// Looks for changes twice a second, until `stop`.
    pub async fn run(mut self, stop: CancellationToken) {
        while stop.run_until_cancelled(tokio::time::sleep(INTERVAL)).await.is_some() {
            if let Some(Err(error)) = stop.run_until_cancelled(self.catch_up(Instant::now())).await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "changed links could not be read; trying again"
                );
            }
        }
    }

    /// Takes links out of memory that changed since the last call.
    ///
    /// # Errors
    /// When the database does not answer. The next call goes on from there.
    pub async fn catch_up(&mut self, now: Instant) -> Result<Followed, LinkMapError> {
        self.settle(now);
        self.cursor.recheck(self.links.control()).await?;
        let mut followed = Followed::default();
        loop {
            let page = self.cursor.next(self.links.control(), PAGE).await?;
            followed.read += page.len();
            followed.forgotten += self.links.forget_older(&page);
            if page.len() < PAGE {
                return Ok(followed);
            }
        }
    }

    /// Lets go of what was read longer ago than the overlap. What the last call read counts as read now, for it may have taken
    /// its time.
    fn settle(&mut self, now: Instant) {
        let last = self.cursor.reached();
        if self.reached.back().is_none_or(|(_, reached)| *reached < last) {
            self.reached.push_back((now, last));
        }
        while let Some((_, reached)) = self.reached.pop_front_if(|(at, _)| now.duration_since(*at) > OVERLAP) {
            self.cursor.settle(reached);
        }
    }
}
