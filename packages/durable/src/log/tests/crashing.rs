//! `kill -9`: a child process appends, acknowledges and consumes until it is killed; nothing acknowledged is lost or
//! doubled.

use std::{
    env,
    fs::{self, File, OpenOptions},
    io::{self, BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Mutex,
};

use rand::{RngExt, SeedableRng, rngs::StdRng};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::log::{BatchSink, ConsumerOptions, DeadLetter, LogRecord, SinkError, Source, run_consumer};

const DIRECTORY: &str = "DURABLE_CRASH_DIRECTORY";
const ROUND: &str = "DURABLE_CRASH_ROUND";
const DISK: &str = "DURABLE_CRASH_DISK";

/// Effects and position in one file, one line for each batch: a line is whole or does not count.
struct FileSink {
    file: Mutex<File>,
    path: PathBuf,
}

impl FileSink {
    fn open(directory: &Path) -> Self {
        let path = directory.join("applied");
        let text = fs::read_to_string(&path).unwrap_or_default();
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        fs::write(&path, &text[..whole]).unwrap();
        Self { file: Mutex::new(OpenOptions::new().append(true).open(&path).unwrap()), path }
    }

    /// Each line: segment, offset, ids.
    fn lines(&self) -> Vec<(Position, Vec<String>)> {
        let lines = fs::read_to_string(&self.path).unwrap();
        let parse = |line: &str| {
            let mut words = line.split(' ');
            let mut number = || words.next().unwrap().parse().unwrap();
            (Position::new(number(), number()), words.map(str::to_owned).collect())
        };
        lines.lines().map(parse).collect()
    }
}

impl BatchSink for FileSink {
    async fn position(&self, _: &Source) -> Result<Option<Position>, SinkError> {
        Ok(self.lines().last().map(|(position, _)| *position))
    }

    async fn apply(&self, _: &Source, records: &[LogRecord], next: Position) -> Result<(), SinkError> {
        let mut line = format!("{} {}", next.segment, next.offset);
        for record in records {
            line.push(' ');
            line.push_str(std::str::from_utf8(&record.payload).unwrap());
        }
        line.push('\n');
        self.file.lock().unwrap().write_all(line.as_bytes()).map_err(|error| SinkError::Unavailable(error.into()))
    }

    async fn bury(&self, _: &Source, dead: &[DeadLetter], _: Position) -> Result<(), SinkError> {
        panic!("nothing is rejected here: {dead:?}")
    }
}

fn options(directory: &Path, durability: Durability) -> LogOptions {
    let mut options = LogOptions::new(directory.join("log"), durability);
    options.segment_bytes = 4000;
    options.consumers = vec!["crash".to_owned()];
    options
}

fn consumer_options() -> ConsumerOptions {
    ConsumerOptions { max_wait: Duration::from_millis(2), ..ConsumerOptions::default() }
}

/// The process the test below kills: appends in batches and prints the ids once they are acknowledged.
#[tokio::test]
#[ignore = "the child of nothing_acknowledged_is_lost_or_doubled_by_kill_9"]
async fn appending_child() {
    let Ok(directory) = env::var(DIRECTORY).map(PathBuf::from) else { return };
    let round = env::var(ROUND).unwrap();
    let durability = if env::var_os(DISK).is_some() { Durability::Disk } else { Durability::Process };
    let log = Log::open(options(&directory, durability)).unwrap();
    let sink = FileSink::open(&directory);
    let append = async {
        let mut output = io::stdout();
        for first in (0..1_000_000).step_by(3) {
            let ids: Vec<String> = (first..first + 3).map(|number| format!("{round}.{number}")).collect();
            let end = log.append(&batch(&ids)).unwrap();
            if durability == Durability::Disk {
                log.wait_durable(end).await.unwrap();
            }
            writeln!(output, "acknowledged {}", ids.join(" ")).unwrap();
            output.flush().unwrap();
            tokio::task::yield_now().await;
        }
    };
    tokio::join!(run_consumer(&log, "crash", &sink, consumer_options(), CancellationToken::new()), append);
}

async fn survive(durability: Durability, rounds: u32, seed: u64) {
    let mut random = StdRng::seed_from_u64(seed);
    let directory = tempfile::tempdir().unwrap();
    let mut acknowledged = Vec::new();
    for round in 0..rounds {
        let mut command = Command::new(env::current_exe().unwrap());
        command
            .args(["--exact", "log::tests::crashing::appending_child", "--nocapture", "--ignored"])
            .env(DIRECTORY, directory.path())
            .env(ROUND, round.to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        if durability == Durability::Disk {
            command.env(DISK, "1");
        }
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut wanted = random.random_range(1..400);
        let mut take = |line: String| {
            // The test harness prints its own words before the first of ours.
            let ids = line.split_once("acknowledged ")?.1.split(' ').map(str::to_owned).collect::<Vec<_>>();
            (ids.len() == 3).then(|| acknowledged.extend(ids))
        };
        while wanted > 0 {
            let line = lines.next().expect("the child goes on until it is killed");
            wanted -= usize::from(take(line).is_some());
        }
        child.kill().unwrap();
        // What it printed before it died is acknowledged too, whole lines only.
        let mut rest: Vec<String> = lines.collect();
        rest.pop();
        for line in rest {
            take(line);
        }
        child.wait().unwrap();
    }

    let log = Log::open(options(directory.path(), durability)).unwrap();
    let sink = FileSink::open(directory.path());
    let stop = CancellationToken::new();
    stop.cancel();
    assert!(run_consumer(&log, "crash", &sink, consumer_options(), stop).await.drained);
    let applied: Vec<String> = sink.lines().into_iter().flat_map(|(_, ids)| ids).collect();
    let mut times = std::collections::HashMap::new();
    for id in &applied {
        *times.entry(id.as_str()).or_insert(0) += 1;
    }
    assert!(acknowledged.len() >= rounds as usize * 3);
    let lost = acknowledged.iter().filter(|id| !times.contains_key(id.as_str())).count();
    let doubled = times.values().filter(|times| **times > 1).count();
    assert_eq!((lost, doubled), (0, 0), "of {} acknowledged, seed {seed}", acknowledged.len());
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_or_doubled_by_kill_9() {
    survive(Durability::Process, 8, 1).await;
    survive(Durability::Disk, 8, 2).await;
}
