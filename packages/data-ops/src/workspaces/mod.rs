//! Workspaces: what a team owns together, and who belongs to it.

mod create;
mod entity;
mod find;
mod update;

pub(crate) use create::insert_workspace;
pub use create::{CreateWorkspaceError, NewWorkspace, create_workspace};
pub use find::{WorkspaceRef, find_membership, list_workspaces};
pub use update::{WorkspaceChange, update_workspace};

use crate::database::DatabaseError;
use crate::types::{Timestamp, WorkspaceId, WorkspaceName, WorkspaceSlug};

/// A tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workspace {
    /// Its id.
    pub id: WorkspaceId,
    /// Its name in addresses.
    pub slug: WorkspaceSlug,
    /// Its name for people.
    pub name: WorkspaceName,
    /// When it was made.
    pub created_at: Timestamp,
}

impl TryFrom<entity::workspaces::Model> for Workspace {
    type Error = DatabaseError;

    fn try_from(row: entity::workspaces::Model) -> Result<Self, DatabaseError> {
        Ok(Self {
            id: WorkspaceId::from_uuid(row.id),
            slug: WorkspaceSlug::parse(&row.slug).map_err(|error| DatabaseError::stored("workspace slug", error))?,
            name: WorkspaceName::parse(&row.name).map_err(|error| DatabaseError::stored("workspace name", error))?,
            created_at: Timestamp::from_millis(row.created_at),
        })
    }
}
