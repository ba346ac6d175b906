//! `GET /api/evaluations/{evaluationId}/artifacts/html`

use axum::response::Response;
use http::{HeaderValue, header};

use super::{artifact, view::ArtifactKind};
use crate::{
    api::{
        access::{Authorized, permission::EvaluationsRead},
        failure::ApiError,
        input::PathId,
        responses::{AnyFailure, WorkspaceFailure},
        workspace_choice::WorkspaceChoice,
    },
    security_headers,
};

/// Read the HTML of an evaluation
///
/// The page's HTML as it was in the end. It is somebody else's: it comes as plain text, and no browser runs it.
#[utoipa::path(
    get,
    path = "/api/evaluations/{evaluationId}/artifacts/html",
    operation_id = "getEvaluationHtml",
    tag = "evaluations",
    params(WorkspaceChoice, ("evaluationId" = String, Path, description = "The evaluation's id.")),
    responses((status = 200, description = "The HTML, as plain text.", body = String, content_type = "text/plain"), WorkspaceFailure, AnyFailure)
)]
pub(crate) async fn html(caller: Authorized<EvaluationsRead>, PathId(id): PathId) -> Result<Response, ApiError> {
    let (evaluation, html) = artifact::read(&caller.services, caller.workspace.id, &id, ArtifactKind::Html).await?;
    let mut answer = artifact::answer(html, "text/plain; charset=utf-8");
    let headers = answer.headers_mut();
    security_headers::foreign(headers);
    let name = HeaderValue::from_str(&format!("inline; filename=\"{}.html.txt\"", evaluation.id));
    headers.insert(header::CONTENT_DISPOSITION, name.map_err(ApiError::internal)?);
    Ok(answer)
}
