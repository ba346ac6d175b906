//! `DELETE /api/admin/dead-letters/{id}`

use data_ops::clicks::delete_dead_letter;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Id, absent};
use crate::api::{
    access::InstanceAdmin,
    failure::ApiError,
    input::{Json, PathId},
    responses::{AbsentFailure, AdminFailure, AnyFailure},
};

/// The dead letter that is gone.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeletedDeadLetter)]
pub(crate) struct Deleted {
    id: String,
}

/// Delete a dead letter
///
/// It is gone for good: the job is never done, the click never counted.
#[utoipa::path(
    delete,
    path = "/api/admin/dead-letters/{id}",
    operation_id = "deleteDeadLetter",
    tag = "admin",
    security(("session" = [])),
    params(("id" = String, Path, description = "The dead letter's id.")),
    responses((status = 200, description = "The dead letter is gone.", body = Deleted), AdminFailure, AbsentFailure, AnyFailure)
)]
pub(crate) async fn delete(caller: InstanceAdmin, PathId(id): PathId) -> Result<Json<Deleted>, ApiError> {
    let services = &caller.services;
    let was_there = match Id::parse(&id).ok_or_else(absent)? {
        Id::Job(job) => services.background.jobs.delete_dead(job).await?,
        Id::Click(key) => delete_dead_letter(&services.databases.clicks, &key).await?,
    };
    if was_there { Ok(Json(Deleted { id })) } else { Err(absent()) }
}
