//! Changing a workspace.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::Workspace;
use super::entity::workspaces;
use crate::database::{Database, DatabaseError};
use crate::types::{Timestamp, WorkspaceId, WorkspaceName};

/// What to change; `None` leaves a field alone.
#[derive(Clone, Debug, Default)]
pub struct WorkspaceChange {
    /// The new name.
    pub name: Option<WorkspaceName>,
}

/// Changes a workspace and answers what it is now; `None` when there is none.
pub async fn update_workspace(
    db: &Database,
    id: WorkspaceId,
    change: &WorkspaceChange,
    now: Timestamp,
) -> Result<Option<Workspace>, DatabaseError> {
    let transaction = db.begin().await?;
    if let Some(name) = &change.name {
        workspaces::Entity::update_many()
            .col_expr(workspaces::Column::Name, Expr::value(name.as_str()))
            .col_expr(workspaces::Column::UpdatedAt, Expr::value(now.as_millis()))
            .filter(workspaces::Column::Id.eq(id.as_uuid()))
            .exec(&transaction)
            .await?;
    }
    let row = workspaces::Entity::find_by_id(id.as_uuid()).one(&transaction).await?;
    transaction.commit().await?;
    row.map(Workspace::try_from).transpose()
}
