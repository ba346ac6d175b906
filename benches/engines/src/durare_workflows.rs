//! durare, on SQLite and PostgreSQL.

use durare::{DurableContext, DurableEngine, Result, WorkflowOptions};

use crate::time;

#[durare::step]
async fn step(context: &DurableContext, input: u32) -> Result<u32> {
    Ok(input + 1)
}

#[durare::workflow]
async fn three_steps(context: DurableContext, input: u32) -> Result<u32> {
    let first = step(&context, input).await?;
    let second = step(&context, first).await?;
    step(&context, second).await
}

pub async fn run(url: &str, count: u32) -> anyhow::Result<f64> {
    let engine = DurableEngine::connect(url).await?.build().await?;
    let engine = &engine;
    time(
        count,
        |id| async move { Ok(engine.start_with(ThreeSteps, 0, WorkflowOptions::with_id(&id)).await?) },
        |handle| async move {
            anyhow::ensure!(handle.await? == 3, "a wrong result");
            Ok(())
        },
    )
    .await
}
