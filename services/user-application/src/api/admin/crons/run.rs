//! `POST /api/admin/crons/{name}/run`

use durable::cron::RunNowError;

use super::CronView;
use crate::api::{
    access::InstanceAdmin,
    failure::{ApiError, ErrorCode},
    input::{Json, PathId},
    responses::{AbsentFailure, AdminFailure, AnyFailure, StateFailure},
};

/// Run a cron now
///
/// Besides its schedule, and paused or not.
#[utoipa::path(
    post,
    path = "/api/admin/crons/{name}/run",
    operation_id = "runCron",
    tag = "admin",
    security(("session" = [])),
    params(("name" = String, Path, description = "The cron's name.")),
    responses((status = 200, description = "It has begun; the cron as it is now.", body = CronView), AdminFailure, AbsentFailure, StateFailure, AnyFailure)
)]
pub(crate) async fn run(caller: InstanceAdmin, PathId(name): PathId) -> Result<Json<CronView>, ApiError> {
    let services = &caller.services;
    match services.background.crons.run_now(&name).await {
        Ok(()) => CronView::load(services, &name).await.map(Json),
        Err(RunNowError::Unknown { .. }) => {
            CronView::load(services, &name).await?;
            let message = "This version of Hashroute does not have this cron, so there is nothing it could run.";
            Err(ApiError::new(ErrorCode::Conflict, message))
        }
        Err(RunNowError::Action(error)) => Err(ApiError::internal(error)),
        Err(RunNowError::Database(error)) => Err(error.into()),
    }
}
