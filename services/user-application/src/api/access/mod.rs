//! Who is asking, and whether they may.
//!
//! An operation cannot reach the databases without saying whom it serves: the application's state is sealed in
//! [`Application`], and only the extractors here open it, each after its own check.
//!
//! | extractor | serves |
//! |---|---|
//! | [`Anonymous`] | anybody, within the allowance of their network |
//! | [`SignedIn`] | a person with a session |
//! | [`InstanceAdmin`] | a person with a session who looks after the whole instance |
//! | [`Authenticated`] | a person or an API key, before a workspace is chosen |
//! | [`Authorized<P>`] | a person or an API key that has the permission `P` in the workspace chosen |
//! | [`AuthorizedByPath<P>`] | the same, the workspace being named by the path |
//!
//! A websocket is also checked by [`FromOurPages`] at its beginning, and by [`Standing`] now and then.
//!
//! The order of checks is the same everywhere: credentials (401), origin of the request (403), allowance (429), workspace
//! (400 when none is chosen, 404 when it is not the caller's), permission (403).

mod authorized;
mod credentials;
mod instance_admin;
pub(crate) mod permission;
mod principal;
mod rate_limit;
pub(crate) mod same_site;
pub(crate) mod session_cookie;
mod standing;

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::request::Parts;

pub(crate) use authorized::{Authorized, AuthorizedByPath};
pub(crate) use instance_admin::InstanceAdmin;
pub(crate) use principal::{Authenticated, KeyCaller, Principal, SignedIn};
pub(crate) use rate_limit::{AllowanceSlot, RateLimiter};
pub(crate) use standing::{FromOurPages, Standing};

use super::failure::ApiError;
use crate::{client::ClientAddress, services::Services};
use rate_limit::Caller;

/// The state of the API's router, opened by the extractors of this module only.
#[derive(Clone)]
pub(crate) struct Application(Arc<Services>);

impl Application {
    pub(crate) fn new(services: Arc<Services>) -> Self {
        Self(services)
    }
}

/// Anybody.
pub(crate) struct Anonymous {
    pub(crate) services: Arc<Services>,
    pub(crate) client: Option<ClientAddress>,
}

impl FromRequestParts<Application> for Anonymous {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, application: &Application) -> Result<Self, ApiError> {
        let services = Arc::clone(&application.0);
        same_site::check_anonymous(parts, &services.settings)?;
        let client = client_address(parts);
        let network = client.unwrap_or(ClientAddress::UNKNOWN).network();
        services.rate_limiter.check(Caller::Network(network), parts)?;
        Ok(Self { services, client })
    }
}

fn client_address(parts: &Parts) -> Option<ClientAddress> {
    parts.extensions.get().copied()
}
