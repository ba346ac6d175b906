//! The links as the redirect path sees them: in memory, compiled, never stale.

mod domain_table;
mod fan_out;
mod follow;
mod link_map;

pub use domain_table::{DomainLinks, DomainTable};
pub use fan_out::FanOut;
pub use follow::{ChangeFollower, Followed};
pub use link_map::{CachedLink, LinkMap, LinkMapError};
