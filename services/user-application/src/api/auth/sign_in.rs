//! `POST /api/auth/sign-in`

use axum::response::Response;
use data_ops::{accounts::find_user_by_email, types::Email};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;

use super::start_session;
use crate::{
    accounts::{password_policy, throttle},
    api::{
        access::Anonymous,
        failure::{ApiError, ErrorEnvelope},
        input::{Json, parse_at},
        me::Account,
        responses::{AnyFailure, BodyFailure},
    },
};

/// Who is signing in.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = SignInRequest)]
pub(crate) struct Input {
    /// The account's address.
    #[schema(value_type = Email)]
    email: String,
    /// The account's password.
    #[schema(format = Password)]
    password: String,
}

/// Sign in with e-mail and password
#[utoipa::path(
    post,
    path = "/api/auth/sign-in",
    operation_id = "signIn",
    tag = "auth",
    security(()),
    request_body = Input,
    responses(
        (status = 200, description = "Signed in: the session cookie is set.", body = Account),
        (status = 401, description = "The e-mail address or the password is wrong.", body = ErrorEnvelope),
        (status = 403, description = "The request came from another site.", body = ErrorEnvelope),
        BodyFailure, AnyFailure
    )
)]
pub(crate) async fn sign_in(
    caller: Anonymous,
    headers: HeaderMap,
    Json(input): Json<Input>,
) -> Result<Response, ApiError> {
    let services = &caller.services;
    let database = &services.databases.control;
    let email = parse_at!(Email, &input.email, "email")?;
    throttle::attempt_by_client(database, caller.client, services.now()).await?;
    throttle::attempt_on_account(database, &email, caller.client, services.now()).await?;
    // No account has a longer password, and hashing a megabyte is not worth finding that out.
    if input.password.chars().count() > password_policy::MAX_LENGTH {
        return Err(refused());
    }
    let found = find_user_by_email(database, &email).await?;
    let (user, stored) = match found {
        Some(found) => (Some(found.user), found.password_hash),
        None => (None, None),
    };
    let is_right = services.passwords.verify(&input.password, stored).await?;
    match user {
        Some(user) if is_right => start_session(services, &headers, user, StatusCode::OK).await,
        _ => Err(refused()),
    }
}

/// The same for an unknown address and a wrong password, so that nothing can be learnt about accounts.
fn refused() -> ApiError {
    ApiError::unauthorized("The e-mail address or the password is wrong.")
}
