//! `POST /api/destinations/{destinationId}/pin`

use data_ops::types::Pin;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{decide, get::DestinationDetail};
use crate::{
    api::{
        access::{Authorized, permission::DestinationsWrite},
        failure::ApiError,
        input::{Json, PathId},
        responses::{AnyFailure, BodyFailure, WorkspaceFailure},
        workspace_choice::WorkspaceChoice,
    },
    watching::Decision,
};

/// Where visitors go.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PinDestination {
    /// `primary`: always here, broken or not; `backup`: always to a backup, for links that have one; null: leave it to the checks.
    #[schema(value_type = Option<Pin>, required)]
    pin: Value,
}

/// Decide where visitors of a destination go
///
/// Whatever the checks find, until it is taken back with `{"pin": null}`. It holds for all links that lead here.
#[utoipa::path(
    post,
    path = "/api/destinations/{destinationId}/pin",
    operation_id = "pinDestination",
    tag = "destinations",
    params(WorkspaceChoice, ("destinationId" = String, Path, description = "The destination's id.")),
    request_body = PinDestination,
    responses((status = 200, description = "The destination as it is now.", body = DestinationDetail), WorkspaceFailure, BodyFailure, AnyFailure)
)]
pub(crate) async fn pin(
    caller: Authorized<DestinationsWrite>,
    PathId(id): PathId,
    Json(PinDestination { pin }): Json<PinDestination>,
) -> Result<Json<DestinationDetail>, ApiError> {
    let pin = if pin.is_null() { None } else { Some(Pin::parse_value(&pin, "pin")?) };
    let destination = super::by_path(&caller.services, caller.workspace.id, &id).await?;
    let pinned = decide(&caller, destination, Decision::Pin(pin)).await?;
    DestinationDetail::load(&caller.services, pinned).await.map(Json)
}
