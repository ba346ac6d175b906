//! `GET /api/admin/workflows/{id}`

use super::{WorkflowDetailView, absent};
use crate::api::{
    access::InstanceAdmin,
    failure::ApiError,
    input::{Json, PathId},
    responses::{AbsentFailure, AdminFailure, AnyFailure},
};

/// Find a run of a workflow, with its steps
#[utoipa::path(
    get,
    path = "/api/admin/workflows/{id}",
    operation_id = "getWorkflow",
    tag = "admin",
    security(("session" = [])),
    params(("id" = String, Path, description = "The run's id, percent-encoded.")),
    responses((status = 200, description = "The run.", body = WorkflowDetailView), AdminFailure, AbsentFailure, AnyFailure)
)]
pub(crate) async fn get(caller: InstanceAdmin, PathId(id): PathId) -> Result<Json<WorkflowDetailView>, ApiError> {
    let run = caller.services.background.workflows.status(&id).await?.ok_or_else(absent)?;
    Ok(Json(run.into()))
}
