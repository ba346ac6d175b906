//! `DELETE /api/links/{linkId}`

use data_ops::{links::delete_link, types::LinkId};
use serde::Serialize;
use utoipa::ToSchema;

use super::{announce, reference};
use crate::api::{
    access::{Authorized, permission::LinksWrite},
    failure::ApiError,
    input::{Json, PathId},
    responses::{AnyFailure, WorkspaceFailure},
    workspace_choice::WorkspaceChoice,
};

/// The link that is gone.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeletedLink)]
pub(crate) struct Deleted {
    #[schema(inline)]
    id: LinkId,
}

/// Delete a link
///
/// It stops redirecting at once. Its short address is not given out again.
#[utoipa::path(
    delete,
    path = "/api/links/{linkId}",
    operation_id = "deleteLink",
    tag = "links",
    params(WorkspaceChoice, ("linkId" = String, Path, description = "The link's id, or `ext_` and its external id.")),
    responses((status = 200, description = "The link is deleted.", body = Deleted), WorkspaceFailure, AnyFailure)
)]
pub(crate) async fn delete(caller: Authorized<LinksWrite>, PathId(id): PathId) -> Result<Json<Deleted>, ApiError> {
    let services = &caller.services;
    let link = reference::by_path(services, caller.workspace.id, &id).await?;
    let deleted = delete_link(&services.databases.control, caller.workspace.id, link.id, services.now()).await?;
    let deleted = deleted.ok_or_else(reference::absent)?;
    announce(services, [&deleted]);
    Ok(Json(Deleted { id: deleted.id }))
}
