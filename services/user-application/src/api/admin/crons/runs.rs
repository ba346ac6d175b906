//! `GET /api/admin/crons/{name}/runs`

use super::{CronRunView, CronView};
use crate::api::{
    access::InstanceAdmin,
    failure::ApiError,
    input::{Json, PathId},
    responses::{AbsentFailure, AdminFailure, AnyFailure},
};

/// List the runs of a cron
#[utoipa::path(
    get,
    path = "/api/admin/crons/{name}/runs",
    operation_id = "listCronRuns",
    tag = "admin",
    security(("session" = [])),
    params(("name" = String, Path, description = "The cron's name.")),
    responses((status = 200, description = "Its last runs, the latest first; about a hundred are remembered.", body = [CronRunView]), AdminFailure, AbsentFailure, AnyFailure)
)]
pub(crate) async fn runs(caller: InstanceAdmin, PathId(name): PathId) -> Result<Json<Vec<CronRunView>>, ApiError> {
    let services = &caller.services;
    let runs = services.background.crons.runs(&name).await?;
    if runs.is_empty() {
        // One that never ran, or none at all.
        CronView::load(services, &name).await?;
    }
    Ok(Json(runs.into_iter().map(CronRunView::from).collect()))
}
