//! `GET /api/workspaces`

use data_ops::{types::Permission, workspaces::list_workspaces};

use super::WorkspaceView;
use crate::api::{
    access::{Authenticated, Principal},
    failure::ApiError,
    input::Json,
    responses::{AccessFailure, AnyFailure},
};

/// List the workspaces the caller can see
///
/// A session sees all workspaces of the person; an API key sees its own.
#[utoipa::path(
    get,
    path = "/api/workspaces",
    operation_id = "listWorkspaces",
    tag = "workspaces",
    responses((status = 200, description = "The workspaces, oldest first.", body = [WorkspaceView]), AccessFailure, AnyFailure)
)]
pub(crate) async fn list(caller: Authenticated) -> Result<Json<Vec<WorkspaceView>>, ApiError> {
    let workspaces = match caller.principal {
        Principal::Person(user_id) => list_workspaces(&caller.services.databases.control, user_id)
            .await?
            .into_iter()
            .map(|(workspace, role)| WorkspaceView::new(workspace, Some(role)))
            .collect(),
        Principal::Key(key) => {
            key.require(Permission::WorkspaceRead)?;
            vec![WorkspaceView::new(key.workspace, None)]
        }
    };
    Ok(Json(workspaces))
}
