//! `GET /api/links/info`

use data_ops::types::FieldError;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    reference::{ByQuery, by_query},
    view::LinkView,
};
use crate::api::{
    access::{Authorized, permission::LinksRead},
    failure::ApiError,
    input::{Json, Query},
    responses::{AnyFailure, QueryFailure, WorkspaceFailure},
    workspace_choice::WorkspaceChoice,
};

/// Which link: `linkId`, or `externalId`, or `domain` and `key`.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Parameters {
    /// The link's id.
    #[param(nullable = false)]
    link_id: Option<String>,
    /// The caller's own id for the link.
    #[param(nullable = false)]
    external_id: Option<String>,
    /// The host of the short address; the primary domain when only `key` is given.
    #[param(nullable = false)]
    domain: Option<String>,
    /// The path of the short address.
    #[param(nullable = false)]
    key: Option<String>,
}

/// Find a link by its id, its external id or its short address
#[utoipa::path(
    get,
    path = "/api/links/info",
    operation_id = "getLinkInfo",
    tag = "links",
    params(WorkspaceChoice, Parameters),
    responses((status = 200, description = "The link.", body = LinkView), WorkspaceFailure, QueryFailure, AnyFailure)
)]
pub(crate) async fn info(
    caller: Authorized<LinksRead>,
    Query(parameters): Query<Parameters>,
) -> Result<Json<LinkView>, ApiError> {
    let query = ByQuery {
        link_id: parameters.link_id.as_deref(),
        external_id: parameters.external_id.as_deref(),
        domain: parameters.domain.as_deref(),
        key: parameters.key.as_deref(),
    };
    let found = by_query(&caller.services, caller.workspace.id, query).await?;
    let link = found.ok_or_else(|| {
        FieldError::new("linkId", "missing", "Name a link: by linkId, by externalId, or by domain and key.")
    })?;
    LinkView::load(&caller.services, link).await.map(Json)
}
