//! Workspaces: who owns links, keys and analytics together.

pub(crate) mod create;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod update;

use data_ops::{
    types::{Role, Timestamp, WorkspaceId, WorkspaceName, WorkspaceSlug},
    workspaces::Workspace,
};
use serde::Serialize;
use utoipa::ToSchema;

/// A workspace as the caller sees it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Workspace)]
pub(crate) struct WorkspaceView {
    #[schema(inline)]
    id: WorkspaceId,
    #[schema(inline)]
    slug: WorkspaceSlug,
    #[schema(inline)]
    name: WorkspaceName,
    /// The caller's role; null for an API key, which acts by its scopes.
    #[schema(required)]
    role: Option<Role>,
    #[schema(inline)]
    created_at: Timestamp,
}

impl WorkspaceView {
    pub(crate) fn new(workspace: Workspace, role: Option<Role>) -> Self {
        Self { id: workspace.id, slug: workspace.slug, name: workspace.name, role, created_at: workspace.created_at }
    }
}
