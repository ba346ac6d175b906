//! `GET /api/admin/dead-letters/{id}`

use super::{DeadLetterDetailView, Id, Letter, absent};
use crate::api::{
    access::InstanceAdmin,
    failure::ApiError,
    input::{Json, PathId},
    responses::{AbsentFailure, AdminFailure, AnyFailure},
};

/// Find a dead letter, with what it carries
#[utoipa::path(
    get,
    path = "/api/admin/dead-letters/{id}",
    operation_id = "getDeadLetter",
    tag = "admin",
    security(("session" = [])),
    params(("id" = String, Path, description = "The dead letter's id.")),
    responses((status = 200, description = "The dead letter.", body = DeadLetterDetailView), AdminFailure, AbsentFailure, AnyFailure)
)]
pub(crate) async fn get(caller: InstanceAdmin, PathId(id): PathId) -> Result<Json<DeadLetterDetailView>, ApiError> {
    let id = Id::parse(&id).ok_or_else(absent)?;
    let letter = Letter::find(&caller.services, &id).await?.ok_or_else(absent)?;
    Ok(Json(letter.detail(&caller.services)))
}
