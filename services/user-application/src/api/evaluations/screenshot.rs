//! `GET /api/evaluations/{evaluationId}/artifacts/screenshot`

use axum::response::Response;

use super::{artifact, view::ArtifactKind};
use crate::api::{
    access::{Authorized, permission::EvaluationsRead},
    failure::ApiError,
    input::PathId,
    responses::{AnyFailure, WorkspaceFailure},
    schema,
    workspace_choice::WorkspaceChoice,
};

/// Show the page of an evaluation
///
/// A picture of the page's first 1280 × 900 CSS pixels, as a visitor saw it. There is none where no browser showed the page.
#[utoipa::path(
    get,
    path = "/api/evaluations/{evaluationId}/artifacts/screenshot",
    operation_id = "getEvaluationScreenshot",
    tag = "evaluations",
    params(WorkspaceChoice, ("evaluationId" = String, Path, description = "The evaluation's id.")),
    responses((status = 200, description = "The picture.", body = inline(schema::File), content_type = "image/webp"), WorkspaceFailure, AnyFailure)
)]
pub(crate) async fn screenshot(caller: Authorized<EvaluationsRead>, PathId(id): PathId) -> Result<Response, ApiError> {
    let kind = ArtifactKind::Screenshot;
    let (_, picture) = artifact::read(&caller.services, caller.workspace.id, &id, kind).await?;
    Ok(artifact::answer(picture, "image/webp"))
}
