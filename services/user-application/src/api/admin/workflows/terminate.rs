//! `POST /api/admin/workflows/{id}/terminate`

use super::{WorkflowView, refused};
use crate::api::{
    access::InstanceAdmin,
    failure::ApiError,
    input::{Json, PathId},
    responses::{AbsentFailure, AdminFailure, AnyFailure, StateFailure},
};

/// End a run of a workflow
///
/// A step that runs is cut off where it waits, and its result does not count.
#[utoipa::path(
    post,
    path = "/api/admin/workflows/{id}/terminate",
    operation_id = "terminateWorkflow",
    tag = "admin",
    security(("session" = [])),
    params(("id" = String, Path, description = "The run's id, percent-encoded.")),
    responses((status = 200, description = "The run as it is now.", body = WorkflowView), AdminFailure, AbsentFailure, StateFailure, AnyFailure)
)]
pub(crate) async fn terminate(caller: InstanceAdmin, PathId(id): PathId) -> Result<Json<WorkflowView>, ApiError> {
    caller.services.background.workflows.terminate(&id).await.map_err(refused)?;
    WorkflowView::load(&caller.services, &id).await.map(Json)
}
