//! Making an API key.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, EntityTrait};

use super::{ApiKey, entity};
use crate::database::{Database, DatabaseError, row_id};
use crate::types::{ApiKeyId, ApiKeyName, Scope, Timestamp, UserId, WorkspaceId};

/// A key to be made.
#[derive(Clone, Debug)]
pub struct NewApiKey {
    /// Who makes it.
    pub created_by: UserId,
    /// What it is for.
    pub name: ApiKeyName,
    /// The part that may be shown, and by which the key is found.
    pub prefix: String,
    /// SHA-256 of the secret part.
    pub key_hash: [u8; 32],
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// When it stops working.
    pub expires_at: Option<Timestamp>,
}

/// Why no key was made.
#[derive(Debug, thiserror::Error)]
pub enum CreateApiKeyError {
    /// The prefix is in use: make another at random.
    #[error("this API key prefix is taken")]
    PrefixTaken,
    /// The database failed.
    #[error("the API key could not be stored")]
    Database(#[from] DatabaseError),
}

/// Makes a key.
pub async fn create_api_key(
    db: &Database,
    workspace_id: WorkspaceId,
    new: &NewApiKey,
    now: Timestamp,
) -> Result<ApiKey, CreateApiKeyError> {
    let id = row_id(now);
    let scopes = serde_json::to_string(&new.scopes).map_err(|error| DatabaseError::stored("API key scopes", error))?;
    let row = entity::ActiveModel {
        id: Set(id),
        workspace_id: Set(workspace_id.as_uuid()),
        created_by: Set(Some(new.created_by.as_uuid())),
        name: Set(new.name.as_str().to_owned()),
        prefix: Set(new.prefix.clone()),
        key_hash: Set(new.key_hash.to_vec()),
        scopes: Set(scopes),
        created_at: Set(now.as_millis()),
        expires_at: Set(new.expires_at.map(|at| at.as_millis())),
        last_used_at: Set(None),
        revoked_at: Set(None),
    };
    let inserted = entity::Entity::insert(row)
        .on_conflict(OnConflict::column(entity::Column::Prefix).do_nothing().to_owned())
        .exec_without_returning(db.write())
        .await
        .map_err(DatabaseError::from)?;
    if inserted == 0 {
        return Err(CreateApiKeyError::PrefixTaken);
    }
    Ok(ApiKey {
        id: ApiKeyId::from_uuid(id),
        workspace_id,
        created_by: Some(new.created_by),
        name: new.name.clone(),
        prefix: new.prefix.clone(),
        scopes: new.scopes.clone(),
        created_at: now,
        expires_at: new.expires_at,
        last_used_at: None,
        revoked_at: None,
    })
}
