//! `GET /api/destinations/{destinationId}/changes`

use data_ops::{
    destinations::{HealthChange, list_health_changes},
    types::{EvaluationId, FieldError, HealthChangeId, HealthChangeKind, Timestamp, UserId},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::{
    access::{Authorized, permission::DestinationsRead},
    evaluations::reason,
    failure::ApiError,
    input::{Json, Mistakes, PathId, Query, parse_at},
    paging::page_size,
    responses::{AnyFailure, QueryFailure, WorkspaceFailure},
    schema::count,
    workspace_choice::WorkspaceChoice,
};

/// Which changes to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Parameters {
    /// How many at most.
    #[param(nullable = false, minimum = 1, maximum = 100, default = 100)]
    page_size: Option<u32>,
    /// Only changes after the one with this id, in the order of the list.
    #[param(nullable = false)]
    starting_after: Option<String>,
}

/// What became of a destination.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = HealthChange)]
pub(crate) struct HealthChangeView {
    #[schema(inline)]
    id: HealthChangeId,
    /// What happened: a check failed and is to be confirmed (`suspect`); it is `broken`, or well again (`recovered`); its links are left as
    /// they are because so many broke at once (`held`), or no longer (`released`); somebody decided where visitors go (`pinned`), or left
    /// it to the checks again (`unpinned`).
    kind: HealthChangeKind,
    /// The stable code of why.
    #[schema(required)]
    reason: Option<String>,
    /// Why, in plain words.
    #[schema(required)]
    reason_text: Option<String>,
    /// How many links lead elsewhere because of it.
    #[schema(schema_with = count)]
    links: u64,
    /// The check that led to it.
    #[schema(value_type = Option<String>, required)]
    evaluation_id: Option<EvaluationId>,
    /// Who decided it; null where nobody did, and once their account is gone.
    #[schema(value_type = Option<String>, required)]
    user_id: Option<UserId>,
    #[schema(inline)]
    at: Timestamp,
}

/// List what became of a destination
///
/// The latest first.
#[utoipa::path(
    get,
    path = "/api/destinations/{destinationId}/changes",
    operation_id = "listHealthChanges",
    tag = "destinations",
    params(WorkspaceChoice, Parameters, ("destinationId" = String, Path, description = "The destination's id.")),
    responses((status = 200, description = "The changes.", body = [HealthChangeView]), WorkspaceFailure, QueryFailure, AnyFailure)
)]
pub(crate) async fn changes(
    caller: Authorized<DestinationsRead>,
    PathId(id): PathId,
    Query(parameters): Query<Parameters>,
) -> Result<Json<Vec<HealthChangeView>>, ApiError> {
    let (services, workspace) = (&caller.services, caller.workspace.id);
    let (size, after) = parameters.page()?;
    let destination = super::by_path(services, workspace, &id).await?;
    let control = &services.databases.control;
    let changes = list_health_changes(control, workspace, destination.id, after, size.into()).await?;
    Ok(Json(changes.into_iter().map(HealthChangeView::from).collect()))
}

impl Parameters {
    fn page(&self) -> Result<(u32, Option<HealthChangeId>), Vec<FieldError>> {
        let mut mistakes = Mistakes::default();
        let size = mistakes.check(page_size(self.page_size));
        let after = self.starting_after.as_deref();
        let after = after.and_then(|id| mistakes.check(parse_at!(HealthChangeId, id, "startingAfter")));
        mistakes.finish(size.map(|size| (size, after)))
    }
}

impl From<HealthChange> for HealthChangeView {
    fn from(change: HealthChange) -> Self {
        Self {
            id: change.id,
            kind: change.kind,
            reason_text: change.reason.as_deref().map(reason::in_words),
            reason: change.reason,
            links: change.links,
            evaluation_id: change.evaluation_id,
            user_id: change.user_id,
            at: change.at,
        }
    }
}
