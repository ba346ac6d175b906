//! `GET /api/evaluations/status`

use std::time::Duration;

use data_ops::{destinations::latest_freeze, evaluations::budget_of, types::Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{
        access::{Authorized, permission::EvaluationsRead},
        failure::ApiError,
        input::Json,
        responses::{AnyFailure, WorkspaceFailure},
        schema::count,
        workspace_choice::WorkspaceChoice,
    },
    watching::{BrowserStatus, WatchingStatus},
};

/// How destinations are checked on this server.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EvaluationStatus {
    /// Whether destinations are checked at all.
    enabled: bool,
    /// The browser that shows pages as a visitor sees them.
    browser: EvaluationBrowser,
    /// The language model asked where the rules cannot tell.
    ai: EvaluationAi,
    /// Checks of the workspace.
    checks: DailyBudget,
    /// Questions of the workspace to the language model.
    ai_calls: DailyBudget,
    /// How many seconds pass between two checks of a destination that is well, where its links say nothing else.
    #[schema(schema_with = count)]
    interval_seconds: u64,
    /// When visitors are led elsewhere, and back.
    failover: FailoverTimes,
}

/// The browser that shows pages.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EvaluationBrowser {
    /// Whether there is one. Without it only the HTML of pages is read, and there are no screenshots.
    available: bool,
    /// What it says it is; null while that is not known.
    #[schema(required)]
    version: Option<String>,
    /// Why there is none, and what to do about it.
    #[schema(required)]
    problem: Option<String>,
}

/// The language model.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EvaluationAi {
    /// Whether one is configured. Without it the rules decide alone.
    configured: bool,
    /// Which.
    #[schema(required)]
    model: Option<String>,
}

/// What a workspace may spend in a day (UTC).
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DailyBudget {
    /// How many it may.
    #[schema(schema_with = count)]
    per_day: u64,
    /// How many it did today.
    #[schema(schema_with = count)]
    today: u64,
}

/// When visitors are led elsewhere, and back.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FailoverTimes {
    /// At least so many seconds lie between the two checks that agree before visitors are led elsewhere.
    #[schema(schema_with = count)]
    confirm_after_seconds: u64,
    /// The same for three checks, where the failure may pass.
    #[schema(schema_with = count)]
    confirm_transient_after_seconds: u64,
    /// At least so many seconds lie between the two good checks before visitors are led back.
    #[schema(schema_with = count)]
    recover_after_seconds: u64,
    /// Since when failover is held back on the whole server, because so many destinations broke at once; null when it is not.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    held_back_since: Option<Timestamp>,
}

/// Tell how destinations are checked
///
/// Whether they are, by what, and how much of the day's budget is spent.
#[utoipa::path(
    get,
    path = "/api/evaluations/status",
    operation_id = "getEvaluationStatus",
    tag = "evaluations",
    params(WorkspaceChoice),
    responses((status = 200, description = "How they are checked.", body = EvaluationStatus), WorkspaceFailure, AnyFailure)
)]
pub(crate) async fn status(caller: Authorized<EvaluationsRead>) -> Result<Json<EvaluationStatus>, ApiError> {
    let services = &caller.services;
    let control = &services.databases.control;
    let status = match &services.watching {
        Some(watching) => watching.status().await,
        None => nobody_watches(),
    };
    let spent = budget_of(control, caller.workspace.id, services.now()).await?;
    let freeze = latest_freeze(control).await?.filter(|freeze| freeze.lifted_at.is_none());
    let (available, version, problem) = match status.browser {
        BrowserStatus::Available { version } => (true, version, None),
        BrowserStatus::Missing { problem } => (false, None, Some(problem)),
    };
    Ok(Json(EvaluationStatus {
        enabled: status.enabled,
        browser: EvaluationBrowser { available, version, problem },
        ai: EvaluationAi { configured: status.ai_model.is_some(), model: status.ai_model },
        checks: DailyBudget { per_day: status.checks_per_day, today: spent.checks },
        ai_calls: DailyBudget { per_day: status.ai_calls_per_day, today: spent.ai_calls },
        interval_seconds: status.interval.as_secs(),
        failover: FailoverTimes {
            confirm_after_seconds: status.confirm_after.as_secs(),
            confirm_transient_after_seconds: status.confirm_transient_after.as_secs(),
            recover_after_seconds: status.recover_after.as_secs(),
            held_back_since: freeze.map(|freeze| freeze.since),
        },
    }))
}

fn nobody_watches() -> WatchingStatus {
    WatchingStatus {
        enabled: false,
        browser: BrowserStatus::Missing { problem: "This server does not look at destinations.".to_owned() },
        ai_model: None,
        checks_per_day: 0,
        ai_calls_per_day: 0,
        interval: Duration::ZERO,
        confirm_after: Duration::ZERO,
        confirm_transient_after: Duration::ZERO,
        recover_after: Duration::ZERO,
    }
}
