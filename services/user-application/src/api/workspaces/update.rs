//! `PATCH /api/workspaces/{idOrSlug}`

use data_ops::{
    types::WorkspaceName,
    workspaces::{WorkspaceChange, update_workspace},
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::WorkspaceView;
use crate::api::{
    access::{AuthorizedByPath, permission::WorkspaceManage},
    failure::ApiError,
    input::{Json, not_null, parse_at},
    responses::{AnyFailure, BodyFailure, WorkspaceFailure},
};

/// What to change in a workspace.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = UpdateWorkspaceRequest)]
pub(crate) struct Input {
    #[serde(default, deserialize_with = "not_null")]
    #[schema(value_type = WorkspaceName, inline, required = false)]
    name: Option<String>,
}

/// Rename a workspace
#[utoipa::path(
    patch,
    path = "/api/workspaces/{idOrSlug}",
    operation_id = "updateWorkspace",
    tag = "workspaces",
    params(("idOrSlug" = String, Path, description = "The workspace's id or slug.")),
    request_body = Input,
    responses((status = 200, description = "The workspace after the change.", body = WorkspaceView), WorkspaceFailure, BodyFailure, AnyFailure)
)]
pub(crate) async fn update(
    AuthorizedByPath(caller): AuthorizedByPath<WorkspaceManage>,
    Json(input): Json<Input>,
) -> Result<Json<WorkspaceView>, ApiError> {
    let services = &caller.services;
    let name = input.name.as_deref().map(|name| parse_at!(WorkspaceName, name, "name")).transpose()?;
    let change = WorkspaceChange { name };
    let workspace = update_workspace(&services.databases.control, caller.workspace.id, &change, services.now())
        .await?
        .ok_or_else(|| ApiError::not_found("workspace"))?;
    Ok(Json(WorkspaceView::new(workspace, caller.role)))
}
