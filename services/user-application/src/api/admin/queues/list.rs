//! `GET /api/admin/queues`

use super::QueueView;
use crate::api::{
    access::InstanceAdmin,
    failure::ApiError,
    input::Json,
    responses::{AdminFailure, AnyFailure},
};

/// List all queues
///
/// The log of captured clicks, and the queues of jobs.
#[utoipa::path(
    get,
    path = "/api/admin/queues",
    operation_id = "listQueues",
    tag = "admin",
    security(("session" = [])),
    responses((status = 200, description = "The queues: first the log, then jobs by name.", body = [QueueView]), AdminFailure, AnyFailure)
)]
pub(crate) async fn list(caller: InstanceAdmin) -> Result<Json<Vec<QueueView>>, ApiError> {
    QueueView::load_all(&caller.services).await.map(Json)
}
