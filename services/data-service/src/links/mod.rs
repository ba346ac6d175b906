//! The links as the redirect path sees them: in memory, compiled, never stale.

mod domain_table;
mod link_map;

pub use domain_table::{DomainLinks, DomainTable};
pub use link_map::{CachedLink, Found, LinkMap, LinkMapError};
