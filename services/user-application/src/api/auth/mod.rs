//! Accounts: the first run, signing up, in and out.

pub(crate) mod setup;
pub(crate) mod sign_in;
pub(crate) mod sign_out;
pub(crate) mod sign_up;

use axum::response::{AppendHeaders, IntoResponse, Response};
use data_ops::accounts::{NewSession, User, create_session, delete_session};
use http::{HeaderMap, StatusCode, header};

use super::{access::session_cookie, failure::ApiError, input::Json, me::Account};
use crate::{
    accounts::{
        password::PasswordError,
        token::{NoRandomness, Token, hash},
    },
    services::Services,
};

/// The most that is kept of what a browser calls itself, in characters.
const MAX_USER_AGENT: usize = 200;

/// Starts a session for the person and hands it to their browser. A session the browser had before ends: a token that
/// somebody else may have planted or seen is of no use after signing in.
async fn start_session(
    services: &Services,
    headers: &HeaderMap,
    user: User,
    status: StatusCode,
) -> Result<Response, ApiError> {
    let database = &services.databases.control;
    if let Some(previous) = session_cookie::read(headers, &services.settings) {
        delete_session(database, &hash(&previous)).await?;
    }
    let token = Token::generate()?;
    let user_agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    let new = NewSession {
        user_id: user.id,
        token_hash: token.hash(),
        ip: None,
        user_agent: user_agent.map(|text| text.chars().take(MAX_USER_AGENT).collect()),
        now: services.now(),
        idle_ms: session_cookie::IDLE_MS,
        absolute_ms: session_cookie::ABSOLUTE_MS,
    };
    create_session(database, &new).await?;
    let cookie = session_cookie::set(token.reveal(), &services.settings);
    let account = Account::load(services, user).await?;
    let headers = AppendHeaders(cookie.map(|value| (header::SET_COOKIE, value)));
    Ok((status, headers, Json(account)).into_response())
}

impl From<NoRandomness> for ApiError {
    fn from(error: NoRandomness) -> Self {
        Self::internal(error)
    }
}

impl From<PasswordError> for ApiError {
    fn from(error: PasswordError) -> Self {
        Self::internal(error)
    }
}
