//! Runs that ended are removed some time later.

use std::{sync::Arc, time::Duration};

use data_ops::database::DatabaseError;
use sea_orm::{ConnectionTrait as _, Value};
use tokio_util::sync::CancellationToken;

use super::{Workflows, engine::Engine};

/// Runs removed in one transaction.
const TOGETHER: i64 = 200;
const INTERVAL: Duration = Duration::from_secs(600);

impl Workflows {
    /// Removes runs, with their steps and events, that ended longer ago than [`Options::retention`]; answers how many.
    /// [`Workflows::run`] does so every ten minutes.
    ///
    /// [`Options::retention`]: super::Options::retention
    ///
    /// # Errors
    /// The database's.
    pub async fn remove_finished(&self) -> Result<u64, DatabaseError> {
        remove_finished(self.engine()).await
    }
}

/// Removes what is old, every now and then, until `stop`.
pub(super) async fn tidy(engine: &Arc<Engine>, stop: &CancellationToken) {
    loop {
        match remove_finished(engine).await {
            Ok(removed) => tracing::debug!(removed, "runs that ended long ago are removed"),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "runs that ended long ago cannot be removed");
            }
        }
        if stop.run_until_cancelled(tokio::time::sleep(INTERVAL)).await.is_none() {
            return;
        }
    }
}

async fn remove_finished(engine: &Engine) -> Result<u64, DatabaseError> {
    let dialect = engine.store.dialect();
    let before = engine.store.now().minus(engine.options.retention).as_millis();
    // In small transactions: on SQLite others wait for each.
    let sql = format!(
        "WITH old AS MATERIALIZED (SELECT id AS old_id FROM workflows WHERE finished_at <= $1 ORDER BY finished_at LIMIT $2{}) \
         DELETE FROM workflows WHERE id IN (SELECT old_id FROM old)",
        dialect.skip_locked()
    );
    let mut removed = 0;
    loop {
        let statement = dialect.statement(sql.as_str(), [Value::from(before), TOGETHER.into()]);
        let now: u64 = engine
            .store
            .write(move |transaction| {
                Box::pin(
                    async move { Ok::<_, DatabaseError>(transaction.execute_raw(statement).await?.rows_affected()) },
                )
            })
            .await?;
        removed += now;
        if now < TOGETHER.unsigned_abs() {
            return Ok(removed);
        }
    }
}
