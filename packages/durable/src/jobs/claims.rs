//! The statements with which workers take jobs and say what became of them.

use std::{collections::HashSet, sync::Arc, time::Duration};

use data_ops::{
    database::DatabaseError,
    types::{JobId, Timestamp},
};
use sea_orm::{ConnectionTrait as _, QueryResult, Value};

use super::{Priority, dead, in_flight::Claim};
use crate::{
    clock_seen::CLOCKS_AGREE,
    store::{Dialect, Store, Transaction},
};

/// Rows named in one statement.
const ROWS: usize = 500;

/// A row somebody may take.
fn free(dialect: Dialect) -> String {
    format!("(lease_until IS NULL OR lease_until < {})", dialect.lease_clock())
}

/// `$1`: the queue.
const NOT_PAUSED: &str = "NOT EXISTS (SELECT 1 FROM paused_queues WHERE queue = $1)";

/// One part per priority, so that each is a short range of the index, however many jobs lie there that are not due.
fn per_priority(part: impl Fn(&'static str, i64) -> String) -> String {
    Priority::ALL.map(|(priority, name)| part(name, priority.stored())).join(", ")
}

/// Reads of the priorities one after the other.
fn in_order(column: &str) -> String {
    Priority::ALL.map(|(_, name)| format!("SELECT {column} FROM {name}")).join(" UNION ALL ")
}

/// Frees what a former process of this database was working on.
pub(super) async fn release_all(store: &Store) -> Result<(), DatabaseError> {
    let release = store.dialect().statement("UPDATE jobs SET lease_until = NULL WHERE lease_until IS NOT NULL", []);
    store
        .write(move |transaction| {
            Box::pin(async move {
                transaction.execute_raw(release).await?;
                Ok(())
            })
        })
        .await
}

/// When up to `limit` of the free jobs of a queue are due, the earliest first; nothing while it is paused.
pub(super) async fn due_times(
    store: &Store,
    queue: &'static str,
    limit: usize,
) -> Result<Vec<Timestamp>, DatabaseError> {
    let dialect = store.dialect();
    let free = free(dialect);
    let parts = per_priority(|name, priority| {
        format!(
            "{name} AS (SELECT due_at FROM jobs WHERE queue = $1 AND priority = {priority} AND {free} AND {NOT_PAUSED} \
             ORDER BY due_at LIMIT $2)"
        )
    });
    let all = in_order("due_at");
    let sql = format!("WITH {parts} SELECT due_at FROM ({all}) AS due ORDER BY due_at LIMIT $2");
    let statement = dialect.statement(sql, [Value::from(queue), Value::from(count(limit))]);
    let rows = store.database().read().query_all_raw(statement).await?;
    rows.iter().map(|row| Ok(Timestamp::from_millis(row.try_get("", "due_at")?))).collect()
}

/// A row that was taken.
#[derive(Debug)]
pub(super) struct Row {
    pub id: JobId,
    pub version: i64,
    pub payload: String,
    priority: i64,
    due_at: i64,
    pub attempts: i64,
    pub epoch: i64,
}

impl TryFrom<&QueryResult> for Row {
    type Error = DatabaseError;

    fn try_from(row: &QueryResult) -> Result<Self, DatabaseError> {
        Ok(Self {
            id: JobId::from_uuid(row.try_get("", "id")?),
            version: row.try_get("", "version")?,
            payload: row.try_get("", "payload")?,
            priority: row.try_get("", "priority")?,
            due_at: row.try_get("", "due_at")?,
            attempts: row.try_get("", "attempts")?,
            epoch: row.try_get("", "epoch")?,
        })
    }
}

/// Takes up to `limit` jobs that are due, the most urgent first.
pub(super) async fn claim(
    store: &Store,
    queue: &'static str,
    limit: usize,
    lease: Duration,
) -> Result<Vec<Row>, DatabaseError> {
    let dialect = store.dialect();
    let (free, skip_locked, clock) = (free(dialect), dialect.skip_locked(), dialect.lease_clock());
    let parts = per_priority(|name, priority| {
        format!(
            "{name} AS (SELECT id FROM jobs WHERE queue = $1 AND priority = {priority} AND due_at <= $2 AND {free} \
             ORDER BY due_at LIMIT $3{skip_locked})"
        )
    });
    let all = in_order("id");
    let sql = format!(
        "WITH {parts}, chosen AS ({all} LIMIT $3) \
         UPDATE jobs SET lease_until = {clock} + $4, epoch = epoch + 1, attempts = attempts + 1 \
         WHERE id IN (SELECT id FROM chosen) AND {NOT_PAUSED} \
         RETURNING id, version, payload, priority, due_at, attempts, epoch"
    );
    let statement = dialect.statement(
        sql,
        [
            Value::from(queue),
            Value::from(store.now().as_millis()),
            Value::from(count(limit)),
            Value::from(millis(lease)),
        ],
    );
    let claim = store.write(move |transaction| {
        Box::pin(async move {
            let rows = transaction.query_all_raw(statement).await?;
            rows.iter().map(Row::try_from).collect::<Result<Vec<Row>, DatabaseError>>()
        })
    });
    let mut rows = claim.await?;
    rows.sort_by_key(|row| (-row.priority, row.due_at));
    Ok(rows)
}

/// Has jobs that were put down by a clock that was ahead wait as long as they were to wait then, and those that failed by
/// it not wait any more. Answers how many.
pub(super) async fn mend_due_times(
    store: &Store,
    queue: &'static str,
    now: Timestamp,
    longest_wait: Duration,
) -> Result<u64, DatabaseError> {
    let dialect = store.dialect();
    let sql = format!(
        "UPDATE jobs SET due_at = CASE WHEN attempts = 0 THEN due_at - created_at + $2 ELSE $2 END, \
         created_at = CASE WHEN created_at > $3 THEN $2 ELSE created_at END \
         WHERE queue = $1 AND {} AND (created_at > $3 OR (attempts > 0 AND due_at > $4))",
        free(dialect)
    );
    let agreed = now.plus(CLOCKS_AGREE);
    let values = [
        Value::from(queue),
        now.as_millis().into(),
        agreed.as_millis().into(),
        agreed.plus(longest_wait).as_millis().into(),
    ];
    let statement = dialect.statement(sql, values);
    let mend = store.write(move |transaction| {
        Box::pin(async move { Ok::<_, DatabaseError>(transaction.execute_raw(statement).await?.rows_affected()) })
    });
    mend.await
}

/// Moves the end of the leases away. Answers whose they still were.
pub(super) async fn renew(
    store: &Store,
    claims: &[(Arc<Claim>, i64)],
    lease: Duration,
) -> Result<HashSet<JobId>, DatabaseError> {
    let dialect = store.dialect();
    let mut statements = Vec::new();
    for claims in claims.chunks(ROWS) {
        let (rows, mut values) = named(claims.iter().map(|(claim, epoch)| (claim.id, *epoch)), 2);
        let sql = format!(
            "UPDATE jobs SET lease_until = {} + $1 WHERE (id, epoch) IN (VALUES {rows}) RETURNING id",
            dialect.lease_clock()
        );
        values.insert(0, Value::from(millis(lease)));
        statements.push(dialect.statement(sql, values));
    }
    let renew = store.write(move |transaction| {
        Box::pin(async move {
            let mut renewed = HashSet::new();
            for statement in statements {
                for row in transaction.query_all_raw(statement).await? {
                    renewed.insert(JobId::from_uuid(row.try_get("", "id")?));
                }
            }
            Ok::<_, DatabaseError>(renewed)
        })
    });
    renew.await
}

/// Gives jobs back as if they had not been claimed.
pub(super) async fn release(store: &Store, claims: Vec<Arc<Claim>>) -> Result<(), DatabaseError> {
    let dialect = store.dialect();
    store
        .write(move |transaction| {
            Box::pin(async move {
                for claims in claims.chunks(ROWS) {
                    let (rows, values) = named(claims.iter().map(|claim| (claim.id, claim.epoch())), 1);
                    let sql = format!(
                        "UPDATE jobs SET lease_until = NULL, attempts = attempts - 1 WHERE (id, epoch) IN (VALUES {rows})"
                    );
                    transaction.execute_raw(dialect.statement(sql, values)).await?;
                }
                Ok(())
            })
        })
        .await
}

/// Removes jobs. Answers how many of them were still the claims'.
pub(super) async fn delete(
    transaction: &Transaction,
    dialect: Dialect,
    claims: &[Arc<Claim>],
) -> Result<u64, DatabaseError> {
    let mut deleted = 0;
    for claims in claims.chunks(ROWS) {
        let (rows, values) = named(claims.iter().map(|claim| (claim.id, claim.epoch())), 1);
        let sql = format!("DELETE FROM jobs WHERE (id, epoch) IN (VALUES {rows})");
        deleted += transaction.execute_raw(dialect.statement(sql, values)).await?.rows_affected();
    }
    Ok(deleted)
}

/// What becomes of a job after an attempt.
#[derive(Debug, Clone)]
pub(super) enum Outcome {
    Done,
    Again { wait: Duration, error: String },
    Dead { error: String },
}

/// Writes what became of these jobs. Answers how many of them were still the claims'.
pub(super) async fn settle(store: &Store, outcomes: Vec<(Arc<Claim>, Outcome)>) -> Result<u64, DatabaseError> {
    let (dialect, now) = (store.dialect(), store.now());
    let settle = store.write(move |transaction| {
        Box::pin(async move {
            let mut settled = 0;
            let mut done = Vec::new();
            for (claim, outcome) in outcomes {
                settled += match outcome {
                    Outcome::Done => {
                        done.push(claim);
                        0
                    }
                    Outcome::Again { wait, error } => {
                        let sql = "UPDATE jobs SET due_at = $3, last_error = $4, lease_until = NULL \
                                   WHERE id = $1 AND epoch = $2";
                        let values = [
                            Value::from(claim.id.as_uuid()),
                            Value::from(claim.epoch()),
                            Value::from(now.plus(wait).as_millis()),
                            Value::from(error),
                        ];
                        transaction.execute_raw(dialect.statement(sql, values)).await?.rows_affected()
                    }
                    Outcome::Dead { error } => dead::bury(transaction, dialect, &claim, error, now).await?,
                };
            }
            Ok::<_, DatabaseError>(settled + delete(transaction, dialect, &done).await?)
        })
    });
    settle.await
}

/// `($1, $2), ($3, $4)` … and their values, numbered from `first`.
fn named(rows: impl Iterator<Item = (JobId, i64)>, first: usize) -> (String, Vec<Value>) {
    let mut text = String::new();
    let mut values = Vec::new();
    for (id, epoch) in rows {
        let number = first + values.len();
        let separator = if values.is_empty() { "" } else { ", " };
        text.push_str(&format!("{separator}(${number}, ${})", number + 1));
        values.extend([Value::from(id.as_uuid()), Value::from(epoch)]);
    }
    (text, values)
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn millis(duration: Duration) -> i64 {
    // A bound, so that adding it to the time does not overflow.
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX).min(1 << 50)
}
