//! Runs that wait by a clock that was wrong.

use data_ops::database::DatabaseError;
use sea_orm::{ConnectionTrait as _, Value};

use super::engine::Engine;
use crate::{clock_seen::CLOCKS_AGREE, store::Transaction};

/// What sleeps or waits since a moment of a clock that was put back since: as far ahead as it was then.
const STEPS: &str = "UPDATE workflow_steps SET due_at = due_at - started_at + $1, started_at = $1 \
     WHERE finished_at IS NULL AND due_at IS NOT NULL AND started_at > $2 \
     AND workflow_id IN (SELECT id FROM workflows WHERE finished_at IS NULL AND lease_until IS NULL)";

/// Runs are due when one of their steps says so. Where none does, they were due at a moment of the wrong clock; and a step
/// that is to be tried again may have failed by it, of which its policy knows how long that may take. These are looked at.
const RUNS: &str = "UPDATE workflows SET due_at = $1, created_at = CASE WHEN created_at > $2 AND epoch = 0 THEN $1 ELSE created_at END \
     WHERE status = 'running' AND lease_until IS NULL AND due_at > $2 \
     AND NOT EXISTS (SELECT 1 FROM workflow_steps WHERE workflow_id = workflows.id AND finished_at IS NULL \
         AND workflow_steps.due_at = workflows.due_at AND workflow_steps.status <> 'retrying')";

/// Has runs that were started, woken or put to sleep by a clock that was put back since not wait until it is there again.
pub(super) async fn mend(engine: &Engine) -> Result<(), DatabaseError> {
    let now = engine.store.now();
    if !engine.clock_seen.went_back(now) {
        return Ok(());
    }
    let dialect = engine.store.dialect();
    let values = || [Value::from(now.as_millis()), now.plus(CLOCKS_AGREE).as_millis().into()];
    let [steps, runs] = [STEPS, RUNS].map(|sql| dialect.statement(sql, values()));
    let mended = engine
        .store
        .write(move |transaction: &Transaction| {
            Box::pin(async move {
                transaction.execute_raw(steps).await?;
                Ok::<_, DatabaseError>(transaction.execute_raw(runs).await?.rows_affected())
            })
        })
        .await;
    match mended {
        Ok(0) => Ok(()),
        Ok(runs) => {
            tracing::info!(runs, "runs that may wait by a clock that was put back are looked at");
            Ok(())
        }
        Err(error) => {
            engine.clock_seen.forget();
            Err(error)
        }
    }
}
