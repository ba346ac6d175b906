//! Finding links. What belongs to another workspace is as absent as what never was.

use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, Select, SelectTwo};

use super::create::slug_conflict;
use super::{Link, entity};
use crate::database::{Database, DatabaseError};
use crate::domains::{entity as domains_entity, find_domain};
use crate::types::{Host, LinkId, Slug, WorkspaceId};

/// The links of a workspace that have not been deleted.
pub(crate) fn owned_by(workspace_id: WorkspaceId) -> Select<entity::Entity> {
    entity::Entity::find()
        .filter(entity::Column::WorkspaceId.eq(workspace_id.as_uuid()))
        .filter(entity::Column::DeletedAt.is_null())
}

fn with_domain(workspace_id: WorkspaceId, wanted: Condition) -> SelectTwo<entity::Entity, domains_entity::Entity> {
    owned_by(workspace_id).filter(wanted).find_also_related(domains_entity::Entity)
}

async fn find_where(
    db: &Database,
    workspace_id: WorkspaceId,
    wanted: Condition,
) -> Result<Option<Link>, DatabaseError> {
    let row = with_domain(workspace_id, wanted).one(db.read()).await?;
    row.map(Link::try_from).transpose()
}

/// By id.
pub async fn find_link(db: &Database, workspace_id: WorkspaceId, id: LinkId) -> Result<Option<Link>, DatabaseError> {
    find_where(db, workspace_id, Condition::all().add(entity::Column::Id.eq(id.as_uuid()))).await
}

/// Several by id, newest first; those the workspace does not have are left out.
pub async fn find_links(db: &Database, workspace_id: WorkspaceId, ids: &[LinkId]) -> Result<Vec<Link>, DatabaseError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let wanted = Condition::all().add(entity::Column::Id.is_in(ids.iter().map(LinkId::as_uuid)));
    let rows = with_domain(workspace_id, wanted).order_by_desc(entity::Column::Id).all(db.read()).await?;
    rows.into_iter().map(Link::try_from).collect()
}

/// By where it is served.
pub async fn find_link_by_slug(
    db: &Database,
    workspace_id: WorkspaceId,
    host: &Host,
    slug: &Slug,
) -> Result<Option<Link>, DatabaseError> {
    let wanted = Condition::all()
        .add(domains_entity::Column::Host.eq(host.as_str()))
        .add(entity::Column::Slug.eq(slug.as_str()));
    find_where(db, workspace_id, wanted).await
}

/// By its id in the owner's own system.
pub async fn find_link_by_external_id(
    db: &Database,
    workspace_id: WorkspaceId,
    external_id: &str,
) -> Result<Option<Link>, DatabaseError> {
    find_where(db, workspace_id, Condition::all().add(entity::Column::ExternalId.eq(external_id))).await
}

/// Whether a workspace could make a link with this slug. On the shared domain this looks at everyone's links, as making
/// one does; nothing else about them is told. `None` when the workspace may not use the domain.
pub async fn is_slug_free(
    db: &Database,
    workspace_id: WorkspaceId,
    host: &Host,
    slug: &Slug,
) -> Result<Option<bool>, DatabaseError> {
    let Some(domain) = find_domain(db, workspace_id, host).await? else {
        return Ok(None);
    };
    Ok(Some(slug_conflict(db.read(), domain.id.as_uuid(), slug, None).await?.is_none()))
}
