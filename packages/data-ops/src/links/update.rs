//! Changing a link.

use std::collections::BTreeSet;

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter,
    QuerySelect,
};

use super::create::{SlugConflict, slug_conflict};
use super::find::owned_by;
use super::former::{keep, take_back};
use super::used::used_urls;
use super::{Link, backups_json, entity, geo_backups_json, geo_json, phrases_json, rules_json};
use crate::database::{Database, DatabaseError, Unique, unique_violation};
use crate::destinations::{Hold, attach, detach, ensure};
use crate::domains::{entity as domains_entity, find_usable};
use crate::types::{
    ClickValue, DestinationUrl, FieldError, GeoBackups, GeoTargets, Host, LinkId, Monitor, Rule, Slug, Timestamp,
    WorkspaceId, own_backups,
};

/// What to change; `None` leaves a field alone, `Some(None)` empties it.
#[derive(Clone, Debug, Default)]
pub struct LinkChange {
    /// Where to serve it.
    pub domain: Option<Host>,
    /// Its path.
    pub slug: Option<Slug>,
    /// Where it leads when nothing else applies.
    pub url: Option<DestinationUrl>,
    /// Where it leads visitors from certain countries, all of them.
    pub geo: Option<GeoTargets>,
    /// Where it leads visitors who meet a condition, all of them.
    pub rules: Option<Vec<Rule>>,
    /// Where it leads instead of `url` while that is down, all of them. Left alone, one that is the new `url` is dropped.
    pub backup_urls: Option<Vec<DestinationUrl>>,
    /// The same for the destinations of countries. Left alone, those of countries that have none any more are dropped.
    pub geo_backup_urls: Option<GeoBackups>,
    /// How its destinations are watched.
    pub monitor: Option<Monitor>,
    /// What a click is worth to its owner.
    pub click_value: Option<Option<ClickValue>>,
    /// Its id in the owner's own system.
    pub external_id: Option<Option<String>>,
    /// A title for people.
    pub title: Option<String>,
    /// Notes for the team.
    pub comments: Option<Option<String>>,
    /// Hidden from lists, still redirecting.
    pub archived: Option<bool>,
}

/// Why a link stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum UpdateLinkError {
    /// Another link is served there.
    #[error("this slug is already in use on this domain")]
    SlugTaken,
    /// Another link was served there before it was deleted or renamed: old copies of it must not lead somewhere new.
    #[error("this slug belonged to another link, since deleted or renamed, and cannot be used again")]
    SlugRetired,
    /// Another link of the workspace has this id.
    #[error("another link of this workspace has this external id")]
    ExternalIdTaken,
    /// The workspace may not use this domain, or there is none.
    #[error("this workspace has no such domain")]
    DomainNotFound,
    /// Its backups are not such of its destinations.
    #[error("these are no backups of the link's destinations")]
    Backups(Vec<FieldError>),
    /// The database failed.
    #[error("the link could not be changed")]
    Database(#[from] DatabaseError),
}

impl From<sea_orm::DbErr> for UpdateLinkError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Database(error.into())
    }
}

/// Changes a link; answers what it was and what it is. `None`: the workspace has no such link. A change that changes
/// nothing leaves the version as it is. A slug the link leaves stays its own: it may come back to it, and no other link may
/// have it.
pub async fn update_link(
    db: &Database,
    workspace_id: WorkspaceId,
    id: LinkId,
    change: &LinkChange,
    now: Timestamp,
) -> Result<Option<(Link, Link)>, UpdateLinkError> {
    let transaction = db.begin().await?;
    // Held before the link, as whoever changes their health does it.
    let urls = change.urls();
    ensure(&transaction, workspace_id, &urls, Hold::Shared, now).await?;
    let Some(before) = lock_row(db, &transaction, workspace_id, id).await? else {
        return Ok(None);
    };
    let host = |domain_id| domains_entity::Entity::find_by_id(domain_id).one(&transaction);
    let domain_before = host(before.domain_id).await?;

    let mut after = before.clone();
    if let Some(host) = &change.domain {
        let domain = find_usable(&transaction, workspace_id, Some(host)).await?;
        after.domain_id = domain.ok_or(UpdateLinkError::DomainNotFound)?.id.as_uuid();
    }
    apply(&mut after, change)?;
    let places = fit_backups(&mut after, change)?;
    if after == before {
        let link = Link::try_from((before, domain_before))?;
        return Ok(Some((link.clone(), link)));
    }
    let moves = (after.domain_id, &after.slug) != (before.domain_id, &before.slug);
    if moves {
        let slug = change.slug.as_ref().map_or_else(|| Slug::parse(&before.slug), |slug| Ok(slug.clone()));
        let slug = slug.map_err(|error| DatabaseError::stored("slug", error))?;
        match slug_conflict(&transaction, after.domain_id, &slug, Some(before.id)).await? {
            Some(SlugConflict::Taken) => return Err(UpdateLinkError::SlugTaken),
            Some(SlugConflict::Retired) => return Err(UpdateLinkError::SlugRetired),
            None => {}
        }
    }
    after.version = before.version + 1;
    after.updated_at = self::after(&before, now);
    store(&transaction, after.clone()).await?;
    if leads_elsewhere(&before, &after) {
        reattach(&transaction, &after, &places, now).await?;
    }
    if moves {
        keep(&transaction, &before).await?;
        // Someone may have left this slug since it was looked up.
        if !take_back(&transaction, &after).await? {
            return Err(UpdateLinkError::SlugRetired);
        }
    }
    let domain_after = domains_entity::Entity::find_by_id(after.domain_id).one(&transaction).await?;
    // Nothing may fail after the commit: the caller announces what this answers.
    let changed = (Link::try_from((before, domain_before))?, Link::try_from((after, domain_after))?);
    transaction.commit().await?;
    Ok(Some(changed))
}

/// The time of a change made now: later than the last one, and than the last change of health, by at least a millisecond.
pub(super) fn after(row: &entity::Model, now: Timestamp) -> i64 {
    now.as_millis().max(row.updated_at + 1).max(row.routed_at + 1)
}

impl LinkChange {
    /// The destinations this may bring.
    fn urls(&self) -> BTreeSet<&str> {
        let rules = self.rules.iter().flatten();
        let rules = rules.flat_map(|rule| rule.destinations.iter().map(|to| &to.url).chain(&rule.backups));
        let geo = self.geo.iter().flat_map(|geo| geo.iter().map(|(_, url)| url));
        let geo_backups = self.geo_backup_urls.iter().flat_map(|backups| backups.iter().flat_map(|(_, urls)| urls));
        let urls = self.url.iter().chain(self.backup_urls.iter().flatten()).chain(geo).chain(geo_backups).chain(rules);
        urls.map(DestinationUrl::as_str).collect()
    }
}

/// What a row says of destinations.
struct Places {
    url: DestinationUrl,
    geo: GeoTargets,
    rules: Vec<Rule>,
    backups: Vec<DestinationUrl>,
    geo_backups: GeoBackups,
}

/// Makes the backups of a changed row such of its destinations: those in the change have to be, others are dropped where they
/// are not.
fn fit_backups(row: &mut entity::Model, change: &LinkChange) -> Result<Places, UpdateLinkError> {
    let url = super::parse_url(&row.url)?;
    let geo = super::parse_geo(row.geo.as_deref())?;
    let rules = super::parse_rules(row.rules.as_deref())?;
    let mut backups: Vec<DestinationUrl> = super::parse_json("backups", row.backup_urls.as_deref())?;
    let mut geo_backups: GeoBackups = super::parse_json("backups by country", row.geo_backup_urls.as_deref())?;
    let mut errors = Vec::new();
    if change.backup_urls.is_some() {
        errors.extend(own_backups(&backups, [&url], "backupUrls"));
    } else if backups.contains(&url) {
        backups.retain(|backup| *backup != url);
        row.backup_urls = backups_json(&backups)?;
    }
    if change.geo_backup_urls.is_some() {
        errors.extend(geo_backups.check(&geo, "geoBackupUrls"));
    } else if !geo_backups.is_empty() && change.geo.is_some() {
        geo_backups = geo_backups.only_of(&geo);
        row.geo_backup_urls = geo_backups_json(&geo_backups)?;
    }
    if errors.is_empty() {
        Ok(Places { url, geo, rules, backups, geo_backups })
    } else {
        Err(UpdateLinkError::Backups(errors))
    }
}

fn leads_elsewhere(before: &entity::Model, after: &entity::Model) -> bool {
    fn places(row: &entity::Model) -> [Option<&str>; 5] {
        let json = [&row.geo, &row.rules, &row.backup_urls, &row.geo_backup_urls].map(Option::as_deref);
        let [geo, rules, backups, geo_backups] = json;
        [Some(&row.url), geo, rules, backups, geo_backups]
    }
    places(before) != places(after)
}

/// Notes where a changed link leads. Its new destinations are held already, and the others are its own.
async fn reattach(
    transaction: &DatabaseTransaction,
    row: &entity::Model,
    places: &Places,
    now: Timestamp,
) -> Result<(), DatabaseError> {
    let used = used_urls(&places.url, &places.geo, &places.rules, &places.backups, &places.geo_backups);
    let urls = used.keys().copied().collect();
    let ids = ensure(transaction, WorkspaceId::from_uuid(row.workspace_id), &urls, Hold::Not, now).await?;
    detach(transaction, row.id).await?;
    attach(transaction, &[(row.id, used)], &ids).await
}

/// The row, held until the transaction ends so that two changes at once are applied one after the other.
pub(super) async fn lock_row(
    db: &Database,
    transaction: &DatabaseTransaction,
    workspace_id: WorkspaceId,
    id: LinkId,
) -> Result<Option<entity::Model>, DatabaseError> {
    let query = owned_by(workspace_id).filter(entity::Column::Id.eq(id.as_uuid()));
    let query = if db.is_sqlite() { query } else { query.lock_exclusive() };
    Ok(query.one(transaction).await?)
}

fn apply(row: &mut entity::Model, change: &LinkChange) -> Result<(), DatabaseError> {
    if let Some(slug) = &change.slug {
        row.slug = slug.as_str().to_owned();
    }
    if let Some(url) = &change.url {
        row.url = url.as_str().to_owned();
    }
    if let Some(geo) = &change.geo {
        row.geo = geo_json(geo)?;
    }
    if let Some(rules) = &change.rules {
        row.rules = rules_json(rules)?;
    }
    if let Some(backups) = &change.backup_urls {
        row.backup_urls = backups_json(backups)?;
    }
    if let Some(backups) = &change.geo_backup_urls {
        row.geo_backup_urls = geo_backups_json(backups)?;
    }
    if let Some(monitor) = &change.monitor {
        row.monitor_enabled = monitor.enabled;
        row.monitor_interval_s = monitor.interval.map(i64::from);
        row.monitor_phrases = phrases_json(&monitor.phrases)?;
    }
    if let Some(value) = &change.click_value {
        row.click_value_minor = value.as_ref().map(|value| i64::from(value.minor));
        row.click_value_currency = value.as_ref().map(|value| value.currency.clone());
    }
    if let Some(external_id) = &change.external_id {
        row.external_id.clone_from(external_id);
    }
    if let Some(title) = &change.title {
        row.title.clone_from(title);
    }
    if let Some(comments) = &change.comments {
        row.comments.clone_from(comments);
    }
    if let Some(archived) = change.archived {
        row.archived = archived;
    }
    Ok(())
}

/// The unique indexes have the last word: someone may have taken the slug since it was looked up.
async fn store(connection: &impl ConnectionTrait, row: entity::Model) -> Result<(), UpdateLinkError> {
    let active = row.into_active_model().reset_all();
    match entity::Entity::update(active).exec(connection).await.map_err(DatabaseError::from) {
        Ok(_) => Ok(()),
        Err(error) => Err(match unique_violation(&error) {
            Some(Unique::LinkSlug) => UpdateLinkError::SlugTaken,
            Some(Unique::LinkExternalId) => UpdateLinkError::ExternalIdTaken,
            _ => UpdateLinkError::Database(error),
        }),
    }
}
