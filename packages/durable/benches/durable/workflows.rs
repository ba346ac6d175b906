//! Three-step workflows.

use std::time::Instant;

use durable::workflows::{Context, Options, StepError, StepPolicy, Workflow, WorkflowError, Workflows};
use futures_util::{StreamExt as _, stream};
use sea_orm::ConnectionTrait as _;

use crate::home::{AT_ONCE, Home};

struct ThreeSteps;

impl Workflow for ThreeSteps {
    const KIND: &'static str = "three-steps";
    type Input = u32;
    type Output = u32;

    async fn run(&self, context: &Context, input: u32) -> Result<u32, WorkflowError> {
        let mut sum = input;
        for name in ["first", "second", "third"] {
            sum = context.step(name, StepPolicy::default(), || async move { Ok::<_, StepError>(sum + 1) }).await?;
        }
        Ok(sum)
    }
}

/// Seconds until the last of `count` runs has succeeded.
pub(crate) async fn three_steps(home: &Home, count: u32) -> f64 {
    let workflows = Workflows::builder(home.store.clone(), Options::default()).register(ThreeSteps).build();
    home.tasks.spawn({
        let (workflows, stop) = (workflows.clone(), home.stop.clone());
        async move { workflows.run(stop).await }
    });
    let began = Instant::now();
    stream::iter(0..count)
        .for_each_concurrent(AT_ONCE, |number| {
            let workflows = &workflows;
            async move {
                workflows.start::<ThreeSteps>(&format!("run-{number}"), &0).await.unwrap();
            }
        })
        .await;
    while is_any_open(home).await {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let seconds = began.elapsed().as_secs_f64();
    assert_eq!(succeeded(home).await, i64::from(count));
    seconds
}

/// Answered from an index, so that looking does not count among what is measured.
async fn is_any_open(home: &Home) -> bool {
    let sql = "SELECT 1 AS one FROM workflows WHERE finished_at IS NULL LIMIT 1";
    let row = home.store.database().read().query_one_raw(home.store.dialect().statement(sql, [])).await.unwrap();
    row.is_some()
}

async fn succeeded(home: &Home) -> i64 {
    let sql = "SELECT COUNT(*) AS number FROM workflows WHERE status = 'succeeded'";
    let row = home.store.database().read().query_one_raw(home.store.dialect().statement(sql, [])).await.unwrap();
    row.unwrap().try_get("", "number").unwrap()
}
