//! Keeps the leases of a node, and learns what others did to its runs.

use std::{
    collections::{HashMap, HashSet},
    mem,
    sync::Arc,
};

use data_ops::database::DatabaseError;
use sea_orm::{ConnectionTrait as _, Value};
use tokio_util::sync::CancellationToken;

use super::{claim, engine::Engine, seam::Point, status::RunState};
use crate::store::Dialect;

/// Renews the leases three times in the time of one, until `stop`.
pub(super) async fn beat(engine: &Arc<Engine>, stop: &CancellationToken) {
    let mut strays = HashSet::new();
    loop {
        if stop.run_until_cancelled(tokio::time::sleep(engine.options.lease / 3)).await.is_none() {
            return;
        }
        engine.reach(Point::BeforeHeartbeat, "").await;
        if let Err(error) = renew(engine, &mut strays).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "the leases of runs cannot be renewed");
        }
    }
}

/// Renews the leases. `strays` are rows this node leases but does not execute, because it never learned that it got them;
/// those found a second time are given back.
pub(super) async fn renew(engine: &Engine, strays: &mut HashSet<(String, i64)>) -> Result<(), DatabaseError> {
    let (dialect, node) = (engine.store.dialect(), engine.node.clone());
    let before: Vec<(String, i64)> = engine.held().values().map(|run| (run.id.clone(), run.epoch)).collect();
    if dialect == Dialect::Postgres {
        extend(engine).await?;
    }
    let sql = "SELECT id, epoch, status, events FROM workflows WHERE lease_until IS NOT NULL AND node = $1";
    let rows = engine.store.database().read().query_all_raw(dialect.statement(sql, [node.into()])).await?;
    let (mut leased, mut told) = (HashMap::new(), Vec::new());
    for row in rows {
        let (id, epoch, events): (String, i64, i64) =
            (row.try_get("", "id")?, row.try_get("", "epoch")?, row.try_get("", "events")?);
        let Some(run) = engine.run(&id).filter(|run| run.epoch == epoch) else {
            leased.insert(id, epoch);
            continue;
        };
        run.pause(!RunState::read(&row, "status")?.runs());
        if events > run.events_seen() {
            told.push((run, events));
        }
        leased.insert(id, epoch);
    }
    // Those that were held before the question was asked and are not in the answer are somebody else's.
    for (id, epoch) in before {
        if leased.get(&id) != Some(&epoch)
            && let Some(run) = engine.run(&id).filter(|run| run.epoch == epoch)
        {
            run.lose();
        }
    }
    let mut payloads = claim::events(&engine.store, told.iter().map(|(run, _)| run.id.clone()).collect()).await?;
    for (run, events) in told {
        run.deliver(payloads.remove(&run.id).unwrap_or_default(), events);
    }
    leased.retain(|id, epoch| engine.run(id).is_none_or(|run| run.epoch != *epoch));
    let found: HashSet<_> = leased.into_iter().collect();
    let before = mem::replace(strays, found);
    for (id, epoch) in before.intersection(strays) {
        give_back(engine, id, *epoch).await?;
    }
    Ok(())
}

/// Rows that are locked are being written by this node: nobody else takes them meanwhile.
async fn extend(engine: &Engine) -> Result<(), DatabaseError> {
    let (dialect, node) = (engine.store.dialect(), engine.node.clone());
    let lease = i64::try_from(engine.options.lease.as_millis()).unwrap_or(i64::MAX);
    let sql = format!(
        "WITH held AS MATERIALIZED (SELECT id AS held_id FROM workflows WHERE lease_until IS NOT NULL AND node = $1{}) \
         UPDATE workflows SET lease_until = {} + $2 FROM held WHERE id = held_id",
        dialect.skip_locked(),
        dialect.lease_clock()
    );
    let statement = dialect.statement(sql, [Value::from(node), lease.into()]);
    engine
        .store
        .write(move |transaction| {
            Box::pin(async move {
                transaction.execute_raw(statement).await?;
                Ok(())
            })
        })
        .await
}

async fn give_back(engine: &Engine, id: &str, epoch: i64) -> Result<(), DatabaseError> {
    tracing::warn!(workflow.id = id, epoch, "a run that was claimed and forgotten is given back");
    let sql = "UPDATE workflows SET lease_until = NULL, node = NULL WHERE id = $1 AND epoch = $2";
    let statement = engine.store.dialect().statement(sql, [Value::from(id), epoch.into()]);
    engine
        .store
        .write(move |transaction| {
            Box::pin(async move {
                transaction.execute_raw(statement).await?;
                Ok(())
            })
        })
        .await
}
