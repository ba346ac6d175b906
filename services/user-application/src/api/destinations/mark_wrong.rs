//! `POST /api/destinations/{destinationId}/mark-wrong`

use data_ops::{
    destinations::Destination,
    evaluations::{Evaluation, correct_evaluation},
    types::{FieldError, Verdict},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{decide, decider, get::DestinationDetail};
use crate::{
    api::{
        access::{Authorized, permission::DestinationsWrite},
        evaluations::{self, view::EvaluationView},
        failure::ApiError,
        input::{Json, PathId, not_null, parse_at},
        responses::{AnyFailure, BodyFailure, WorkspaceFailure},
        workspace_choice::WorkspaceChoice,
    },
    watching::Decision,
};

/// Which check is wrong, and what it should have found.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct MarkWrong {
    /// The evaluation.
    evaluation_id: String,
    /// What is right: `AVAILABLE`, `NOT_AVAILABLE` or `BROKEN`. When absent, it is the opposite of what was found: `NOT_AVAILABLE` in place of
    /// `AVAILABLE`, and `AVAILABLE` in place of anything else.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(value_type = Option<Verdict>, nullable = false)]
    verdict: Option<String>,
}

/// What became of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MarkedWrong {
    /// The evaluation, with what is right in the place of what was found.
    evaluation: EvaluationView,
    /// The destination as it is now.
    destination: DestinationDetail,
}

/// Say that a check is wrong
///
/// What is right takes the place of what was found, which stays beside it as `judged`. The destination's health begins anew with it: it
/// is `ok` from now on, or `broken`, and visitors are led accordingly; the same finding does not change that again until a check finds
/// something else. Where later checks have found something else already, only the evaluation is corrected.
#[utoipa::path(
    post,
    path = "/api/destinations/{destinationId}/mark-wrong",
    operation_id = "markEvaluationWrong",
    tag = "destinations",
    params(WorkspaceChoice, ("destinationId" = String, Path, description = "The destination's id.")),
    request_body = MarkWrong,
    responses((status = 200, description = "The evaluation and the destination as they are now.", body = MarkedWrong), WorkspaceFailure, BodyFailure, AnyFailure)
)]
pub(crate) async fn mark_wrong(
    caller: Authorized<DestinationsWrite>,
    PathId(id): PathId,
    Json(input): Json<MarkWrong>,
) -> Result<Json<MarkedWrong>, ApiError> {
    let (services, workspace) = (&caller.services, caller.workspace.id);
    let right = input.right()?;
    let destination = super::by_path(services, workspace, &id).await?;
    let evaluation = evaluations::by_path(services, workspace, &input.evaluation_id).await?;
    if evaluation.destination_id != destination.id {
        return Err(evaluations::absent());
    }
    let right = right.unwrap_or_else(|| opposite(&evaluation));
    // First what may be out of reach, so that nothing is changed then. Asking again does the rest.
    let destination = if still_counts(&evaluation, &destination) {
        let decision = Decision::Correct { evaluation: evaluation.id, is_good: right == Verdict::Available };
        decide(&caller, destination, decision).await?
    } else {
        destination
    };
    let (control, by) = (&services.databases.control, Some(decider(&caller)?));
    let corrected = correct_evaluation(control, workspace, evaluation.id, right, by, services.now()).await?;
    let corrected = corrected.ok_or_else(evaluations::absent)?;
    let destination = DestinationDetail::load(services, destination).await?;
    Ok(Json(MarkedWrong { evaluation: corrected.into(), destination }))
}

impl MarkWrong {
    fn right(&self) -> Result<Option<Verdict>, FieldError> {
        let Some(text) = &self.verdict else { return Ok(None) };
        match parse_at!(Verdict, text, "verdict")? {
            Verdict::Unknown => {
                let message = "Say what is right: AVAILABLE, NOT_AVAILABLE or BROKEN.";
                Err(FieldError::new("verdict", "unknown_verdict", message))
            }
            verdict => Ok(Some(verdict)),
        }
    }
}

/// Of what the check itself found: so saying it twice is saying it once.
fn opposite(evaluation: &Evaluation) -> Verdict {
    match evaluation.judged.as_ref().map_or(evaluation.verdict, |judged| judged.verdict) {
        Verdict::Available => Verdict::NotAvailable,
        Verdict::NotAvailable | Verdict::Broken | Verdict::Unknown => Verdict::Available,
    }
}

/// Whether the destination is how it is because of this check, or of others that found the same.
fn still_counts(evaluation: &Evaluation, destination: &Destination) -> bool {
    let found = evaluation.judged.as_ref().map_or(evaluation.verdict, |judged| judged.verdict);
    destination.last_evaluation_id == Some(evaluation.id) || destination.last_verdict == Some(found)
}
