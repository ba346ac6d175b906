//! Deleting a link: it stays as a tombstone that keeps its slug.

use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};

use super::update::{after, lock_row};
use super::{Link, entity};
use crate::database::{Database, DatabaseError};
use crate::destinations::detach;
use crate::domains::entity as domains_entity;
use crate::types::{LinkId, Timestamp, WorkspaceId};

/// Deletes a link and answers what it was. `None`: the workspace has no such link.
pub async fn delete_link(
    db: &Database,
    workspace_id: WorkspaceId,
    id: LinkId,
    now: Timestamp,
) -> Result<Option<Link>, DatabaseError> {
    let transaction = db.begin().await?;
    let Some(row) = lock_row(db, &transaction, workspace_id, id).await? else {
        return Ok(None);
    };
    let domain = domains_entity::Entity::find_by_id(row.domain_id).one(&transaction).await?;
    let mut tombstone: entity::ActiveModel = row.clone().into_active_model();
    tombstone.deleted_at = Set(Some(now.as_millis()));
    tombstone.updated_at = Set(after(&row, now));
    tombstone.version = Set(row.version + 1);
    tombstone.update(&transaction).await?;
    detach(&transaction, row.id).await?;
    // Nothing may fail after the commit: the caller announces what this answers.
    let deleted = Link::try_from((row, domain))?;
    transaction.commit().await?;
    Ok(Some(deleted))
}
