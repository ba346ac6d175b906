//! Several nodes on one PostgreSQL, and one that is gone in the middle.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use durable::objects::{Alarm, Objects};
use futures_util::future::join_all;
use tokio::runtime::{Handle, Runtime};

use super::tally::{Message, Tally, objects};
use crate::support::{Fixture, NOW, scale};

/// A node with threads of its own, so that it can be ended wherever it is.
struct Node {
    runtime: Option<Runtime>,
    fixture: Fixture,
    objects: Objects,
}

impl Node {
    async fn start(first: &Fixture) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let another = first.elsewhere();
        let fixture = runtime.spawn(another).await.unwrap();
        let objects = objects(&fixture);
        Self { runtime: Some(runtime), fixture, objects }
    }

    /// What it takes to do something on this node.
    fn caller(&self) -> (Handle, Objects) {
        (self.runtime.as_ref().unwrap().handle().clone(), self.objects.clone())
    }

    /// As a crash would: nothing is finished, connections are cut.
    fn kill(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.kill();
    }
}

async fn three_nodes(first: &Fixture) -> [Node; 3] {
    [Node::start(first).await, Node::start(first).await, Node::start(first).await]
}

/// Sixty senders, each with some messages (six thousand in all, where there is time) that it sends one after the other to
/// whichever node comes next, and again to another one if it gets no answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_of_messages_through_three_nodes_of_which_one_dies_are_counted_once_each() {
    let each: u32 = scale(20, 100);
    let first = Fixture::postgres().await;
    let mut nodes = three_nodes(&first).await;
    let everybody: Arc<[(Handle, Objects)]> = nodes.iter().map(Node::caller).collect();
    let answered = Arc::new(AtomicUsize::new(0));
    let again = Arc::new(AtomicUsize::new(0));
    let senders: Vec<_> = (0..60_u32)
        .map(|sender| {
            let (everybody, answered, again) = (everybody.clone(), answered.clone(), again.clone());
            first.tasks.spawn(async move {
                for number in 1..=each {
                    for node in (sender as usize + number as usize).. {
                        let (runtime, objects) = &everybody[node % everybody.len()];
                        let tally = objects.get::<Tally>("hot");
                        let sent = runtime.spawn(async move { tally.send(Message::Count { sender, number }).await });
                        if let Ok(Ok(_)) = sent.await {
                            break;
                        }
                        again.fetch_add(1, Ordering::Relaxed);
                    }
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    while answered.load(Ordering::Relaxed) < 20 * each as usize {
        tokio::task::yield_now().await;
    }
    nodes[1].kill();
    for sender in join_all(senders).await {
        sender.unwrap();
    }
    assert!(again.load(Ordering::Relaxed) > 0, "the dead node was not missed");
    let snapshot = nodes[0].objects.get::<Tally>("hot").snapshot().await.unwrap();
    assert_eq!(snapshot.state.total, 60 * u64::from(each));
    assert!(snapshot.version >= snapshot.state.total, "{}", snapshot.version);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hundreds_of_alarms_on_three_nodes_of_which_one_dies_ring_once_each() {
    let alarms: u64 = scale(120, 400);
    let first = Fixture::postgres().await;
    let mut nodes = three_nodes(&first).await;
    let names: Vec<String> = (0..alarms).map(|number| format!("{number}")).collect();
    let objects = objects(&first);
    join_all(names.iter().map(|name| {
        let tally = objects.get::<Tally>(name.as_str());
        async move { tally.send(Message::Alarm(Alarm::Set(NOW.plus(Duration::from_secs(1))))).await.unwrap() }
    }))
    .await;
    let ringing: Vec<_> = nodes
        .iter()
        .map(|node| {
            node.fixture.clock.advance(Duration::from_secs(2));
            let (runtime, objects) = node.caller();
            runtime.spawn(async move {
                let mut rung = 0;
                loop {
                    let some = objects.run_due().await.unwrap();
                    rung += some;
                    let waiting: u64 = objects.status().await.unwrap()[0].alarms;
                    if waiting == 0 {
                        return rung;
                    }
                }
            })
        })
        .collect();
    while objects.status().await.unwrap()[0].alarms > alarms * 3 / 4 {}
    nodes[2].kill();
    let mut rung = Vec::new();
    for node in ringing {
        rung.extend(node.await.ok());
    }
    assert_eq!(rung.len(), 2, "the third was killed: {rung:?}");
    for name in &names {
        assert_eq!(objects.get::<Tally>(name.as_str()).snapshot().await.unwrap().state.rung.len(), 1, "{name}");
    }
}
