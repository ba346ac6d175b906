//! The token printed at the first start, with which the owner's account is made.

use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use super::entity::one_time_tokens::{ActiveModel, Column, Entity};
use crate::database::{Database, DatabaseError};
use crate::types::Timestamp;

const KIND: &str = "setup";

/// Makes this the setup token; any earlier one no longer works.
pub async fn set_setup_token(db: &Database, token_hash: &[u8; 32], expires_at: Timestamp) -> Result<(), DatabaseError> {
    let transaction = db.begin().await?;
    Entity::delete_many().filter(Column::Kind.eq(KIND)).exec(&transaction).await?;
    Entity::insert(ActiveModel {
        token_hash: Set(token_hash.to_vec()),
        kind: Set(KIND.to_owned()),
        user_id: Set(None),
        expires_at: Set(expires_at.as_millis()),
        used_at: Set(None),
    })
    .exec_without_returning(&transaction)
    .await?;
    transaction.commit().await?;
    Ok(())
}

/// Uses the setup token up. `false`: it is not this one, expired, or was used before.
pub async fn consume_setup_token(db: &Database, token_hash: &[u8; 32], now: Timestamp) -> Result<bool, DatabaseError> {
    let used = Entity::update_many()
        .col_expr(Column::UsedAt, Expr::value(now.as_millis()))
        .filter(Column::TokenHash.eq(token_hash.to_vec()))
        .filter(Column::Kind.eq(KIND))
        .filter(Column::UsedAt.is_null())
        .filter(Column::ExpiresAt.gt(now.as_millis()))
        .exec(db.write())
        .await?;
    Ok(used.rows_affected == 1)
}
