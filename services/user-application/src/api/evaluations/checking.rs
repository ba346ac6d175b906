//! Beginning checks because somebody asks for it.

use data_ops::{
    destinations::Destination,
    evaluations::budget_of,
    types::{DestinationId, Timestamp, WorkspaceId},
};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde::Serialize;
use utoipa::ToSchema;

use super::watching;
use crate::{
    api::failure::{ApiError, ErrorCode},
    services::Services,
};

/// Destinations told at once.
const AT_ONCE: usize = 8;
const DAY_SECONDS: i64 = 86_400;

/// A destination, and what came of asking for a check.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = StartedCheck)]
pub(crate) struct StartedCheckView {
    #[schema(inline)]
    destination_id: DestinationId,
    /// Its URL.
    url: String,
    /// What came of it.
    outcome: CheckOutcome,
    /// Since when the check goes on; null where there is none.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    since: Option<Timestamp>,
}

/// What came of asking for a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum CheckOutcome {
    /// It has begun.
    Started,
    /// One was going on already.
    Running,
    /// It has not: the workspace's checks of this day are spent.
    BudgetSpent,
}

/// Begins checks of destinations, in their order as far as the workspace's checks of the day go.
pub(super) async fn begin(
    services: &Services,
    workspace: WorkspaceId,
    destinations: Vec<Destination>,
) -> Result<Vec<StartedCheckView>, ApiError> {
    let watching = watching(services)?;
    let status = watching.status().await;
    if !status.enabled {
        let message = "Checks are switched off on this server. Its operator can switch them on.";
        return Err(ApiError::new(ErrorCode::Conflict, message));
    }
    let now = services.now();
    let spent = budget_of(&services.databases.control, workspace, now).await?.checks;
    let left = status.checks_per_day.saturating_sub(spent);
    if left == 0 {
        return Err(all_spent(status.checks_per_day, now));
    }
    let begun = stream::iter(destinations.into_iter().zip(0_u64..)).map(|(destination, place)| async move {
        let Destination { id, url, .. } = destination;
        let url = url.as_str().to_owned();
        if place >= left {
            let outcome = CheckOutcome::BudgetSpent;
            return Ok::<_, ApiError>(StartedCheckView { destination_id: id, url, outcome, since: None });
        }
        let started = watching.check(workspace, id).await?;
        let outcome = if started.begun { CheckOutcome::Started } else { CheckOutcome::Running };
        Ok(StartedCheckView { destination_id: id, url, outcome, since: Some(started.since) })
    });
    begun.buffered(AT_ONCE).try_collect().await
}

/// Days begin at midnight, UTC.
fn all_spent(limit: u64, now: Timestamp) -> ApiError {
    let seconds = now.as_millis().div_euclid(1_000);
    let wait = DAY_SECONDS - seconds.rem_euclid(DAY_SECONDS);
    ApiError {
        message: format!("All {limit} checks of this day are spent. There are new ones at 00:00 UTC.").into(),
        ..ApiError::too_many_requests(u64::try_from(wait).unwrap_or_default())
    }
}
