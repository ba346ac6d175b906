//! Failover of the whole instance: whether it is held back.

pub(crate) mod get;
pub(crate) mod lift;

use data_ops::{
    destinations::{Freeze, latest_freeze},
    types::{FreezeId, Timestamp, UserId},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{failure::ApiError, schema::count},
    services::Services,
};

/// Whether failover is held back.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Failover)]
pub(crate) struct FailoverView {
    /// Whether links are left as they are, because so many destinations broke at once that the fault is probably here.
    is_held_back: bool,
    /// The time at which they are, or were last; null when there was none.
    #[schema(required)]
    freeze: Option<FreezeView>,
}

/// A time at which no link was led elsewhere because of checks.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Freeze)]
pub(crate) struct FreezeView {
    #[schema(inline)]
    id: FreezeId,
    #[schema(inline)]
    since: Timestamp,
    /// How many destinations had broken at its beginning.
    #[schema(schema_with = count)]
    broken: u64,
    /// Of how many that had been checked.
    #[schema(schema_with = count)]
    checked: u64,
    /// When it ended; null while it lasts.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    lifted_at: Option<Timestamp>,
    /// Who ended it; null where it ended by itself, and once their account is gone.
    #[schema(value_type = Option<String>, required)]
    lifted_by: Option<UserId>,
}

impl FailoverView {
    async fn load(services: &Services) -> Result<Self, ApiError> {
        let freeze = latest_freeze(&services.databases.control).await?;
        let is_held_back = freeze.as_ref().is_some_and(|freeze| freeze.lifted_at.is_none());
        Ok(Self { is_held_back, freeze: freeze.map(FreezeView::from) })
    }
}

impl From<Freeze> for FreezeView {
    fn from(Freeze { id, since, broken, checked, lifted_at, lifted_by }: Freeze) -> Self {
        Self { id, since, broken, checked, lifted_at, lifted_by }
    }
}
