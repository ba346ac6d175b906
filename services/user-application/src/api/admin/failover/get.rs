//! `GET /api/admin/failover`

use super::FailoverView;
use crate::api::{
    access::InstanceAdmin,
    failure::ApiError,
    input::Json,
    responses::{AdminFailure, AnyFailure},
};

/// Tell whether failover is held back
#[utoipa::path(
    get,
    path = "/api/admin/failover",
    operation_id = "getFailover",
    tag = "admin",
    security(("session" = [])),
    responses((status = 200, description = "Whether it is.", body = FailoverView), AdminFailure, AnyFailure)
)]
pub(crate) async fn get(caller: InstanceAdmin) -> Result<Json<FailoverView>, ApiError> {
    FailoverView::load(&caller.services).await.map(Json)
}
