//! From the sink of clicks to the trackers.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use data_ops::{
    clicks::Click,
    clock::Clock,
    database::Database,
    links::find_links,
    types::{LinkId, WorkspaceId},
};
use durable::objects::Objects;
use futures_util::{StreamExt as _, stream};
use moka::future::Cache;
use tokio::{sync::Notify, time::sleep};
use tokio_util::sync::CancellationToken;

use super::{
    LinkClickTracker, LiveClick, NewClicks,
    tracker::{LISTED, LIVE},
};
use crate::clicks::ClickObserver;

/// Trackers told at once.
const AT_ONCE: usize = 16;
/// How long to wait when a tracker could not be told.
const PAUSE: Duration = Duration::from_secs(1);
/// Links whose names are kept at hand, and how long: a renamed link shows its former name for so long.
const KNOWN_LINKS: u64 = 10_000;
const KNOWN_FOR: Duration = Duration::from_secs(60);

/// Takes note of what was taken in, and tells the trackers.
pub struct LiveFeed {
    objects: Objects,
    control: Database,
    clock: Arc<dyn Clock>,
    waiting: Mutex<HashMap<WorkspaceId, Waiting>>,
    something: Notify,
    /// Where links are served: domain and slug. `None`: there is no such link any more.
    names: Cache<LinkId, Option<(String, String)>>,
}

/// What a tracker is to be told next.
#[derive(Default)]
struct Waiting {
    clicks: Vec<Click>,
    more: u64,
}

impl LiveFeed {
    /// For trackers among these objects, and links in this database.
    #[must_use]
    pub fn new(objects: Objects, control: Database, clock: Arc<dyn Clock>) -> Arc<Self> {
        let names = Cache::builder().max_capacity(KNOWN_LINKS).time_to_live(KNOWN_FOR).build();
        Arc::new(Self { objects, control, clock, waiting: Mutex::default(), something: Notify::new(), names })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<WorkspaceId, Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the trackers until `stop`, then what waits is told once more.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        loop {
            let stopped = stop.run_until_cancelled(self.something.notified()).await.is_none();
            let told = self.tell_all().await;
            if stopped {
                return;
            }
            if !told {
                stop.run_until_cancelled(sleep(PAUSE)).await;
                self.something.notify_one();
            }
        }
    }

    /// How many clicks wait to be shown.
    #[must_use]
    pub fn waiting(&self) -> u64 {
        self.lock().values().map(|waiting| waiting.clicks.len() as u64 + waiting.more).sum()
    }

    /// Tells everything that waits; whether that worked. What could not be told waits on, as a number.
    pub async fn tell_all(&self) -> bool {
        let waiting = std::mem::take(&mut *self.lock());
        let told = stream::iter(waiting).map(|(workspace, waiting)| self.tell(workspace, waiting));
        told.buffer_unordered(AT_ONCE).fold(true, |all, told| std::future::ready(all && told)).await
    }

    async fn tell(&self, workspace: WorkspaceId, waiting: Waiting) -> bool {
        let count = waiting.clicks.len() as u64 + waiting.more;
        let names = self.names_of(workspace, &waiting.clicks).await;
        let clicks = waiting.clicks.iter().map(|click| {
            let name = names.get(&click.link_id).cloned().flatten();
            LiveClick::new(click, name)
        });
        let new = NewClicks { clicks: clicks.collect(), more: waiting.more };
        let tracker = self.objects.get::<LinkClickTracker>(LinkClickTracker::name(workspace));
        let Err(error) = tracker.send(new.into()).await else { return true };
        metrics::counter!("hashroute_live_failures_total").increment(1);
        tracing::debug!(
            error = &error as &dyn std::error::Error,
            workspace.id = %workspace,
            "clicks could not be shown live; they are shown as a number"
        );
        self.lock().entry(workspace).or_default().more += count;
        false
    }

    /// Where the links of these clicks are served. A database that does not answer leaves clicks without names.
    async fn names_of(&self, workspace: WorkspaceId, clicks: &[Click]) -> HashMap<LinkId, Option<(String, String)>> {
        let mut names = HashMap::new();
        let mut unknown = HashSet::new();
        for click in clicks {
            match self.names.get(&click.link_id).await {
                Some(name) => {
                    names.insert(click.link_id, name);
                }
                None => {
                    unknown.insert(click.link_id);
                }
            }
        }
        let unknown: Vec<LinkId> = unknown.into_iter().collect();
        if let Ok(links) = find_links(&self.control, workspace, &unknown).await {
            let found =
                links.into_iter().map(|link| (link.id, (link.domain.to_string(), link.slug.as_str().to_owned())));
            let mut found: HashMap<_, _> = found.collect();
            for link in unknown {
                let name = found.remove(&link);
                self.names.insert(link, name.clone()).await;
                names.insert(link, name);
            }
        }
        names
    }
}

impl ClickObserver for LiveFeed {
    fn recorded(&self, clicks: &[Click]) {
        if clicks.is_empty() {
            return;
        }
        let live_since = self.clock.now().minus(LIVE);
        let mut waiting = self.lock();
        for click in clicks {
            let waiting = waiting.entry(click.workspace_id).or_default();
            if click.at >= live_since && waiting.clicks.len() < LISTED {
                waiting.clicks.push(click.clone());
            } else {
                waiting.more += 1;
            }
        }
        drop(waiting);
        self.something.notify_one();
    }
}
