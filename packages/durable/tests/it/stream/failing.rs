//! NATS killed, put back, robbed.

use std::{fs, path::PathBuf};

use test_nats::TestNats;

use super::support::{Node, Running, TestSink, copy, jetstream, options, texts, until};

#[tokio::test]
async fn nothing_is_lost_when_nats_is_killed_in_the_middle() {
    let mut nats = TestNats::start().unwrap();
    let (one, two) = (Node::start(&nats).await, Node::start(&nats).await);
    let sink = TestSink::new();
    let mut running = Running::new();
    for node in [&one, &two] {
        running.forward(node);
        running.consume(&node.stream, &sink);
    }
    let mut sent = 0;
    let mut send = || {
        for _ in 0..20 {
            one.append(&texts("one", sent..sent + 10));
            two.append(&texts("two", sent..sent + 10));
            sent += 10;
        }
        sent
    };
    let mut total = 0;
    for _ in 0..3 {
        total = send();
        let enough = sink.applied().len() + 20;
        until("some have arrived", async || (sink.applied().len() >= enough).then_some(())).await;
        // More is under way now.
        send();
        nats.kill();
        total = send().max(total);
        nats.start_again().unwrap();
    }
    sink.until_applied([texts("one", 0..total), texts("two", 0..total)].concat()).await;
    for node in [&one, &two] {
        node.confirm_up_to(node.log.written()).await;
    }
    running.stop().await;
}

#[tokio::test]
async fn a_node_that_starts_without_nats_forwards_when_it_comes() {
    let mut nats = TestNats::start().unwrap();
    nats.kill();
    let node = Node::start(&nats).await;
    let sink = TestSink::new();
    let mut running = Running::new();
    running.forward(&node);
    running.consume(&node.stream, &sink);
    node.append(&texts("record", 0..10));
    assert!(node.forwarder.confirm().await.unwrap().is_none());
    assert!(node.stream.status().await.is_err());
    nats.start_again().unwrap();
    sink.until_applied(texts("record", 0..10)).await;
    running.stop().await;
}

/// The files of the stream's messages and of its consumer.
fn files(nats: &TestNats) -> (PathBuf, PathBuf) {
    let stream = nats.store().join("jetstream/$G/streams/RECORDS");
    (stream.join("msgs"), stream.join("obs"))
}

#[tokio::test]
async fn what_nats_has_acknowledged_and_lost_is_published_again() {
    let mut nats = TestNats::start().unwrap();
    let (one, two) = (Node::start(&nats).await, Node::start(&nats).await);
    one.append(&texts("first", 0..10));
    one.forward().await;
    let older = tempfile::tempdir().unwrap();
    nats.kill();
    copy(&nats.store(), older.path());
    nats.start_again().unwrap();
    one.append(&texts("lost", 0..10));
    one.forward().await;
    assert_eq!(one.stream.status().await.unwrap().messages, 2);
    nats.kill();
    fs::remove_dir_all(nats.store()).unwrap();
    copy(older.path(), &nats.store());
    nats.start_again().unwrap();

    // Another node's message takes the number of the one that was lost, and is applied.
    two.append(&texts("other", 0..10));
    two.forward().await;
    let sink = TestSink::new();
    let mut running = Running::new();
    running.consume(&two.stream, &sink);
    two.confirm_up_to(two.log.written()).await;
    assert_eq!(sink.applied().len(), 20);
    // The floor says that the number is done with; what is in its place says more.
    running.forward(&one);
    sink.until_applied([texts("first", 0..10), texts("lost", 0..10), texts("other", 0..10)].concat()).await;
    one.confirm_up_to(one.log.written()).await;
    running.stop().await;
}

#[tokio::test]
async fn a_consumer_ahead_of_its_stream_passes_over_nothing() {
    let mut nats = TestNats::start().unwrap();
    let node = Node::start(&nats).await;
    let sink = TestSink::new();
    let mut running = Running::new();
    running.consume(&node.stream, &sink);
    node.append(&texts("first", 0..10));
    node.forward().await;
    nats.kill();
    let older = tempfile::tempdir().unwrap();
    copy(&files(&nats).0, older.path());
    nats.start_again().unwrap();
    for number in 0..5 {
        node.append(&texts("lost and applied", number..number + 1));
        node.forward().await;
    }
    node.confirm_up_to(node.log.written()).await;
    running.stop().await;
    nats.kill();
    fs::remove_dir_all(files(&nats).0).unwrap();
    copy(older.path(), &files(&nats).0);
    assert!(files(&nats).1.is_dir(), "the consumer's own state is as new as it was");
    nats.start_again().unwrap();

    // These get numbers that the consumer has passed.
    let mut running = Running::new();
    running.forward(&node);
    running.consume(&node.stream, &sink);
    node.append(&texts("new", 0..10));
    sink.until_applied([texts("first", 0..10), texts("lost and applied", 0..5), texts("new", 0..10)].concat()).await;
    running.stop().await;
}

#[tokio::test]
async fn a_stream_or_consumer_that_was_deleted_is_made_again() {
    let nats = TestNats::start().unwrap();
    let node = Node::start(&nats).await;
    let sink = TestSink::new();
    let mut running = Running::new();
    running.forward(&node);
    running.consume(&node.stream, &sink);
    node.append(&texts("record", 0..10));
    sink.until_applied(texts("record", 0..10)).await;
    let operator = jetstream(&nats).await;
    let stream = operator.get_stream("RECORDS").await.unwrap();
    stream.delete_consumer(&options().consumer).await.unwrap();
    node.append(&texts("record", 10..20));
    sink.until_applied(texts("record", 0..20)).await;
    operator.delete_stream("RECORDS").await.unwrap();
    node.append(&texts("record", 20..30));
    sink.until_applied(texts("record", 0..30)).await;
    node.confirm_up_to(node.log.written()).await;
    running.stop().await;
}
