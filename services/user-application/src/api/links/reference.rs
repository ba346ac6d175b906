//! Which link a request means.

use data_ops::{
    links::{Link, find_link, find_link_by_external_id, find_link_by_slug},
    types::{FieldError, Host, LinkId, Slug, WorkspaceId},
};

use crate::{
    api::{failure::ApiError, input::parse_at},
    services::Services,
};

/// In a path, an external id follows this prefix.
const EXTERNAL: &str = "ext_";

/// Finds the link a path names by id or by `ext_` and its external id.
pub(crate) async fn by_path(services: &Services, workspace: WorkspaceId, text: &str) -> Result<Link, ApiError> {
    let database = &services.databases.control;
    let found = match text.strip_prefix(EXTERNAL) {
        Some(external_id) => find_link_by_external_id(database, workspace, external_id).await?,
        None => match LinkId::parse(text) {
            Ok(id) => find_link(database, workspace, id).await?,
            Err(_) => None,
        },
    };
    found.ok_or_else(absent)
}

/// The ways query parameters name a link.
#[derive(Debug, Default)]
pub(crate) struct ByQuery<'a> {
    pub(crate) link_id: Option<&'a str>,
    pub(crate) external_id: Option<&'a str>,
    pub(crate) domain: Option<&'a str>,
    pub(crate) key: Option<&'a str>,
}

/// Finds the link query parameters name; `None` when they name none.
pub(crate) async fn by_query(
    services: &Services,
    workspace: WorkspaceId,
    query: ByQuery<'_>,
) -> Result<Option<Link>, ApiError> {
    let database = &services.databases.control;
    let found = match query {
        ByQuery { link_id: Some(id), external_id: None, domain: None, key: None } => {
            return by_path(services, workspace, id).await.map(Some);
        }
        ByQuery { link_id: None, external_id: Some(id), domain: None, key: None } => {
            find_link_by_external_id(database, workspace, id).await?
        }
        ByQuery { link_id: None, external_id: None, domain, key: Some(key) } => {
            let host = host_or_primary(services, domain)?;
            match Slug::parse(key) {
                Ok(slug) => find_link_by_slug(database, workspace, &host, &slug).await?,
                Err(_) => None,
            }
        }
        ByQuery { link_id: None, external_id: None, domain: None, key: None } => return Ok(None),
        ByQuery { domain: Some(_), key: None, link_id: None, external_id: None } => {
            return Err(FieldError::missing("key").into());
        }
        _ => {
            let message = "Name one link in one way: by linkId, by externalId, or by domain and key.";
            return Err(FieldError::new("linkId", "ambiguous", message).into());
        }
    };
    found.map(Some).ok_or_else(absent)
}

/// The host a request names, or the instance's own.
pub(crate) fn host_or_primary(services: &Services, domain: Option<&str>) -> Result<Host, ApiError> {
    match domain {
        Some(domain) => Ok(parse_at!(Host, domain, "domain")?),
        None => Ok(services.public_host.clone()),
    }
}

pub(crate) fn absent() -> ApiError {
    ApiError::not_found("link")
}
