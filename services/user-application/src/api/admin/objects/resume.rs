//! `POST /api/admin/objects/{class}/{name}/resume`

use super::ObjectDetailView;
use crate::api::{
    access::InstanceAdmin,
    failure::ApiError,
    input::{Json, PathIds},
    responses::{AbsentFailure, AdminFailure, AnyFailure},
};

/// Resume a parked object
///
/// It takes messages again, and its alarm rings. Does nothing when it is not parked. If it is parked again at once, do first
/// what `parked` says.
#[utoipa::path(
    post,
    path = "/api/admin/objects/{class}/{name}/resume",
    operation_id = "resumeObject",
    tag = "admin",
    security(("session" = [])),
    params(
        ("class" = String, Path, description = "The class."),
        ("name" = String, Path, description = "The object's name, percent-encoded.")
    ),
    responses((status = 200, description = "The object as it is now.", body = ObjectDetailView), AdminFailure, AbsentFailure, AnyFailure)
)]
pub(crate) async fn resume(
    caller: InstanceAdmin,
    PathIds(class, name): PathIds,
) -> Result<Json<ObjectDetailView>, ApiError> {
    caller.services.background.objects.resume(&class, &name).await?;
    ObjectDetailView::load(&caller.services, &class, &name).await.map(Json)
}
