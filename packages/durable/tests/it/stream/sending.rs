//! From the nodes' logs into the stream.

use durable::log::{LogOptions, Position};
use test_nats::TestNats;

use super::support::{Node, Running, TestSink, connect, options, texts, until};

fn segments(node: &Node) -> usize {
    let entries = std::fs::read_dir(node.directory.path()).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.extension().is_some_and(|extension| extension == "segment")).count()
}

#[tokio::test]
async fn records_of_two_nodes_are_taken_by_two_nodes_once() {
    let nats = TestNats::start().unwrap();
    let (one, two) = (Node::start(&nats).await, Node::start(&nats).await);
    let (first, second) = (TestSink::new(), TestSink::new());
    let mut running = Running::new();
    running.forward(&one);
    running.forward(&two);
    running.consume(&one.stream, &first);
    running.consume(&two.stream, &second);
    let mut round = 0;
    // Each message goes to one of them; after some messages both had one.
    let sent = until("both take part", async || {
        one.append(&texts("one", round * 10..round * 10 + 10));
        two.append(&texts("two", round * 10..round * 10 + 10));
        round += 1;
        let taken = (first.given() > 0 && second.given() > 0).then_some(round * 10);
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        taken
    })
    .await;
    let mut expected = [texts("one", 0..sent), texts("two", 0..sent)].concat();
    expected.sort_unstable();
    until("all is applied", async || {
        let mut applied = [first.applied(), second.applied()].concat();
        applied.sort_unstable();
        (applied == expected).then_some(())
    })
    .await;
    assert_eq!(first.given() + second.given(), expected.len(), "nothing came twice");
    running.stop().await;
}

#[tokio::test]
async fn segments_are_kept_until_the_sink_has_their_records() {
    let nats = TestNats::start().unwrap();
    let node = Node::start(&nats).await;
    let mut end = Position::default();
    for number in 0..30 {
        end = node.append(&texts("a long text to fill segments with", number * 10..number * 10 + 10));
    }
    let full = segments(&node);
    assert!(full > 5);
    node.forward().await;
    for _ in 0..3 {
        assert_eq!(node.forwarder.confirm().await.unwrap(), None);
    }
    assert!(segments(&node) >= full, "NATS alone is not enough");

    let sink = TestSink::new();
    let mut running = Running::new();
    running.consume(&node.stream, &sink);
    sink.until_applied(texts("a long text to fill segments with", 0..300)).await;
    node.confirm_up_to(end).await;
    assert!(segments(&node) <= 2);
    running.stop().await;
}

#[tokio::test]
async fn a_restarted_node_publishes_again_what_is_not_confirmed_and_no_more() {
    let nats = TestNats::start().unwrap();
    let node = Node::start(&nats).await;
    let sink = TestSink::new();
    let mut running = Running::new();
    running.consume(&node.stream, &sink);
    let end = node.append(&texts("confirmed", 0..10));
    node.forward().await;
    node.confirm_up_to(end).await;
    running.stop().await;
    node.append(&texts("acknowledged", 0..10));
    node.forward().await;
    node.append(&texts("only written", 0..10));

    let node = node.restart();
    let before = node.stream.status().await.unwrap();
    node.forward().await;
    let after = node.stream.status().await.unwrap();
    assert_eq!(after.messages, before.messages + 1, "cut differently, so that the server could not know it");
    let mut running = Running::new();
    running.consume(&node.stream, &sink);
    let all = [texts("confirmed", 0..10), texts("acknowledged", 0..10), texts("only written", 0..10)].concat();
    sink.until_applied(all).await;
    until("all is given", async || (sink.given() == 40).then_some(())).await;
    running.stop().await;
}

#[tokio::test]
async fn what_is_published_again_the_same_is_kept_once() {
    let nats = TestNats::start().unwrap();
    let mut node = Node::start(&nats).await;
    node.append(&texts("record", 0..10));
    for _ in 0..3 {
        node.forward().await;
        node = node.restart();
    }
    assert_eq!(node.stream.status().await.unwrap().messages, 1);
}

#[tokio::test]
async fn a_full_stream_lets_the_log_grow_and_nothing_is_lost() {
    let nats = TestNats::start().unwrap();
    let small = || durable::stream::StreamOptions { max_bytes: 2 << 20, ..options() };
    let node = Node::start_with(&nats, small(), |_| {}).await;
    let sink = TestSink::new();
    let mut running = Running::new();
    running.forward(&node);
    let mut sent = 0;
    let text = "long".repeat(200);
    until("the stream is full", async || {
        node.append(&texts(&text, sent..sent + 100));
        sent += 100;
        let bytes = node.stream.status().await.ok()?.bytes;
        (bytes > 1_700_000 && sent >= 5_000).then_some(())
    })
    .await;
    assert!(node.stream.status().await.unwrap().bytes <= 2 << 20);
    assert_eq!(node.stream.trim().await.unwrap(), 0, "nobody has applied anything");
    let before = segments(&node);
    assert!(before > 5);

    running.consume(&node.stream, &sink);
    let consuming = connect(&nats, small()).await;
    until("all is applied", async || {
        drop(consuming.trim().await);
        (sink.applied().len() == sent as usize).then_some(())
    })
    .await;
    consuming.trim().await.unwrap();
    let left = consuming.status().await.unwrap();
    assert!((500_000..=1_300_000).contains(&left.bytes), "half of it is kept: {left:?}");
    until("the log is empty again", async || (segments(&node) <= 2).then_some(())).await;
    running.stop().await;
}

#[tokio::test]
async fn a_record_too_large_for_nats_is_kept_on_the_node() {
    let nats = TestNats::start().unwrap();
    let node = Node::start_with(&nats, options(), |options: &mut LogOptions| options.segment_bytes = 10 << 20).await;
    let sink = TestSink::new();
    // Larger than an envelope is meant to be, and larger than a message can be.
    let (large, too_large) = ("l".repeat(500_000), "t".repeat(2_000_000));
    node.append(&["before".to_owned(), too_large.clone(), large.clone(), "after".to_owned()]);
    node.forward().await;
    let mut running = Running::new();
    running.consume(&node.stream, &sink);
    sink.until_applied(vec!["before".to_owned(), large, "after".to_owned()]).await;
    let kept = std::fs::read_dir(node.directory.path().join("unforwarded")).unwrap();
    let kept: Vec<String> = kept.map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap()).collect();
    assert!(kept == [too_large], "{} kept", kept.len());
    running.stop().await;
}
