//! `GET /api/links/count`

use data_ops::links::count_links;
use serde::Deserialize;
use utoipa::IntoParams;

use super::list::filter;
use crate::api::{
    access::{Authorized, permission::LinksRead},
    failure::ApiError,
    input::{Json, Query},
    responses::{AnyFailure, QueryFailure, WorkspaceFailure},
    schema,
    workspace_choice::WorkspaceChoice,
};

/// Which links to count.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Parameters {
    /// Only links on this host.
    #[param(nullable = false)]
    domain: Option<String>,
    /// Only links whose key, destination, title or external id contains this.
    #[param(nullable = false)]
    search: Option<String>,
    /// Include archived links.
    #[param(nullable = false, default = false)]
    show_archived: Option<bool>,
}

/// Count links
#[utoipa::path(
    get,
    path = "/api/links/count",
    operation_id = "countLinks",
    tag = "links",
    params(WorkspaceChoice, Parameters),
    responses((status = 200, description = "How many links there are.", body = schema::Count), WorkspaceFailure, QueryFailure, AnyFailure)
)]
pub(crate) async fn count(
    caller: Authorized<LinksRead>,
    Query(parameters): Query<Parameters>,
) -> Result<Json<u64>, ApiError> {
    let Parameters { domain, search, show_archived } = parameters;
    let filter = filter(search.as_deref(), domain.as_deref(), show_archived)?;
    let count = count_links(&caller.services.databases.control, caller.workspace.id, &filter).await?;
    Ok(Json(count))
}
