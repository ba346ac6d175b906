//! Prints what the log costs: `cargo run --release -p durable --example log_bench [directory]`.
//!
//! One thread appends batches of 1, 8 and 32 records (`Process`); then tasks append one record each and wait until it is durable
//! (`Disk`), on one thread as the redirect path does. Processor time is that of the whole process.
#![expect(clippy::print_stdout, reason = "printing is what it is for")]

use std::{
    error::Error,
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};

use durable::log::{Durability, Log, LogOptions, RecordBatch};

const RECORD: [u8; 200] = [7; 200];
const ROUNDS: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let parent = std::env::args().nth(1).map_or_else(std::env::temp_dir, PathBuf::from);
    let directory = parent.join("hashroute-log-bench");
    println!("append, process durability, {} byte records: medians of {ROUNDS} rounds", RECORD.len());
    for size in [1, 8, 32] {
        let (wall, processor) = median(|| append(&directory, size, 400_000))?;
        println!("  batches of {size:2}: {wall:6.0} ns a record, {processor:6.0} ns of processor time");
    }
    println!("append and wait until durable, disk durability: medians of {ROUNDS} rounds");
    for interval in [0, 1, 2] {
        for tasks in [1, 16, 64, 256] {
            let (wall, processor) = median(|| commit(&directory, tasks, Duration::from_millis(interval)))?;
            println!(
                "  sync interval {interval} ms, {tasks:3} waiting: {:7.0} records/s, {:6.1} µs of processor time a record",
                1e9 / wall,
                processor / 1e3
            );
        }
    }
    Ok(())
}

/// Median of wall and processor nanoseconds.
fn median(mut round: impl FnMut() -> Result<(f64, f64), Box<dyn Error>>) -> Result<(f64, f64), Box<dyn Error>> {
    let mut results = (0..ROUNDS).map(|_| round()).collect::<Result<Vec<_>, _>>()?;
    results.sort_by(|left, right| left.1.total_cmp(&right.1));
    Ok(results[ROUNDS / 2])
}

fn fresh(options: LogOptions) -> Result<Log, Box<dyn Error>> {
    if options.directory.exists() {
        fs::remove_dir_all(&options.directory)?;
    }
    Ok(Log::open(options)?)
}

#[expect(clippy::cast_precision_loss, reason = "figures to be printed")]
fn append(directory: &std::path::Path, size: usize, records: usize) -> Result<(f64, f64), Box<dyn Error>> {
    let log = fresh(LogOptions::new(directory, Durability::Process))?;
    let mut batch = RecordBatch::new();
    let (started, processor) = (Instant::now(), processor_nanos()?);
    for _ in 0..records / size {
        batch.clear();
        for _ in 0..size {
            batch.push(|buffer| buffer.extend_from_slice(&RECORD))?;
        }
        log.append(&batch)?;
    }
    let result = (started.elapsed().as_nanos() as f64, (processor_nanos()? - processor) as f64);
    log.close();
    fs::remove_dir_all(directory)?;
    Ok((result.0 / records as f64, result.1 / records as f64))
}

#[expect(clippy::cast_precision_loss, reason = "figures to be printed")]
fn commit(directory: &std::path::Path, tasks: usize, interval: Duration) -> Result<(f64, f64), Box<dyn Error>> {
    let mut options = LogOptions::new(directory, Durability::Disk);
    options.sync_interval = interval;
    let log = fresh(options)?;
    let each = (40 * 256 / tasks).clamp(100, 1000);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let (started, processor) = (Instant::now(), processor_nanos()?);
    runtime.block_on(async {
        let mut set = tokio::task::JoinSet::new();
        for _ in 0..tasks {
            let log = log.clone();
            set.spawn(async move {
                let mut batch = RecordBatch::new();
                batch.push(|buffer| buffer.extend_from_slice(&RECORD)).map_err(std::io::Error::other)?;
                for _ in 0..each {
                    let end = log.append(&batch)?;
                    log.wait_durable(end).await.map_err(std::io::Error::other)?;
                }
                Ok::<(), std::io::Error>(())
            });
        }
        while let Some(task) = set.join_next().await {
            task??;
        }
        Ok::<(), Box<dyn Error>>(())
    })?;
    let records = (tasks * each) as f64;
    let result = (started.elapsed().as_nanos() as f64, (processor_nanos()? - processor) as f64);
    log.close();
    fs::remove_dir_all(directory)?;
    Ok((result.0 / records, result.1 / records))
}

/// Nanoseconds the live threads of this process have run.
fn processor_nanos() -> Result<u64, Box<dyn Error>> {
    let mut nanos = 0;
    for task in fs::read_dir("/proc/self/task")? {
        let text = fs::read_to_string(task?.path().join("schedstat"))?;
        nanos += text.split(' ').next().unwrap_or_default().parse::<u64>()?;
    }
    Ok(nanos)
}
