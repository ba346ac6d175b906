//! Finding domains.

use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use super::{Domain, entity};
use crate::database::{Database, DatabaseError};
use crate::types::{Host, WorkspaceId};

/// A workspace may use its own domains and the instance's.
fn usable_by(workspace_id: WorkspaceId) -> Condition {
    Condition::any()
        .add(entity::Column::WorkspaceId.eq(workspace_id.as_uuid()))
        .add(entity::Column::WorkspaceId.is_null())
}

/// The domains a workspace may use, in the order they were added.
pub async fn list_domains(db: &Database, workspace_id: WorkspaceId) -> Result<Vec<Domain>, DatabaseError> {
    let rows =
        entity::Entity::find().filter(usable_by(workspace_id)).order_by_asc(entity::Column::Id).all(db.read()).await?;
    rows.into_iter().map(Domain::try_from).collect()
}

/// The domain with this host, if the workspace may use it.
pub async fn find_domain(
    db: &Database,
    workspace_id: WorkspaceId,
    host: &Host,
) -> Result<Option<Domain>, DatabaseError> {
    find_usable(db.read(), workspace_id, Some(host)).await
}

/// The same inside a transaction; without a host, the instance's own.
pub(crate) async fn find_usable(
    connection: &impl ConnectionTrait,
    workspace_id: WorkspaceId,
    host: Option<&Host>,
) -> Result<Option<Domain>, DatabaseError> {
    let wanted = match host {
        Some(host) => Condition::all().add(entity::Column::Host.eq(host.as_str())).add(usable_by(workspace_id)),
        None => Condition::all().add(entity::Column::WorkspaceId.is_null()),
    };
    let row = entity::Entity::find().filter(wanted).one(connection).await?;
    row.map(Domain::try_from).transpose()
}

/// Every domain, for the redirect path, which serves all workspaces.
pub async fn all_domains(db: &Database) -> Result<Vec<Domain>, DatabaseError> {
    let rows = entity::Entity::find().order_by_asc(entity::Column::Id).all(db.read()).await?;
    rows.into_iter().map(Domain::try_from).collect()
}
