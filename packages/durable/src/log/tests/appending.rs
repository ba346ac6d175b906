//! Appending, rotation, syncing, reopening and release.

use std::{collections::HashMap, sync::Barrier};

use super::*;
use crate::log::{DurableState, OpenError};

#[test]
fn records_of_concurrent_appenders_are_all_read_once_and_in_order() {
    const THREADS: usize = 4;
    const BATCHES: usize = 300;
    let test = TestLog::new(Durability::Process, 4096);
    let log = test.open();
    let barrier = Barrier::new(THREADS);
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (log, barrier) = (&log, &barrier);
            scope.spawn(move || {
                barrier.wait();
                for number in 0..BATCHES {
                    let payloads = (0..=number % 3).map(|part| format!("{thread} {number} {part}"));
                    log.append(&batch(payloads)).unwrap();
                }
            });
        }
    });
    let mut by_thread: HashMap<String, Vec<String>> = HashMap::new();
    for text in read_texts(&log, None) {
        let (thread, rest) = text.split_once(' ').unwrap();
        by_thread.entry(thread.to_owned()).or_default().push(rest.to_owned());
    }
    let expected: Vec<String> =
        (0..BATCHES).flat_map(|number| (0..=number % 3).map(move |part| format!("{number} {part}"))).collect();
    assert_eq!(by_thread.len(), THREADS);
    assert!(by_thread.values().all(|read| *read == expected));
    assert!(test.segments().len() > 5);
}

#[test]
fn segments_are_closed_at_their_limit() {
    let test = TestLog::new(Durability::Process, 100);
    let log = test.open();
    for _ in 0..3 {
        append(&log, [7; 40]);
    }
    append(&log, [7; 300]);
    let end = append(&log, [7; 40]);
    assert_eq!(end.offset, 48);
    log.close();
    let lengths: Vec<u64> =
        test.segments().into_iter().map(|(_, length)| length).filter(|length| *length > 0).collect();
    assert_eq!(lengths, [96, 48, 308, 48]);
}

#[test]
fn reopening_keeps_the_identity_and_begins_a_later_segment() {
    let test = TestLog::new(Durability::Process, 1000);
    let log = test.open();
    let (id, first) = (log.id(), append(&log, "one"));
    drop(log);
    let log = test.open();
    let second = append(&log, "two");
    assert_eq!(log.id(), id);
    assert!(second.segment > first.segment);
    assert_eq!(read_texts(&log, None), ["one", "two"]);
    assert_eq!(read_texts(&log, Some(first)), ["two"]);
    assert_eq!(read_texts(&log, Some(second)), [""; 0]);
}

#[test]
fn a_second_process_is_refused() {
    let test = TestLog::new(Durability::Process, 1000);
    let log = test.open();
    assert!(matches!(Log::open(test.options()), Err(OpenError::Locked { .. })));
    log.close();
    log.close();
    assert!(Log::open(test.options()).is_ok());
    assert_eq!(log.append(&batch(["late"])).unwrap_err().kind(), std::io::ErrorKind::BrokenPipe);
}

#[test]
fn a_lost_or_damaged_identity_is_a_clear_error() {
    let test = TestLog::new(Durability::Process, 1000);
    drop(test.open());
    let path = test.directory.path().join("log.id");
    std::fs::write(&path, "not an identity").unwrap();
    let error = Log::open(test.options()).unwrap_err();
    assert!(matches!(error, OpenError::Identity { .. }) && error.to_string().contains("restore it, or move"));
    std::fs::remove_file(&path).unwrap();
    assert!(matches!(Log::open(test.options()), Err(OpenError::IdentityMissing { .. })));
}

#[tokio::test]
async fn disk_readers_see_what_is_durable() {
    let test = TestLog::new(Durability::Disk, 500);
    let log = test.open();
    let mut last = Position::default();
    for number in 0..40 {
        last = append(&log, format!("record {number}"));
        log.wait_durable(last).await.unwrap();
        assert!(*log.readable().borrow() >= last);
    }
    assert_eq!(read_texts(&log, None).len(), 40);
    assert_eq!(log.durable().borrow().state_of(last), DurableState::Durable);
    log.close();
    // The zeros written ahead of the records are gone from all segments but the spare one.
    let lengths: Vec<u64> = test.segments().iter().map(|(_, length)| *length).filter(|length| *length < 500).collect();
    assert!(!lengths.is_empty() && lengths.iter().sum::<u64>() <= 40 * 17, "{lengths:?}");
    assert_eq!(read_texts(&test.open(), None).len(), 40);
}

#[tokio::test]
async fn process_logs_sync_when_asked() {
    let test = TestLog::new(Durability::Process, 1000);
    let log = test.open_with_rare_syncs();
    log.wait_durable(append(&log, "one")).await.unwrap();
    let second = append(&log, "two");
    assert_eq!(read_texts(&log, None), ["one", "two"]);
    assert_eq!(log.durable().borrow().state_of(second), DurableState::Pending);
    log.request_sync();
    log.wait_durable(second).await.unwrap();
}

#[tokio::test]
async fn disk_readers_do_not_see_what_is_not_durable() {
    let test = TestLog::new(Durability::Disk, 1000);
    let log = test.open_with_rare_syncs();
    log.wait_durable(append(&log, "one")).await.unwrap();
    let second = append(&log, "two");
    assert_eq!(read_texts(&log, None), ["one"]);
    log.request_sync();
    log.wait_durable(second).await.unwrap();
    assert_eq!(read_texts(&log, None), ["one", "two"]);
}

#[test]
fn release_keeps_what_any_consumer_needs() {
    let test = TestLog::new(Durability::Process, 50);
    let mut options = test.options();
    options.consumers = vec!["slow".to_owned()];
    let log = Log::open(options).unwrap();
    let ends: Vec<Position> = (0..6).map(|number| append(&log, format!("{number:30}"))).collect();
    // Not the number of files: a spare that came too late leaves an empty one.
    let left = || read_texts(&log, None).iter().map(|text| text.trim().to_owned()).collect::<String>();
    log.release(ends[5]).unwrap();
    assert_eq!(left(), "012345", "the slow consumer has not said how far it is");
    log.shared().applied("fast", Some(ends[4]));
    log.shared().applied("slow", Some(ends[2]));
    log.release(ends[5]).unwrap();
    assert_eq!(left(), "2345");
    log.shared().applied("slow", Some(ends[5]));
    log.release(ends[1]).unwrap();
    assert_eq!(left(), "2345", "no further than asked");
    log.release(ends[5]).unwrap();
    assert_eq!(left(), "45", "the fast consumer is at the fifth");
    log.shared().applied("fast", Some(ends[5]));
    log.release(Position::new(u64::MAX, 0)).unwrap();
    append(&log, "6");
    assert_eq!(left(), "56", "the segment being written stays");
}

#[test]
fn deleted_segments_are_reported_and_skipped() {
    let test = TestLog::new(Durability::Process, 50);
    let log = test.open();
    let ends: Vec<Position> = (0..6).map(|number| append(&log, format!("{number:30}"))).collect();
    for missing in [ends[1].segment, ends[2].segment] {
        std::fs::remove_file(crate::log::directory::segment_path(test.directory.path(), missing)).unwrap();
    }
    let batch = log.reader(None).read(100, 10_000).unwrap();
    assert_eq!((batch.records.len(), batch.missing_segments, batch.next), (4, 2, ends[5]));
    // A whole restart later the hole is found in the numbers alone.
    drop(log);
    let batch = test.open().reader(Some(ends[0])).read(100, 10_000).unwrap();
    assert_eq!((batch.records.len(), batch.missing_segments), (3, 2));
}

#[test]
fn a_position_ahead_of_the_log_reads_it_from_the_start() {
    let test = TestLog::new(Durability::Process, 1000);
    let log = test.open();
    append(&log, "one");
    assert_eq!(read_texts(&log, Some(Position::new(9, 9))), ["one"]);
}
