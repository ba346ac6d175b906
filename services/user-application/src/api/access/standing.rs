//! Callers of what goes on after its request was answered: a websocket.

use std::{convert::Infallible, sync::Arc};

use axum::extract::FromRequestParts;
use data_ops::types::WorkspaceId;
use http::{HeaderMap, StatusCode, header, request::Parts};

use super::{Application, Authenticated, authorized::authorize, credentials::Use, permission::Needs, same_site};
use crate::{api::failure::ApiError, services::Services};

/// A request that no page of another site made. Browsers let any page open a websocket anywhere, with the cookies of that place,
/// and read what comes: so a session alone proves nothing, although such a request is a `GET`. Extract the caller first, so that
/// one without credentials is told that.
pub(crate) struct FromOurPages;

impl FromRequestParts<Application> for FromOurPages {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, application: &Application) -> Result<Self, ApiError> {
        // No page can send this header with a websocket.
        if !parts.headers.contains_key(header::AUTHORIZATION) {
            same_site::check_socket(parts, &application.0.settings)?;
        }
        Ok(Self)
    }
}

/// The credentials of a request, to be looked at again.
pub(crate) struct Standing(HeaderMap);

impl FromRequestParts<Application> for Standing {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Application) -> Result<Self, Infallible> {
        let mut headers = HeaderMap::new();
        for name in [header::AUTHORIZATION, header::COOKIE] {
            for value in parts.headers.get_all(&name) {
                headers.append(name.clone(), value.clone());
            }
        }
        Ok(Self(headers))
    }
}

impl Standing {
    /// Whether the caller still has the permission in the workspace. A database that does not answer takes nothing from anybody.
    pub(crate) async fn may<P: Needs>(&self, services: &Arc<Services>, workspace: WorkspaceId) -> bool {
        let authorized = async {
            let (caller, _) = Authenticated::identify(&self.0, services, Use::Unnoted).await?;
            authorize::<P>(caller, Some(&workspace.to_string())).await
        };
        match authorized.await {
            Ok(_) => true,
            Err(error) => {
                !matches!(error.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND)
            }
        }
    }
}
