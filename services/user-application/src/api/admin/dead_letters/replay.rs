//! `POST /api/admin/dead-letters/{id}/replay`

use data_ops::clicks::ReplayLetterError;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Id, absent};
use crate::api::{
    access::InstanceAdmin,
    admin::queues::CLICKS,
    failure::{ApiError, ErrorCode},
    input::{Json, PathId},
    responses::{AbsentFailure, AdminFailure, AnyFailure, StateFailure},
};

/// The dead letter that is none any more.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReplayedDeadLetter)]
pub(crate) struct Replayed {
    id: String,
    /// The queue it is in again, or `clicks`: then it is counted.
    queue: String,
}

/// Replay a dead letter
///
/// A job is put back into its queue, due now, as if it had never been tried. A click is counted; if that still cannot be done
/// the answer is 409, and the click stays where it is.
#[utoipa::path(
    post,
    path = "/api/admin/dead-letters/{id}/replay",
    operation_id = "replayDeadLetter",
    tag = "admin",
    security(("session" = [])),
    params(("id" = String, Path, description = "The dead letter's id.")),
    responses((status = 200, description = "It is a dead letter no more.", body = Replayed), AdminFailure, AbsentFailure, StateFailure, AnyFailure)
)]
pub(crate) async fn replay(caller: InstanceAdmin, PathId(id): PathId) -> Result<Json<Replayed>, ApiError> {
    let background = &caller.services.background;
    let queue = match Id::parse(&id).ok_or_else(absent)? {
        Id::Job(job) => background.jobs.replay(job).await?.ok_or_else(absent)?,
        Id::Click(key) => match background.clicks.replay(&key).await {
            Ok(()) => CLICKS.to_owned(),
            Err(ReplayLetterError::Gone) => return Err(absent()),
            Err(ReplayLetterError::Refused(why)) => {
                return Err(ApiError::new(ErrorCode::Conflict, format!("The click still cannot be counted: {why}.")));
            }
            Err(ReplayLetterError::Unavailable(error)) => return Err(error.into()),
        },
    };
    Ok(Json(Replayed { id, queue }))
}
