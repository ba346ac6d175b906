//! apalis, on SQLite and PostgreSQL: all jobs are put down, one statement each, while a worker does them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Instant,
};

use apalis::prelude::*;
use apalis_postgres::{PgPool, PostgresStorage};
use apalis_sqlite::{SqlitePool, SqliteStorage};
use futures::{StreamExt as _, TryStreamExt as _, stream};

use crate::AT_ONCE;

async fn count_down(_job: u32, left: Data<Arc<AtomicU32>>, worker: WorkerContext) -> Result<(), BoxDynError> {
    if left.fetch_sub(1, Ordering::SeqCst) == 1 {
        worker.stop()?;
    }
    Ok(())
}

/// The same for both storages, which share no type.
macro_rules! run {
    ($storage:expr, $count:expr) => {{
        let (storage, count) = ($storage, $count);
        let left = Arc::new(AtomicU32::new(count));
        let worker = WorkerBuilder::new("bench")
            .backend(storage.clone())
            .data(left)
            .concurrency(AT_ONCE)
            .build(count_down);
        let began = Instant::now();
        let put_down = stream::iter(0..count)
            .map(|job| {
                let mut storage = storage.clone();
                async move { storage.push(job).await }
            })
            .buffer_unordered(AT_ONCE)
            .try_collect::<Vec<()>>();
        let (done, put_down) = tokio::join!(worker.run(), put_down);
        put_down.map_err(|error| anyhow::anyhow!("{error:?}"))?;
        done.map_err(|error| anyhow::anyhow!("{error:?}"))?;
        Ok(began.elapsed().as_secs_f64())
    }};
}

pub async fn sqlite(url: &str, count: u32) -> anyhow::Result<f64> {
    let pool = SqlitePool::connect(url).await?;
    SqliteStorage::setup(&pool).await?;
    let config = apalis_sqlite::Config::default().queue("bench").batch_size(AT_ONCE);
    run!(SqliteStorage::<u32>::new(&pool).with_config(config), count)
}

pub async fn postgres(url: &str, count: u32) -> anyhow::Result<f64> {
    let pool = PgPool::connect(url).await?;
    PostgresStorage::setup(&pool).await?;
    let config = apalis_postgres::Config::default().queue("bench").batch_size(AT_ONCE);
    run!(PostgresStorage::<u32>::new(&pool).with_config(config), count)
}
