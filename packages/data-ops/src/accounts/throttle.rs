//! A brake on guessing passwords that holds across restarts and replicas: GCRA, one row per bucket.
//!
//! The row holds the moment at which the bucket will be empty again ("theoretical arrival time"). An attempt moves it on by
//! one interval; it is refused while the row is further ahead than the burst allows.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use super::entity::auth_throttle::{ActiveModel, Column, Entity};
use crate::database::{Database, DatabaseError};
use crate::types::Timestamp;

/// How many attempts a bucket takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Attempts at once, at least one.
    pub burst: u32,
    /// Time after which one more is allowed.
    pub interval_ms: i64,
}

/// Why an attempt was not let through.
#[derive(Debug, thiserror::Error)]
pub enum ThrottleError {
    /// Too many attempts.
    #[error("too many attempts; try again in {seconds} seconds")]
    RetryAfter {
        /// When to try again, at least 1.
        seconds: u64,
    },
    /// The database failed.
    #[error("the attempts could not be counted")]
    Database(#[from] DatabaseError),
}

/// Counts one attempt against `bucket`, or refuses it.
pub async fn throttle(db: &Database, bucket: &str, rate: Rate, now: Timestamp) -> Result<(), ThrottleError> {
    let now = now.as_millis();
    let transaction = db.begin().await?;
    // The row must exist before it can be locked: two first attempts at the same time are two attempts.
    Entity::insert(row(bucket, now))
        .on_conflict(OnConflict::column(Column::Bucket).do_nothing().to_owned())
        .exec_without_returning(&transaction)
        .await
        .map_err(DatabaseError::from)?;
    let query = Entity::find().filter(Column::Bucket.eq(bucket));
    // SQLite's transaction holds the write lock from its beginning.
    let query = if db.is_sqlite() { query } else { query.lock_exclusive() };
    let found = query.one(&transaction).await.map_err(DatabaseError::from)?;
    let arrival_at = found.map_or(now, |found| found.arrival_at).max(now);
    let tolerance = rate.interval_ms.saturating_mul(i64::from(rate.burst.max(1)) - 1);
    let wait_ms = arrival_at - now - tolerance;
    if wait_ms > 0 {
        transaction.rollback().await.map_err(DatabaseError::from)?;
        return Err(ThrottleError::RetryAfter { seconds: wait_ms.unsigned_abs().div_ceil(1000) });
    }
    Entity::update(row(bucket, arrival_at.saturating_add(rate.interval_ms)))
        .exec(&transaction)
        .await
        .map_err(DatabaseError::from)?;
    // Buckets that are empty again are as good as absent.
    Entity::delete_many().filter(Column::ArrivalAt.lt(now)).exec(&transaction).await.map_err(DatabaseError::from)?;
    transaction.commit().await.map_err(DatabaseError::from)?;
    Ok(())
}

fn row(bucket: &str, arrival_at: i64) -> ActiveModel {
    ActiveModel { bucket: Set(bucket.to_owned()), arrival_at: Set(arrival_at) }
}
