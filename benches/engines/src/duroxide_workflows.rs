//! duroxide, on SQLite.

use std::{sync::Arc, time::Duration};

use anyhow::{anyhow, bail};
use duroxide::{
    ActivityContext, Client, OrchestrationContext, OrchestrationRegistry, OrchestrationStatus,
    providers::sqlite::SqliteProvider,
    runtime::{Runtime, RuntimeOptions, registry::ActivityRegistry},
};

use crate::time;

pub async fn run(url: &str, count: u32) -> anyhow::Result<f64> {
    let store = Arc::new(SqliteProvider::new(url, None).await?);
    let activities = ActivityRegistry::builder()
        .register("step", |_context: ActivityContext, input: String| async move { Ok(input) })
        .build();
    let three_steps = |context: OrchestrationContext, input: String| async move {
        let first = context.schedule_activity("step", input).await?;
        let second = context.schedule_activity("step", first).await?;
        context.schedule_activity("step", second).await
    };
    let orchestrations = OrchestrationRegistry::builder().register("three", three_steps).build();
    // Its own concurrency: with more, its transactions lock each other out, and runs end as failed.
    let options = RuntimeOptions { dispatcher_min_poll_interval: Duration::from_millis(10), ..RuntimeOptions::default() };
    let runtime = Runtime::start_with_options(store.clone(), activities, orchestrations, options).await;
    let client = Client::new(store);
    let (starting, waiting) = (&client, &client);
    let seconds = time(
        count,
        |id| async move {
            starting.start_orchestration(&id, "three", "x").await.map_err(|error| anyhow!("{error:?}"))?;
            Ok(id)
        },
        |id| async move {
            let patience = Duration::from_secs(600);
            let status = waiting.wait_for_orchestration(&id, patience).await.map_err(|error| anyhow!("{error:?}"))?;
            match status {
                OrchestrationStatus::Completed { .. } => Ok(()),
                other => bail!("{id} ended as {other:?}"),
            }
        },
    )
    .await;
    runtime.shutdown(None).await;
    seconds
}
