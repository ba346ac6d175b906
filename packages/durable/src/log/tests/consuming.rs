//! Consumers: batching, failures of the sink, restarts, replay.

use std::num::NonZeroUsize;

use tokio_util::sync::CancellationToken;

use super::{
    memory_sink::{Failure, MemorySink},
    *,
};
use crate::log::{Backlog, ConsumerEnd, ConsumerOptions, Start, run_consumer};

fn options() -> ConsumerOptions {
    ConsumerOptions { max_records: NonZeroUsize::new(8).unwrap(), ..ConsumerOptions::default() }
}

/// Runs a consumer until it has applied everything there is.
async fn drain(log: &Log, sink: &MemorySink, options: ConsumerOptions) -> ConsumerEnd {
    let stop = CancellationToken::new();
    stop.cancel();
    run_consumer(log, "clicks", sink, options, stop).await
}

/// Runs a consumer until its sink has stored `position`, then stops it.
async fn run_until(log: &Log, sink: &MemorySink, options: ConsumerOptions, position: Position) -> ConsumerEnd {
    let stop = CancellationToken::new();
    let mut stored = sink.position.subscribe();
    let consumer = run_consumer(log, "clicks", sink, options, stop.clone());
    let stopper = async {
        stored.wait_for(|stored| *stored >= position).await.unwrap();
        stop.cancel();
    };
    tokio::join!(consumer, stopper).0
}

fn numbers(range: std::ops::Range<u32>) -> Vec<String> {
    range.map(|number| number.to_string()).collect()
}

#[tokio::test(start_paused = true)]
async fn records_are_collected_and_applied_in_order() {
    let test = TestLog::new(Durability::Process, 200);
    let log = test.open();
    let sink = MemorySink::new();
    let end = log.append(&batch(numbers(0..30))).unwrap();
    let result = run_until(&log, &sink, options(), end).await;
    assert_eq!(result, ConsumerEnd { position: Some(end), drained: true });
    assert_eq!((sink.applied(), sink.batches()), (numbers(0..30), vec![8, 8, 8, 6]));
}

#[tokio::test(start_paused = true)]
async fn a_restart_goes_on_where_the_sink_is() {
    let test = TestLog::new(Durability::Disk, 100);
    let sink = MemorySink::new();
    for round in 0..5 {
        let log = test.open();
        log.append(&batch(numbers(round * 10..round * 10 + 10))).unwrap();
        assert!(drain(&log, &sink, options()).await.drained);
    }
    assert_eq!(sink.applied(), numbers(0..50));
}

#[tokio::test(start_paused = true)]
async fn an_unavailable_sink_delays_and_loses_nothing() {
    let test = TestLog::new(Durability::Process, 200);
    let log = test.open();
    let sink = MemorySink::new();
    sink.fail([Failure::Unavailable; 12]);
    let end = log.append(&batch(numbers(0..20))).unwrap();
    let started = tokio::time::Instant::now();
    run_until(&log, &sink, options(), end).await;
    assert_eq!(sink.applied(), numbers(0..20));
    // 50 ms doubled up to 5 s, each between half and all of it, and 500 ms of collecting each time.
    let waited = started.elapsed();
    assert!(waited > Duration::from_secs(20) && waited < Duration::from_secs(50), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn a_commit_whose_answer_was_lost_is_not_repeated() {
    let test = TestLog::new(Durability::Process, 200);
    let log = test.open();
    let sink = MemorySink::new();
    sink.fail([Failure::LostAnswer, Failure::Unavailable, Failure::LostAnswer, Failure::LostAnswer]);
    let mut texts = numbers(0..30);
    texts[3] = "bad 3".to_owned();
    let end = log.append(&batch(&texts)).unwrap();
    run_until(&log, &sink, options(), end).await;
    while !drain(&log, &sink, options()).await.drained {}
    texts.remove(3);
    assert_eq!((sink.applied(), sink.dead().len()), (texts, 1));
}

#[tokio::test(start_paused = true)]
async fn bad_records_are_buried_and_their_neighbours_applied() {
    let test = TestLog::new(Durability::Process, 200);
    let log = test.open();
    let sink = MemorySink::new();
    let mut texts = numbers(0..20);
    for (place, text) in [(0, "bad first"), (5, "panic"), (6, "bad two"), (19, "bad last")] {
        texts[place] = text.to_owned();
    }
    let end = log.append(&batch(&texts)).unwrap();
    assert_eq!(drain(&log, &sink, options()).await, ConsumerEnd { position: Some(end), drained: true });
    let good: Vec<String> = texts.iter().filter(|text| text.parse::<u32>().is_ok()).cloned().collect();
    assert_eq!(sink.applied(), good);
    let dead = sink.dead();
    assert_eq!(
        dead.iter().map(|(text, _)| text.as_str()).collect::<Vec<_>>(),
        ["bad first", "panic", "bad two", "bad last"]
    );
    assert_eq!(dead[0].1, "cannot parse bad first");
    assert_eq!(dead[1].1, "the sink panicked: a bug in the sink");
}

#[tokio::test(start_paused = true)]
async fn a_stop_drains_and_gives_up_on_an_unavailable_sink() {
    let test = TestLog::new(Durability::Disk, 200);
    let log = test.open_with_rare_syncs();
    append(&log, "first");
    let sink = MemorySink::new();
    drain(&log, &sink, options()).await;
    sink.fail([Failure::Unavailable]);
    log.append(&batch(numbers(0..20))).unwrap();
    assert!(!drain(&log, &sink, options()).await.drained);
    assert!(drain(&log, &sink, options()).await.drained);
    assert_eq!(sink.applied()[1..], numbers(0..20));
}

#[tokio::test(start_paused = true)]
async fn segments_go_when_the_slowest_consumer_is_done() {
    let test = TestLog::new(Durability::Process, 100);
    let mut log_options = test.options();
    log_options.consumers = vec!["clicks".to_owned(), "other".to_owned()];
    let log = Log::open(log_options).unwrap();
    for text in numbers(0..100) {
        append(&log, text);
    }
    let (sink, other) = (MemorySink::new(), MemorySink::new());
    drain(&log, &sink, options()).await;
    assert_eq!(read_texts(&log, None).len(), 100);
    let stop = CancellationToken::new();
    stop.cancel();
    run_consumer(&log, "other", &other, options(), stop).await;
    assert!(read_texts(&log, None).len() <= 100 / 9, "only the last segment is left");
    assert_eq!((sink.applied().len(), other.applied().len()), (100, 100));
}

#[tokio::test(start_paused = true)]
async fn replay_begins_where_it_is_told_and_then_follows_the_sink() {
    let test = TestLog::new(Durability::Process, 1000);
    let log = test.open();
    let sink = MemorySink::new();
    let middle = log.append(&batch(numbers(0..10))).unwrap();
    let end = log.append(&batch(numbers(10..20))).unwrap();
    drain(&log, &sink, options()).await;
    let first_failure = ConsumerOptions { start: Start::At(middle), ..options() };
    sink.fail([Failure::Unavailable]);
    sink.position.send_replace(Position::default());
    run_until(&log, &sink, first_failure, end).await;
    assert_eq!(sink.applied(), [numbers(0..20), numbers(10..20)].concat());
    drain(&log, &sink, ConsumerOptions { start: Start::Oldest, ..options() }).await;
    assert_eq!(sink.applied().len(), 50);
    drain(&log, &sink, options()).await;
    assert_eq!(sink.applied().len(), 50);
}

#[tokio::test(start_paused = true)]
async fn what_a_consumer_is_behind_is_told_with_the_oldest_record() {
    let test = TestLog::new(Durability::Process, 200);
    let log = test.open();
    let sink = MemorySink::new();
    assert_eq!(log.backlog("clicks").unwrap(), None, "nobody knows where it is");
    log.append(&batch(numbers(0..30))).unwrap();
    assert!(drain(&log, &sink, options()).await.drained);
    let none = Backlog { bytes: 0, oldest: None, applied_per_minute: 30 };
    assert_eq!(log.backlog("clicks").unwrap(), Some(none));

    let before = log.written();
    log.append(&batch(["waits longest".to_owned()])).unwrap();
    log.append(&batch(numbers(0..40))).unwrap();
    let behind = log.backlog("clicks").unwrap().unwrap();
    let oldest = behind.oldest.unwrap();
    assert_eq!((&oldest.payload[..], oldest.start >= before), (&b"waits longest"[..], true));
    assert!(behind.bytes > 41, "over several segments: {}", behind.bytes);
    assert!(drain(&log, &sink, options()).await.drained);
    assert_eq!(log.backlog("clicks").unwrap().unwrap().oldest, None);
}
