//! Finding workspaces, always from the side of a member.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::Workspace;
use super::entity::{members, workspaces};
use crate::database::{Database, DatabaseError};
use crate::types::{Role, UserId, WorkspaceId, WorkspaceSlug};

/// How a caller names a workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WorkspaceRef {
    /// By id.
    Id(WorkspaceId),
    /// By slug.
    Slug(WorkspaceSlug),
}

fn with_role(row: (workspaces::Model, Option<members::Model>)) -> Option<Result<(Workspace, Role), DatabaseError>> {
    let (workspace, member) = row;
    let role = member?.role;
    Some(Workspace::try_from(workspace).and_then(|workspace| {
        let role = Role::parse(&role).map_err(|error| DatabaseError::stored("role", error))?;
        Ok((workspace, role))
    }))
}

/// The workspaces a user belongs to, oldest first.
pub async fn list_workspaces(db: &Database, user_id: UserId) -> Result<Vec<(Workspace, Role)>, DatabaseError> {
    let rows = workspaces::Entity::find()
        .find_also_related(members::Entity)
        .filter(members::Column::UserId.eq(user_id.as_uuid()))
        .order_by_asc(workspaces::Column::Id)
        .all(db.read())
        .await?;
    rows.into_iter().filter_map(with_role).collect()
}

/// The workspace and the user's role in it; `None` when they do not belong to it or it does not exist.
pub async fn find_membership(
    db: &Database,
    user_id: UserId,
    workspace: &WorkspaceRef,
) -> Result<Option<(Workspace, Role)>, DatabaseError> {
    let named = match workspace {
        WorkspaceRef::Id(id) => workspaces::Column::Id.eq(id.as_uuid()),
        WorkspaceRef::Slug(slug) => workspaces::Column::Slug.eq(slug.as_str()),
    };
    let row = workspaces::Entity::find()
        .find_also_related(members::Entity)
        .filter(members::Column::UserId.eq(user_id.as_uuid()))
        .filter(named)
        .one(db.read())
        .await?;
    row.and_then(with_role).transpose()
}
