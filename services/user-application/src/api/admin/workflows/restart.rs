//! `POST /api/admin/workflows/{id}/restart`

use serde::Deserialize;
use utoipa::ToSchema;

use super::{WorkflowView, refused};
use crate::api::{
    access::InstanceAdmin,
    failure::ApiError,
    input::{Json, PathId},
    responses::{AbsentFailure, AdminFailure, AnyFailure, BodyFailure, StateFailure},
};

/// From where to begin again.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = RestartWorkflowRequest)]
pub(crate) struct Input {
    /// The step to begin with; the first one when absent.
    #[schema(nullable = false)]
    from_step: Option<String>,
}

/// Begin a run of a workflow again
///
/// Whatever state it is in. What the step and those after it came to is forgotten, what was before stands, and events that were
/// sent stay sent.
#[utoipa::path(
    post,
    path = "/api/admin/workflows/{id}/restart",
    operation_id = "restartWorkflow",
    tag = "admin",
    security(("session" = [])),
    params(("id" = String, Path, description = "The run's id, percent-encoded.")),
    request_body = Input,
    responses((status = 200, description = "The run as it is now.", body = WorkflowView), AdminFailure, AbsentFailure, StateFailure, BodyFailure, AnyFailure)
)]
pub(crate) async fn restart(
    caller: InstanceAdmin,
    PathId(id): PathId,
    Json(input): Json<Input>,
) -> Result<Json<WorkflowView>, ApiError> {
    let workflows = &caller.services.background.workflows;
    let restarted = match &input.from_step {
        Some(step) => workflows.restart_from(&id, step).await,
        None => workflows.restart(&id).await,
    };
    restarted.map_err(refused)?;
    WorkflowView::load(&caller.services, &id).await.map(Json)
}
