//! `GET /api/admin/objects/{class}/{name}`

use super::ObjectDetailView;
use crate::api::{
    access::InstanceAdmin,
    failure::ApiError,
    input::{Json, PathIds},
    responses::{AbsentFailure, AdminFailure, AnyFailure},
};

/// Find an object, with what it remembers
#[utoipa::path(
    get,
    path = "/api/admin/objects/{class}/{name}",
    operation_id = "getObject",
    tag = "admin",
    security(("session" = [])),
    params(
        ("class" = String, Path, description = "The class."),
        ("name" = String, Path, description = "The object's name, percent-encoded.")
    ),
    responses((status = 200, description = "The object.", body = ObjectDetailView), AdminFailure, AbsentFailure, AnyFailure)
)]
pub(crate) async fn get(
    caller: InstanceAdmin,
    PathIds(class, name): PathIds,
) -> Result<Json<ObjectDetailView>, ApiError> {
    ObjectDetailView::load(&caller.services, &class, &name).await.map(Json)
}
