//! What a workspace may spend on checks in a day.

use sea_orm::{ConnectionTrait, Statement, Value};

use crate::clicks::DAY_MS;
use crate::database::{Database, DatabaseError};
use crate::types::{Timestamp, WorkspaceId};

/// What is spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spending {
    /// A check.
    Check,
    /// A question to a language model.
    AiCall,
}

/// What a workspace has spent on a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Budget {
    /// Checks.
    pub checks: u64,
    /// Questions to a language model.
    pub ai_calls: u64,
}

fn day(at: Timestamp) -> i64 {
    at.as_millis() - at.as_millis().rem_euclid(DAY_MS)
}

/// Spends one of the day's (UTC), unless that many are spent. Whether it did.
pub async fn spend(
    connection: &impl ConnectionTrait,
    workspace_id: WorkspaceId,
    what: Spending,
    limit: u64,
    now: Timestamp,
) -> Result<bool, DatabaseError> {
    const CHECK: &str = "INSERT INTO evaluation_budgets (workspace_id, day, checks) VALUES ($1, $2, 1) \
        ON CONFLICT (workspace_id, day) DO UPDATE SET checks = evaluation_budgets.checks + 1 \
        WHERE evaluation_budgets.checks < $3";
    const AI_CALL: &str = "INSERT INTO evaluation_budgets (workspace_id, day, ai_calls) VALUES ($1, $2, 1) \
        ON CONFLICT (workspace_id, day) DO UPDATE SET ai_calls = evaluation_budgets.ai_calls + 1 \
        WHERE evaluation_budgets.ai_calls < $3";
    if limit == 0 {
        return Ok(false);
    }
    let sql = match what {
        Spending::Check => CHECK,
        Spending::AiCall => AI_CALL,
    };
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let values: [Value; 3] = [workspace_id.as_uuid().into(), day(now).into(), limit.into()];
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    Ok(connection.execute_raw(statement).await?.rows_affected() > 0)
}

/// What a workspace has spent today (UTC).
pub async fn budget_of(db: &Database, workspace_id: WorkspaceId, now: Timestamp) -> Result<Budget, DatabaseError> {
    const FIND: &str = "SELECT checks, ai_calls FROM evaluation_budgets WHERE workspace_id = $1 AND day = $2";
    let connection = db.read();
    let values: [Value; 2] = [workspace_id.as_uuid().into(), day(now).into()];
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), FIND, values);
    let Some(row) = connection.query_one_raw(statement).await? else {
        return Ok(Budget::default());
    };
    let count = |column| row.try_get::<i64>("", column).map(|count| u64::try_from(count).unwrap_or(0));
    Ok(Budget { checks: count("checks")?, ai_calls: count("ai_calls")? })
}

/// Forgets what was spent on days that ended before a time, of all workspaces: for housekeeping.
pub async fn delete_budgets(connection: &impl ConnectionTrait, before: Timestamp) -> Result<u64, DatabaseError> {
    const DELETE: &str = "DELETE FROM evaluation_budgets WHERE day < $1";
    let values = [day(before).into()];
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), DELETE, values);
    Ok(connection.execute_raw(statement).await?.rows_affected())
}
