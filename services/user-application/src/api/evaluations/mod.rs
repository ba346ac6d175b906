//! Evaluations: checks of destinations, what they found and what shows it.

mod artifact;
pub(crate) mod check_destination;
pub(crate) mod check_link;
mod checking;
pub(crate) mod get;
pub(crate) mod html;
pub(crate) mod list;
pub(crate) mod reason;
pub(crate) mod screenshot;
pub(crate) mod status;
pub(crate) mod text;
pub(crate) mod view;

use data_ops::{
    evaluations::{Evaluation, find_evaluation},
    types::{EvaluationId, WorkspaceId},
};

use super::failure::{ApiError, ErrorCode};
use crate::{services::Services, watching::Watching, watching::WatchingError};

/// The evaluation a path names.
pub(crate) async fn by_path(services: &Services, workspace: WorkspaceId, text: &str) -> Result<Evaluation, ApiError> {
    let found = match EvaluationId::parse(text) {
        Ok(id) => find_evaluation(&services.databases.control, workspace, id).await?,
        Err(_) => None,
    };
    found.ok_or_else(absent)
}

pub(crate) fn absent() -> ApiError {
    ApiError::not_found("evaluation")
}

/// Whoever looks at destinations.
pub(crate) fn watching(services: &Services) -> Result<&dyn Watching, ApiError> {
    let unavailable = || ApiError::new(ErrorCode::Unavailable, "This server does not look at destinations.");
    services.watching.as_deref().ok_or_else(unavailable)
}

impl From<WatchingError> for ApiError {
    fn from(error: WatchingError) -> Self {
        const RETRY_SECONDS: u64 = 5;
        match error {
            WatchingError::Database(error) => error.into(),
            WatchingError::Unavailable(cause) => Self {
                cause: Some(cause),
                retry_after_seconds: Some(RETRY_SECONDS),
                ..Self::new(
                    ErrorCode::Unavailable,
                    "This destination cannot be reached at this moment. Try again shortly.",
                )
            },
            WatchingError::Failed(cause) => Self::internal(cause),
        }
    }
}
