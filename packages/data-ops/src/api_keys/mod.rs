//! API keys: bound to one workspace, found by their public prefix, compared by hash.

mod create;
mod entity;
mod find;
mod revoke;

pub use create::{CreateApiKeyError, NewApiKey, create_api_key};
pub use find::{find_api_key_by_prefix, list_api_keys, touch_api_key};
pub use revoke::revoke_api_key;

use crate::database::DatabaseError;
use crate::types::{ApiKeyId, ApiKeyName, Scope, Timestamp, UserId, WorkspaceId};

/// A key, without what would let anyone use it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// The workspace it opens.
    pub workspace_id: WorkspaceId,
    /// Who made it; `None` once their account is gone.
    pub created_by: Option<UserId>,
    /// What it is for.
    pub name: ApiKeyName,
    /// The part that may be shown.
    pub prefix: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
}

impl ApiKey {
    /// Whether it works at `now`.
    #[must_use]
    pub fn is_usable(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|expires_at| now < expires_at)
    }
}

impl TryFrom<entity::Model> for ApiKey {
    type Error = DatabaseError;

    fn try_from(row: entity::Model) -> Result<Self, DatabaseError> {
        let scopes: Vec<Scope> =
            serde_json::from_str(&row.scopes).map_err(|error| DatabaseError::stored("API key scopes", error))?;
        Ok(Self {
            id: ApiKeyId::from_uuid(row.id),
            workspace_id: WorkspaceId::from_uuid(row.workspace_id),
            created_by: row.created_by.map(UserId::from_uuid),
            name: ApiKeyName::parse(&row.name).map_err(|error| DatabaseError::stored("API key name", error))?,
            prefix: row.prefix,
            scopes,
            created_at: Timestamp::from_millis(row.created_at),
            expires_at: row.expires_at.map(Timestamp::from_millis),
            last_used_at: row.last_used_at.map(Timestamp::from_millis),
            revoked_at: row.revoked_at.map(Timestamp::from_millis),
        })
    }
}
