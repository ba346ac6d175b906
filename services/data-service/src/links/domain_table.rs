//! Which short domain a request is for.

use std::{collections::HashMap, sync::Arc};

use data_ops::{
    domains::Domain,
    types::{DomainId, Host},
};

use super::CachedLink;

/// The links of one short domain, by slug.
pub struct DomainLinks {
    /// The domain's id.
    pub id: DomainId,
    pub(super) links: papaya::HashMap<Box<str>, CachedLink, ahash::RandomState>,
}

impl DomainLinks {
    fn new(id: DomainId) -> Arc<Self> {
        Arc::new(Self { id, links: papaya::HashMap::with_hasher(ahash::RandomState::new()) })
    }

    /// Calls `found` with the link of `slug` if it is in memory. `None` means "not in memory", not "does not exist".
    pub fn with_link<T>(&self, slug: &str, found: impl FnOnce(&CachedLink) -> T) -> Option<T> {
        self.links.pin().get(slug).map(found)
    }

    /// Links held in memory.
    #[must_use]
    pub fn len(&self) -> usize {
        self.links.len()
    }

    /// Whether no link is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.links.is_empty()
    }
}

/// All short domains this instance answers for. A host nobody registered is served as the instance's own domain, so that a new
/// installation answers under whatever name or address it is reached by.
pub struct DomainTable {
    instance: Arc<DomainLinks>,
    by_host: HashMap<String, Arc<DomainLinks>, ahash::RandomState>,
    by_id: HashMap<DomainId, Arc<DomainLinks>>,
}

impl DomainTable {
    /// The table of these domains, without any link.
    pub(super) fn new(instance: DomainId, domains: &[Domain]) -> Self {
        let mut table =
            Self { instance: DomainLinks::new(instance), by_host: HashMap::default(), by_id: HashMap::new() };
        table.by_id.insert(instance, table.instance.clone());
        for domain in domains {
            let links = table.by_id.entry(domain.id).or_insert_with(|| DomainLinks::new(domain.id)).clone();
            table.by_host.insert(host_key(&domain.host).to_owned(), links);
        }
        table
    }

    /// The domain that a `Host` header names.
    #[must_use]
    pub fn for_host(&self, host: Option<&str>) -> &Arc<DomainLinks> {
        let Some(host) = host.filter(|_| self.by_host.len() > 1) else { return &self.instance };
        self.by_host
            .get(host)
            .or_else(|| self.by_host.get(host.to_ascii_lowercase().trim_end_matches('.')))
            .unwrap_or(&self.instance)
    }

    /// The domain with this id.
    #[must_use]
    pub fn by_id(&self, id: DomainId) -> Option<&Arc<DomainLinks>> {
        self.by_id.get(&id)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Arc<DomainLinks>> {
        self.by_id.values()
    }
}

fn host_key(host: &Host) -> &str {
    host.as_str()
}
