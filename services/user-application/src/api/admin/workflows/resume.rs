//! `POST /api/admin/workflows/{id}/resume`

use super::{WorkflowView, refused};
use crate::api::{
    access::InstanceAdmin,
    failure::ApiError,
    input::{Json, PathId},
    responses::{AbsentFailure, AdminFailure, AnyFailure, StateFailure},
};

/// Resume a run of a workflow
///
/// One that was paused or parked goes on: now, or where it sleeps or waits when that is over.
#[utoipa::path(
    post,
    path = "/api/admin/workflows/{id}/resume",
    operation_id = "resumeWorkflow",
    tag = "admin",
    security(("session" = [])),
    params(("id" = String, Path, description = "The run's id, percent-encoded.")),
    responses((status = 200, description = "The run as it is now.", body = WorkflowView), AdminFailure, AbsentFailure, StateFailure, AnyFailure)
)]
pub(crate) async fn resume(caller: InstanceAdmin, PathId(id): PathId) -> Result<Json<WorkflowView>, ApiError> {
    caller.services.background.workflows.resume(&id).await.map_err(refused)?;
    WorkflowView::load(&caller.services, &id).await.map(Json)
}
