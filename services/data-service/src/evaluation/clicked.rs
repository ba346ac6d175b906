//! Clicks have destinations looked at that were not looked at lately.
//!
//! The click path pays for a look into a map in memory: a destination is told about once in a while, however often it is
//! clicked. Whatever is lost here (a process that dies, a map that is full) the regular schedule makes up for.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, RandomState},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use data_ops::{
    clicks::Click,
    clock::Clock,
    database::{Database, DatabaseError},
    destinations::{find_destination_by_url, watch_of},
    types::{DestinationUrl, Timestamp, WorkspaceId},
};
use durable::objects::Objects;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::{EvaluationScheduler, EvaluationSettings, SchedulerEvent, SchedulerMessage};
use crate::clicks::ClickObserver;

/// How long a destination is not told about again, at most.
const QUIET: Duration = Duration::from_secs(300);
/// Destinations remembered to have been told about.
const REMEMBERED: usize = 100_000;
/// Destinations that may wait to be told about.
const WAITING: usize = 10_000;

/// Takes note of clicks, and tells schedulers.
pub struct ClickTrigger {
    objects: Objects,
    control: Database,
    clock: Arc<dyn Clock>,
    settings: EvaluationSettings,
    quiet: Duration,
    hasher: RandomState,
    inner: Mutex<Inner>,
    something: Notify,
}

#[derive(Default)]
struct Inner {
    /// When which was told about last, by a hash of workspace and URL.
    told: HashMap<u64, Timestamp>,
    waiting: HashMap<(WorkspaceId, Arc<str>), u64>,
}

impl ClickTrigger {
    /// For schedulers among these objects, and destinations in this database.
    #[must_use]
    pub fn new(objects: Objects, control: Database, clock: Arc<dyn Clock>, settings: EvaluationSettings) -> Arc<Self> {
        let quiet = QUIET.min(settings.click_after / 4);
        let hasher = RandomState::new();
        let (inner, something) = (Mutex::default(), Notify::new());
        Arc::new(Self { objects, control, clock, settings, quiet, hasher, inner, something })
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells schedulers until `stop`.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        while stop.run_until_cancelled(self.something.notified()).await.is_some() {
            self.tell_all(&stop).await;
        }
    }

    /// Tells everything that waits. What cannot be told is forgotten.
    pub async fn tell_all(&self, stop: &CancellationToken) {
        let waiting = std::mem::take(&mut self.lock().waiting);
        for ((workspace, url), count) in waiting {
            if stop.is_cancelled() {
                return;
            }
            if let Err(error) = self.tell(workspace, &url, count).await {
                metrics::counter!("hashroute_click_trigger_failures_total").increment(1);
                tracing::debug!(
                    error = &error as &dyn std::error::Error,
                    "a click could not have its destination looked at; the schedule does"
                );
            }
        }
    }

    async fn tell(&self, workspace: WorkspaceId, url: &str, count: u64) -> Result<(), DatabaseError> {
        let Ok(url) = DestinationUrl::from_stored(url) else { return Ok(()) };
        let Some(destination) = find_destination_by_url(&self.control, workspace, &url).await? else {
            return Ok(());
        };
        let (now, after) = (self.clock.now(), self.settings.click_after);
        if destination.last_checked_at.is_some_and(|checked| now.since(checked) < after) {
            return Ok(());
        }
        if !watch_of(self.control.read(), workspace, destination.id).await?.enabled {
            return Ok(());
        }
        let scheduler = self.objects.get::<EvaluationScheduler>(EvaluationScheduler::name(destination.id));
        let event = SchedulerEvent::Clicked { count, stale_after: after };
        if let Err(error) = scheduler.send(SchedulerMessage { workspace, event }).await {
            tracing::debug!(error = &error as &dyn std::error::Error, "a scheduler could not be told of clicks");
        }
        Ok(())
    }
}

impl ClickObserver for ClickTrigger {
    fn recorded(&self, clicks: &[Click]) {
        if !self.settings.enabled {
            return;
        }
        let now = self.clock.now();
        let mut inner = self.lock();
        let before = inner.waiting.len();
        for click in clicks.iter().filter(|click| !click.bot) {
            let key = self.hasher.hash_one((click.workspace_id, &click.destination));
            let told = inner.told.get(&key).copied();
            // One that lies ahead was noted under a clock that was put back since.
            if told.is_some_and(|told| told <= now && now.since(told) < self.quiet) {
                continue;
            }
            if inner.waiting.len() >= WAITING {
                break;
            }
            if inner.told.len() >= REMEMBERED {
                inner.told.clear();
            }
            inner.told.insert(key, now);
            *inner.waiting.entry((click.workspace_id, click.destination.clone())).or_default() += 1;
        }
        let something = inner.waiting.len() > before;
        drop(inner);
        if something {
            self.something.notify_one();
        }
    }
}
