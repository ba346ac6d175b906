//! `POST /api/admin/workflows/{id}/pause`

use super::{WorkflowView, refused};
use crate::api::{
    access::InstanceAdmin,
    failure::ApiError,
    input::{Json, PathId},
    responses::{AbsentFailure, AdminFailure, AnyFailure, StateFailure},
};

/// Pause a run of a workflow
///
/// It stops before its next step, until it is resumed. A step that runs is finished and kept.
#[utoipa::path(
    post,
    path = "/api/admin/workflows/{id}/pause",
    operation_id = "pauseWorkflow",
    tag = "admin",
    security(("session" = [])),
    params(("id" = String, Path, description = "The run's id, percent-encoded.")),
    responses((status = 200, description = "The run as it is now.", body = WorkflowView), AdminFailure, AbsentFailure, StateFailure, AnyFailure)
)]
pub(crate) async fn pause(caller: InstanceAdmin, PathId(id): PathId) -> Result<Json<WorkflowView>, ApiError> {
    caller.services.background.workflows.pause(&id).await.map_err(refused)?;
    WorkflowView::load(&caller.services, &id).await.map(Json)
}
