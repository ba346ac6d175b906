//! Answers of a language model, kept for when the same is asked again. The key is a hash of model, question and content, so
//! that an answer says nothing about whose page it was: these queries take no workspace.

use sea_orm::{ConnectionTrait, Statement, Value};

use crate::database::{Database, DatabaseError};
use crate::types::Timestamp;

/// The answer given to this question before.
pub async fn find_ai_judgement(db: &Database, key: &[u8; 32]) -> Result<Option<String>, DatabaseError> {
    const FIND: &str = "SELECT answer FROM ai_judgements WHERE key_hash = $1";
    let connection = db.read();
    let values = [Value::from(key.to_vec())];
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), FIND, values);
    let row = connection.query_one_raw(statement).await?;
    Ok(row.map(|row| row.try_get("", "answer")).transpose()?)
}

/// Keeps an answer; one kept before stays.
pub async fn keep_ai_judgement(
    connection: &impl ConnectionTrait,
    key: &[u8; 32],
    answer: &str,
    now: Timestamp,
) -> Result<(), DatabaseError> {
    const KEEP: &str =
        "INSERT INTO ai_judgements (key_hash, answer, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    let values: [Value; 3] = [key.to_vec().into(), answer.into(), now.as_millis().into()];
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), KEEP, values);
    connection.execute_raw(statement).await?;
    Ok(())
}

/// Forgets answers kept before a time: for housekeeping.
pub async fn delete_ai_judgements(connection: &impl ConnectionTrait, before: Timestamp) -> Result<u64, DatabaseError> {
    const DELETE: &str = "DELETE FROM ai_judgements WHERE created_at < $1";
    let values = [before.as_millis().into()];
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), DELETE, values);
    Ok(connection.execute_raw(statement).await?.rows_affected())
}
