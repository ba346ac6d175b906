//! Who hears about changed links.

use crate::types::{DomainId, Slug};

/// Told after a change has been committed, with every slug it touches (the old and the new one of a renamed link). The
/// redirect path implements this to look those slugs up again; it must not block.
pub trait LinkObserver: Send + Sync {
    /// These slugs may lead elsewhere now.
    fn links_changed(&self, slugs: &[(DomainId, Slug)]);
}

/// For processes that serve no redirects.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoObserver;

impl LinkObserver for NoObserver {
    fn links_changed(&self, _slugs: &[(DomainId, Slug)]) {}
}
