//! Giving up what is old, of all workspaces: for housekeeping.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Statement, Value};

use super::{Artifact, entity, read_json};
use crate::database::{Database, DatabaseError};
use crate::types::{EvaluationId, Timestamp};

/// The artefacts of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredArtifacts {
    /// The check.
    pub evaluation_id: EvaluationId,
    /// What is kept of it.
    pub artifacts: Vec<Artifact>,
}

/// The oldest checks made before a time of which something is kept beside. Those their destination's state refers to are left
/// out: the last one, and the last that found it well.
pub async fn evaluations_with_artifacts(
    db: &Database,
    before: Timestamp,
    limit: u64,
) -> Result<Vec<StoredArtifacts>, DatabaseError> {
    let needed = "NOT EXISTS (SELECT 1 FROM destinations WHERE destinations.id = evaluations.destination_id \
        AND (destinations.last_evaluation_id = evaluations.id OR evaluations.id = (\
        SELECT good.id FROM evaluations AS good WHERE good.destination_id = destinations.id \
        AND good.verdict = 'AVAILABLE' ORDER BY good.id DESC LIMIT 1)))";
    let rows = entity::Entity::find()
        .filter(sea_orm::sea_query::Expr::cust("artifacts <> '[]'"))
        .filter(entity::Column::FinishedAt.lt(before.as_millis()))
        .filter(sea_orm::sea_query::Expr::cust(needed))
        .order_by_asc(entity::Column::Id)
        .limit(limit)
        .all(db.read())
        .await?;
    let stored = rows.into_iter().map(|row| {
        let artifacts = read_json("artefacts", &row.artifacts)?;
        Ok(StoredArtifacts { evaluation_id: EvaluationId::from_uuid(row.id), artifacts })
    });
    stored.collect()
}

/// Notes that nothing is kept of a check any more.
pub async fn clear_artifacts(connection: &impl ConnectionTrait, id: EvaluationId) -> Result<(), DatabaseError> {
    const CLEAR: &str = "UPDATE evaluations SET artifacts = '[]' WHERE id = $1";
    let values = [id.as_uuid().into()];
    connection.execute_raw(Statement::from_sql_and_values(connection.get_database_backend(), CLEAR, values)).await?;
    Ok(())
}

/// Deletes at most `limit` checks made before a time of which nothing is kept beside.
pub async fn delete_evaluations(
    connection: &impl ConnectionTrait,
    before: Timestamp,
    limit: u64,
) -> Result<u64, DatabaseError> {
    const DELETE: &str = "DELETE FROM evaluations WHERE id IN (\
        SELECT id FROM evaluations WHERE finished_at < $1 AND artifacts = '[]' ORDER BY id LIMIT $2)";
    let values: [Value; 2] = [before.as_millis().into(), i64::try_from(limit).unwrap_or(i64::MAX).into()];
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), DELETE, values);
    Ok(connection.execute_raw(statement).await?.rows_affected())
}
