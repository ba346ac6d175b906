//! Who hears about changed links.

use super::ChangedSlug;
use crate::types::{DomainId, Slug};

/// Told after a change has been committed, with every slug it touches (the old and the new one of a renamed link). The
/// redirect path implements this to look those slugs up again; it must not block.
pub trait LinkObserver: Send + Sync {
    /// These slugs may lead elsewhere now.
    fn links_changed(&self, slugs: &[(DomainId, Slug)]);
}

/// Tells an observer of changes that were read from the database, or brought about by a change of health.
pub fn announce_changes(observer: &dyn LinkObserver, changed: &[ChangedSlug]) {
    let place = |change: &ChangedSlug| Slug::parse(&change.slug).ok().map(|slug| (change.domain_id, slug));
    let slugs: Vec<_> = changed.iter().filter_map(place).collect();
    if !slugs.is_empty() {
        observer.links_changed(&slugs);
    }
}

/// For processes that serve no redirects.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoObserver;

impl LinkObserver for NoObserver {
    fn links_changed(&self, _slugs: &[(DomainId, Slug)]) {}
}
