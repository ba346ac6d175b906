//! `POST /api/auth/sign-out`

use axum::response::{AppendHeaders, IntoResponse, Response};
use data_ops::accounts::delete_session;
use http::{StatusCode, header};

use crate::api::{
    access::{SignedIn, session_cookie},
    failure::ApiError,
    responses::{AccessFailure, AnyFailure},
};

/// Sign out
///
/// The session ends at once; its cookie is of no use afterwards.
#[utoipa::path(
    post,
    path = "/api/auth/sign-out",
    operation_id = "signOut",
    tag = "auth",
    security(("session" = [])),
    responses((status = 204, description = "Signed out."), AccessFailure, AnyFailure)
)]
pub(crate) async fn sign_out(caller: SignedIn) -> Result<Response, ApiError> {
    let services = &caller.services;
    delete_session(&services.databases.control, &caller.token_hash).await?;
    let cookie = session_cookie::clear(&services.settings);
    let headers = AppendHeaders(cookie.map(|value| (header::SET_COOKIE, value)));
    Ok((StatusCode::NO_CONTENT, headers).into_response())
}
