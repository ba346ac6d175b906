//! Changing a link.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter,
    QuerySelect,
};

use super::create::{SlugConflict, slug_conflict};
use super::find::owned_by;
use super::former::{keep, take_back};
use super::{Link, entity, geo_json, rules_json};
use crate::database::{Database, DatabaseError, Unique, unique_violation};
use crate::domains::{entity as domains_entity, find_usable};
use crate::types::{DestinationUrl, GeoTargets, Host, LinkId, Rule, Slug, Timestamp, WorkspaceId};

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
    after.updated_at = now.as_millis().max(before.updated_at + 1);
    store(&transaction, after.clone()).await?;
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
