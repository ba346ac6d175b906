//! Directories that were emptied or put back to an older state, and replays: nothing appended is passed over.

use std::{
    fs,
    num::NonZeroUsize,
    path::{Path, PathBuf},
};

use tokio_util::sync::CancellationToken;

use super::{
    memory_sink::{Failure, MemorySink},
    *,
};
use crate::log::{ConsumerOptions, Start, run_consumer};

async fn drain_from(log: &Log, sink: &MemorySink, start: Start) -> bool {
    let max_records = NonZeroUsize::new(4).unwrap();
    let stop = CancellationToken::new();
    stop.cancel();
    run_consumer(log, "clicks", sink, ConsumerOptions { max_records, start, ..ConsumerOptions::default() }, stop)
        .await
        .drained
}

async fn drain(log: &Log, sink: &MemorySink) {
    assert!(drain_from(log, sink, Start::Stored).await);
}

fn segment_files(directory: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    paths.filter(|path| path.extension().is_some_and(|extension| extension == "segment")).collect()
}

fn empty(directory: &Path) {
    for path in segment_files(directory) {
        fs::remove_file(path).unwrap();
    }
}

fn texts(name: &str, count: usize) -> Vec<String> {
    (0..count).map(|number| format!("{name} {number}")).collect()
}

fn sorted(mut texts: Vec<String>) -> Vec<String> {
    texts.sort_unstable();
    texts
}

#[tokio::test(start_paused = true)]
async fn records_of_an_emptied_directory_are_applied_whatever_their_numbers() {
    // Fewer, as many and more than the stored position says.
    for after in [1, 5, 9] {
        for durability in [Durability::Process, Durability::Disk] {
            let test = TestLog::new(durability, 1000);
            // Not even one that trusts the position can pass them over.
            let sink = MemorySink::new();
            let log = test.open();
            let id = log.id();
            log.append(&batch(texts("old", 5))).unwrap();
            drain(&log, &sink).await;
            drop(log);
            empty(test.directory.path());

            let log = test.open();
            assert_ne!(log.id(), id, "the numbers begin again");
            log.append(&batch(texts("new", after))).unwrap();
            drain(&log, &sink).await;
            drain(&log, &sink).await;
            assert_eq!(sink.applied(), [texts("old", 5), texts("new", after)].concat());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn records_of_a_restored_directory_are_applied_once() {
    for after in [0, 1, 20, 40] {
        let test = TestLog::new(Durability::Process, 1000);
        let sink = MemorySink::unique();
        let log = test.open();
        log.append(&batch(texts("first", 5))).unwrap();
        let backup = tempfile::tempdir().unwrap();
        for path in segment_files(test.directory.path()) {
            fs::copy(&path, backup.path().join(path.file_name().unwrap())).unwrap();
        }
        drop(log);
        // Three openings on, of which the backup knows nothing.
        for round in ["second", "third", "fourth"] {
            let log = test.open();
            log.append(&batch(texts(round, 10))).unwrap();
            drain(&log, &sink).await;
        }
        sink.forget("first 3");
        empty(test.directory.path());
        for path in segment_files(backup.path()) {
            fs::copy(&path, test.directory.path().join(path.file_name().unwrap())).unwrap();
        }

        // The log may have grown past the stored position before the consumer asks for it.
        let log = test.open();
        let id = log.id();
        for text in texts("new", after) {
            append(&log, format!("{text} {}", "long".repeat(20)));
        }
        sink.fail([Failure::LostAnswer]);
        assert!(!drain_from(&log, &sink, Start::Stored).await);
        drain(&log, &sink).await;
        assert_ne!(log.id(), id, "another history");
        let id = log.id();
        let mut all = ["first"].map(|name| texts(name, 5)).concat();
        all.extend(["second", "third", "fourth"].into_iter().flat_map(|name| texts(name, 10)));
        all.extend(texts("new", after).iter().map(|text| format!("{text} {}", "long".repeat(20))));
        assert_eq!(sorted(sink.applied()), sorted(all.clone()));
        drop(log);

        let log = test.open();
        assert_eq!(log.id(), id, "once is enough");
        append(&log, "last");
        all.push("last".to_owned());
        drain(&log, &sink).await;
        assert_eq!(log.id(), id);
        assert_eq!(sorted(sink.applied()), sorted(all));
    }
}

#[tokio::test(start_paused = true)]
async fn a_replay_applies_what_is_missing() {
    let test = TestLog::new(Durability::Process, 1000);
    let log = test.open();
    let sink = MemorySink::unique();
    let middle = log.append(&batch(texts("first", 10))).unwrap();
    log.append(&batch(texts("second", 10))).unwrap();
    drain(&log, &sink).await;
    let all = sink.applied();
    for (missing, start) in [("first 7", Start::Oldest), ("second 0", Start::At(middle))] {
        sink.forget(missing);
        drain(&log, &sink).await;
        assert_eq!(sink.applied().len(), all.len() - 1);
        assert!(drain_from(&log, &sink, start).await);
        assert_eq!(sorted(sink.applied()), sorted(all.clone()));
    }
}

#[tokio::test(start_paused = true)]
async fn a_segment_deleted_while_it_is_written_to_is_left_for_another() {
    for durability in [Durability::Process, Durability::Disk] {
        let test = TestLog::new(durability, 1000);
        let log = test.open();
        let sink = MemorySink::new();
        empty(test.directory.path());
        let lost = append(&log, "lost with its file");
        log.wait_durable(lost).await.unwrap();
        let mut reader = log.reader(None);
        assert_eq!(reader.read(9, 1000).unwrap().missing_segments, 1);
        drain(&log, &sink).await;
        let end = log.append(&batch(texts("new", 5))).unwrap();
        log.wait_durable(end).await.unwrap();
        let read = reader.read(9, 1000).unwrap();
        assert_eq!((read.records.len(), read.missing_segments), (5, 0), "reported once");
        drain(&log, &sink).await;
        assert_eq!(sink.applied(), texts("new", 5));
    }
}
