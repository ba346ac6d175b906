//! Links: the heart of the product. Owned by a workspace, served on a domain under a slug.
//!
//! A deleted link stays as a tombstone, and a renamed one keeps its former slugs, so that they are never handed to someone
//! else: whoever still has the old short link must not be led to a stranger's destination.

mod changes;
mod create;
mod delete;
pub(crate) mod entity;
mod find;
mod former;
mod list;
mod observer;
mod routable;
mod update;
mod used;

pub use changes::{ChangeCursor, ChangedSlug};
pub use create::{CreateLinkError, NewLink, create_link, create_links};
pub use delete::delete_link;
pub(crate) use find::owned_by;
pub use find::{find_link, find_link_by_external_id, find_link_by_slug, find_links, is_slug_free};
pub(crate) use list::contains_pattern;
pub use list::{LinkFilter, Page, SortOrder, count_links, list_links};
pub use observer::{LinkObserver, NoObserver, announce_changes};
pub use routable::{RoutableLink, find_routable, stream_routable};
pub use update::{LinkChange, UpdateLinkError, update_link};

use crate::database::DatabaseError;
use crate::domains::entity as domains_entity;
use crate::types::{
    ClickValue, DestinationUrl, DomainId, GeoBackups, GeoTargets, Host, LinkId, Monitor, MonitorPhrases, Rule, Slug,
    Timestamp, UserId, WorkspaceId,
};

/// A link as its owner knows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// Its id.
    pub id: LinkId,
    /// Whose it is.
    pub workspace_id: WorkspaceId,
    /// Where it is served.
    pub domain_id: DomainId,
    /// The host of that domain.
    pub domain: Host,
    /// Its path.
    pub slug: Slug,
    /// Where it leads when nothing else applies.
    pub url: DestinationUrl,
    /// Where it leads visitors from certain countries.
    pub geo: GeoTargets,
    /// Where it leads visitors who meet a condition, first match first.
    pub rules: Vec<Rule>,
    /// Where it leads instead of `url` while that is down: the first of these that is not.
    pub backup_urls: Vec<DestinationUrl>,
    /// The same for the destinations of countries. Those of rules are within the rules.
    pub geo_backup_urls: GeoBackups,
    /// How its destinations are watched.
    pub monitor: Monitor,
    /// What a click is worth to its owner.
    pub click_value: Option<ClickValue>,
    /// Its id in the owner's own system.
    pub external_id: Option<String>,
    /// A title for people; may be empty.
    pub title: String,
    /// Notes for the team.
    pub comments: Option<String>,
    /// Hidden from lists, still redirecting.
    pub archived: bool,
    /// Counts the changes, from 1.
    pub version: i64,
    /// Who made it; `None` once their account is gone.
    pub created_by: Option<UserId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Link {
    /// Whether there is a place of the link whose destination is down while a backup is not, so that some visitors are led
    /// there.
    pub fn serves_backup(&self, is_down: impl Fn(&DestinationUrl) -> bool) -> bool {
        let any_up = |backups: &[DestinationUrl]| backups.iter().any(|backup| !is_down(backup));
        let rule = |rule: &Rule| rule.destinations.iter().any(|to| is_down(&to.url)) && any_up(&rule.backups);
        let country = |(country, url)| is_down(url) && any_up(self.geo_backup_urls.get(country));
        (is_down(&self.url) && any_up(&self.backup_urls)) || self.geo.iter().any(country) || self.rules.iter().any(rule)
    }
}

/// A row of links with the row of its domain.
type Row = (entity::Model, Option<domains_entity::Model>);

impl TryFrom<Row> for Link {
    type Error = DatabaseError;

    fn try_from((row, domain): Row) -> Result<Self, DatabaseError> {
        let host = domain.map(|domain| domain.host).unwrap_or_default();
        Ok(Self {
            id: LinkId::from_uuid(row.id),
            workspace_id: WorkspaceId::from_uuid(row.workspace_id),
            domain_id: DomainId::from_uuid(row.domain_id),
            domain: Host::parse(&host).map_err(|error| DatabaseError::stored("domain host", error))?,
            slug: Slug::parse(&row.slug).map_err(|error| DatabaseError::stored("slug", error))?,
            url: parse_url(&row.url)?,
            geo: parse_geo(row.geo.as_deref())?,
            rules: parse_rules(row.rules.as_deref())?,
            backup_urls: parse_json("backups", row.backup_urls.as_deref())?,
            geo_backup_urls: parse_json("backups by country", row.geo_backup_urls.as_deref())?,
            monitor: Monitor {
                enabled: row.monitor_enabled,
                interval: row.monitor_interval_s.and_then(|seconds| u32::try_from(seconds).ok()),
                phrases: parse_json("phrases", row.monitor_phrases.as_deref())?,
            },
            click_value: row.click_value_minor.zip(row.click_value_currency).map(|(minor, currency)| ClickValue {
                minor: u32::try_from(minor).unwrap_or(ClickValue::MAX_MINOR),
                currency,
            }),
            external_id: row.external_id,
            title: row.title,
            comments: row.comments,
            archived: row.archived,
            version: row.version,
            created_by: row.created_by.map(UserId::from_uuid),
            created_at: Timestamp::from_millis(row.created_at),
            updated_at: Timestamp::from_millis(row.updated_at),
        })
    }
}

fn parse_url(text: &str) -> Result<DestinationUrl, DatabaseError> {
    DestinationUrl::from_stored(text).map_err(|error| DatabaseError::stored("destination", error))
}

fn parse_geo(json: Option<&str>) -> Result<GeoTargets, DatabaseError> {
    json.map_or_else(|| Ok(GeoTargets::default()), serde_json::from_str)
        .map_err(|error| DatabaseError::stored("country destinations", error))
}

fn parse_rules(json: Option<&str>) -> Result<Vec<Rule>, DatabaseError> {
    json.map_or_else(|| Ok(Vec::new()), serde_json::from_str).map_err(|error| DatabaseError::stored("rules", error))
}

/// As stored: nothing at all when there are none.
fn geo_json(geo: &GeoTargets) -> Result<Option<String>, DatabaseError> {
    if geo.is_empty() {
        return Ok(None);
    }
    serde_json::to_string(geo).map(Some).map_err(|error| DatabaseError::stored("country destinations", error))
}

fn rules_json(rules: &[Rule]) -> Result<Option<String>, DatabaseError> {
    if rules.is_empty() {
        return Ok(None);
    }
    serde_json::to_string(rules).map(Some).map_err(|error| DatabaseError::stored("rules", error))
}

/// What a column of JSON holds; nothing is the default.
fn parse_json<T: serde::de::DeserializeOwned + Default>(
    what: &'static str,
    json: Option<&str>,
) -> Result<T, DatabaseError> {
    json.map_or_else(|| Ok(T::default()), serde_json::from_str).map_err(|error| DatabaseError::stored(what, error))
}

/// As stored: nothing at all when it is empty.
fn json_unless<T: serde::Serialize>(
    what: &'static str,
    value: &T,
    empty: bool,
) -> Result<Option<String>, DatabaseError> {
    if empty {
        return Ok(None);
    }
    serde_json::to_string(value).map(Some).map_err(|error| DatabaseError::stored(what, error))
}

fn backups_json(backups: &[DestinationUrl]) -> Result<Option<String>, DatabaseError> {
    json_unless("backups", &backups, backups.is_empty())
}

fn geo_backups_json(backups: &GeoBackups) -> Result<Option<String>, DatabaseError> {
    json_unless("backups by country", backups, backups.is_empty())
}

fn phrases_json(phrases: &MonitorPhrases) -> Result<Option<String>, DatabaseError> {
    json_unless("phrases", phrases, phrases.is_empty())
}
