//! Links: the short address and where it leads.

pub(crate) mod conflict;
pub(crate) mod count;
pub(crate) mod create;
pub(crate) mod create_many;
pub(crate) mod delete;
pub(crate) mod exists;
mod fields;
pub(crate) mod get;
mod health;
pub(crate) mod info;
pub(crate) mod list;
pub(crate) mod reference;
pub(crate) mod update;
pub(crate) mod view;

use data_ops::{domains::all_domains, links::Link, types::Host};

use super::failure::ApiError;
use crate::services::Services;

/// The hosts that lead back to this server: a destination there could make a loop.
async fn own_hosts(services: &Services) -> Result<Vec<Host>, ApiError> {
    let domains = all_domains(&services.databases.control).await?;
    let public = services.public_host.clone();
    Ok(domains.into_iter().map(|domain| domain.host).chain([public]).collect())
}

/// Tells the redirect path about links that changed, before and after, once they are stored.
fn announce<'a>(services: &Services, links: impl IntoIterator<Item = &'a Link>) {
    let mut slugs: Vec<_> = links.into_iter().map(|link| (link.domain_id, link.slug.clone())).collect();
    slugs.dedup();
    if !slugs.is_empty() {
        services.links.links_changed(&slugs);
    }
}
