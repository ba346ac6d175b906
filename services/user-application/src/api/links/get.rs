//! `GET /api/links/{linkId}`

use super::{reference, view::LinkView};
use crate::api::{
    access::{Authorized, permission::LinksRead},
    failure::ApiError,
    input::{Json, PathId},
    responses::{AnyFailure, WorkspaceFailure},
    workspace_choice::WorkspaceChoice,
};

/// Find a link by its id
#[utoipa::path(
    get,
    path = "/api/links/{linkId}",
    operation_id = "getLink",
    tag = "links",
    params(WorkspaceChoice, ("linkId" = String, Path, description = "The link's id, or `ext_` and its external id.")),
    responses((status = 200, description = "The link.", body = LinkView), WorkspaceFailure, AnyFailure)
)]
pub(crate) async fn get(caller: Authorized<LinksRead>, PathId(id): PathId) -> Result<Json<LinkView>, ApiError> {
    let link = reference::by_path(&caller.services, caller.workspace.id, &id).await?;
    LinkView::load(&caller.services, link).await.map(Json)
}
