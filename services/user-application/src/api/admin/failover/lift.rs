//! `POST /api/admin/failover/lift`

use super::FailoverView;
use crate::api::{
    access::InstanceAdmin,
    evaluations::watching,
    failure::{ApiError, ErrorCode},
    input::Json,
    responses::{AdminFailure, AnyFailure, StateFailure},
};

/// Hold failover back no longer
///
/// The links of all destinations that were held back lead to their backups at once, as far as they have any.
#[utoipa::path(
    post,
    path = "/api/admin/failover/lift",
    operation_id = "liftFailover",
    tag = "admin",
    security(("session" = [])),
    responses((status = 200, description = "It is no longer held back.", body = FailoverView), AdminFailure, StateFailure, AnyFailure)
)]
pub(crate) async fn lift(caller: InstanceAdmin) -> Result<Json<FailoverView>, ApiError> {
    let services = &caller.services;
    if !watching(services)?.lift_freeze(caller.user_id).await? {
        return Err(ApiError::new(ErrorCode::Conflict, "Failover is not held back, so there is nothing to lift."));
    }
    FailoverView::load(services).await.map(Json)
}
