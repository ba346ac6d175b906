//! dbos, on PostgreSQL.

use dbos::{Config, DBOS, StartOptions, step};

use crate::time;

async fn three_steps(input: u32) -> dbos::Result<u32> {
    let first = step("first", || async move { dbos::Result::Ok(input + 1) }).await?;
    let second = step("second", || async move { dbos::Result::Ok(first + 1) }).await?;
    step("third", || async move { dbos::Result::Ok(second + 1) }).await
}

pub async fn run(url: &str, count: u32) -> anyhow::Result<f64> {
    let config = Config { app_version: Some("1".to_owned()), max_connections: 20, ..Config::new("engines", url) };
    let dbos = DBOS::new(config);
    let workflow = dbos.register_workflow("three_steps", three_steps)?;
    dbos.launch().await?;
    let workflow = &workflow;
    let seconds = time(
        count,
        |id| async move { Ok(workflow.start_with(0, StartOptions { workflow_id: Some(&id), ..StartOptions::default() }).await?) },
        |handle| async move {
            anyhow::ensure!(handle.result().await? == 3, "a wrong result");
            Ok(())
        },
    )
    .await;
    dbos.shutdown().await;
    seconds
}
