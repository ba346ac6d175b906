//! Crons: what begins at times of the calendar.

pub(crate) mod list;
pub(crate) mod pause;
pub(crate) mod resume;
pub(crate) mod run;
pub(crate) mod runs;

use data_ops::types::Timestamp;
use durable::cron::{CronOutcome, CronRunRecord, CronStatus};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::failure::{ApiError, ErrorCode},
    services::Services,
};

/// A cron at this moment.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Cron)]
pub(crate) struct CronView {
    name: String,
    /// Minute, hour, day of the month, month, day of the week.
    #[schema(example = "0 * * * *")]
    schedule: String,
    /// The zone whose local time the schedule means.
    #[schema(example = "Europe/Berlin")]
    time_zone: String,
    /// When it runs next, unless it is paused.
    #[schema(value_type = String, format = DateTime)]
    next_at: Timestamp,
    /// Whether it is left alone.
    is_paused: bool,
    /// Whether the node that answers has it, with this schedule. What no node has does not run.
    is_known: bool,
    /// The last run, or what became of it; null when there was none.
    #[schema(required)]
    last_run: Option<CronRunView>,
}

/// A run of a cron that was, or would have been.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CronRun)]
pub(crate) struct CronRunView {
    /// When it was due.
    #[schema(value_type = String, format = DateTime)]
    due_at: Timestamp,
    /// When it began, or was left out.
    #[schema(value_type = String, format = DateTime)]
    started_at: Timestamp,
    outcome: Outcome,
}

/// What became of a run.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = CronOutcome)]
pub(crate) enum Outcome {
    /// It began by the schedule.
    Started,
    /// It was missed and left out.
    Skipped,
    /// It began because somebody asked for it.
    Asked,
}

impl From<CronRunRecord> for CronRunView {
    fn from(run: CronRunRecord) -> Self {
        let outcome = match run.outcome {
            CronOutcome::Started => Outcome::Started,
            CronOutcome::Skipped => Outcome::Skipped,
            CronOutcome::Asked => Outcome::Asked,
        };
        Self { due_at: run.due_at, started_at: run.started_at, outcome }
    }
}

impl From<CronStatus> for CronView {
    fn from(status: CronStatus) -> Self {
        Self {
            name: status.name,
            schedule: status.schedule,
            time_zone: status.time_zone,
            next_at: status.next_at,
            is_paused: status.paused,
            is_known: status.known,
            last_run: status.last_run.map(CronRunView::from),
        }
    }
}

impl CronView {
    async fn load(services: &Services, name: &str) -> Result<Self, ApiError> {
        let crons = services.background.crons.list().await?;
        crons.into_iter().find(|cron| cron.name == name).map(Self::from).ok_or_else(absent)
    }
}

fn absent() -> ApiError {
    ApiError::new(ErrorCode::NotFound, "There is no such cron. GET /api/admin/crons lists those there are.")
}
