//! `GET /api/admin/workflows`

use durable::workflows::RunState;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{State, WorkflowView};
use crate::api::{
    access::InstanceAdmin,
    failure::ApiError,
    input::{Json, Query},
    paging::{gone, page_size},
    responses::{AdminFailure, AnyFailure, QueryFailure},
};

/// Which runs to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Parameters {
    /// Only runs of this workflow.
    #[param(nullable = false)]
    kind: Option<String>,
    /// Only runs in this state.
    #[param(nullable = false, inline)]
    state: Option<State>,
    /// How many at most.
    #[param(nullable = false, minimum = 1, maximum = 100, default = 100)]
    page_size: Option<u32>,
    /// Only runs after the one with this id, in the order of the list.
    #[param(nullable = false)]
    starting_after: Option<String>,
}

/// List runs of workflows
///
/// The latest first, also those that have ended, until they are removed a month later.
#[utoipa::path(
    get,
    path = "/api/admin/workflows",
    operation_id = "listWorkflows",
    tag = "admin",
    security(("session" = [])),
    params(Parameters),
    responses((status = 200, description = "The runs.", body = [WorkflowView]), AdminFailure, QueryFailure, AnyFailure)
)]
pub(crate) async fn list(
    caller: InstanceAdmin,
    Query(parameters): Query<Parameters>,
) -> Result<Json<Vec<WorkflowView>>, ApiError> {
    let workflows = &caller.services.background.workflows;
    let size = page_size(parameters.page_size)?;
    let after = match &parameters.starting_after {
        Some(id) => Some(workflows.status(id).await?.ok_or_else(gone)?.cursor()),
        None => None,
    };
    let state = parameters.state.map(RunState::from);
    let runs = workflows.list(parameters.kind.as_deref(), state, after.as_ref(), size).await?;
    Ok(Json(runs.into_iter().map(WorkflowView::from).collect()))
}
