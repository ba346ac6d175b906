//! Other engines under the load of `benches/durable.rs`: `engines ENGINE URL COUNT` prints `{"count": …, "seconds": …}`.
//!
//! A workflow is three steps that return at once; a job returns at once. Workflows are started by 64 tasks, and the time ends when the
//! last has succeeded. Each engine keeps the settings it comes with, except for what it may do at once.

mod apalis_jobs;
mod dbos_workflows;
mod durare_workflows;
mod duroxide_workflows;

use std::{future::Future, time::Instant};

use anyhow::{Context as _, bail};
use futures::{StreamExt as _, TryStreamExt as _, stream};

/// What starts at once, and what is worked on at once.
const AT_ONCE: usize = 64;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [engine, url, count] = arguments.as_slice() else { bail!("three arguments: ENGINE URL COUNT") };
    let count: u32 = count.parse().context("COUNT is a number")?;
    let seconds = match engine.as_str() {
        "duroxide" => duroxide_workflows::run(url, count).await?,
        "durare" => durare_workflows::run(url, count).await?,
        "dbos" => dbos_workflows::run(url, count).await?,
        "apalis-sqlite" => apalis_jobs::sqlite(url, count).await?,
        "apalis-postgres" => apalis_jobs::postgres(url, count).await?,
        other => bail!("no such engine: {other}"),
    };
    println!("{}", serde_json::json!({ "count": count, "seconds": seconds }));
    Ok(())
}

/// Starts `count` runs from [`AT_ONCE`] tasks, then waits for each; in seconds.
async fn time<H, S, W>(
    count: u32,
    start: impl Fn(String) -> S,
    wait: impl Fn(H) -> W,
) -> anyhow::Result<f64>
where
    S: Future<Output = anyhow::Result<H>>,
    W: Future<Output = anyhow::Result<()>>,
{
    let began = Instant::now();
    let ids = stream::iter(0..count).map(|number| start(format!("run-{number}")));
    let handles: Vec<H> = ids.buffer_unordered(AT_ONCE).try_collect().await?;
    let ends = stream::iter(handles).map(wait).buffer_unordered(AT_ONCE);
    ends.try_collect::<Vec<()>>().await?;
    Ok(began.elapsed().as_secs_f64())
}
