//! `POST /api/admin/crons/{name}/resume`

use super::CronView;
use crate::api::{
    access::InstanceAdmin,
    failure::ApiError,
    input::{Json, PathId},
    responses::{AbsentFailure, AdminFailure, AnyFailure},
};

/// Resume a cron
///
/// It goes on with its next time from now on; what came meanwhile is left out.
#[utoipa::path(
    post,
    path = "/api/admin/crons/{name}/resume",
    operation_id = "resumeCron",
    tag = "admin",
    security(("session" = [])),
    params(("name" = String, Path, description = "The cron's name.")),
    responses((status = 200, description = "The cron as it is now.", body = CronView), AdminFailure, AbsentFailure, AnyFailure)
)]
pub(crate) async fn resume(caller: InstanceAdmin, PathId(name): PathId) -> Result<Json<CronView>, ApiError> {
    if !caller.services.background.crons.resume(&name).await? {
        return Err(super::absent());
    }
    CronView::load(&caller.services, &name).await.map(Json)
}
