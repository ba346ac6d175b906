//! Queues: jobs waiting to be done, and clicks waiting to be counted.

pub(crate) mod list;
pub(crate) mod pause;
pub(crate) mod resume;

use data_ops::{
    clicks::{ClickQueueStatus, count_dead_letters},
    types::Timestamp,
};
use durable::jobs::QueueStatus;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{
        failure::{ApiError, ErrorCode},
        schema::{count, count_or_null},
    },
    services::Services,
};

/// The name under which the log of captured clicks is listed.
pub(super) const CLICKS: &str = "clicks";

/// What a queue carries.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = QueueKind)]
pub(crate) enum Kind {
    /// Jobs, each done once.
    Jobs,
    /// The log of captured clicks, which are counted by batches.
    Log,
}

/// A queue at this moment.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Queue)]
pub(crate) struct QueueView {
    name: String,
    kind: Kind,
    /// Jobs that are due and wait for a worker; null for a log, which counts bytes.
    #[schema(schema_with = count_or_null, required)]
    ready: Option<u64>,
    /// Jobs that are not due yet.
    #[schema(schema_with = count)]
    delayed: u64,
    /// Jobs somebody is working on.
    #[schema(schema_with = count)]
    in_flight: u64,
    /// Bytes captured on the node that answers and not counted yet; null for jobs, and where the node cannot tell.
    #[schema(schema_with = count_or_null, required)]
    waiting_bytes: Option<u64>,
    /// What was set aside.
    #[schema(schema_with = count)]
    dead: u64,
    /// When the oldest of what waits was due, or captured; null when nothing waits.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    oldest_due_at: Option<Timestamp>,
    /// Whether workers leave it alone.
    is_paused: bool,
    /// How many the node that answers finished within the last minute.
    #[schema(schema_with = count)]
    finished_per_minute: u64,
}

impl From<QueueStatus> for QueueView {
    fn from(status: QueueStatus) -> Self {
        Self {
            name: status.queue,
            kind: Kind::Jobs,
            ready: Some(status.ready),
            delayed: status.delayed,
            in_flight: status.in_flight,
            waiting_bytes: None,
            dead: status.dead,
            oldest_due_at: status.oldest_due_at,
            is_paused: status.paused,
            finished_per_minute: status.finished_per_minute,
        }
    }
}

impl QueueView {
    fn of_clicks(status: Option<ClickQueueStatus>, dead: u64) -> Self {
        Self {
            name: CLICKS.to_owned(),
            kind: Kind::Log,
            ready: None,
            delayed: 0,
            in_flight: 0,
            waiting_bytes: status.map(|status| status.waiting_bytes),
            dead,
            oldest_due_at: status.and_then(|status| status.oldest_at),
            is_paused: false,
            finished_per_minute: status.map_or(0, |status| status.taken_in_per_minute),
        }
    }

    /// All queues: first the log of clicks, then the job queues by name.
    async fn load_all(services: &Services) -> Result<Vec<Self>, ApiError> {
        let dead = count_dead_letters(&services.databases.clicks).await?;
        let clicks = Self::of_clicks(services.background.clicks.status().await, dead);
        let jobs = services.background.jobs.queues().await?;
        Ok(std::iter::once(clicks).chain(jobs.into_iter().map(Self::from)).collect())
    }

    /// One job queue.
    async fn load(services: &Services, name: &str) -> Result<Self, ApiError> {
        let queues = services.background.jobs.queues().await?;
        queues.into_iter().find(|status| status.queue == name).map(Self::from).ok_or_else(absent)
    }
}

/// Checks that there is a job queue of this name.
async fn check_can_pause(services: &Services, name: &str) -> Result<(), ApiError> {
    if name == CLICKS {
        let message = "The log of clicks cannot be paused: it would only grow until the disk is full.";
        return Err(ApiError::new(ErrorCode::Conflict, message));
    }
    QueueView::load(services, name).await.map(drop)
}

fn absent() -> ApiError {
    ApiError::new(ErrorCode::NotFound, "There is no such queue. GET /api/admin/queues lists those there are.")
}
