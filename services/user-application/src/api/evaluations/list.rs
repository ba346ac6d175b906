//! `GET /api/evaluations`

use data_ops::{
    evaluations::{EvaluationFilter, list_evaluations},
    types::{EvaluationId, FieldError, Timestamp, Verdict},
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::view::EvaluationView;
use crate::api::{
    access::{Authorized, permission::EvaluationsRead},
    destinations,
    failure::ApiError,
    input::{Json, Mistakes, Query, parse_at},
    links::reference,
    paging::page_size,
    responses::{AnyFailure, QueryFailure, WorkspaceFailure},
    workspace_choice::WorkspaceChoice,
};

/// Which evaluations to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Parameters {
    /// Only of this destination.
    #[param(nullable = false)]
    destination_id: Option<String>,
    /// Only of the destinations that this link has now; its id, or `ext_` and its external id.
    #[param(nullable = false)]
    link_id: Option<String>,
    /// Only with this verdict; several are separated by commas.
    #[param(nullable = false, example = "NOT_AVAILABLE,BROKEN")]
    verdict: Option<String>,
    /// Only made at this time or later.
    #[param(nullable = false, format = DateTime)]
    start: Option<String>,
    /// Only made before this time.
    #[param(nullable = false, format = DateTime)]
    end: Option<String>,
    /// How many at most.
    #[param(nullable = false, minimum = 1, maximum = 100, default = 100)]
    page_size: Option<u32>,
    /// Only evaluations after the one with this id, in the order of the list.
    #[param(nullable = false)]
    starting_after: Option<String>,
}

/// List evaluations
///
/// The newest first. They are kept for a time that the operator of the server chooses.
#[utoipa::path(
    get,
    path = "/api/evaluations",
    operation_id = "listEvaluations",
    tag = "evaluations",
    params(WorkspaceChoice, Parameters),
    responses((status = 200, description = "The evaluations.", body = [EvaluationView]), WorkspaceFailure, QueryFailure, AnyFailure)
)]
pub(crate) async fn list(
    caller: Authorized<EvaluationsRead>,
    Query(parameters): Query<Parameters>,
) -> Result<Json<Vec<EvaluationView>>, ApiError> {
    let (services, workspace) = (&caller.services, caller.workspace.id);
    let Page { mut filter, after, size } = parameters.validate()?;
    if let Some(id) = &parameters.destination_id {
        filter.destination_id = Some(destinations::by_path(services, workspace, id).await?.id);
    }
    if let Some(id) = &parameters.link_id {
        filter.link_id = Some(reference::by_path(services, workspace, id).await?.id);
    }
    let found = list_evaluations(&services.databases.control, workspace, &filter, after, size.into()).await?;
    Ok(Json(found.into_iter().map(EvaluationView::from).collect()))
}

struct Page {
    filter: EvaluationFilter,
    after: Option<EvaluationId>,
    size: u32,
}

impl Parameters {
    fn validate(&self) -> Result<Page, Vec<FieldError>> {
        let mut mistakes = Mistakes::default();
        let verdicts = self.verdict.as_deref().map_or(Ok(Vec::new()), verdicts);
        let verdicts = mistakes.check(verdicts).unwrap_or_default();
        let mut moment = |text: &Option<String>, path| {
            text.as_deref().and_then(|text| mistakes.check(parse_at!(Timestamp, text, path)))
        };
        let (from, before) = (moment(&self.start, "start"), moment(&self.end, "end"));
        let size = mistakes.check(page_size(self.page_size));
        let after = self.starting_after.as_deref();
        let after = after.and_then(|id| mistakes.check(parse_at!(EvaluationId, id, "startingAfter")));
        let filter = EvaluationFilter { verdicts, from, before, ..EvaluationFilter::default() };
        mistakes.finish(size.map(|size| Page { filter, after, size }))
    }
}

fn verdicts(list: &str) -> Result<Vec<Verdict>, FieldError> {
    list.split(',').map(|verdict| parse_at!(Verdict, verdict.trim(), "verdict")).collect()
}
