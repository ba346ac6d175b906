//! `GET /api/evaluations/{evaluationId}`

use data_ops::{evaluations::last_good_evaluation, types::EvaluationId};
use serde::Serialize;
use utoipa::ToSchema;

use super::view::EvaluationView;
use crate::api::{
    access::{Authorized, permission::EvaluationsRead},
    failure::ApiError,
    input::{Json, PathId},
    responses::{AnyFailure, WorkspaceFailure},
    workspace_choice::WorkspaceChoice,
};

/// An evaluation, and what to compare it with.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EvaluationDetail {
    #[serde(flatten)]
    evaluation: EvaluationView,
    /// The last evaluation before this one that found the destination well; null where none did.
    #[schema(value_type = Option<String>, required)]
    last_good_evaluation_id: Option<EvaluationId>,
}

/// Find an evaluation by its id
#[utoipa::path(
    get,
    path = "/api/evaluations/{evaluationId}",
    operation_id = "getEvaluation",
    tag = "evaluations",
    params(WorkspaceChoice, ("evaluationId" = String, Path, description = "The evaluation's id.")),
    responses((status = 200, description = "The evaluation.", body = EvaluationDetail), WorkspaceFailure, AnyFailure)
)]
pub(crate) async fn get(
    caller: Authorized<EvaluationsRead>,
    PathId(id): PathId,
) -> Result<Json<EvaluationDetail>, ApiError> {
    let (services, workspace) = (&caller.services, caller.workspace.id);
    let evaluation = super::by_path(services, workspace, &id).await?;
    let (destination, before) = (evaluation.destination_id, Some(evaluation.id));
    let good = last_good_evaluation(&services.databases.control, workspace, destination, before).await?;
    let last_good_evaluation_id = good.map(|good| good.id);
    Ok(Json(EvaluationDetail { evaluation: evaluation.into(), last_good_evaluation_id }))
}
