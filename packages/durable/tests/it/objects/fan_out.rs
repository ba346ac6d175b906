//! Following an object, on its own node and on others.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use durable::objects::{ObjectHandle, ObjectParts, Objects, Relay, Snapshot, Subscription, Update};
use futures_util::{
    FutureExt as _, StreamExt as _,
    future::join_all,
    stream::{self, BoxStream},
};
use serde_json::{Value, json};
use tokio::sync::broadcast;

use super::tally::{Message, State, Tally, objects, parts};
use crate::support::{Fixture, on_both_databases};

on_both_databases!(
    who_follows_an_object_is_told_its_state_and_then_what_it_publishes,
    what_is_published_before_the_snapshot_is_read_is_told_once,
    what_a_refused_message_says_is_not_told,
    who_is_slow_is_told_the_state_instead_of_what_was_missed,
    everybody_is_told_everything_in_order,
    a_room_is_closed_when_the_last_leaves,
);

async fn next(subscription: &mut Subscription<Tally>) -> Update<State> {
    tokio::time::timeout(Duration::from_secs(20), subscription.next()).await.expect("something is told").unwrap()
}

async fn snapshot(subscription: &mut Subscription<Tally>) -> Snapshot<State> {
    match next(subscription).await {
        Update::Snapshot(snapshot) => snapshot,
        update => panic!("{update:?}"),
    }
}

async fn deltas(subscription: &mut Subscription<Tally>) -> (u64, Vec<Value>) {
    match next(subscription).await {
        Update::Deltas { version, deltas } => (version, deltas.to_vec()),
        update => panic!("{update:?}"),
    }
}

async fn tell(tally: &ObjectHandle<Tally>, number: u64) {
    tally.send(Message::Tell(number)).await.unwrap();
}

async fn who_follows_an_object_is_told_its_state_and_then_what_it_publishes(fixture: Fixture) {
    let tally = objects(&fixture).get::<Tally>("a");
    tally.send(Message::Add(7)).await.unwrap();
    let mut subscription = tally.subscribe().unwrap();
    let first = snapshot(&mut subscription).await;
    assert_eq!((first.version, first.state.total), (1, 7));
    tell(&tally, 1).await;
    tally.send(Message::Add(1)).await.unwrap();
    tell(&tally, 2).await;
    assert_eq!(deltas(&mut subscription).await, (2, vec![json!(1)]));
    assert_eq!(deltas(&mut subscription).await, (4, vec![json!(2)]));
    assert!(subscription.next().now_or_never().is_none());
}

async fn what_is_published_before_the_snapshot_is_read_is_told_once(fixture: Fixture) {
    let tally = objects(&fixture).get::<Tally>("a");
    let mut subscription = tally.subscribe().unwrap();
    tell(&tally, 1).await;
    tally.send(Message::Add(1)).await.unwrap();
    // It knows a version in between two that were published.
    assert_eq!(snapshot(&mut subscription).await.version, 2);
    tell(&tally, 2).await;
    assert_eq!(deltas(&mut subscription).await, (3, vec![json!(2)]));
}

async fn what_a_refused_message_says_is_not_told(fixture: Fixture) {
    let tally = objects(&fixture).get::<Tally>("a");
    let mut subscription = tally.subscribe().unwrap();
    snapshot(&mut subscription).await;
    let sends =
        [Message::Tell(1), Message::Refuse, Message::Panic, Message::Tell(2)].map(|message| tally.send(message));
    join_all(sends).await;
    let mut told = Vec::new();
    while told.len() < 2 {
        told.extend(deltas(&mut subscription).await.1);
    }
    assert_eq!(told, [json!(1), json!(2)]);
    assert_eq!(tally.snapshot().await.unwrap().version, 2);
}

async fn who_is_slow_is_told_the_state_instead_of_what_was_missed(fixture: Fixture) {
    let tally = objects(&fixture).get::<Tally>("a");
    let mut subscription = tally.subscribe().unwrap();
    snapshot(&mut subscription).await;
    for number in 0..100 {
        tell(&tally, number).await;
    }
    assert_eq!(snapshot(&mut subscription).await.version, 100);
    assert!(subscription.next().now_or_never().is_none());
    tell(&tally, 100).await;
    assert_eq!(deltas(&mut subscription).await, (101, vec![json!(100)]));
}

async fn everybody_is_told_everything_in_order(fixture: Fixture) {
    let tally = objects(&fixture).get::<Tally>("a");
    let mut subscriptions = [tally.subscribe().unwrap(), tally.subscribe().unwrap(), tally.subscribe().unwrap()];
    for subscription in &mut subscriptions {
        snapshot(subscription).await;
    }
    join_all((0..200).map(|number| tell(&tally, number))).await;
    let mut first = None;
    for subscription in &mut subscriptions {
        let mut told = Vec::new();
        while told.len() < 200 {
            told.extend(deltas(subscription).await.1);
        }
        let mut sorted: Vec<u64> = told.iter().filter_map(Value::as_u64).collect();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..200).collect::<Vec<u64>>());
        assert_eq!(*first.get_or_insert(told.clone()), told);
    }
}

async fn a_room_is_closed_when_the_last_leaves(fixture: Fixture) {
    let objects = objects(&fixture);
    let tally = objects.get::<Tally>("a");
    let first = tally.subscribe().unwrap();
    let second = tally.subscribe().unwrap();
    assert_eq!(objects.followed(), 1);
    drop(first);
    assert_eq!(objects.followed(), 1);
    drop(second);
    assert_eq!(objects.followed(), 0);
    // What kept the room up to date has ended too.
    fixture.tasks.close();
    tokio::time::timeout(Duration::from_secs(20), async {
        while fixture.tasks.len() > usize::from(fixture.store.database().is_sqlite()) {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
}

/// Carries frames between the nodes of a test, unless it is cut.
struct Wire {
    frames: broadcast::Sender<(String, Bytes)>,
    cut: AtomicBool,
}

impl Wire {
    fn new() -> Arc<Self> {
        Arc::new(Self { frames: broadcast::Sender::new(1_000), cut: AtomicBool::new(false) })
    }
}

impl Relay for Wire {
    fn publish(&self, subject: String, frame: Bytes) {
        if !self.cut.load(Ordering::SeqCst) {
            let _nobody = self.frames.send((subject, frame));
        }
    }

    fn subscribe(&self, subject: String) -> BoxStream<'static, Bytes> {
        let frames = stream::unfold(self.frames.subscribe(), |mut frames| async move {
            let frame = frames.recv().await.ok()?;
            Some((frame, frames))
        });
        frames.filter_map(move |(on, frame)| std::future::ready((on == subject).then_some(frame))).boxed()
    }
}

fn node(fixture: &Fixture, wire: &Arc<Wire>, catch_up: Duration) -> Objects {
    let mut parts = ObjectParts { relay: Some(wire.clone()), ..parts::<1>(fixture) };
    parts.options.catch_up = catch_up;
    Objects::new(parts)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_another_node_commits_is_told_by_the_relay() {
    let (here, there) = {
        let here = Fixture::postgres().await;
        let there = here.another().await;
        (here, there)
    };
    let wire = Wire::new();
    // Never: what is told comes by the relay.
    let never = Duration::from_secs(3_600);
    let (near, far) = (node(&here, &wire, never).get::<Tally>("a"), node(&there, &wire, never).get::<Tally>("a"));
    let mut subscription = near.subscribe().unwrap();
    snapshot(&mut subscription).await;
    while wire.frames.receiver_count() == 0 {
        tokio::task::yield_now().await;
    }
    tell(&far, 1).await;
    assert_eq!(deltas(&mut subscription).await, (1, vec![json!(1)]));
    // This node's own come back, and are known.
    tell(&near, 2).await;
    assert_eq!(deltas(&mut subscription).await, (2, vec![json!(2)]));
    tell(&far, 3).await;
    assert_eq!(deltas(&mut subscription).await, (3, vec![json!(3)]));
    // What is no frame disturbs nobody.
    wire.publish("hashroute.objects.tally.a".to_owned(), Bytes::from_static(b"{}"));
    // A frame is lost: the next one shows it.
    wire.cut.store(true, Ordering::SeqCst);
    tell(&far, 4).await;
    wire.cut.store(false, Ordering::SeqCst);
    tell(&far, 5).await;
    assert_eq!(snapshot(&mut subscription).await.version, 5);
    tell(&far, 6).await;
    assert_eq!(deltas(&mut subscription).await, (6, vec![json!(6)]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_another_node_commits_is_told_by_the_database_when_the_relay_is_away() {
    let here = Fixture::postgres().await;
    let there = here.another().await;
    let wire = Wire::new();
    wire.cut.store(true, Ordering::SeqCst);
    let near = node(&here, &wire, Duration::from_millis(5)).get::<Tally>("a");
    let far = objects(&there).get::<Tally>("a");
    let mut subscription = near.subscribe().unwrap();
    snapshot(&mut subscription).await;
    for number in 1..=3 {
        tell(&far, number).await;
        assert_eq!(snapshot(&mut subscription).await.version, number);
    }
    // Told once, not at every look.
    let again = tokio::time::timeout(Duration::from_millis(100), subscription.next()).await;
    assert!(again.is_err(), "{again:?}");
}
