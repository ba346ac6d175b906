//! API keys: how programs act in a workspace.

pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod revoke;

use data_ops::{
    api_keys::ApiKey,
    types::{ApiKeyId, ApiKeyName, Scope, Timestamp, UserId},
};
use serde::Serialize;
use utoipa::ToSchema;

/// An API key. Its secret is shown once, when it is created.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ApiKey)]
pub(crate) struct ApiKeyView {
    #[schema(inline)]
    id: ApiKeyId,
    #[schema(inline)]
    name: ApiKeyName,
    /// How the key begins, to recognise it by.
    #[schema(example = "hr_7f3k9q2mxa")]
    prefix: String,
    /// What the key may do.
    scopes: Vec<Scope>,
    /// Who created it; null once their account is gone.
    #[schema(value_type = Option<String>, required)]
    created_by: Option<UserId>,
    #[schema(inline)]
    created_at: Timestamp,
    /// When it stops working by itself; null when never.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    expires_at: Option<Timestamp>,
    /// When it was last used, to within a minute.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    last_used_at: Option<Timestamp>,
}

impl From<ApiKey> for ApiKeyView {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id,
            name: key.name,
            prefix: format!("hr_{}", key.prefix),
            scopes: key.scopes,
            created_by: key.created_by,
            created_at: key.created_at,
            expires_at: key.expires_at,
            last_used_at: key.last_used_at,
        }
    }
}
