//! Taking an API key back.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::entity;
use crate::database::{Database, DatabaseError};
use crate::types::{ApiKeyId, Timestamp, WorkspaceId};

/// Takes a key back for good. `false` when the workspace has no such key, or it was taken back before.
pub async fn revoke_api_key(
    db: &Database,
    workspace_id: WorkspaceId,
    id: ApiKeyId,
    now: Timestamp,
) -> Result<bool, DatabaseError> {
    let revoked = entity::Entity::update_many()
        .col_expr(entity::Column::RevokedAt, Expr::value(now.as_millis()))
        .filter(entity::Column::Id.eq(id.as_uuid()))
        .filter(entity::Column::WorkspaceId.eq(workspace_id.as_uuid()))
        .filter(entity::Column::RevokedAt.is_null())
        .exec(db.write())
        .await?;
    Ok(revoked.rows_affected == 1)
}
