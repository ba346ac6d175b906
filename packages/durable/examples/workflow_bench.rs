//! Prints how many workflows of three steps are started and finished in a second:
//! `cargo run --release -p durable --example workflow_bench [directory or postgres://…] [runs]`.
//!
//! SQLite syncs each commit to the disk, as always. With PostgreSQL the database named must be empty, and whether it syncs is
//! its own setting. Starts come from 64 tasks, each of which waits for its own.
#![expect(clippy::print_stdout, reason = "printing is what it is for")]

use std::{
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use data_ops::{
    clock::SystemClock,
    database::{DatabaseConfig, Databases},
};
use durable::{
    store::Store,
    workflows::{Context, Options, StepError, StepPolicy, Workflow, WorkflowError, Workflows},
};
use tokio::task::JoinSet;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

const STARTERS: usize = 64;

struct ThreeSteps(Arc<AtomicUsize>);

impl Workflow for ThreeSteps {
    const KIND: &'static str = "three_steps";
    type Input = u64;
    type Output = u64;

    async fn run(&self, context: &Context, input: u64) -> Result<u64, WorkflowError> {
        let mut sum = input;
        for name in ["render", "judge", "store"] {
            sum += context.step(name, StepPolicy::default(), || async { Ok::<u64, StepError>(1) }).await?;
        }
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(sum)
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let place = arguments.next().unwrap_or_else(|| std::env::temp_dir().display().to_string());
    let runs: usize = arguments.next().map_or(Ok(10_000), |runs| runs.parse())?;
    let config = if place.starts_with("postgres") {
        DatabaseConfig::Postgres { url: place, max_connections: 16 }
    } else {
        let directory = std::path::Path::new(&place).join("hashroute-workflow-bench");
        if directory.exists() {
            std::fs::remove_dir_all(&directory)?;
        }
        DatabaseConfig::Sqlite { directory }
    };
    let databases = Databases::connect(&config).await?;
    databases.migrate().await?;
    let store = Store::start(databases.control.clone(), Arc::new(SystemClock), &TaskTracker::new());
    let executions = Arc::new(AtomicUsize::new(0));
    let workflows = Workflows::builder(store, Options::default()).register(ThreeSteps(executions.clone())).build();

    let stop = CancellationToken::new();
    let runner = tokio::task::JoinSet::from_iter([{
        let (workflows, stop) = (workflows.clone(), stop.clone());
        async move { workflows.run(stop).await }
    }]);
    let began = Instant::now();
    let next = Arc::new(AtomicUsize::new(0));
    let mut starters = JoinSet::new();
    for _ in 0..STARTERS {
        let (workflows, next) = (workflows.clone(), next.clone());
        starters.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= runs {
                    return Ok::<_, durable::workflows::StartError>(());
                }
                workflows.start::<ThreeSteps>(&format!("three_steps:{number}"), &7).await?;
            }
        });
    }
    while let Some(started) = starters.join_next().await {
        started??;
    }
    let started = began.elapsed();
    while executions.load(Ordering::Relaxed) < runs {
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
    stop.cancel();
    runner.join_all().await;
    let took = began.elapsed();
    for number in [0, runs / 2, runs - 1] {
        let status = workflows.status(&format!("three_steps:{number}")).await?.ok_or("a run is missing")?;
        assert_eq!((status.output.as_deref(), status.steps.len()), (Some("10"), 3));
    }
    #[expect(clippy::cast_precision_loss, reason = "figures to be printed")]
    let rate = runs as f64 / took.as_secs_f64();
    println!("{runs} workflows: all started after {started:.2?}, all finished after {took:.2?}: {rate:.0} workflows/s");
    databases.close().await?;
    Ok(())
}
