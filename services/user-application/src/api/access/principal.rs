//! People with a session and programs with an API key.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use data_ops::{
    accounts::User,
    api_keys::ApiKey,
    types::{Permission, Role, UserId},
    workspaces::Workspace,
};
use http::{HeaderMap, header, request::Parts};

use super::{
    Application,
    credentials::{self, Use},
    permission,
    rate_limit::Caller,
    same_site,
};
use crate::{api::failure::ApiError, services::Services};

/// A person with a session.
pub(crate) struct SignedIn {
    pub(crate) services: Arc<Services>,
    pub(crate) user: User,
    pub(crate) token_hash: [u8; 32],
}

impl FromRequestParts<Application> for SignedIn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, application: &Application) -> Result<Self, ApiError> {
        let services = Arc::clone(&application.0);
        let found = credentials::find_cookie_session(&parts.headers, &services, Use::Noted).await?;
        let Some(found) = found else {
            return Err(if parts.headers.contains_key(header::AUTHORIZATION) {
                ApiError::forbidden("An API key cannot do this; sign in instead.")
            } else {
                signed_out()
            });
        };
        same_site::check_session(parts, &services.settings)?;
        services.rate_limiter.check(Caller::Session(found.session.id), parts)?;
        Ok(Self { services, user: found.user, token_hash: found.token_hash })
    }
}

fn signed_out() -> ApiError {
    ApiError::unauthorized("Sign in first, or send an API key as Authorization: Bearer hr_…")
}

/// Who is acting.
pub(crate) enum Principal {
    /// A person with a session.
    Person(UserId),
    /// A program with an API key.
    Key(Box<KeyCaller>),
}

/// A program with an API key, and what it is allowed to.
pub(crate) struct KeyCaller {
    pub(crate) key: ApiKey,
    pub(crate) workspace: Workspace,
    creator_role: Role,
}

impl KeyCaller {
    /// Whether both the key's scopes and the role of its creator include it.
    fn may(&self, permission: Permission) -> bool {
        self.creator_role.can(permission) && self.scopes_allow(permission)
    }

    /// Whether the key's scopes include it.
    pub(crate) fn scopes_allow(&self, permission: Permission) -> bool {
        self.key.scopes.iter().any(|scope| scope.allows(permission))
    }

    pub(crate) fn require(&self, permission: Permission) -> Result<(), ApiError> {
        if self.may(permission) {
            return Ok(());
        }
        let missing = permission::describe(permission);
        Err(ApiError::forbidden(format!(
            "The scopes of this API key, or the role of whoever created it, do not allow it to {missing}."
        )))
    }
}

/// A person or a program, before a workspace is chosen.
pub(crate) struct Authenticated {
    pub(crate) services: Arc<Services>,
    pub(crate) principal: Principal,
}

impl FromRequestParts<Application> for Authenticated {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, application: &Application) -> Result<Self, ApiError> {
        let (authenticated, caller) = Self::identify(&parts.headers, &application.0, Use::Noted).await?;
        if matches!(authenticated.principal, Principal::Person(_)) {
            same_site::check_session(parts, &authenticated.services.settings)?;
        }
        authenticated.services.rate_limiter.check(caller, parts)?;
        Ok(authenticated)
    }
}

impl Authenticated {
    /// Who sends these credentials, and whose allowance it is. Nothing else is checked.
    pub(super) async fn identify(
        headers: &HeaderMap,
        services: &Arc<Services>,
        usage: Use,
    ) -> Result<(Self, Caller), ApiError> {
        let services = Arc::clone(services);
        if let Some(found) = credentials::find_bearer_key(headers, &services, usage).await? {
            let caller = Caller::Key(found.key.id);
            let principal = Principal::Key(Box::new(KeyCaller {
                key: found.key,
                workspace: found.workspace,
                creator_role: found.creator_role,
            }));
            return Ok((Self { services, principal }, caller));
        }
        let found = credentials::find_cookie_session(headers, &services, usage).await?.ok_or_else(signed_out)?;
        let principal = Principal::Person(found.user.id);
        Ok((Self { services, principal }, Caller::Session(found.session.id)))
    }
}
