//! `GET /api/admin/workflows/kinds`

use data_ops::types::Timestamp;
use durable::workflows::KindStatus;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::{
    access::InstanceAdmin,
    failure::ApiError,
    input::Json,
    responses::{AdminFailure, AnyFailure},
    schema::count,
};

/// The runs of one workflow that have not ended.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WorkflowKind)]
pub(crate) struct KindView {
    kind: String,
    /// Whether the node that answers knows it. Runs that no node knows stay as they are.
    is_known: bool,
    /// Runs that wait for a node to execute them.
    #[schema(schema_with = count)]
    due: u64,
    /// Runs that sleep, or wait for events or further attempts.
    #[schema(schema_with = count)]
    asleep: u64,
    /// Runs some node executes.
    #[schema(schema_with = count)]
    in_flight: u64,
    /// Runs somebody paused.
    #[schema(schema_with = count)]
    paused: u64,
    /// Runs that cannot go on until somebody does something.
    #[schema(schema_with = count)]
    parked: u64,
    /// When the first of those that wait for a node was due.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    oldest_due_at: Option<Timestamp>,
}

impl From<KindStatus> for KindView {
    fn from(status: KindStatus) -> Self {
        Self {
            kind: status.kind,
            is_known: status.known,
            due: status.due,
            asleep: status.asleep,
            in_flight: status.in_flight,
            paused: status.paused,
            parked: status.parked,
            oldest_due_at: status.oldest_due_at,
        }
    }
}

/// List the kinds of workflows
///
/// How many runs of each have not ended, by what they do.
#[utoipa::path(
    get,
    path = "/api/admin/workflows/kinds",
    operation_id = "listWorkflowKinds",
    tag = "admin",
    security(("session" = [])),
    responses((status = 200, description = "The kinds, by name.", body = [KindView]), AdminFailure, AnyFailure)
)]
pub(crate) async fn kinds(caller: InstanceAdmin) -> Result<Json<Vec<KindView>>, ApiError> {
    let kinds = caller.services.background.workflows.kinds().await?;
    Ok(Json(kinds.into_iter().map(KindView::from).collect()))
}
