//! `GET /api/admin/crons`

use super::CronView;
use crate::api::{
    access::InstanceAdmin,
    failure::ApiError,
    input::Json,
    responses::{AdminFailure, AnyFailure},
};

/// List all crons
#[utoipa::path(
    get,
    path = "/api/admin/crons",
    operation_id = "listCrons",
    tag = "admin",
    security(("session" = [])),
    responses((status = 200, description = "The crons, by name.", body = [CronView]), AdminFailure, AnyFailure)
)]
pub(crate) async fn list(caller: InstanceAdmin) -> Result<Json<Vec<CronView>>, ApiError> {
    let crons = caller.services.background.crons.list().await?;
    Ok(Json(crons.into_iter().map(CronView::from).collect()))
}
