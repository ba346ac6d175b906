//! `GET /api/admin/dead-letters`

use data_ops::{
    clicks::list_dead_letters_before,
    types::{FieldError, JobId, Timestamp},
};
use durable::jobs::DeadCursor;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{DeadLetterView, Id, Letter};
use crate::{
    api::{
        access::InstanceAdmin,
        admin::queues::CLICKS,
        failure::ApiError,
        input::{Json, Query},
        paging::{gone, page_size},
        responses::{AdminFailure, AnyFailure, QueryFailure},
    },
    services::Services,
};

/// Which dead letters to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Parameters {
    /// Only those of this queue: of jobs, or `clicks`.
    #[param(nullable = false)]
    queue: Option<String>,
    /// How many at most.
    #[param(nullable = false, minimum = 1, maximum = 100, default = 100)]
    page_size: Option<u32>,
    /// Only those after the one with this id, in the order of the list.
    #[param(nullable = false)]
    starting_after: Option<String>,
}

/// List dead letters
///
/// Jobs and captured clicks that were set aside, the latest first.
#[utoipa::path(
    get,
    path = "/api/admin/dead-letters",
    operation_id = "listDeadLetters",
    tag = "admin",
    security(("session" = [])),
    params(Parameters),
    responses((status = 200, description = "The dead letters.", body = [DeadLetterView]), AdminFailure, QueryFailure, AnyFailure)
)]
pub(crate) async fn list(
    caller: InstanceAdmin,
    Query(parameters): Query<Parameters>,
) -> Result<Json<Vec<DeadLetterView>>, ApiError> {
    let services = &caller.services;
    let size = page_size(parameters.page_size)?;
    let after = match &parameters.starting_after {
        Some(id) => Some(find_last(services, id).await?),
        None => None,
    };
    let queue = parameters.queue.as_deref();
    let mut letters = Vec::new();
    if queue != Some(CLICKS) {
        let jobs = services.background.jobs.dead(queue, after.as_ref().map(jobs_after), size).await?;
        letters.extend(jobs.into_iter().map(Letter::Job));
    }
    if queue.is_none_or(|queue| queue == CLICKS) {
        let (upto, before) = match &after {
            None => (Timestamp::MAX, None),
            Some(Letter::Job(job)) => (job.failed_at, None),
            Some(Letter::Click(letter)) => (letter.created_at, Some(letter)),
        };
        let clicks = list_dead_letters_before(&services.databases.clicks, upto, before, size).await?;
        letters.extend(clicks.into_iter().map(Letter::Click));
    }
    // Stable: of one moment jobs come first, as the cursors have it.
    letters.sort_by_key(|letter| std::cmp::Reverse(letter.failed_at()));
    letters.truncate(usize::try_from(size).unwrap_or(usize::MAX));
    Ok(Json(letters.into_iter().map(DeadLetterView::from).collect()))
}

/// Where jobs go on behind the last one listed. All jobs of a moment are listed before its clicks.
fn jobs_after(last: &Letter) -> DeadCursor {
    match last {
        Letter::Job(job) => job.cursor(),
        Letter::Click(letter) => DeadCursor { failed_at: letter.created_at, id: JobId::from_bytes([0; 16]) },
    }
}

async fn find_last(services: &Services, id: &str) -> Result<Letter, ApiError> {
    let invalid = || FieldError::new("startingAfter", "invalid_id", "Use the id of a dead letter of this list.");
    let id = Id::parse(id).ok_or_else(invalid)?;
    Ok(Letter::find(services, &id).await?.ok_or_else(gone)?)
}
