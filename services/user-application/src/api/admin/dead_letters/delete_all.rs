//! `DELETE /api/admin/queues/{name}/dead-letters`

use data_ops::clicks::delete_dead_letters;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{
        access::InstanceAdmin,
        admin::queues::CLICKS,
        failure::ApiError,
        input::{Json, PathId},
        responses::{AdminFailure, AnyFailure},
        schema::count,
    },
    services::Services,
};

/// Clicks deleted in one transaction.
const TOGETHER: u32 = 500;

/// How many dead letters are gone.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeletedDeadLetters)]
pub(crate) struct DeletedAll {
    #[schema(schema_with = count)]
    deleted: u64,
}

/// Delete all dead letters of a queue
///
/// They are gone for good. What is set aside meanwhile stays.
#[utoipa::path(
    delete,
    path = "/api/admin/queues/{name}/dead-letters",
    operation_id = "deleteDeadLetters",
    tag = "admin",
    security(("session" = [])),
    params(("name" = String, Path, description = "The queue's name.")),
    responses((status = 200, description = "How many.", body = DeletedAll), AdminFailure, AnyFailure)
)]
pub(crate) async fn delete_all(caller: InstanceAdmin, PathId(name): PathId) -> Result<Json<DeletedAll>, ApiError> {
    let services = &caller.services;
    let deleted = match name.as_str() {
        CLICKS => delete_clicks(services).await?,
        queue => services.background.jobs.delete_all_dead(queue).await?,
    };
    Ok(Json(DeletedAll { deleted }))
}

async fn delete_clicks(services: &Services) -> Result<u64, ApiError> {
    let (upto, mut deleted) = (services.now(), 0);
    loop {
        let some = delete_dead_letters(&services.databases.clicks, upto, TOGETHER).await?;
        deleted += some;
        if some == 0 {
            return Ok(deleted);
        }
    }
}
