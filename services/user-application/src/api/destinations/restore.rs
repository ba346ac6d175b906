//! `POST /api/destinations/{destinationId}/restore`

use super::{decide, get::DestinationDetail};
use crate::{
    api::{
        access::{Authorized, permission::DestinationsWrite},
        failure::ApiError,
        input::{Json, PathId},
        responses::{AnyFailure, WorkspaceFailure},
        workspace_choice::WorkspaceChoice,
    },
    watching::Decision,
};

/// Believe that a destination is well again
///
/// Its state is `ok` from now on, and visitors are led there, unless it is pinned. What checks found so far counts no more; later
/// ones do.
#[utoipa::path(
    post,
    path = "/api/destinations/{destinationId}/restore",
    operation_id = "restoreDestination",
    tag = "destinations",
    params(WorkspaceChoice, ("destinationId" = String, Path, description = "The destination's id.")),
    responses((status = 200, description = "The destination as it is now.", body = DestinationDetail), WorkspaceFailure, AnyFailure)
)]
pub(crate) async fn restore(
    caller: Authorized<DestinationsWrite>,
    PathId(id): PathId,
) -> Result<Json<DestinationDetail>, ApiError> {
    let destination = super::by_path(&caller.services, caller.workspace.id, &id).await?;
    let restored = decide(&caller, destination, Decision::Restore).await?;
    DestinationDetail::load(&caller.services, restored).await.map(Json)
}
