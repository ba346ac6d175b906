//! How a link's destinations are, taken together.

use std::{cmp::Reverse, collections::HashSet};

use data_ops::{
    destinations::{Destination, LinkDestination},
    links::Link,
    types::{DestinationId, EvaluationId, HealthState, Timestamp},
};
use serde::Serialize;
use utoipa::ToSchema;

/// How a link's destinations are: the worst of those it leads to as long as all is well.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LinkHealth {
    /// How it is.
    state: HealthState,
    /// Since when.
    #[schema(inline)]
    since: Timestamp,
    /// The code of why it is so, such as `out_of_stock`.
    #[schema(required)]
    reason: Option<String>,
    /// Which destination this is about.
    #[schema(inline)]
    destination_id: DestinationId,
    /// Its last check.
    #[schema(value_type = Option<String>, required)]
    last_evaluation_id: Option<EvaluationId>,
    /// When that was.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    last_checked_at: Option<Timestamp>,
    /// Whether some visitors of the link are led to a backup now.
    serving_backup: bool,
}

impl LinkHealth {
    /// The health of a link with these destinations; `None` where it has none.
    pub(super) fn of(link: &Link, destinations: &[LinkDestination]) -> Option<Self> {
        let is_down = |used: &&LinkDestination| used.destination.is_down();
        let down: HashSet<&str> =
            destinations.iter().filter(is_down).map(|used| used.destination.url.as_str()).collect();
        let primaries = destinations.iter().filter(|used| used.is_primary).map(|used| &used.destination);
        let is_own = |url: &str| url == link.url.as_str();
        let severity = |one: &&Destination| (rank(one.state), is_own(one.url.as_str()), Reverse(one.id));
        let worst = primaries.max_by_key(severity)?;
        Some(Self {
            state: worst.state,
            since: worst.state_since,
            reason: worst.reason.clone(),
            destination_id: worst.id,
            last_evaluation_id: worst.last_evaluation_id,
            last_checked_at: worst.last_checked_at,
            serving_backup: link.serves_backup(|url| down.contains(url.as_str())),
        })
    }
}

fn rank(state: HealthState) -> u8 {
    match state {
        HealthState::Unknown => 0,
        HealthState::Ok => 1,
        HealthState::Suspect => 2,
        HealthState::Broken => 3,
    }
}
