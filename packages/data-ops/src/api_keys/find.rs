//! Finding API keys.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder};

use super::{ApiKey, entity};
use crate::database::{Database, DatabaseError};
use crate::types::{ApiKeyId, Timestamp, WorkspaceId};

/// How often a key in use is written to.
const TOUCH_EVERY_MS: i64 = 60_000;

/// The key with this prefix and the SHA-256 its secret must have. Takes no workspace: the key is what says which one.
/// Revoked and expired keys are found too: see [`ApiKey::is_usable`].
pub async fn find_api_key_by_prefix(db: &Database, prefix: &str) -> Result<Option<(ApiKey, [u8; 32])>, DatabaseError> {
    let row = entity::Entity::find().filter(entity::Column::Prefix.eq(prefix)).one(db.read()).await?;
    row.map(|mut row| {
        let hash = std::mem::take(&mut row.key_hash)
            .try_into()
            .map_err(|_| DatabaseError::stored("API key hash", "it is not 32 bytes long"))?;
        Ok((row.try_into()?, hash))
    })
    .transpose()
}

/// The keys of a workspace that have not been taken back, newest first.
pub async fn list_api_keys(db: &Database, workspace_id: WorkspaceId) -> Result<Vec<ApiKey>, DatabaseError> {
    let rows = entity::Entity::find()
        .filter(entity::Column::WorkspaceId.eq(workspace_id.as_uuid()))
        .filter(entity::Column::RevokedAt.is_null())
        .order_by_desc(entity::Column::Id)
        .all(db.read())
        .await?;
    rows.into_iter().map(ApiKey::try_from).collect()
}

/// Notes that a key was used, at most once a minute.
pub async fn touch_api_key(
    db: &Database,
    workspace_id: WorkspaceId,
    id: ApiKeyId,
    now: Timestamp,
) -> Result<(), DatabaseError> {
    let now = now.as_millis();
    let due = entity::Column::LastUsedAt.is_null().or(entity::Column::LastUsedAt.lte(now - TOUCH_EVERY_MS));
    entity::Entity::update_many()
        .col_expr(entity::Column::LastUsedAt, Expr::value(now))
        .filter(entity::Column::Id.eq(id.as_uuid()))
        .filter(entity::Column::WorkspaceId.eq(workspace_id.as_uuid()))
        .filter(due)
        .exec(db.write())
        .await?;
    Ok(())
}
