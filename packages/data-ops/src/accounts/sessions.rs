//! Sessions: a 256-bit token held by the browser, of which only the SHA-256 is stored.

use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, ExprTrait, QueryFilter};

use super::entity::sessions;
use crate::database::{Database, DatabaseError, row_id};
use crate::types::{SessionId, Timestamp, UserId};

/// How often a session in use is written to.
const TOUCH_EVERY_MS: i64 = 60_000;

/// A session to be made.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// Whose.
    pub user_id: UserId,
    /// SHA-256 of the token.
    pub token_hash: [u8; 32],
    /// Where from; `None` unless the operator wants it kept.
    pub ip: Option<String>,
    /// What the browser calls itself.
    pub user_agent: Option<String>,
    /// The present.
    pub now: Timestamp,
    /// How long it survives without being used.
    pub idle_ms: i64,
    /// How long it survives at all.
    pub absolute_ms: i64,
}

/// A session that is still good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id, which may be shown.
    pub id: SessionId,
    /// Whose.
    pub user_id: UserId,
    /// When they signed in.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_seen_at: Timestamp,
    /// When it ends even if it is used.
    pub absolute_expires_at: Timestamp,
    /// What the browser called itself.
    pub user_agent: Option<String>,
}

impl From<sessions::Model> for Session {
    fn from(row: sessions::Model) -> Self {
        Self {
            id: SessionId::from_uuid(row.id),
            user_id: UserId::from_uuid(row.user_id),
            created_at: Timestamp::from_millis(row.created_at),
            last_seen_at: Timestamp::from_millis(row.last_seen_at),
            absolute_expires_at: Timestamp::from_millis(row.absolute_expires_at),
            user_agent: row.user_agent,
        }
    }
}

/// Makes a session.
pub async fn create_session(db: &Database, new: &NewSession) -> Result<Session, DatabaseError> {
    let now = new.now.as_millis();
    let absolute_expires_at = now.saturating_add(new.absolute_ms);
    let row = sessions::Model {
        token_hash: new.token_hash.to_vec(),
        id: row_id(new.now),
        user_id: new.user_id.as_uuid(),
        created_at: now,
        last_seen_at: now,
        idle_ms: new.idle_ms,
        idle_expires_at: Ord::min(now.saturating_add(new.idle_ms), absolute_expires_at),
        absolute_expires_at,
        ip: new.ip.clone(),
        user_agent: new.user_agent.clone(),
    };
    let insert = sessions::Entity::insert(sessions::ActiveModel {
        token_hash: Set(row.token_hash.clone()),
        id: Set(row.id),
        user_id: Set(row.user_id),
        created_at: Set(row.created_at),
        last_seen_at: Set(row.last_seen_at),
        idle_ms: Set(row.idle_ms),
        idle_expires_at: Set(row.idle_expires_at),
        absolute_expires_at: Set(row.absolute_expires_at),
        ip: Set(row.ip.clone()),
        user_agent: Set(row.user_agent.clone()),
    });
    insert.exec_without_returning(db.write()).await?;
    Ok(row.into())
}

/// Finds the session of a token, as [`find_session`] does, without using it.
pub async fn look_at_session(
    db: &Database,
    token_hash: &[u8; 32],
    now: Timestamp,
) -> Result<Option<Session>, DatabaseError> {
    Ok(read_session(db, token_hash, now).await?.map(Session::from))
}

async fn read_session(
    db: &Database,
    token_hash: &[u8; 32],
    now: Timestamp,
) -> Result<Option<sessions::Model>, DatabaseError> {
    let now = now.as_millis();
    let row = sessions::Entity::find_by_id(token_hash.to_vec()).one(db.read()).await?;
    Ok(row.filter(|row| now < row.idle_expires_at && now < row.absolute_expires_at))
}

/// Finds the session of a token; an expired one is none. Using a session moves its idle deadline, at most once a minute.
pub async fn find_session(
    db: &Database,
    token_hash: &[u8; 32],
    now: Timestamp,
) -> Result<Option<Session>, DatabaseError> {
    let Some(mut row) = read_session(db, token_hash, now).await? else { return Ok(None) };
    let now = now.as_millis();
    if now - row.last_seen_at >= TOUCH_EVERY_MS {
        let idle_expires_at = Ord::min(now.saturating_add(row.idle_ms), row.absolute_expires_at);
        // An older request must not move the deadline back, and a deleted session must not return.
        let touched = sessions::Entity::update_many()
            .col_expr(sessions::Column::LastSeenAt, Expr::value(now))
            .col_expr(sessions::Column::IdleExpiresAt, Expr::value(idle_expires_at))
            .filter(sessions::Column::TokenHash.eq(token_hash.to_vec()))
            .filter(sessions::Column::LastSeenAt.lt(now))
            .exec(db.write())
            .await;
        match touched {
            Ok(_) => row.last_seen_at = now,
            // Reading must go on when writing cannot (disk full, database locked): the session stays as it is.
            Err(error) => {
                tracing::warn!(error = %DatabaseError::from(error), "a session could not be touched")
            }
        }
    }
    Ok(Some(row.into()))
}

/// Ends one session. Answers whether there was one.
pub async fn delete_session(db: &Database, token_hash: &[u8; 32]) -> Result<bool, DatabaseError> {
    let deleted = sessions::Entity::delete_by_id(token_hash.to_vec()).exec(db.write()).await?;
    Ok(deleted.rows_affected > 0)
}

/// Ends all sessions of a user. Answers how many there were.
pub async fn delete_sessions_of_user(db: &Database, user_id: UserId) -> Result<u64, DatabaseError> {
    let deleted =
        sessions::Entity::delete_many().filter(sessions::Column::UserId.eq(user_id.as_uuid())).exec(db.write()).await?;
    Ok(deleted.rows_affected)
}

/// Removes sessions that nobody can use any more. Answers how many.
pub async fn delete_expired_sessions(db: &Database, now: Timestamp) -> Result<u64, DatabaseError> {
    let now = now.as_millis();
    let deleted = sessions::Entity::delete_many()
        .filter(sessions::Column::AbsoluteExpiresAt.lte(now).or(sessions::Column::IdleExpiresAt.lte(now)))
        .exec(db.write())
        .await?;
    Ok(deleted.rows_affected)
}
