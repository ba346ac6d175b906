//! `POST /api/api-keys`

use data_ops::{
    api_keys::{ApiKey, CreateApiKeyError, NewApiKey, create_api_key},
    types::{ApiKeyName, FieldError, Permission, Scope, Timestamp, UserId},
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ApiKeyView;
use crate::{
    accounts::token::NewKey,
    api::{
        access::{Authorized, KeyCaller, Principal, permission::ApiKeysManage},
        failure::ApiError,
        input::{Json, Mistakes, parse_at},
        responses::{AnyFailure, BodyFailure, WorkspaceFailure},
        workspace_choice::WorkspaceChoice,
    },
};

/// A new API key.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = CreateApiKeyRequest)]
pub(crate) struct Input {
    /// What the key is for.
    #[schema(value_type = ApiKeyName)]
    name: String,
    /// What the key may do; everything (`apis.all`) when absent.
    #[schema(value_type = Option<Vec<Scope>>)]
    scopes: Option<Vec<String>>,
    /// When the key stops working; never when absent.
    #[schema(format = DateTime)]
    expires_at: Option<String>,
}

/// A new API key with its secret.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CreatedApiKey)]
pub(crate) struct Created {
    #[serde(flatten)]
    info: ApiKeyView,
    /// The whole key. It is not stored and cannot be shown again.
    #[schema(example = "hr_7f3k9q2mxa_…")]
    key: String,
}

/// Create an API key
#[utoipa::path(
    post,
    path = "/api/api-keys",
    operation_id = "createApiKey",
    tag = "apiKeys",
    params(WorkspaceChoice),
    request_body = Input,
    responses((status = 201, description = "The key, with its secret for the only time.", body = Created), WorkspaceFailure, BodyFailure, AnyFailure)
)]
pub(crate) async fn create(
    caller: Authorized<ApiKeysManage>,
    Json(input): Json<Input>,
) -> Result<(StatusCode, Json<Created>), ApiError> {
    let valid = validate(&input, caller.services.now())?;
    if let Principal::Key(key) = &caller.principal {
        confine(&valid, key)?;
    }
    let created_by = caller
        .user_id()
        .ok_or_else(|| ApiError::forbidden("Whoever created this API key is gone; sign in instead."))?;
    let (stored, key) = store(&caller, valid, created_by).await?;
    let created = Created { info: stored.into(), key: key.reveal() };
    Ok((StatusCode::CREATED, Json(created)))
}

struct Valid {
    name: ApiKeyName,
    scopes: Vec<Scope>,
    expires_at: Option<Timestamp>,
}

fn validate(input: &Input, now: Timestamp) -> Result<Valid, Vec<FieldError>> {
    let mut mistakes = Mistakes::default();
    let name = mistakes.check(parse_at!(ApiKeyName, &input.name, "name"));
    let mut scopes = Vec::new();
    for (index, text) in input.scopes.iter().flatten().enumerate() {
        let path = FieldError::index("scopes", index);
        scopes.extend(mistakes.check(parse_at!(Scope, text, path)));
    }
    match &input.scopes {
        None => scopes.push(Scope::All),
        Some(given) if given.is_empty() => {
            let message = "Name at least one scope, or leave the field out for all of them.";
            let _noted: Option<()> = mistakes.check(Err(FieldError::new("scopes", "empty", message)));
        }
        Some(_) => {}
    }
    scopes.sort_unstable();
    scopes.dedup();
    let expires_at = input.expires_at.as_deref().and_then(|text| mistakes.check(parse_expiry(text, now)));
    mistakes.finish(name.map(|name| Valid { name, scopes, expires_at }))
}

fn parse_expiry(text: &str, now: Timestamp) -> Result<Timestamp, FieldError> {
    let at = parse_at!(Timestamp, text, "expiresAt")?;
    if at > now { Ok(at) } else { Err(FieldError::new("expiresAt", "in_the_past", "Choose a time in the future.")) }
}

/// A key cannot make a key that may do more, or lasts longer, than itself.
fn confine(valid: &Valid, caller: &KeyCaller) -> Result<(), ApiError> {
    let grants = |permission: &&Permission| valid.scopes.iter().any(|scope| scope.allows(**permission));
    if Permission::ALL.iter().filter(grants).any(|permission| !caller.scopes_allow(*permission)) {
        return Err(ApiError::forbidden(
            "An API key cannot create a key with more scopes than its own. Sign in to do that.",
        ));
    }
    let outlives = match (valid.expires_at, caller.key.expires_at) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(new), Some(own)) => new > own,
    };
    if outlives {
        return Err(ApiError::forbidden(
            "An API key that expires cannot create a key that lasts longer. Give expiresAt, or sign in.",
        ));
    }
    Ok(())
}

/// Draws keys until one has a prefix of its own, which the first one practically always does.
async fn store(
    caller: &Authorized<ApiKeysManage>,
    valid: Valid,
    created_by: UserId,
) -> Result<(ApiKey, NewKey), ApiError> {
    let services = &caller.services;
    let Valid { name, scopes, expires_at } = valid;
    loop {
        let key = NewKey::generate()?;
        let new = NewApiKey {
            created_by,
            name: name.clone(),
            prefix: key.prefix.clone(),
            key_hash: key.secret.hash(),
            scopes: scopes.clone(),
            expires_at,
        };
        let stored = create_api_key(&services.databases.control, caller.workspace.id, &new, services.now()).await;
        match stored {
            Ok(stored) => return Ok((stored, key)),
            Err(CreateApiKeyError::PrefixTaken) => {}
            Err(CreateApiKeyError::Database(error)) => return Err(error.into()),
        }
    }
}
