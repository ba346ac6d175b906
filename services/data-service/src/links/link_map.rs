//! The link map: every link of the instance, compiled, in memory.
//!
//! Properties
//! - A redirect of a known link reads one lock-free map and no database.
//! - An edit or deletion made through this process is visible on the next request; one made by another node within a second
//!   (the tail of changed links), and at once where the nodes share NATS (see [`FanOut`](super::FanOut)). A renamed link is gone
//!   from its former slug as fast: the tail reports slugs that links left as it does deleted ones.
//! - A link that is not in memory is looked up once however many visitors ask for it at the same time, and "does not exist" is
//!   remembered for a second, so that scanning for slugs does not reach the database.
//!
//! Races
//! - *Stale insert.* A look-up reads version 1, an edit commits version 2 and invalidates, the look-up then stores version 1. Every
//!   invalidation raises the slug's generation; a look-up stores its result only if no invalidation happened since it began, and looks
//!   again otherwise. Both happen under one lock, which the redirect path never takes.
//! - *Stale load.* The same between the scan at start and an edit made meanwhile: slugs invalidated during the scan are remembered
//!   until it ends, and the scan does not store them.
//! - *Edit between commit and invalidation.* The editor's answer leaves after the invalidation, so "next request" holds for whoever
//!   was told that the edit is done.
//!
//! - *Edit that commits late.* A transaction may commit after another with a later stamp, behind what the tail has read. The tail looks
//!   for that for as long as the overlap (5 seconds).
//!
//! Clocks: on PostgreSQL the database stamps every change, never earlier than a change committed before, so neither the clocks of the
//! nodes nor a database clock that is set back (by a failover, say) make the tail pass over an edit. On SQLite the stamp is the
//! program's, on the one machine that has the file.
//!
//! Accepted
//! - After an edit the next visitor waits for one database look-up.
//! - The tail misses an edit whose transaction commits more than the overlap after its stamp, if later stamps were read meanwhile; only
//!   NATS, or the next edit of the link, then tells other nodes. Only a bulk request that waits for locks could take so long.
//! - On SQLite, an edit made by a second process after the machine's clock was set back by more than the overlap is missed until the
//!   clock has caught up. Edits of this process are not found by the tail, and never missed.

use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use data_ops::{
    database::{Database, DatabaseError, DatabaseErrorKind},
    domains,
    links::{self, ChangeCursor, ChangedSlug, LinkObserver, RoutableLink},
    routing::Program,
    types::{DomainId, LinkId, Slug, WorkspaceId},
};
use futures_util::StreamExt;
use moka::future::Cache;

use super::{DomainLinks, DomainTable, follow::OVERLAP};

/// How long "no such link" is believed without asking again.
const ABSENT_FOR: Duration = Duration::from_secs(1);
/// How many missing slugs are remembered at a time.
const ABSENT_CAPACITY: u64 = 20_000;
/// Links put into memory under one lock during the scan at start.
const LOAD_BATCH: usize = 1_000;
/// Links taken out of memory because they changed, by who told so: `api`, `nats` or `tail`.
const INVALIDATED: &str = "hashroute_links_invalidated_total";
/// Counters of invalidations.
const GENERATIONS: usize = 1_024;
/// After so many edits during one look-up the result is used without being kept.
const LOOKUP_ATTEMPTS: usize = 3;

/// One link, ready to be decided.
pub struct CachedLink {
    /// The link.
    pub link: LinkId,
    /// Its tenant.
    pub workspace: WorkspaceId,
    /// The version this was compiled from.
    pub version: i64,
    /// Where to send whom.
    pub program: Program,
}

impl From<RoutableLink> for CachedLink {
    fn from(link: RoutableLink) -> Self {
        Self { link: link.link_id, workspace: link.workspace_id, version: link.version, program: link.program }
    }
}

/// Why the links could not be read.
#[derive(Debug, thiserror::Error, Clone)]
#[error("the links could not be read from the database")]
pub struct LinkMapError(#[source] Arc<DatabaseError>);

impl From<DatabaseError> for LinkMapError {
    fn from(error: DatabaseError) -> Self {
        Self(Arc::new(error))
    }
}

/// See the module.
pub struct LinkMap {
    control: Database,
    /// What changed before is what the scan at start reads.
    opened_at: ChangeCursor,
    domains: DomainTable,
    invalidations: Mutex<Invalidations>,
    loaded: AtomicBool,
    lookups: Cache<(DomainId, Box<str>), Lookup>,
}

struct Invalidations {
    /// Counts invalidations, by a hash of the slug: an edit disturbs only the look-ups of slugs that share its counter.
    generations: Box<[u64]>,
    /// While the scan at start runs: what it must not store.
    during_load: Option<HashSet<(DomainId, Box<str>)>>,
}

impl Invalidations {
    fn new() -> Self {
        Self { generations: vec![0; GENERATIONS].into(), during_load: None }
    }

    fn generation(&mut self, domain: DomainId, slug: &str) -> &mut u64 {
        let mut hasher = DefaultHasher::new();
        (domain, slug).hash(&mut hasher);
        let index = usize::try_from(hasher.finish() % GENERATIONS as u64).unwrap_or_default();
        &mut self.generations[index]
    }
}

#[derive(Clone)]
struct Lookup {
    generation: u64,
    link: Option<RoutableLink>,
}

impl LinkMap {
    /// An empty map over the instance's domains; links come by [`LinkMap::load`] or by look-up.
    pub async fn open(control: Database, instance: DomainId) -> Result<Arc<Self>, LinkMapError> {
        let opened_at = ChangeCursor::begin(&control, OVERLAP).await?;
        let all = domains::all_domains(&control).await?;
        Ok(Arc::new(Self {
            domains: DomainTable::new(instance, &all),
            control,
            opened_at,
            invalidations: Mutex::new(Invalidations::new()),
            loaded: AtomicBool::new(false),
            lookups: Cache::builder().max_capacity(ABSENT_CAPACITY).time_to_live(ABSENT_FOR).build(),
        }))
    }

    /// The domains.
    #[must_use]
    pub fn domains(&self) -> &DomainTable {
        &self.domains
    }

    pub(super) fn control(&self) -> &Database {
        &self.control
    }

    pub(super) fn opened_at(&self) -> &ChangeCursor {
        &self.opened_at
    }

    /// Reads all links into memory. Redirects may be served meanwhile; returns how many were read.
    pub async fn load(&self) -> Result<usize, LinkMapError> {
        self.lock().during_load = Some(HashSet::new());
        let outcome = self.load_all().await;
        self.lock().during_load = None;
        self.loaded.store(outcome.is_ok(), Ordering::Release);
        outcome
    }

    /// Whether every link is in memory. Until then links are looked up one by one.
    #[must_use]
    pub fn is_loaded(&self) -> bool {
        self.loaded.load(Ordering::Acquire)
    }

    async fn load_all(&self) -> Result<usize, LinkMapError> {
        let mut total = 0;
        let mut batches = std::pin::pin!(links::stream_routable(&self.control).chunks(LOAD_BATCH));
        while let Some(batch) = batches.next().await {
            let mut readable = Vec::with_capacity(batch.len());
            for link in batch {
                match link {
                    Ok(link) => readable.push(link),
                    Err(error) if error.kind() == DatabaseErrorKind::Other => {
                        tracing::error!(
                            error = &error as &dyn std::error::Error,
                            "a stored link cannot be read and is not served"
                        );
                    }
                    Err(error) => return Err(error.into()),
                }
            }
            total += readable.len();
            self.store(readable);
        }
        Ok(total)
    }

    /// Puts links of the scan into memory, except those changed since it began.
    fn store(&self, batch: Vec<RoutableLink>) {
        let invalidations = self.lock();
        for mut link in batch {
            let key = (link.domain_id, std::mem::take(&mut link.slug).into_boxed_str());
            if invalidations.during_load.as_ref().is_some_and(|changed| changed.contains(&key)) {
                continue;
            }
            if let Some(domain) = self.domains.by_id(key.0) {
                domain.links.pin().insert(key.1, link.into());
            }
        }
    }

    /// Finds a link that is not in memory, and keeps it there; `None` if it does not exist.
    ///
    /// What is found may be a moment old only if the link is being edited right now, faster than it can be looked up; it is then
    /// not kept.
    pub async fn look_up(&self, domain: &DomainLinks, slug: &str) -> Result<Option<CachedLink>, LinkMapError> {
        let key = (domain.id, Box::<str>::from(slug));
        for _ in 0..LOOKUP_ATTEMPTS {
            let began = *self.lock().generation(domain.id, slug);
            let lookup = self
                .lookups
                .try_get_with(key.clone(), async {
                    let link = links::find_routable(&self.control, domain.id, slug).await?;
                    Ok::<_, DatabaseError>(Lookup { generation: began, link })
                })
                .await
                .map_err(LinkMapError)?;
            if self.store_if_current(domain, slug, &lookup) {
                if lookup.link.is_some() {
                    // The map has it from now on.
                    self.lookups.invalidate(&key).await;
                }
                return Ok(lookup.link.map(CachedLink::from));
            }
            self.lookups.invalidate(&key).await;
        }
        let link = links::find_routable(&self.control, domain.id, slug).await?;
        Ok(link.map(CachedLink::from))
    }

    /// Stores what a look-up found, unless something was invalidated since it began; `false` then.
    fn store_if_current(&self, domain: &DomainLinks, slug: &str, lookup: &Lookup) -> bool {
        let mut invalidations = self.lock();
        let current = lookup.generation == *invalidations.generation(domain.id, slug);
        if current && let Some(link) = lookup.link.clone() {
            domain.links.pin().insert(slug.into(), link.into());
        }
        current
    }

    /// Forgets those of these links that are older in memory, or not in memory and perhaps being looked up. Returns for how
    /// many that was to be done.
    pub(super) fn forget_older(&self, changed: &[ChangedSlug]) -> usize {
        let is_older = |change: &&ChangedSlug| {
            let links = self.domains.by_id(change.domain_id)?;
            let is_current = |cached: &CachedLink| cached.link == change.link_id && cached.version >= change.version;
            Some(links.with_link(&change.slug, is_current) != Some(true))
        };
        let older: Vec<_> = changed.iter().filter(|change| is_older(change) == Some(true)).collect();
        self.invalidate(Source::Tail, older.iter().map(|change| (change.domain_id, change.slug.as_str())));
        older.len()
    }

    /// Forgets links, so that the next visitor has them looked up.
    pub(super) fn invalidate<'a>(&self, source: Source, slugs: impl IntoIterator<Item = (DomainId, &'a str)>) {
        let mut removed = 0;
        let mut invalidations = self.lock();
        for (domain, slug) in slugs {
            *invalidations.generation(domain, slug) += 1;
            if let Some(changed) = &mut invalidations.during_load {
                changed.insert((domain, slug.into()));
            }
            if self.domains.by_id(domain).is_some_and(|links| links.links.pin().remove(slug).is_some()) {
                removed += 1;
            }
        }
        drop(invalidations);
        if removed > 0 {
            metrics::counter!(INVALIDATED, "source" => source.label()).increment(removed);
        }
    }

    /// Links in memory, of all domains.
    #[must_use]
    pub fn len(&self) -> usize {
        self.domains.all().map(|domain| domain.len()).sum()
    }

    /// Whether no link is in memory.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn lock(&self) -> MutexGuard<'_, Invalidations> {
        self.invalidations.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Who told that a link changed.
#[derive(Debug, Clone, Copy)]
pub(super) enum Source {
    /// This process, which changed it.
    Api,
    /// Another node, by message.
    Nats,
    /// The database, asked again and again.
    Tail,
}

impl Source {
    fn label(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Nats => "nats",
            Self::Tail => "tail",
        }
    }
}

impl LinkObserver for LinkMap {
    fn links_changed(&self, slugs: &[(DomainId, Slug)]) {
        self.invalidate(Source::Api, slugs.iter().map(|(domain, slug)| (*domain, slug.as_str())));
    }
}
