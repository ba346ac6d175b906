//! `POST /api/admin/crons/{name}/pause`

use super::CronView;
use crate::api::{
    access::InstanceAdmin,
    failure::ApiError,
    input::{Json, PathId},
    responses::{AbsentFailure, AdminFailure, AnyFailure},
};

/// Pause a cron
///
/// It is left alone, on all nodes, until it is resumed.
#[utoipa::path(
    post,
    path = "/api/admin/crons/{name}/pause",
    operation_id = "pauseCron",
    tag = "admin",
    security(("session" = [])),
    params(("name" = String, Path, description = "The cron's name.")),
    responses((status = 200, description = "The cron as it is now.", body = CronView), AdminFailure, AbsentFailure, AnyFailure)
)]
pub(crate) async fn pause(caller: InstanceAdmin, PathId(name): PathId) -> Result<Json<CronView>, ApiError> {
    if !caller.services.background.crons.pause(&name).await? {
        return Err(super::absent());
    }
    CronView::load(&caller.services, &name).await.map(Json)
}
