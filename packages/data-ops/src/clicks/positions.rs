//! How far each log has been taken in.

use uuid::Uuid;

use super::record::public_position;
use crate::database::{Database, DatabaseError, Pools};

/// Segment and offset of what a consumer has to read next; `None` when it has not begun.
pub async fn log_position(db: &Database, log: Uuid, consumer: &str) -> Result<Option<(u64, u64)>, DatabaseError> {
    const QUERY: &str = "SELECT segment, byte_offset FROM log_positions WHERE log_id = $1 AND consumer = $2";
    let position: Option<(i64, i64)> = match db.pools() {
        Pools::Sqlite { read, .. } => sqlx::query_as(QUERY).bind(log).bind(consumer).fetch_optional(read).await?,
        Pools::Postgres(pool) => sqlx::query_as(QUERY).bind(log).bind(consumer).fetch_optional(pool).await?,
    };
    Ok(position.map(public_position))
}
