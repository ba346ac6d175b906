//! `GET /api/links/exists`

use data_ops::{
    links::is_slug_free,
    types::{FieldError, Slug, SlugError},
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{conflict::domain_not_found, reference::host_or_primary};
use crate::api::{
    access::{Authorized, permission::LinksRead},
    failure::ApiError,
    input::{Json, Query},
    responses::{AnyFailure, QueryFailure, WorkspaceFailure},
    workspace_choice::WorkspaceChoice,
};

/// Which short address.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Parameters {
    /// The host; the primary domain when absent.
    #[param(nullable = false)]
    domain: Option<String>,
    /// The path.
    key: String,
}

/// Find out whether a short address is taken
///
/// A deleted link's address stays taken, and so do addresses the server needs for itself.
#[utoipa::path(
    get,
    path = "/api/links/exists",
    operation_id = "linkExists",
    tag = "links",
    params(WorkspaceChoice, Parameters),
    responses((status = 200, description = "Whether it is taken.", body = bool), WorkspaceFailure, QueryFailure, AnyFailure)
)]
pub(crate) async fn exists(
    caller: Authorized<LinksRead>,
    Query(parameters): Query<Parameters>,
) -> Result<Json<bool>, ApiError> {
    let services = &caller.services;
    let host = host_or_primary(services, parameters.domain.as_deref())?;
    let slug = match Slug::parse(&parameters.key) {
        Ok(slug) => slug,
        Err(SlugError::Reserved(_)) => return Ok(Json(true)),
        Err(error) => return Err(FieldError::new("key", error.code(), error).into()),
    };
    let is_free = is_slug_free(&services.databases.control, caller.workspace.id, &host, &slug).await?;
    Ok(Json(!is_free.ok_or_else(domain_not_found)?))
}
