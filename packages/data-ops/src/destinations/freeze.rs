//! Times at which so many destinations of the instance broke at once that the fault is more likely here. This concerns every
//! workspace, so these queries take none.

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, FromQueryResult, Statement, Value};
use uuid::Uuid;

use super::health::{HealthChanged, set_held};
use crate::database::{Database, DatabaseError, row_id};
use crate::types::{DestinationId, FreezeId, Timestamp, UserId, WorkspaceId};

/// A time at which no link was led elsewhere because of checks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Freeze {
    /// Its id.
    pub id: FreezeId,
    /// Since when.
    pub since: Timestamp,
    /// How many destinations had broken within the window.
    pub broken: u64,
    /// Of how many that were checked.
    pub checked: u64,
    /// When it ended; `None` while it lasts.
    pub lifted_at: Option<Timestamp>,
    /// Who ended it; `None` where it ended by itself.
    pub lifted_by: Option<UserId>,
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    since: i64,
    broken: i64,
    checked: i64,
    lifted_at: Option<i64>,
    lifted_by: Option<Uuid>,
}

impl From<Row> for Freeze {
    fn from(row: Row) -> Self {
        Self {
            id: FreezeId::from_uuid(row.id),
            since: Timestamp::from_millis(row.since),
            broken: u64::try_from(row.broken).unwrap_or(0),
            checked: u64::try_from(row.checked).unwrap_or(0),
            lifted_at: row.lifted_at.map(Timestamp::from_millis),
            lifted_by: row.lifted_by.map(UserId::from_uuid),
        }
    }
}

/// What was checked within a window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WindowCounts {
    /// Destinations whose last check ended in it.
    pub checked: u64,
    /// Those of them that broke in it, and still are.
    pub broken: u64,
}

/// How many destinations of the instance were checked since `from`, and how many of them broke since. What is held back counts
/// among both for as long as it is.
pub async fn count_checked(connection: &impl ConnectionTrait, from: Timestamp) -> Result<WindowCounts, DatabaseError> {
    const COUNT: &str = "SELECT count(*) AS checked, \
        CAST(coalesce(sum(CASE WHEN state = 'broken' AND (held OR state_since >= $1) THEN 1 ELSE 0 END), 0) AS BIGINT) AS broken \
        FROM destinations WHERE last_checked_at >= $1 OR held";
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), COUNT, [from.as_millis().into()]);
    let Some(row) = connection.query_one_raw(statement).await? else {
        return Ok(WindowCounts::default());
    };
    let count = |column| row.try_get::<i64>("", column).map(|count| u64::try_from(count).unwrap_or(0));
    Ok(WindowCounts { checked: count("checked")?, broken: count("broken")? })
}

/// The freeze that lasts, or the last there was.
pub async fn latest_freeze(db: &Database) -> Result<Option<Freeze>, DatabaseError> {
    latest_freeze_in(db.read()).await
}

/// The same for whoever counts what broke: until the transaction ends, nobody else does. To be called before any destination is
/// held.
pub async fn hold_latest_freeze(transaction: &DatabaseTransaction) -> Result<Option<Freeze>, DatabaseError> {
    // Any number, the same everywhere.
    const LOCK: &str = "SELECT pg_advisory_xact_lock(7382946105)";
    let backend = transaction.get_database_backend();
    if backend == DbBackend::Postgres {
        transaction.query_one_raw(Statement::from_string(backend, LOCK)).await?;
    }
    latest_freeze_in(transaction).await
}

async fn latest_freeze_in(connection: &impl ConnectionTrait) -> Result<Option<Freeze>, DatabaseError> {
    const LATEST: &str = "SELECT * FROM health_freezes ORDER BY lifted_at IS NOT NULL, since DESC LIMIT 1";
    let statement = Statement::from_string(connection.get_database_backend(), LATEST);
    Ok(Row::find_by_statement(statement).one(connection).await?.map(Freeze::from))
}

/// Begins a freeze; answers the one that lasts already if there is one, and `false` then.
pub async fn begin_freeze(
    transaction: &DatabaseTransaction,
    counts: WindowCounts,
    now: Timestamp,
) -> Result<(Freeze, bool), DatabaseError> {
    const BEGIN: &str =
        "INSERT INTO health_freezes (id, since, broken, checked) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let id = row_id(now);
    let values: [Value; 4] =
        [id.into(), now.as_millis().into(), number(counts.broken).into(), number(counts.checked).into()];
    let statement = Statement::from_sql_and_values(transaction.get_database_backend(), BEGIN, values);
    let begun = transaction.execute_raw(statement).await?.rows_affected() > 0;
    let lasting = latest_freeze_in(transaction).await?.filter(|freeze| freeze.lifted_at.is_none());
    let freeze = lasting.unwrap_or(Freeze {
        id: FreezeId::from_uuid(id),
        since: now,
        broken: counts.broken,
        checked: counts.checked,
        lifted_at: None,
        lifted_by: None,
    });
    Ok((freeze, begun))
}

/// Destinations of the instance that broke at or after `from`, and are not held back.
pub async fn broken_since(
    connection: &impl ConnectionTrait,
    from: Timestamp,
) -> Result<Vec<(WorkspaceId, DestinationId)>, DatabaseError> {
    const BROKEN: &str = "SELECT workspace_id, id FROM destinations WHERE state = 'broken' AND state_since >= $1 AND NOT held ORDER BY id";
    let statement =
        Statement::from_sql_and_values(connection.get_database_backend(), BROKEN, [from.as_millis().into()]);
    let rows = connection.query_all_raw(statement).await?;
    let broken = rows.into_iter().map(|row| {
        let workspace = WorkspaceId::from_uuid(row.try_get("", "workspace_id")?);
        Ok((workspace, DestinationId::from_uuid(row.try_get("", "id")?)))
    });
    broken.collect()
}

/// Ends the freeze that lasts, and lets go what was held back. `None`: there is none.
pub async fn lift_freeze(
    transaction: &DatabaseTransaction,
    by: Option<UserId>,
    now: Timestamp,
) -> Result<Option<Vec<HealthChanged>>, DatabaseError> {
    const LIFT: &str = "UPDATE health_freezes SET lifted_at = $1, lifted_by = $2 WHERE lifted_at IS NULL";
    const HELD: &str = "SELECT id, workspace_id FROM destinations WHERE held ORDER BY id";
    let backend = transaction.get_database_backend();
    let values = [now.as_millis().into(), by.map(|by| by.as_uuid()).into()];
    let lifted = transaction.execute_raw(Statement::from_sql_and_values(backend, LIFT, values)).await?;
    if lifted.rows_affected() == 0 {
        return Ok(None);
    }
    let mut changed = Vec::new();
    for row in transaction.query_all_raw(Statement::from_string(backend, HELD)).await? {
        let id = DestinationId::from_uuid(row.try_get("", "id")?);
        let workspace_id = WorkspaceId::from_uuid(row.try_get("", "workspace_id")?);
        changed.extend(set_held(transaction, workspace_id, id, false, now).await?);
    }
    Ok(Some(changed))
}
