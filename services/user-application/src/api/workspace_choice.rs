//! Which workspace a request is about.

use http::request::Parts;
use url::form_urlencoded;
use utoipa::{
    IntoParams,
    openapi::{
        ObjectBuilder, Required, Type,
        path::{Parameter, ParameterBuilder, ParameterIn},
    },
};

use super::failure::ApiError;

/// The header that names the workspace.
pub(crate) const HEADER: &str = "x-workspace-id";

/// The query parameter that names the workspace.
pub(crate) const PARAMETER: &str = "workspaceId";

/// Documents how a session chooses the workspace; an API key is bound to its own and needs neither.
pub(crate) struct WorkspaceChoice;

impl IntoParams for WorkspaceChoice {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let parameter = |name: &str, location, description: &str| {
            ParameterBuilder::new()
                .name(name)
                .parameter_in(location)
                .required(Required::False)
                .description(Some(description))
                .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
                .build()
        };
        vec![
            parameter(
                PARAMETER,
                ParameterIn::Query,
                "The workspace's id or slug. Needed with a session unless the header is sent; an API key has its own.",
            ),
            parameter(
                "X-Workspace-Id",
                ParameterIn::Header,
                "The workspace's id or slug. Needed with a session unless the query parameter is sent; an API key has its own.",
            ),
        ]
    }
}

/// The workspace a request names; the header and the parameter must not contradict each other.
pub(crate) fn read(parts: &Parts) -> Result<Option<String>, ApiError> {
    let header = match parts.headers.get(HEADER) {
        Some(value) => Some(value.to_str().map_err(|_| ApiError::not_found("workspace"))?.to_owned()),
        None => None,
    };
    let query = parts.uri.query().unwrap_or_default();
    let parameter = form_urlencoded::parse(query.as_bytes())
        .find_map(|(name, value)| (name == PARAMETER).then(|| value.into_owned()));
    match (header, parameter) {
        (Some(header), Some(parameter)) if header != parameter => Err(ApiError::bad_request(
            "The X-Workspace-Id header and the workspaceId query parameter name different workspaces. Send one of them.",
        )),
        (header, parameter) => Ok(header.or(parameter).filter(|choice| !choice.is_empty())),
    }
}
