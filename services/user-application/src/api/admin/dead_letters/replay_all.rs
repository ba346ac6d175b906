//! `POST /api/admin/queues/{name}/dead-letters/replay`

use serde::Serialize;
use utoipa::ToSchema;

use crate::api::{
    access::InstanceAdmin,
    admin::queues::CLICKS,
    failure::ApiError,
    input::{Json, PathId},
    responses::{AdminFailure, AnyFailure},
    schema::count,
};

/// What a replay of all dead letters of a queue came to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReplayedDeadLetters)]
pub(crate) struct ReplayedAll {
    /// Those that are none any more.
    #[schema(schema_with = count)]
    replayed: u64,
    /// Clicks that still cannot be counted, and stay.
    #[schema(schema_with = count)]
    refused: u64,
}

/// Replay all dead letters of a queue
///
/// Those first that were set aside first. What is set aside again meanwhile is not replayed again.
#[utoipa::path(
    post,
    path = "/api/admin/queues/{name}/dead-letters/replay",
    operation_id = "replayDeadLetters",
    tag = "admin",
    security(("session" = [])),
    params(("name" = String, Path, description = "The queue's name.")),
    responses((status = 200, description = "How many.", body = ReplayedAll), AdminFailure, AnyFailure)
)]
pub(crate) async fn replay_all(caller: InstanceAdmin, PathId(name): PathId) -> Result<Json<ReplayedAll>, ApiError> {
    let background = &caller.services.background;
    if name == CLICKS {
        let done = background.clicks.replay_all().await?;
        return Ok(Json(ReplayedAll { replayed: done.replayed, refused: done.refused }));
    }
    let replayed = background.jobs.replay_all(&name).await?;
    Ok(Json(ReplayedAll { replayed, refused: 0 }))
}
