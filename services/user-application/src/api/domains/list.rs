//! `GET /api/domains`

use data_ops::{
    domains::{Domain, list_domains},
    types::{DomainId, Host, Timestamp, WorkspaceId},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::{
    access::{Authorized, permission::DomainsRead},
    failure::ApiError,
    input::Json,
    responses::{AnyFailure, WorkspaceFailure},
    workspace_choice::WorkspaceChoice,
};

/// A host short links can live on.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Domain)]
pub(crate) struct DomainView {
    #[schema(inline)]
    id: DomainId,
    /// The host itself.
    #[schema(value_type = String, example = "go.example.com")]
    slug: Host,
    /// The workspace that owns it; null for the instance's own domain, which all share.
    #[schema(value_type = Option<String>, required)]
    workspace_id: Option<WorkspaceId>,
    /// New links get this domain unless they ask for another.
    primary: bool,
    #[schema(inline)]
    created_at: Timestamp,
}

impl From<Domain> for DomainView {
    fn from(domain: Domain) -> Self {
        Self {
            id: domain.id,
            slug: domain.host,
            workspace_id: domain.workspace_id,
            primary: domain.workspace_id.is_none(),
            created_at: domain.created_at,
        }
    }
}

/// List the domains links can be created on
#[utoipa::path(
    get,
    path = "/api/domains",
    operation_id = "listDomains",
    tag = "domains",
    params(WorkspaceChoice),
    responses((status = 200, description = "The workspace's domains and the instance's own.", body = [DomainView]), WorkspaceFailure, AnyFailure)
)]
pub(crate) async fn list(caller: Authorized<DomainsRead>) -> Result<Json<Vec<DomainView>>, ApiError> {
    let domains = list_domains(&caller.services.databases.control, caller.workspace.id).await?;
    Ok(Json(domains.into_iter().map(DomainView::from).collect()))
}
