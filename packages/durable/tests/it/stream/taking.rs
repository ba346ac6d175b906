//! From the stream into the sink.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use durable::stream::{StreamOptions, StreamStart};
use futures_util::TryStreamExt as _;
use test_nats::TestNats;
use tokio_util::sync::CancellationToken;

use super::support::{Node, Running, TestSink, connect, jetstream, options, texts, until};

/// What the stream of dead letters holds, with its errors.
async fn dead_subject(nats: &TestNats) -> Vec<(String, String)> {
    let stream = jetstream(nats).await.get_stream(options().dead_name()).await.unwrap();
    let config = async_nats::jetstream::consumer::pull::Config::default();
    let consumer = stream.create_consumer(config).await.unwrap();
    let messages: Vec<_> = consumer.fetch().max_messages(100).messages().await.unwrap().try_collect().await.unwrap();
    let mut dead: Vec<(String, String)> = messages
        .iter()
        .map(|message| {
            let error = message.headers.as_ref().unwrap().get("Hashroute-Error").unwrap();
            (String::from_utf8_lossy(&message.payload).into_owned(), error.to_string())
        })
        .collect();
    dead.sort_unstable();
    dead
}

#[tokio::test]
async fn a_bad_record_goes_to_the_dead_letters_and_its_neighbours_are_applied() {
    let nats = TestNats::start().unwrap();
    let node = Node::start(&nats).await;
    let sink = TestSink::new();
    let mut all = texts("good", 0..50);
    for (place, text) in [(0, "bad first"), (17, "panic"), (18, "bad neighbour"), (49, "bad last")] {
        all[place] = text.to_owned();
    }
    let end = node.append(&all);
    node.forward().await;
    let mut running = Running::new();
    running.consume(&node.stream, &sink);
    node.confirm_up_to(end).await;
    let good: Vec<String> = all.into_iter().filter(|text| text.starts_with("good")).collect();
    sink.until_applied(good).await;
    let expected = ["bad first", "bad last", "bad neighbour", "panic"].map(|text| match text {
        "panic" => (text.to_owned(), "the sink panicked: a bug in the sink".to_owned()),
        text => (text.to_owned(), format!("cannot parse {text}")),
    });
    assert_eq!(sink.dead().into_iter().collect::<Vec<_>>(), expected);
    assert_eq!(dead_subject(&nats).await, expected);
    running.stop().await;
}

#[tokio::test]
async fn a_message_that_is_no_envelope_is_a_dead_letter_and_one_of_a_newer_layout_waits() {
    let nats = TestNats::start().unwrap();
    let node = Node::start(&nats).await;
    let sink = TestSink::new();
    node.append(&texts("good", 0..3));
    node.forward().await;
    let publisher = jetstream(&nats).await;
    for payload in [&b"no envelope"[..], b"hrs\x02of a later version"] {
        publisher.publish("records", Bytes::from_static(payload)).await.unwrap().await.unwrap();
    }
    let mut running = Running::new();
    running.consume(&node.stream, &sink);
    sink.until_applied(texts("good", 0..3)).await;
    let dead = until("it is buried", async || Some(sink.dead()).filter(|dead| !dead.is_empty())).await;
    assert_eq!(dead.keys().collect::<Vec<_>>(), ["no envelope"]);
    until("two of three are acknowledged", async || {
        let status = node.stream.status().await.unwrap();
        (status.unacknowledged == 1 && status.waiting == 0).then_some(())
    })
    .await;
    assert_eq!(dead_subject(&nats).await.len(), 1);
    running.stop().await;
}

#[tokio::test]
async fn envelopes_doubled_and_in_any_order_change_nothing() {
    let nats = TestNats::start().unwrap();
    let node = Node::start(&nats).await;
    for number in 0..5 {
        node.append(&texts("record", number * 10..number * 10 + 10));
        node.forward().await;
    }
    let publisher = jetstream(&nats).await;
    let stream = publisher.get_stream("RECORDS").await.unwrap();
    // Without their ids, so that the server knows none of them.
    for sequence in [5, 3, 1, 2, 4, 4, 1] {
        let envelope = stream.get_raw_message(sequence).await.unwrap().payload;
        publisher.publish("records", envelope).await.unwrap().await.unwrap();
    }
    let sink = TestSink::new();
    let mut running = Running::new();
    running.consume(&node.stream, &sink);
    until("all is given", async || (sink.given() == 120).then_some(())).await;
    assert_eq!(sink.applied().len(), 50);
    running.stop().await;
}

#[tokio::test]
async fn a_message_whose_node_died_goes_to_another() {
    let nats = TestNats::start().unwrap();
    let short = StreamOptions { ack_wait: Duration::from_millis(200), ..options() };
    let node = Node::start_with(&nats, short.clone(), |_| {}).await;
    let end = node.append(&texts("record", 0..10));
    node.forward().await;
    // Takes it, and is never heard of again.
    let stream = jetstream(&nats).await.get_stream("RECORDS").await.unwrap();
    let dying = stream.get_consumer::<async_nats::jetstream::consumer::pull::Config>("all").await.unwrap();
    let taken: Vec<_> = dying.fetch().max_messages(1).messages().await.unwrap().try_collect().await.unwrap();
    assert_eq!(taken.len(), 1);

    let sink = TestSink::new();
    let mut running = Running::new();
    running.consume(&node.stream, &sink);
    node.confirm_up_to(end).await;
    assert_eq!(sink.applied().len(), 10);
    running.stop().await;
}

#[tokio::test]
async fn a_message_in_work_is_given_to_nobody_else() {
    let nats = TestNats::start().unwrap();
    let short = StreamOptions { ack_wait: Duration::from_millis(300), ..options() };
    let node = Node::start_with(&nats, short.clone(), |_| {}).await;
    let other = connect(&nats, short).await;
    let end = node.append(&texts("record", 0..10));
    node.forward().await;
    let (away, idle) = (TestSink::new(), TestSink::new());
    // With 20 ms between two attempts, three times as long as the server waits for a sign of life.
    away.fail(45);
    let mut running = Running::new();
    running.consume(&node.stream, &away);
    until("the first has it", async || (node.stream.status().await.unwrap().unacknowledged == 1).then_some(())).await;
    running.consume(&other, &idle);
    away.until_applied(texts("record", 0..10)).await;
    node.confirm_up_to(end).await;
    assert!(away.has_failed());
    assert_eq!(idle.given(), 0);
    running.stop().await;
}

#[tokio::test]
async fn a_node_that_stops_gives_back_what_it_could_not_apply() {
    let nats = TestNats::start().unwrap();
    let node = Node::start(&nats).await;
    node.append(&texts("record", 0..10));
    node.forward().await;
    let away = TestSink::new();
    away.fail(1_000_000);
    let mut running = Running::new();
    running.consume(&node.stream, &away);
    until("it has it", async || (node.stream.status().await.unwrap().unacknowledged == 1).then_some(())).await;
    running.stop().await;
    let sink = TestSink::new();
    let mut running = Running::new();
    let began = std::time::Instant::now();
    running.consume(&node.stream, &sink);
    sink.until_applied(texts("record", 0..10)).await;
    assert!(began.elapsed() < Duration::from_secs(20), "without waiting for the server to miss the other");
    running.stop().await;
}

/// The server's clock, which is this machine's: what a stream is replayed from is told by it.
#[expect(clippy::disallowed_methods, reason = "the NATS server reads the machine's clock too")]
fn servers_clock() -> SystemTime {
    SystemTime::now()
}

#[tokio::test]
async fn a_replay_gives_what_is_missing_beside_what_goes_on() {
    let nats = TestNats::start().unwrap();
    let node = Node::start(&nats).await;
    let sink = TestSink::new();
    let mut running = Running::new();
    running.consume(&node.stream, &sink);
    node.append(&texts("record", 0..10));
    node.forward().await;
    sink.until_applied(texts("record", 0..10)).await;
    let between = servers_clock();
    let end = node.append(&texts("record", 10..20));
    node.forward().await;
    sink.until_applied(texts("record", 0..20)).await;
    node.confirm_up_to(end).await;

    let replay = async |start| node.stream.replay(&*sink, start, CancellationToken::new()).await.unwrap();
    sink.forget("record 3");
    assert_eq!(replay(StreamStart::Time(between)).await, 10);
    assert_eq!(sink.applied().len(), 19);
    assert_eq!(replay(StreamStart::Oldest).await, 20);
    assert_eq!(sink.applied().len(), 20);
    let later = servers_clock() + Duration::from_secs(3_600);
    assert_eq!(replay(StreamStart::Time(later)).await, 0);
    let stream = jetstream(&nats).await.get_stream("RECORDS").await.unwrap();
    assert_eq!(stream.cached_info().state.consumer_count, 1, "replays leave nothing behind");
    running.stop().await;
}
