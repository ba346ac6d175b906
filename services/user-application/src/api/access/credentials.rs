//! Finds out who sent a request, from its API key or session cookie.

use data_ops::{
    accounts::{Session, User, find_session, find_user, look_at_session},
    api_keys::{ApiKey, find_api_key_by_prefix, touch_api_key},
    types::Role,
    workspaces::{Workspace, WorkspaceRef, find_membership},
};
use http::{HeaderMap, header};
use subtle::ConstantTimeEq as _;

use super::session_cookie;
use crate::{accounts::token, api::failure::ApiError, services::Services};

/// Whether finding the credentials counts as using them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// A request: the session's idle deadline moves, the key's last use is noted.
    Noted,
    /// Only a look whether they still hold.
    Unnoted,
}

/// The session a cookie stands for.
pub(super) struct FoundSession {
    pub(super) user: User,
    pub(super) session: Session,
    pub(super) token_hash: [u8; 32],
}

/// The key of an `Authorization` header, its workspace, and the role there of whoever created it.
pub(super) struct FoundKey {
    pub(super) key: ApiKey,
    pub(super) workspace: Workspace,
    pub(super) creator_role: Role,
}

/// The person whose session cookie came with the request.
pub(super) async fn find_cookie_session(
    headers: &HeaderMap,
    services: &Services,
    usage: Use,
) -> Result<Option<FoundSession>, ApiError> {
    let Some(token) = session_cookie::read(headers, &services.settings) else {
        return Ok(None);
    };
    let database = &services.databases.control;
    let token_hash = token::hash(&token);
    let session = match usage {
        Use::Noted => find_session(database, &token_hash, services.now()).await?,
        Use::Unnoted => look_at_session(database, &token_hash, services.now()).await?,
    };
    let Some(session) = session else { return Ok(None) };
    let user = find_user(database, session.user_id).await?;
    Ok(user.map(|user| FoundSession { user, session, token_hash }))
}

/// The key that came with the request; `None` when there is no `Authorization` header, an error when it is no good.
pub(super) async fn find_bearer_key(
    headers: &HeaderMap,
    services: &Services,
    usage: Use,
) -> Result<Option<FoundKey>, ApiError> {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Ok(None);
    };
    let (prefix, secret) = value
        .to_str()
        .ok()
        .and_then(|text| text.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .and_then(|(_, key)| token::split_key(key.trim()))
        .ok_or_else(refused)?;
    let database = &services.databases.control;
    let (key, stored) = find_api_key_by_prefix(database, prefix).await?.ok_or_else(refused)?;
    let is_right: bool = token::hash(secret).ct_eq(&stored).into();
    if !is_right || !key.is_usable(services.now()) {
        return Err(refused());
    }
    // A key can do no more than its creator can now: it ends with their membership.
    let creator = key.created_by.ok_or_else(refused)?;
    let reference = WorkspaceRef::Id(key.workspace_id);
    let (workspace, creator_role) = find_membership(database, creator, &reference).await?.ok_or_else(refused)?;
    // Reading must go on when nothing can be written: the time of use is not worth a failed request.
    if usage == Use::Noted
        && let Err(error) = touch_api_key(database, key.workspace_id, key.id, services.now()).await
    {
        tracing::warn!(error = %error, "the use of an API key could not be noted");
    }
    Ok(Some(FoundKey { key, workspace, creator_role }))
}

/// The same for every reason, so that nothing can be learnt about keys.
fn refused() -> ApiError {
    ApiError::unauthorized(
        "This API key is not valid: it may be mistyped, revoked or expired. Send it as Authorization: Bearer hr_…",
    )
}
