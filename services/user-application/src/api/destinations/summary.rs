//! `GET /api/destinations/summary`

use data_ops::destinations::{HealthSummary, summarize_destinations};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::{
    access::{Authorized, permission::DestinationsRead},
    failure::ApiError,
    input::Json,
    responses::{AnyFailure, WorkspaceFailure},
    schema::count,
    workspace_choice::WorkspaceChoice,
};

/// How many destinations of the workspace are how.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DestinationSummary {
    /// Nothing is known of them yet.
    #[schema(schema_with = count)]
    unknown: u64,
    /// They are well.
    #[schema(schema_with = count)]
    ok: u64,
    /// A check failed, and is to be confirmed.
    #[schema(schema_with = count)]
    suspect: u64,
    /// They are broken.
    #[schema(schema_with = count)]
    broken: u64,
    /// Those of the broken ones whose links are left as they are, because so many broke at once.
    #[schema(schema_with = count)]
    held: u64,
    /// Somebody decided where visitors go.
    #[schema(schema_with = count)]
    pinned: u64,
    /// Their links are to lead to backups, as far as they have any.
    #[schema(schema_with = count)]
    down: u64,
    /// They want attention: suspect, broken or pinned.
    #[schema(schema_with = count)]
    attention: u64,
}

/// Count destinations by their health
#[utoipa::path(
    get,
    path = "/api/destinations/summary",
    operation_id = "getDestinationSummary",
    tag = "destinations",
    params(WorkspaceChoice),
    responses((status = 200, description = "How many are how.", body = DestinationSummary), WorkspaceFailure, AnyFailure)
)]
pub(crate) async fn summary(caller: Authorized<DestinationsRead>) -> Result<Json<DestinationSummary>, ApiError> {
    let control = &caller.services.databases.control;
    let HealthSummary { unknown, ok, suspect, broken, held, pinned, down, attention } =
        summarize_destinations(control, caller.workspace.id).await?;
    Ok(Json(DestinationSummary { unknown, ok, suspect, broken, held, pinned, down, attention }))
}
