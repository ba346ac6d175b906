//! Jobs that do nothing.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Instant,
};

use durable::jobs::{Enqueue, Job, JobContext, Jobs, QueueOptions};
use futures_util::{StreamExt as _, stream};
use sea_orm::ConnectionTrait as _;
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use crate::home::{AT_ONCE, Home};

#[derive(Serialize, Deserialize)]
struct Nothing(u32);

impl Job for Nothing {
    const QUEUE: &'static str = "nothing";
    const VERSION: u16 = 1;
}

/// Seconds until the last of `count` jobs is done and removed, put down one by one while workers are at work.
pub(crate) async fn put_down_and_done(home: &Home, count: u32) -> f64 {
    let jobs = Jobs::open(home.store.clone()).await.unwrap();
    let (left, last) = (Arc::new(AtomicU32::new(count)), Arc::new(Notify::new()));
    let handler = {
        let (left, last) = (left.clone(), last.clone());
        move |_job: Nothing, _context: JobContext| {
            if left.fetch_sub(1, Ordering::SeqCst) == 1 {
                last.notify_one();
            }
            async { Ok(()) }
        }
    };
    let options = QueueOptions { concurrency: AT_ONCE, ..QueueOptions::default() };
    home.tasks.spawn(jobs.worker(handler, options).run(home.stop.clone()));
    let began = Instant::now();
    stream::iter(0..count)
        .for_each_concurrent(AT_ONCE, |number| {
            let jobs = &jobs;
            async move {
                jobs.add(&Nothing(number), Enqueue::default()).await.unwrap();
            }
        })
        .await;
    last.notified().await;
    // The last ones are still to be removed.
    while lying(home).await > 0 {
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
    began.elapsed().as_secs_f64()
}

async fn lying(home: &Home) -> i64 {
    let sql = "SELECT COUNT(*) AS number FROM jobs";
    let row = home.store.database().read().query_one_raw(home.store.dialect().statement(sql, [])).await.unwrap();
    row.unwrap().try_get("", "number").unwrap()
}
