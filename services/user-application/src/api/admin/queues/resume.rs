//! `POST /api/admin/queues/{name}/resume`

use super::QueueView;
use crate::api::{
    access::InstanceAdmin,
    failure::ApiError,
    input::{Json, PathId},
    responses::{AbsentFailure, AdminFailure, AnyFailure, StateFailure},
};

/// Resume a queue of jobs
///
/// Its jobs are done again. Does nothing when the queue is not paused.
#[utoipa::path(
    post,
    path = "/api/admin/queues/{name}/resume",
    operation_id = "resumeQueue",
    tag = "admin",
    security(("session" = [])),
    params(("name" = String, Path, description = "The queue's name.")),
    responses((status = 200, description = "The queue as it is now.", body = QueueView), AdminFailure, AbsentFailure, StateFailure, AnyFailure)
)]
pub(crate) async fn resume(caller: InstanceAdmin, PathId(name): PathId) -> Result<Json<QueueView>, ApiError> {
    super::check_can_pause(&caller.services, &name).await?;
    caller.services.background.jobs.resume(&name).await?;
    QueueView::load(&caller.services, &name).await.map(Json)
}
