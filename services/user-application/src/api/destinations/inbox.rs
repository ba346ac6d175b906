//! `GET /api/destinations/health`

use data_ops::{
    destinations::{DestinationFilter, DestinationPage, find_destination, list_destinations},
    types::{DestinationId, FieldError, HealthState},
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::view::DestinationView;
use crate::api::{
    access::{Authorized, permission::DestinationsRead},
    failure::ApiError,
    input::{Json, Mistakes, Query, parse_at},
    paging::{gone, page_size},
    responses::{AnyFailure, QueryFailure, WorkspaceFailure},
    workspace_choice::WorkspaceChoice,
};

/// Which destinations to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Parameters {
    /// Only those in this state. `attention` is what wants a person's: suspect, broken or pinned; `all` is every destination.
    #[param(nullable = false, inline)]
    state: Option<InboxState>,
    /// Only those whose links are to lead to their backups, or only others.
    #[param(nullable = false)]
    down: Option<bool>,
    /// Only those about which somebody decided where visitors go, or only others.
    #[param(nullable = false)]
    pinned: Option<bool>,
    /// Only those whose URL contains this.
    #[param(nullable = false)]
    search: Option<String>,
    /// How many at most.
    #[param(nullable = false, minimum = 1, maximum = 100, default = 100)]
    page_size: Option<u32>,
    /// Only destinations after the one with this id, in the order of the list.
    #[param(nullable = false)]
    starting_after: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(default = "attention")]
pub(crate) enum InboxState {
    #[default]
    Attention,
    All,
    Unknown,
    Ok,
    Suspect,
    Broken,
}

/// List destinations by their health
///
/// Those that want attention, unless asked otherwise; first those whose state changed last.
#[utoipa::path(
    get,
    path = "/api/destinations/health",
    operation_id = "listDestinationHealth",
    tag = "destinations",
    params(WorkspaceChoice, Parameters),
    responses((status = 200, description = "The destinations.", body = [DestinationView]), WorkspaceFailure, QueryFailure, AnyFailure)
)]
pub(crate) async fn inbox(
    caller: Authorized<DestinationsRead>,
    Query(parameters): Query<Parameters>,
) -> Result<Json<Vec<DestinationView>>, ApiError> {
    let (services, workspace) = (&caller.services, caller.workspace.id);
    let control = &services.databases.control;
    let (size, after) = parameters.page()?;
    let after = match after {
        Some(id) => {
            let last = find_destination(control, workspace, id).await?.ok_or_else(gone)?;
            Some((last.state_since, last.id))
        }
        None => None,
    };
    let page = DestinationPage { size, after };
    let listed = list_destinations(control, workspace, &parameters.filter(), &page).await?;
    DestinationView::load_all(services, workspace, listed).await.map(Json)
}

impl Parameters {
    fn page(&self) -> Result<(u32, Option<DestinationId>), Vec<FieldError>> {
        let mut mistakes = Mistakes::default();
        let size = mistakes.check(page_size(self.page_size));
        let after = self.starting_after.as_deref();
        let after = after.and_then(|id| mistakes.check(parse_at!(DestinationId, id, "startingAfter")));
        mistakes.finish(size.map(|size| (size, after)))
    }

    fn filter(&self) -> DestinationFilter {
        let (attention, state) = match self.state.unwrap_or_default() {
            InboxState::Attention => (true, None),
            InboxState::All => (false, None),
            InboxState::Unknown => (false, Some(HealthState::Unknown)),
            InboxState::Ok => (false, Some(HealthState::Ok)),
            InboxState::Suspect => (false, Some(HealthState::Suspect)),
            InboxState::Broken => (false, Some(HealthState::Broken)),
        };
        DestinationFilter {
            states: state.into_iter().collect(),
            attention,
            pinned: self.pinned,
            down: self.down,
            search: self.search.clone(),
        }
    }
}
