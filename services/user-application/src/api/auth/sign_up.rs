//! `POST /api/auth/sign-up`

use axum::response::Response;
use data_ops::{
    accounts::{SignUp, SignUpError, consume_setup_token, count_users, set_setup_token, sign_up as store},
    types::{Email, FieldError, PersonName, WorkspaceName},
    workspaces::NewWorkspace,
};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;

use super::start_session;
use crate::{
    accounts::{password_policy, setup_link, throttle, token},
    api::{
        access::Anonymous,
        failure::{ApiError, ErrorEnvelope},
        input::{Json, Mistakes, parse_at},
        me::Account,
        responses::{AnyFailure, BodyFailure, ConflictFailure},
    },
    services::Services,
};

/// A new account.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = SignUpRequest)]
pub(crate) struct Input {
    /// The address to sign in with.
    #[schema(value_type = Email)]
    email: String,
    /// Between 8 and 128 characters that are hard to guess.
    #[schema(format = Password, min_length = 8, max_length = 128)]
    password: String,
    /// What to call the person.
    #[schema(value_type = Option<PersonName>)]
    name: Option<String>,
    /// Needed for the first account: the token in the link printed when the server started.
    setup_token: Option<String>,
    /// When given, a workspace of this name is created too.
    #[schema(value_type = Option<WorkspaceName>)]
    workspace_name: Option<String>,
}

/// Create an account and sign in
///
/// The first account needs the setup token; later ones need sign-up to be open on this instance.
#[utoipa::path(
    post,
    path = "/api/auth/sign-up",
    operation_id = "signUp",
    tag = "auth",
    security(()),
    request_body = Input,
    responses(
        (status = 201, description = "The account, signed in: the session cookie is set.", body = Account),
        (status = 403, description = "Sign-up is closed, or the setup token is wrong or used.", body = ErrorEnvelope),
        BodyFailure, ConflictFailure, AnyFailure
    )
)]
pub(crate) async fn sign_up(
    caller: Anonymous,
    headers: HeaderMap,
    Json(input): Json<Input>,
) -> Result<Response, ApiError> {
    let services = &caller.services;
    let database = &services.databases.control;
    let valid = validate(&input)?;
    throttle::attempt_by_client(database, caller.client, services.now()).await?;
    let password_hash = services.passwords.hash(&input.password).await?;
    let used_token = admit(services, input.setup_token.as_deref()).await?;
    let new = SignUp {
        email: valid.email,
        name: valid.name.map(String::from).unwrap_or_default(),
        password_hash,
        workspace: valid.workspace.map(|name| NewWorkspace { name, slug: None }),
        now: services.now(),
    };
    let user = match store(database, &new).await {
        Ok((user, _)) => user,
        Err(error) => {
            // Nothing came of it, so the link still works.
            if let Some(token) = used_token {
                set_setup_token(database, &token, services.now().plus(setup_link::LIFETIME)).await?;
            }
            return Err(error.into());
        }
    };
    start_session(services, &headers, user, StatusCode::CREATED).await
}

struct Valid {
    email: Email,
    name: Option<PersonName>,
    workspace: Option<WorkspaceName>,
}

fn validate(input: &Input) -> Result<Valid, Vec<FieldError>> {
    let mut mistakes = Mistakes::default();
    let email = mistakes.check(parse_at!(Email, &input.email, "email"));
    let given_name = input.name.as_deref().filter(|name| !name.trim().is_empty());
    let name = given_name.and_then(|name| mistakes.check(parse_at!(PersonName, name, "name")));
    let workspace = input
        .workspace_name
        .as_deref()
        .and_then(|name| mistakes.check(parse_at!(WorkspaceName, name, "workspaceName")));
    let personal = [input.email.as_str(), given_name.unwrap_or_default()];
    let strength = password_policy::check(&input.password, &personal);
    mistakes.check(strength.map_err(|weak| weak.at("password")));
    mistakes.finish(email.map(|email| Valid { email, name, workspace }))
}

/// The first account needs the token from the console, so that nobody who finds a fresh server can claim it. Answers the hash of
/// the token that was used up.
async fn admit(services: &Services, setup_token: Option<&str>) -> Result<Option<[u8; 32]>, ApiError> {
    let database = &services.databases.control;
    if count_users(database).await? > 0 {
        return if services.settings.open_sign_up {
            Ok(None)
        } else {
            Err(ApiError::forbidden("Sign-up is closed on this server. Ask its operator for an account."))
        };
    }
    if let Some(hash) = setup_token.map(token::hash)
        && consume_setup_token(database, &hash, services.now()).await?
    {
        return Ok(Some(hash));
    }
    Err(ApiError::forbidden(
        "The first account is created with the setup link that the server printed when it started. The link works once, for \
         24 hours; restart the server for a new one.",
    ))
}

impl From<SignUpError> for ApiError {
    fn from(error: SignUpError) -> Self {
        match error {
            SignUpError::EmailTaken => Self::conflict(
                "email",
                "email_taken",
                "An account with this e-mail address exists already. Sign in instead.",
            ),
            SignUpError::WorkspaceSlugTaken => Self::conflict(
                "workspaceName",
                "slug_taken",
                "A workspace with this name exists already. Choose another name.",
            ),
            SignUpError::Database(error) => error.into(),
        }
    }
}
