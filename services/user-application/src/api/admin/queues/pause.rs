//! `POST /api/admin/queues/{name}/pause`

use super::QueueView;
use crate::api::{
    access::InstanceAdmin,
    failure::ApiError,
    input::{Json, PathId},
    responses::{AbsentFailure, AdminFailure, AnyFailure, StateFailure},
};

/// Pause a queue of jobs
///
/// Its jobs lie, on all nodes, until it is resumed. Attempts under way go on, and jobs can be put down.
#[utoipa::path(
    post,
    path = "/api/admin/queues/{name}/pause",
    operation_id = "pauseQueue",
    tag = "admin",
    security(("session" = [])),
    params(("name" = String, Path, description = "The queue's name.")),
    responses((status = 200, description = "The queue as it is now.", body = QueueView), AdminFailure, AbsentFailure, StateFailure, AnyFailure)
)]
pub(crate) async fn pause(caller: InstanceAdmin, PathId(name): PathId) -> Result<Json<QueueView>, ApiError> {
    super::check_can_pause(&caller.services, &name).await?;
    caller.services.background.jobs.pause(&name).await?;
    QueueView::load(&caller.services, &name).await.map(Json)
}
