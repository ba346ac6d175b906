//! People who look after the whole instance.

use std::sync::Arc;

use axum::extract::{FromRequestParts, MatchedPath};
use data_ops::types::UserId;
use http::request::Parts;

use super::{Application, SignedIn};
use crate::{api::failure::ApiError, services::Services};

/// A person with a session who is an admin of the instance. Never an API key: keys belong to workspaces.
pub(crate) struct InstanceAdmin {
    pub(crate) services: Arc<Services>,
    /// Who it is.
    pub(crate) user_id: UserId,
}

impl FromRequestParts<Application> for InstanceAdmin {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, application: &Application) -> Result<Self, ApiError> {
        let caller = SignedIn::from_request_parts(parts, application).await?;
        if !caller.user.is_instance_admin {
            return Err(ApiError::forbidden("Only an admin of this instance may do this."));
        }
        if !parts.method.is_safe() {
            let route = parts.extensions.get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str);
            let path = parts.uri.path();
            tracing::info!(user.id = %caller.user.id, http.method = %parts.method, http.route = route, path, "an admin acts");
        }
        Ok(Self { services: caller.services, user_id: caller.user.id })
    }
}
