//! `GET /api/links/{linkId}/destinations`

use data_ops::destinations::{ListedDestination, count_links_of, destinations_of_links};
use serde::Serialize;
use utoipa::ToSchema;

use super::view::DestinationView;
use crate::api::{
    access::{Authorized, permission::DestinationsRead},
    failure::ApiError,
    input::{Json, PathId},
    links::reference,
    responses::{AnyFailure, WorkspaceFailure},
    workspace_choice::WorkspaceChoice,
};

/// A destination of a link.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LinkDestination {
    #[serde(flatten)]
    destination: DestinationView,
    /// Whether the link leads there as long as all is well, in some place; otherwise it is only a backup.
    is_primary: bool,
}

/// List the destinations of a link
///
/// Its own URL first, then those of its countries and rules, then backups.
#[utoipa::path(
    get,
    path = "/api/links/{linkId}/destinations",
    operation_id = "listLinkDestinations",
    tag = "destinations",
    params(WorkspaceChoice, ("linkId" = String, Path, description = "The link's id, or `ext_` and its external id.")),
    responses((status = 200, description = "The destinations.", body = [LinkDestination]), WorkspaceFailure, AnyFailure)
)]
pub(crate) async fn of_link(
    caller: Authorized<DestinationsRead>,
    PathId(id): PathId,
) -> Result<Json<Vec<LinkDestination>>, ApiError> {
    let (services, workspace) = (&caller.services, caller.workspace.id);
    let control = &services.databases.control;
    let link = reference::by_path(services, workspace, &id).await?;
    let mut found = destinations_of_links(control, workspace, &[link.id]).await?;
    let mut used = found.remove(&link.id).unwrap_or_default();
    used.sort_by_key(|used| (!used.is_primary, used.destination.url != link.url, used.destination.id));
    let roles: Vec<bool> = used.iter().map(|used| used.is_primary).collect();
    let listed =
        used.into_iter().map(|used| ListedDestination { destination: used.destination, links: 0, backup_for: 0 });
    let mut listed: Vec<ListedDestination> = listed.collect();
    count_links_of(control, &mut listed).await?;
    let views = DestinationView::load_all(services, workspace, listed).await?;
    let views = views.into_iter().zip(roles);
    Ok(Json(views.map(|(destination, is_primary)| LinkDestination { destination, is_primary }).collect()))
}
