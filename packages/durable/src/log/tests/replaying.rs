//! Consumers that read again, consumers added later, and what is kept for both.

use std::{fs::File, io::ErrorKind, num::NonZeroUsize, time::SystemTime};

use tokio_util::sync::CancellationToken;

use super::{
    memory_sink::{Failure, MemorySink},
    *,
};
use crate::log::{ConsumerOptions, ReplayError, Start, run_consumer};

fn options() -> ConsumerOptions {
    ConsumerOptions { max_records: NonZeroUsize::new(4).unwrap(), ..ConsumerOptions::default() }
}

fn numbers(range: std::ops::Range<u32>) -> Vec<String> {
    range.map(|number| number.to_string()).collect()
}

async fn drain(log: &Log, name: &str, sink: &MemorySink) {
    let stop = CancellationToken::new();
    stop.cancel();
    assert!(run_consumer(log, name, sink, options(), stop).await.drained);
}

/// Runs a consumer while `work` is done, and then to its end.
async fn running<T>(log: &Log, sink: &MemorySink, work: impl Future<Output = T>) -> T {
    let stop = CancellationToken::new();
    let work = async {
        let result = work.await;
        stop.cancel();
        result
    };
    tokio::join!(biased; run_consumer(log, "clicks", sink, options(), stop.clone()), work).1
}

#[tokio::test(start_paused = true)]
async fn a_running_consumer_reads_again_from_where_it_is_told() {
    let test = TestLog::new(Durability::Process, 100);
    let mut log_options = test.options();
    log_options.history_bytes = 10_000;
    let log = Log::open(log_options).unwrap();
    let sink = MemorySink::new();
    let middle = log.append(&batch(numbers(0..10))).unwrap();
    log.append(&batch(numbers(10..20))).unwrap();
    drain(&log, "clicks", &sink).await;
    // A place within a record means that record.
    let inside = Position::new(middle.segment, middle.offset - 3);
    let starts = [(Start::At(middle), 10..20), (Start::At(inside), 9..20), (Start::Oldest, 0..20)];
    for (start, again) in starts {
        let before = sink.applied().len();
        running(&log, &sink, log.replay("clicks", start)).await.unwrap();
        assert_eq!(sink.applied()[before..], numbers(again));
    }
    let end = log.written();
    assert_eq!(running(&log, &sink, log.replay("clicks", Start::At(end))).await.unwrap(), end);
}

#[tokio::test(start_paused = true)]
async fn a_replay_that_was_answered_goes_on_after_a_crash() {
    let test = TestLog::new(Durability::Process, 1000);
    let log = test.open();
    let sink = MemorySink::new();
    let middle = log.append(&batch(numbers(0..10))).unwrap();
    log.append(&batch(numbers(10..20))).unwrap();
    drain(&log, "clicks", &sink).await;
    let stop = CancellationToken::new();
    tokio::select! {
        biased;
        _ = run_consumer(&log, "clicks", &sink, options(), stop) => unreachable!("nobody stops it"),
        replayed = log.replay("clicks", Start::At(middle)) => assert_eq!(replayed.unwrap(), middle),
    }
    assert_eq!(sink.applied(), numbers(0..20), "dropped before it had read anything");
    drain(&log, "clicks", &sink).await;
    assert_eq!(sink.applied(), [numbers(0..20), numbers(10..20)].concat());
}

#[tokio::test(start_paused = true)]
async fn a_replay_that_fails_changes_nothing() {
    let test = TestLog::new(Durability::Process, 1000);
    let log = test.open();
    let sink = MemorySink::new();
    let end = log.append(&batch(numbers(0..10))).unwrap();
    drain(&log, "clicks", &sink).await;
    assert!(matches!(log.replay("clicks", Start::Oldest).await, Err(ReplayError::NotRunning)), "it has ended");
    let beyond = Position::new(end.segment, end.offset + 1);
    let ahead = running(&log, &sink, log.replay("clicks", Start::At(beyond))).await;
    assert!(matches!(ahead, Err(ReplayError::Ahead { end: known }) if known == end), "{ahead:?}");
    sink.fail([Failure::Unavailable]);
    let failed = running(&log, &sink, log.replay("clicks", Start::Oldest)).await;
    assert!(matches!(failed, Err(ReplayError::Sink(_))), "{failed:?}");
    append(&log, "10");
    drain(&log, "clicks", &sink).await;
    assert_eq!(sink.applied(), numbers(0..11));
}

#[tokio::test(start_paused = true)]
async fn a_consumer_added_later_reads_the_history() {
    let test = TestLog::new(Durability::Process, 100);
    let mut log_options = test.options();
    log_options.history_bytes = 250;
    let sink = MemorySink::new();
    for round in 0..3 {
        let log = Log::open(log_options.clone()).unwrap();
        for text in numbers(round * 30..round * 30 + 30) {
            append(&log, text);
        }
        drain(&log, "clicks", &sink).await;
    }
    assert_eq!(sink.applied(), numbers(0..90));
    let kept: u64 = test.segments().iter().map(|(_, bytes)| bytes).sum();
    assert!((200..450).contains(&kept), "history and the last segment: {kept}");

    let log = Log::open(log_options).unwrap();
    let added = MemorySink::new();
    drain(&log, "added", &added).await;
    let read = added.applied();
    assert!(read.len() >= 25 && numbers(0..90).ends_with(&read), "{read:?}");
}

#[tokio::test(start_paused = true)]
async fn a_log_that_holds_as_much_as_it_may_refuses_until_its_consumers_have_caught_up() {
    for durability in [Durability::Process, Durability::Disk] {
        let test = TestLog::new(durability, 1 << 20);
        let mut log_options = test.options();
        log_options.max_bytes = Some(2_000);
        log_options.history_bytes = u64::MAX;
        log_options.consumers = vec!["clicks".to_owned(), "slow".to_owned()];
        let (sink, slow) = (MemorySink::new(), MemorySink::new());
        let mut accepted = Vec::new();
        for round in 0..3 {
            let log = Log::open(log_options.clone()).unwrap();
            let refused = (0..1_000).map(|number| format!("{round} {number}")).find_map(|text| {
                let error = log.append(&batch([&text])).err();
                accepted.extend(error.is_none().then_some(text));
                error
            });
            assert_eq!(refused.unwrap().kind(), ErrorKind::QuotaExceeded);
            drain(&log, "clicks", &sink).await;
            assert_eq!(sink.applied(), accepted);
            assert!(log.append(&batch([[0; 100]])).is_err(), "the other consumer has not read them");
            drop(log);
            // What is there counts after a restart too.
            let log = Log::open(log_options.clone()).unwrap();
            assert!(log.append(&batch([[0; 200]])).is_err());
            drain(&log, "clicks", &sink).await;
            drain(&log, "slow", &slow).await;
            accepted.push(format!("after {round}"));
            append(&log, accepted.last().unwrap());
            let kept: u64 = test.segments().iter().map(|(_, bytes)| bytes).sum();
            assert!(durability == Durability::Disk || kept <= 1_000, "an eighth, and a quarter of history: {kept}");
            drain(&log, "clicks", &sink).await;
            drain(&log, "slow", &slow).await;
            assert_eq!(slow.applied(), accepted);
        }
    }
}

#[tokio::test]
async fn a_time_means_the_first_segment_written_to_since() {
    let test = TestLog::new(Durability::Process, 100);
    let log = test.open();
    let middle = log.append(&batch([[1; 80]])).unwrap();
    let end = log.append(&batch([[2; 80]])).unwrap();
    assert!(end.segment > middle.segment);
    let hours = |hours: u64| SystemTime::UNIX_EPOCH + Duration::from_secs(hours * 3_600);
    for (segment, written) in [(middle.segment, 10), (end.segment, 20)] {
        let path = test.directory.path().join(format!("{segment:020}.segment"));
        File::options().write(true).open(path).unwrap().set_modified(hours(written)).unwrap();
    }
    let first = Position::new(middle.segment, 0);
    assert_eq!(log.position_at(hours(5)), first);
    assert_eq!(log.position_at(hours(10)), first);
    assert_eq!(log.position_at(hours(15)), Position::new(end.segment, 0));
    let later = log.position_at(SystemTime::UNIX_EPOCH + Duration::from_secs(1 << 40));
    assert_eq!(later, end);
}
