//! `GET /api/destinations/{destinationId}`

use data_ops::{
    destinations::{Destination, Watch, watch_of},
    evaluations::last_good_evaluation,
    types::{EvaluationId, Timestamp},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::view::DestinationView;
use crate::{
    api::{
        access::{Authorized, permission::DestinationsRead},
        failure::ApiError,
        input::{Json, PathId},
        responses::{AnyFailure, WorkspaceFailure},
        schema::count_or_null,
        workspace_choice::WorkspaceChoice,
    },
    services::Services,
    watching::CheckSchedule,
};

/// A destination, and how it is watched.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DestinationDetail {
    #[serde(flatten)]
    destination: DestinationView,
    /// Whether one of its links wants it watched.
    watched: bool,
    /// How many seconds pass between two checks by schedule, by the wish of its links; null lets the server decide.
    #[schema(schema_with = count_or_null, required)]
    interval: Option<u64>,
    /// Since when a check goes on; null where none does.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    checking_since: Option<Timestamp>,
    /// When the next check is due; null where none is planned yet.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    next_check_at: Option<Timestamp>,
    /// The last evaluation that found it well; null where none did.
    #[schema(value_type = Option<String>, required)]
    last_good_evaluation_id: Option<EvaluationId>,
}

impl DestinationDetail {
    pub(super) async fn load(services: &Services, destination: Destination) -> Result<Self, ApiError> {
        let control = &services.databases.control;
        let (workspace, id) = (destination.workspace_id, destination.id);
        let Watch { enabled, interval, .. } = watch_of(control.read(), workspace, id).await?;
        let good = last_good_evaluation(control, workspace, id, None).await?;
        let schedule = match &services.watching {
            // Everything else can be told all the same.
            Some(watching) => watching.schedule(id).await.unwrap_or_else(|error| {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(destination.id = %id, error, "when a destination is checked next cannot be read");
                CheckSchedule::default()
            }),
            None => CheckSchedule::default(),
        };
        Ok(Self {
            destination: DestinationView::load(services, destination).await?,
            watched: enabled,
            interval: interval.map(u64::from),
            checking_since: schedule.running_since,
            next_check_at: schedule.next_at,
            last_good_evaluation_id: good.map(|good| good.id),
        })
    }
}

/// Find a destination by its id
#[utoipa::path(
    get,
    path = "/api/destinations/{destinationId}",
    operation_id = "getDestination",
    tag = "destinations",
    params(WorkspaceChoice, ("destinationId" = String, Path, description = "The destination's id.")),
    responses((status = 200, description = "The destination.", body = DestinationDetail), WorkspaceFailure, AnyFailure)
)]
pub(crate) async fn get(
    caller: Authorized<DestinationsRead>,
    PathId(id): PathId,
) -> Result<Json<DestinationDetail>, ApiError> {
    let destination = super::by_path(&caller.services, caller.workspace.id, &id).await?;
    DestinationDetail::load(&caller.services, destination).await.map(Json)
}
