//! `POST /api/destinations/{destinationId}/evaluations`

use http::StatusCode;

use super::checking::{StartedCheckView, begin};
use crate::api::{
    access::{Authorized, permission::EvaluationsWrite},
    destinations,
    failure::ApiError,
    input::{Json, PathId},
    responses::{AnyFailure, StateFailure, WorkspaceFailure},
    workspace_choice::WorkspaceChoice,
};

/// Check a destination now
///
/// The check goes on after the answer; `GET /api/evaluations?destinationId=` shows what it found. 429: the workspace's checks of this day
/// are spent. 409: the operator has switched checks off.
#[utoipa::path(
    post,
    path = "/api/destinations/{destinationId}/evaluations",
    operation_id = "checkDestination",
    tag = "evaluations",
    params(WorkspaceChoice, ("destinationId" = String, Path, description = "The destination's id.")),
    responses((status = 202, description = "What has begun.", body = StartedCheckView), WorkspaceFailure, StateFailure, AnyFailure)
)]
pub(crate) async fn check_destination(
    caller: Authorized<EvaluationsWrite>,
    PathId(id): PathId,
) -> Result<(StatusCode, Json<StartedCheckView>), ApiError> {
    let (services, workspace) = (&caller.services, caller.workspace.id);
    let destination = destinations::by_path(services, workspace, &id).await?;
    let begun = begin(services, workspace, vec![destination]).await?;
    let begun = begun.into_iter().next().ok_or_else(destinations::absent)?;
    Ok((StatusCode::ACCEPTED, Json(begun)))
}
