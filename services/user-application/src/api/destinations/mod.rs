//! Destinations: the URLs that links lead to, how they are, and what people decide about them.

pub(crate) mod changes;
pub(crate) mod get;
pub(crate) mod inbox;
pub(crate) mod mark_wrong;
pub(crate) mod of_link;
pub(crate) mod pin;
pub(crate) mod restore;
pub(crate) mod summary;
pub(crate) mod view;

use data_ops::{
    destinations::{Destination, find_destination},
    types::{DestinationId, UserId, WorkspaceId},
};

use super::{
    access::{Authorized, permission::DestinationsWrite},
    evaluations::watching,
    failure::ApiError,
};
use crate::{services::Services, watching::Decision};

/// The destination a path names.
pub(crate) async fn by_path(services: &Services, workspace: WorkspaceId, text: &str) -> Result<Destination, ApiError> {
    let found = match DestinationId::parse(text) {
        Ok(id) => find_destination(&services.databases.control, workspace, id).await?,
        Err(_) => None,
    };
    found.ok_or_else(absent)
}

pub(crate) fn absent() -> ApiError {
    ApiError::not_found("destination")
}

/// Who decides: the person, or whoever made the API key.
fn decider(caller: &Authorized<DestinationsWrite>) -> Result<UserId, ApiError> {
    caller.user_id().ok_or_else(|| {
        ApiError::forbidden("Whoever made this API key has no account any more, so it cannot decide anything.")
    })
}

/// Tells whoever looks after the destination, and answers how it is now. Its row, and the links, follow a moment later.
async fn decide(
    caller: &Authorized<DestinationsWrite>,
    destination: Destination,
    decision: Decision,
) -> Result<Destination, ApiError> {
    let (services, by) = (&caller.services, decider(caller)?);
    let decided = watching(services)?.decide(caller.workspace.id, destination.id, decision, by).await?;
    let now = services.now();
    let is_new_pin = decided.pin != destination.pin;
    Ok(Destination {
        state: decided.state,
        state_since: decided.since.unwrap_or(destination.state_since),
        // Only what is broken is held back.
        held: destination.held && decided.state == destination.state,
        reason: decided.reason,
        pin: decided.pin,
        pinned_by: if is_new_pin { decided.pin.map(|_| by) } else { destination.pinned_by },
        pinned_at: if is_new_pin { decided.pin.map(|_| now) } else { destination.pinned_at },
        ..destination
    })
}
