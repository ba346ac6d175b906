//! A link as the API shows it.

use std::collections::HashMap;

use data_ops::{
    clicks::{LinkCounter, link_counters},
    destinations::{LinkDestination, destinations_of_links},
    links::Link,
    types::{
        ClickValue, DestinationUrl, GeoBackups, GeoTargets, Host, LinkId, Monitor, Rule, Slug, Timestamp, UserId,
        WorkspaceId,
    },
};
use serde::Serialize;
use utoipa::ToSchema;

use super::health::LinkHealth;
use crate::{
    api::{failure::ApiError, schema},
    services::Services,
};

/// A link.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Link)]
pub(crate) struct LinkView {
    #[schema(inline)]
    id: LinkId,
    /// The host of the short address.
    #[schema(value_type = String, example = "go.example.com")]
    domain: Host,
    /// The path of the short address, its slug.
    #[schema(value_type = String, example = "summer-sale")]
    key: Slug,
    /// Where visitors go whom no rule and no country concerns.
    #[schema(value_type = String, example = "https://example.com/summer")]
    url: DestinationUrl,
    /// The whole short address.
    #[schema(example = "https://go.example.com/summer-sale")]
    short_link: String,
    /// The link's id in another system, unique in the workspace.
    #[schema(required)]
    external_id: Option<String>,
    /// A title for people.
    #[schema(required)]
    title: Option<String>,
    /// Notes for the people of the workspace.
    #[schema(required)]
    comments: Option<String>,
    /// Archived links keep redirecting; lists leave them out unless asked.
    archived: bool,
    /// Destinations by country; null when there are none.
    #[schema(required)]
    geo: Option<GeoTargets>,
    /// Rules in their order; the first that matches decides, before `geo` and `url`.
    rules: Vec<Rule>,
    /// Where visitors go instead of `url` while that is down: the first of these that is not.
    #[schema(value_type = Vec<String>)]
    backup_urls: Vec<DestinationUrl>,
    /// The same for the destinations of countries; null when there are none.
    #[schema(required)]
    geo_backup_urls: Option<GeoBackups>,
    /// How the link's destinations are watched.
    monitor: Monitor,
    /// What a click is worth; null when nobody said.
    #[schema(required)]
    click_value: Option<ClickValue>,
    /// How the link's destinations are; null while that is not known.
    #[schema(required)]
    health: Option<LinkHealth>,
    /// Clicks by people so far; bots are left out.
    #[schema(schema_with = schema::count)]
    clicks: u64,
    /// When a person last clicked.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    last_clicked: Option<Timestamp>,
    /// Who created it; null once their account is gone.
    #[schema(value_type = Option<String>, required)]
    user_id: Option<UserId>,
    #[schema(inline)]
    workspace_id: WorkspaceId,
    #[schema(inline)]
    created_at: Timestamp,
    #[schema(inline)]
    updated_at: Timestamp,
}

impl LinkView {
    pub(crate) fn new(
        link: Link,
        counter: Option<&LinkCounter>,
        destinations: &[LinkDestination],
        services: &Services,
    ) -> Self {
        Self {
            short_link: short_link(&link.domain, &link.slug, services),
            health: LinkHealth::of(&link, destinations),
            id: link.id,
            domain: link.domain,
            key: link.slug,
            url: link.url,
            external_id: link.external_id,
            title: Some(link.title).filter(|title| !title.is_empty()),
            comments: link.comments,
            archived: link.archived,
            geo: Some(link.geo).filter(|geo| !geo.is_empty()),
            rules: link.rules,
            backup_urls: link.backup_urls,
            geo_backup_urls: Some(link.geo_backup_urls).filter(|backups| !backups.is_empty()),
            monitor: link.monitor,
            click_value: link.click_value,
            clicks: counter.map_or(0, |counter| counter.clicks),
            last_clicked: counter.and_then(|counter| counter.last_clicked_at),
            user_id: link.created_by,
            workspace_id: link.workspace_id,
            created_at: link.created_at,
            updated_at: link.updated_at,
        }
    }

    /// One link with its clicks.
    pub(crate) async fn load(services: &Services, link: Link) -> Result<Self, ApiError> {
        let counters = load_counters(services, &[link.id]).await?;
        let destinations = load_destinations(services, link.workspace_id, &[link.id]).await?;
        let counter = counters.get(&link.id);
        let of_link = destinations.get(&link.id).map_or(&[][..], Vec::as_slice);
        Ok(Self::new(link, counter, of_link, services))
    }

    /// A link that was just stored: nothing may fail any more, so what cannot be read is left out.
    pub(crate) async fn stored(link: Link, counter: Option<&LinkCounter>, services: &Services) -> Self {
        let ids = [link.id];
        let mut destinations = destinations_after_storing(services, link.workspace_id, &ids).await;
        let of_link = destinations.remove(&link.id).unwrap_or_default();
        Self::new(link, counter, &of_link, services)
    }

    /// Several links with their clicks.
    pub(crate) async fn load_all(services: &Services, links: Vec<Link>) -> Result<Vec<Self>, ApiError> {
        let ids: Vec<LinkId> = links.iter().map(|link| link.id).collect();
        let counters = load_counters(services, &ids).await?;
        let destinations = match links.first() {
            Some(link) => load_destinations(services, link.workspace_id, &ids).await?,
            None => HashMap::new(),
        };
        let view = |link: Link| {
            let counter = counters.get(&link.id);
            let of_link = destinations.get(&link.id).map_or(&[][..], Vec::as_slice);
            Self::new(link, counter, of_link, services)
        };
        Ok(links.into_iter().map(view).collect())
    }
}

async fn load_destinations(
    services: &Services,
    workspace_id: WorkspaceId,
    ids: &[LinkId],
) -> Result<HashMap<LinkId, Vec<LinkDestination>>, ApiError> {
    Ok(destinations_of_links(&services.databases.control, workspace_id, ids).await?)
}

/// Where links lead that were just stored; nothing where that cannot be read.
pub(crate) async fn destinations_after_storing(
    services: &Services,
    workspace_id: WorkspaceId,
    ids: &[LinkId],
) -> HashMap<LinkId, Vec<LinkDestination>> {
    match destinations_of_links(&services.databases.control, workspace_id, ids).await {
        Ok(destinations) => destinations,
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "the health of stored links cannot be read");
            HashMap::new()
        }
    }
}

pub(crate) async fn load_counters(
    services: &Services,
    ids: &[LinkId],
) -> Result<HashMap<LinkId, LinkCounter>, ApiError> {
    Ok(link_counters(&services.databases.clicks, ids).await?)
}

/// The address to share. The instance's own domain may be without HTTPS, on a private network for example.
pub(crate) fn short_link(domain: &Host, slug: &Slug, services: &Services) -> String {
    let is_own = *domain == services.public_host;
    let scheme = if is_own { services.settings.public_url.scheme() } else { "https" };
    format!("{scheme}://{domain}/{slug}")
}
