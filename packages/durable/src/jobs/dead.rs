//! Dead letters: jobs set aside, until somebody replays or deletes them.

use data_ops::{
    database::DatabaseError,
    types::{JobId, Timestamp},
};
use sea_orm::{ConnectionTrait as _, QueryResult, Value};

use super::{Jobs, in_flight::Claim};
use crate::store::{Dialect, Transaction};

/// Jobs replayed, or deleted, in one transaction.
const TOGETHER: i64 = 500;

/// A job that was set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadJob {
    /// The id it had, and has again when it is replayed.
    pub id: JobId,
    /// Its queue.
    pub queue: String,
    /// The version of its payload.
    pub version: i64,
    /// Its payload: JSON.
    pub payload: String,
    /// How often it was tried.
    pub attempts: i64,
    /// When it was put down.
    pub created_at: Timestamp,
    /// When it was set aside.
    pub failed_at: Timestamp,
    /// Why the last attempt failed, with all causes.
    pub error: String,
}

/// Where a list of dead letters goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeadCursor {
    /// Of the last one listed.
    pub failed_at: Timestamp,
    /// Of the last one listed.
    pub id: JobId,
}

const COLUMNS: &str = "id, queue, version, payload, attempts, created_at, failed_at, error";

impl DeadJob {
    fn read(row: &QueryResult) -> Result<Self, DatabaseError> {
        Ok(Self {
            id: JobId::from_uuid(row.try_get("", "id")?),
            queue: row.try_get("", "queue")?,
            version: row.try_get("", "version")?,
            payload: row.try_get("", "payload")?,
            attempts: row.try_get("", "attempts")?,
            created_at: Timestamp::from_millis(row.try_get("", "created_at")?),
            failed_at: Timestamp::from_millis(row.try_get("", "failed_at")?),
            error: row.try_get("", "error")?,
        })
    }

    /// Lists go on behind this one.
    #[must_use]
    pub fn cursor(&self) -> DeadCursor {
        DeadCursor { failed_at: self.failed_at, id: self.id }
    }
}

/// Sets a job aside. Answers 0 if it was not the claim's any more.
pub(super) async fn bury(
    transaction: &Transaction,
    dialect: Dialect,
    claim: &Claim,
    error: String,
    now: Timestamp,
) -> Result<u64, DatabaseError> {
    // First the row is taken away, so that no other node can take it in between.
    let sql = "DELETE FROM jobs WHERE id = $1 AND epoch = $2 \
               RETURNING queue, version, payload, priority, attempts, epoch, created_at";
    let delete = dialect.statement(sql, [Value::from(claim.id.as_uuid()), Value::from(claim.epoch())]);
    let Some(row) = transaction.query_one_raw(delete).await? else { return Ok(0) };
    let sql = "INSERT INTO dead_jobs \
               (id, queue, version, payload, priority, attempts, epoch, created_at, failed_at, error) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let insert = dialect.statement(
        sql,
        [
            Value::from(claim.id.as_uuid()),
            Value::from(row.try_get::<String>("", "queue")?),
            Value::from(row.try_get::<i64>("", "version")?),
            Value::from(row.try_get::<String>("", "payload")?),
            Value::from(row.try_get::<i64>("", "priority")?),
            Value::from(row.try_get::<i64>("", "attempts")?),
            Value::from(row.try_get::<i64>("", "epoch")?),
            Value::from(row.try_get::<i64>("", "created_at")?),
            Value::from(now.as_millis()),
            Value::from(error),
        ],
    );
    transaction.execute_raw(insert).await?;
    Ok(1)
}

impl Jobs {
    /// The dead letters of a queue, or of all, the latest first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn dead<'a>(
        &self,
        queue: impl Into<Option<&'a str>>,
        after: Option<DeadCursor>,
        limit: u32,
    ) -> Result<Vec<DeadJob>, DatabaseError> {
        let (failed_at, id) =
            after.map_or((i64::MAX, JobId::from_bytes([0xff; 16])), |cursor| (cursor.failed_at.as_millis(), cursor.id));
        let mut values = vec![Value::from(failed_at), Value::from(id.as_uuid()), Value::from(i64::from(limit))];
        let mut of_queue = "";
        if let Some(queue) = queue.into() {
            of_queue = " AND queue = $4";
            values.push(Value::from(queue));
        }
        let sql = format!(
            "SELECT {COLUMNS} FROM dead_jobs WHERE (failed_at, id) < ($1, $2){of_queue} \
             ORDER BY failed_at DESC, id DESC LIMIT $3"
        );
        let rows = self.store().database().read().query_all_raw(self.store().dialect().statement(sql, values)).await?;
        rows.iter().map(DeadJob::read).collect()
    }

    /// One dead letter.
    ///
    /// # Errors
    /// The database failed.
    pub async fn find_dead(&self, id: JobId) -> Result<Option<DeadJob>, DatabaseError> {
        let sql = format!("SELECT {COLUMNS} FROM dead_jobs WHERE id = $1");
        let find = self.store().dialect().statement(sql, [Value::from(id.as_uuid())]);
        let row = self.store().database().read().query_one_raw(find).await?;
        row.as_ref().map(DeadJob::read).transpose()
    }

    /// Puts a dead letter back into its queue, due now, as if it had never been tried. Answers its queue if it was there.
    ///
    /// # Errors
    /// The database failed.
    pub async fn replay(&self, id: JobId) -> Result<Option<String>, DatabaseError> {
        let (dialect, now) = (self.store().dialect(), self.store().now());
        let replay = self.store().write(move |transaction| {
            Box::pin(async move {
                let sql = format!("SELECT id, queue FROM dead_jobs WHERE id = $1{}", dialect.for_update());
                let find = dialect.statement(sql, [Value::from(id.as_uuid())]);
                let Some(row) = transaction.query_one_raw(find).await? else { return Ok(None) };
                put_back(transaction, dialect, vec![id], now).await?;
                Ok::<_, DatabaseError>(Some(row.try_get("", "queue")?))
            })
        });
        let queue: Option<String> = replay.await?;
        if let Some(queue) = &queue {
            self.wake(queue);
        }
        Ok(queue)
    }

    /// Puts all dead letters of a queue back, those first that died first. Answers how many.
    ///
    /// # Errors
    /// The database failed; what was answered before is put back all the same.
    pub async fn replay_all(&self, queue: &str) -> Result<u64, DatabaseError> {
        let (dialect, now) = (self.store().dialect(), self.store().now());
        let sql = "SELECT COUNT(*) AS dead FROM dead_jobs WHERE queue = $1";
        let count = dialect.statement(sql, [Value::from(queue)]);
        let row = self.store().database().read().query_one_raw(count).await?;
        // What dies again meanwhile is not replayed again.
        let mut left: i64 = row.map_or(Ok(0), |row| row.try_get("", "dead"))?;
        let mut replayed = 0;
        while left > 0 {
            let sql = format!(
                "SELECT id FROM dead_jobs WHERE queue = $1 ORDER BY failed_at, id LIMIT $2{}",
                dialect.skip_locked()
            );
            let choose = dialect.statement(sql, [Value::from(queue), Value::from(left.min(TOGETHER))]);
            let replay = self.store().write(move |transaction| {
                Box::pin(async move {
                    let rows = transaction.query_all_raw(choose).await?;
                    let ids = rows.iter().map(|row| Ok(JobId::from_uuid(row.try_get("", "id")?)));
                    let ids = ids.collect::<Result<Vec<_>, DatabaseError>>()?;
                    put_back(transaction, dialect, ids, now).await
                })
            });
            let count = replay.await?;
            if count == 0 {
                break;
            }
            replayed += count;
            left = left.saturating_sub(i64::try_from(count).unwrap_or(i64::MAX));
            self.wake(queue);
        }
        Ok(replayed)
    }

    /// Deletes a dead letter. Answers whether it was there.
    ///
    /// # Errors
    /// The database failed.
    pub async fn delete_dead(&self, id: JobId) -> Result<bool, DatabaseError> {
        let sql = "DELETE FROM dead_jobs WHERE id = $1";
        let delete = self.store().dialect().statement(sql, [Value::from(id.as_uuid())]);
        let deleted = self.store().write(move |transaction| {
            Box::pin(async move { Ok::<_, DatabaseError>(transaction.execute_raw(delete).await?.rows_affected()) })
        });
        Ok(deleted.await? > 0)
    }

    /// Deletes all dead letters a queue has by now. Answers how many.
    ///
    /// # Errors
    /// The database failed; what was deleted before is gone all the same.
    pub async fn delete_all_dead(&self, queue: &str) -> Result<u64, DatabaseError> {
        let dialect = self.store().dialect();
        let now = self.store().now().as_millis();
        let sql = format!(
            "DELETE FROM dead_jobs WHERE id IN \
             (SELECT id FROM dead_jobs WHERE queue = $1 AND failed_at <= $2 ORDER BY failed_at, id LIMIT $3{})",
            dialect.skip_locked()
        );
        let mut deleted = 0;
        loop {
            let values = [Value::from(queue), Value::from(now), Value::from(TOGETHER)];
            let delete = dialect.statement(sql.as_str(), values);
            let some = self.store().write(move |transaction| {
                Box::pin(async move { Ok::<_, DatabaseError>(transaction.execute_raw(delete).await?.rows_affected()) })
            });
            let count = some.await?;
            deleted += count;
            if count == 0 {
                return Ok(deleted);
            }
        }
    }
}

/// Moves dead letters, which this transaction holds, into their queues.
async fn put_back(
    transaction: &Transaction,
    dialect: Dialect,
    ids: Vec<JobId>,
    now: Timestamp,
) -> Result<u64, DatabaseError> {
    if ids.is_empty() {
        return Ok(0);
    }
    let numbers = |first: usize| (first..first + ids.len()).map(|number| format!("${number}")).collect::<Vec<_>>();
    let values = || ids.iter().map(|id| Value::from(id.as_uuid()));
    let sql = format!(
        "INSERT INTO jobs (id, queue, version, payload, priority, due_at, attempts, epoch, created_at, last_error) \
         SELECT id, queue, version, payload, priority, $1, 0, epoch, $1, error FROM dead_jobs WHERE id IN ({})",
        numbers(2).join(", ")
    );
    let insert = dialect.statement(sql, std::iter::once(Value::from(now.as_millis())).chain(values()));
    let replayed = transaction.execute_raw(insert).await?.rows_affected();
    let sql = format!("DELETE FROM dead_jobs WHERE id IN ({})", numbers(1).join(", "));
    transaction.execute_raw(dialect.statement(sql, values())).await?;
    Ok(replayed)
}
