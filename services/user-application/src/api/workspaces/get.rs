//! `GET /api/workspaces/{idOrSlug}`

use super::WorkspaceView;
use crate::api::{
    access::{AuthorizedByPath, permission::WorkspaceRead},
    failure::ApiError,
    input::Json,
    responses::{AnyFailure, WorkspaceFailure},
};

/// Find a workspace by id or slug
#[utoipa::path(
    get,
    path = "/api/workspaces/{idOrSlug}",
    operation_id = "getWorkspace",
    tag = "workspaces",
    params(("idOrSlug" = String, Path, description = "The workspace's id or slug.")),
    responses((status = 200, description = "The workspace.", body = WorkspaceView), WorkspaceFailure, AnyFailure)
)]
pub(crate) async fn get(
    AuthorizedByPath(caller): AuthorizedByPath<WorkspaceRead>,
) -> Result<Json<WorkspaceView>, ApiError> {
    Ok(Json(WorkspaceView::new(caller.workspace, caller.role)))
}
