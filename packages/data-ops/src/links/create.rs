//! Making links.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rand::rngs::StdRng;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::former::former_holder;
use super::used::used_urls;
use super::{Link, backups_json, entity, geo_backups_json, geo_json, phrases_json, rules_json};
use crate::database::{Database, DatabaseError, row_ids};
use crate::destinations::{Hold, attach, ensure};
use crate::domains::{Domain, find_usable};
use crate::types::{
    ClickValue, DestinationUrl, GeoBackups, GeoTargets, Host, LinkId, Monitor, Rule, Slug, Timestamp, UserId,
    WorkspaceId,
};

/// How many random slugs are tried before giving up: with a million links, one in 200,000 attempts collides once.
const RANDOM_ATTEMPTS: usize = 8;

/// A link to be made.
#[derive(Clone, Debug)]
pub struct NewLink {
    /// Where to serve it; `None` is the instance's own domain.
    pub domain: Option<Host>,
    /// Its path; `None` makes one up.
    pub slug: Option<Slug>,
    /// Where it leads when nothing else applies.
    pub url: DestinationUrl,
    /// Where it leads visitors from certain countries.
    pub geo: GeoTargets,
    /// Where it leads visitors who meet a condition, first match first.
    pub rules: Vec<Rule>,
    /// Where it leads instead of `url` while that is down: the first of these that is not.
    pub backup_urls: Vec<DestinationUrl>,
    /// The same for the destinations of countries.
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
    /// Who makes it.
    pub created_by: Option<UserId>,
}

/// Why no link was made.
#[derive(Debug, thiserror::Error)]
pub enum CreateLinkError {
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
    /// The database failed.
    #[error("the link could not be stored")]
    Database(#[from] DatabaseError),
}

impl From<sea_orm::DbErr> for CreateLinkError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Database(error.into())
    }
}

/// Makes one link.
pub async fn create_link(
    db: &Database,
    workspace_id: WorkspaceId,
    new: &NewLink,
    now: Timestamp,
) -> Result<Link, CreateLinkError> {
    let mut results = create_links(db, workspace_id, std::slice::from_ref(new), now).await?;
    results.pop().unwrap_or(Err(CreateLinkError::DomainNotFound))
}

/// Makes several links in one transaction. One that cannot be made does not keep the others from being made; the answers
/// are in the order of the questions.
pub async fn create_links(
    db: &Database,
    workspace_id: WorkspaceId,
    new: &[NewLink],
    now: Timestamp,
) -> Result<Vec<Result<Link, CreateLinkError>>, DatabaseError> {
    let mut batch =
        Batch { transaction: db.begin().await?, workspace_id, now, domains: HashMap::new(), random: rand::make_rng() };
    let mut results = Vec::with_capacity(new.len());
    for (id, new) in row_ids(now, new.len()).into_iter().zip(new) {
        let result = batch.create(id, new).await;
        if let Err(CreateLinkError::Database(error)) = result {
            return Err(error);
        }
        results.push(result);
    }
    batch.attach(&results).await?;
    batch.transaction.commit().await?;
    Ok(results)
}

struct Batch {
    transaction: DatabaseTransaction,
    workspace_id: WorkspaceId,
    now: Timestamp,
    /// Domains already looked up in this batch.
    domains: HashMap<Option<Host>, Option<Domain>>,
    random: StdRng,
}

impl Batch {
    async fn create(&mut self, id: Uuid, new: &NewLink) -> Result<Link, CreateLinkError> {
        let domain = self.domain(new.domain.as_ref()).await?;
        let slug = match &new.slug {
            Some(slug) => {
                if !self.insert(id, &domain, slug, new).await? {
                    return Err(self.conflict(&domain, slug).await?);
                }
                slug.clone()
            }
            None => self.insert_with_random_slug(id, &domain, new).await?,
        };
        Ok(Link {
            id: LinkId::from_uuid(id),
            workspace_id: self.workspace_id,
            domain_id: domain.id,
            domain: domain.host,
            slug,
            url: new.url.clone(),
            geo: new.geo.clone(),
            rules: new.rules.clone(),
            backup_urls: new.backup_urls.clone(),
            geo_backup_urls: new.geo_backup_urls.clone(),
            monitor: new.monitor.clone(),
            click_value: new.click_value.clone(),
            external_id: new.external_id.clone(),
            title: new.title.clone(),
            comments: new.comments.clone(),
            archived: new.archived,
            version: 1,
            created_by: new.created_by,
            created_at: self.now,
            updated_at: self.now,
        })
    }

    async fn domain(&mut self, host: Option<&Host>) -> Result<Domain, CreateLinkError> {
        let key = host.cloned();
        if let Some(known) = self.domains.get(&key) {
            return known.clone().ok_or(CreateLinkError::DomainNotFound);
        }
        let found = find_usable(&self.transaction, self.workspace_id, host).await?;
        self.domains.insert(key, found.clone());
        found.ok_or(CreateLinkError::DomainNotFound)
    }

    async fn insert_with_random_slug(
        &mut self,
        id: Uuid,
        domain: &Domain,
        new: &NewLink,
    ) -> Result<Slug, CreateLinkError> {
        let mut reason = CreateLinkError::SlugTaken;
        for _ in 0..RANDOM_ATTEMPTS {
            let slug = Slug::random(&mut self.random);
            if self.insert(id, domain, &slug, new).await? {
                return Ok(slug);
            }
            reason = self.conflict(domain, &slug).await?;
            if matches!(reason, CreateLinkError::ExternalIdTaken) {
                break;
            }
        }
        Err(reason)
    }

    /// Whether the row went in and may stay. A conflict is no error, because on PostgreSQL an error would end the whole transaction;
    /// when another transaction is about to take the slug, this waits for it.
    async fn insert(&self, id: Uuid, domain: &Domain, slug: &Slug, new: &NewLink) -> Result<bool, CreateLinkError> {
        let now = self.now.as_millis();
        let row = entity::ActiveModel {
            id: Set(id),
            workspace_id: Set(self.workspace_id.as_uuid()),
            domain_id: Set(domain.id.as_uuid()),
            slug: Set(slug.as_str().to_owned()),
            url: Set(new.url.as_str().to_owned()),
            geo: Set(geo_json(&new.geo)?),
            rules: Set(rules_json(&new.rules)?),
            external_id: Set(new.external_id.clone()),
            title: Set(new.title.clone()),
            comments: Set(new.comments.clone()),
            archived: Set(new.archived),
            version: Set(1),
            created_by: Set(new.created_by.map(|user| user.as_uuid())),
            created_at: Set(now),
            updated_at: Set(now),
            deleted_at: Set(None),
            backup_urls: Set(backups_json(&new.backup_urls)?),
            geo_backup_urls: Set(geo_backups_json(&new.geo_backup_urls)?),
            monitor_enabled: Set(new.monitor.enabled),
            monitor_interval_s: Set(new.monitor.interval.map(i64::from)),
            monitor_phrases: Set(phrases_json(&new.monitor.phrases)?),
            click_value_minor: Set(new.click_value.as_ref().map(|value| i64::from(value.minor))),
            click_value_currency: Set(new.click_value.as_ref().map(|value| value.currency.clone())),
            routed_at: Set(0),
        };
        let inserted = entity::Entity::insert(row)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(&self.transaction)
            .await?;
        if inserted == 0 {
            return Ok(false);
        }
        // Only now that the slug is ours is this answer final: see the module of former slugs.
        if former_holder(&self.transaction, domain.id.as_uuid(), slug.as_str()).await?.is_some() {
            entity::Entity::delete_by_id(id).exec(&self.transaction).await?;
            return Ok(false);
        }
        Ok(true)
    }

    /// Notes where the links lead that were made, all at once.
    async fn attach(&self, made: &[Result<Link, CreateLinkError>]) -> Result<(), DatabaseError> {
        let links: Vec<(Uuid, BTreeMap<&str, bool>)> = made
            .iter()
            .flatten()
            .map(|link| {
                let used = used_urls(&link.url, &link.geo, &link.rules, &link.backup_urls, &link.geo_backup_urls);
                (link.id.as_uuid(), used)
            })
            .collect();
        let urls: BTreeSet<&str> = links.iter().flat_map(|(_, used)| used.keys().copied()).collect();
        let ids = ensure(&self.transaction, self.workspace_id, &urls, Hold::Shared, self.now).await?;
        attach(&self.transaction, &links, &ids).await
    }

    /// Why an insert gave way.
    async fn conflict(&self, domain: &Domain, slug: &Slug) -> Result<CreateLinkError, DatabaseError> {
        let taken = slug_conflict(&self.transaction, domain.id.as_uuid(), slug, None).await?;
        Ok(match taken {
            Some(SlugConflict::Taken) => CreateLinkError::SlugTaken,
            Some(SlugConflict::Retired) => CreateLinkError::SlugRetired,
            None => CreateLinkError::ExternalIdTaken,
        })
    }
}

/// Why a link cannot have a slug.
pub(super) enum SlugConflict {
    Taken,
    Retired,
}

/// Whether a slug is served, was deleted, or is kept for a link other than `for_link`.
pub(super) async fn slug_conflict(
    connection: &impl ConnectionTrait,
    domain_id: Uuid,
    slug: &Slug,
    for_link: Option<Uuid>,
) -> Result<Option<SlugConflict>, DatabaseError> {
    let holder = entity::Entity::find()
        .filter(entity::Column::DomainId.eq(domain_id))
        .filter(entity::Column::Slug.eq(slug.as_str()))
        .one(connection)
        .await?;
    Ok(match holder {
        Some(holder) if holder.deleted_at.is_none() => Some(SlugConflict::Taken),
        Some(_) => Some(SlugConflict::Retired),
        None => former_holder(connection, domain_id, slug.as_str())
            .await?
            .filter(|holder| Some(*holder) != for_link)
            .map(|_| SlugConflict::Retired),
    })
}
