//! Tests of the log as a whole, and what they share.

mod appending;
mod consuming;
mod crashing;
mod faults;
mod framing;
mod memory_sink;
mod power;
mod replaying;
mod restoring;

use std::time::Duration;

use tempfile::TempDir;

use super::{Durability, Log, LogOptions, Position, RecordBatch};

/// A log in its own directory, small segments, no sync unless asked for.
struct TestLog {
    directory: TempDir,
    durability: Durability,
    segment_bytes: u64,
}

impl TestLog {
    fn new(durability: Durability, segment_bytes: u64) -> Self {
        Self { directory: tempfile::tempdir().unwrap(), durability, segment_bytes }
    }

    fn options(&self) -> LogOptions {
        let mut options = LogOptions::new(self.directory.path(), self.durability);
        options.segment_bytes = self.segment_bytes;
        options
    }

    fn open(&self) -> Log {
        Log::open(self.options()).unwrap()
    }

    /// The first record is synced at once, later ones in an hour or when asked for.
    fn open_with_rare_syncs(&self) -> Log {
        let mut options = self.options();
        options.sync_interval = Duration::from_secs(3600);
        Log::open(options).unwrap()
    }

    /// Names and lengths of the segment files.
    fn segments(&self) -> Vec<(u64, u64)> {
        let mut segments: Vec<_> = std::fs::read_dir(self.directory.path())
            .unwrap()
            .filter_map(|entry| {
                let entry = entry.unwrap();
                let name = entry.file_name().into_string().unwrap();
                let number = name.strip_suffix(".segment")?.parse().unwrap();
                Some((number, entry.metadata().unwrap().len()))
            })
            .collect();
        segments.sort_unstable();
        segments
    }
}

fn batch<T: AsRef<[u8]>>(payloads: impl IntoIterator<Item = T>) -> RecordBatch {
    let mut batch = RecordBatch::new();
    for payload in payloads {
        batch.push(|buffer| buffer.extend_from_slice(payload.as_ref())).unwrap();
    }
    batch
}

fn append(log: &Log, payload: impl AsRef<[u8]>) -> Position {
    log.append(&batch([payload])).unwrap()
}

/// All records from `from` on, as text.
fn read_texts(log: &Log, from: Option<Position>) -> Vec<String> {
    let mut reader = log.reader(from);
    let mut texts = Vec::new();
    loop {
        let batch = reader.read(7, 1000).unwrap();
        texts.extend(batch.records.iter().map(|record| String::from_utf8(record.payload.to_vec()).unwrap()));
        if !batch.full {
            return texts;
        }
    }
}

/// Waits without a clock for something another thread does.
async fn until<T>(receiver: &mut tokio::sync::watch::Receiver<T>, done: impl FnMut(&T) -> bool) {
    tokio::time::timeout(Duration::from_secs(20), receiver.wait_for(done)).await.expect("in time").expect("open");
}
