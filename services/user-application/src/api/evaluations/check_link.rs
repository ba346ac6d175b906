//! `POST /api/links/{linkId}/evaluations`

use data_ops::destinations::destinations_of_links;
use http::StatusCode;

use super::checking::{StartedCheckView, begin};
use crate::api::{
    access::{Authorized, permission::EvaluationsWrite},
    failure::ApiError,
    input::{Json, PathId},
    links::reference,
    responses::{AnyFailure, StateFailure, WorkspaceFailure},
    workspace_choice::WorkspaceChoice,
};

/// Check the destinations of a link now
///
/// All of them, backups too, whether the link is watched or not. The checks go on after the answer; `GET /api/evaluations?linkId=` shows
/// what they found. 429: the workspace's checks of this day are spent. 409: the operator has switched checks off.
#[utoipa::path(
    post,
    path = "/api/links/{linkId}/evaluations",
    operation_id = "checkLink",
    tag = "evaluations",
    params(WorkspaceChoice, ("linkId" = String, Path, description = "The link's id, or `ext_` and its external id.")),
    responses(
        (status = 202, description = "What has begun, for each destination.", body = [StartedCheckView]),
        WorkspaceFailure,
        StateFailure,
        AnyFailure
    )
)]
pub(crate) async fn check_link(
    caller: Authorized<EvaluationsWrite>,
    PathId(id): PathId,
) -> Result<(StatusCode, Json<Vec<StartedCheckView>>), ApiError> {
    let (services, workspace) = (&caller.services, caller.workspace.id);
    let link = reference::by_path(services, workspace, &id).await?;
    let mut found = destinations_of_links(&services.databases.control, workspace, &[link.id]).await?;
    let mut used = found.remove(&link.id).unwrap_or_default();
    // Where visitors go first comes first, and its own URL before all.
    used.sort_by_key(|used| (!used.is_primary, used.destination.url != link.url, used.destination.id));
    let destinations = used.into_iter().map(|used| used.destination).collect();
    Ok((StatusCode::ACCEPTED, Json(begin(services, workspace, destinations).await?)))
}
