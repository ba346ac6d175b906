//! Carries what durable objects publish between nodes, by core NATS.
//!
//! Publishing puts a frame into a bounded queue and never waits. Where that is full, or NATS is away, the frame is dropped and
//! counted; whoever follows the object on another node finds the gap, or is told by the database ([`durable::objects::Relay`]).

use std::sync::Arc;

use async_nats::{Client, connection::State};
use bytes::Bytes;
use durable::objects::Relay;
use futures_util::{
    StreamExt as _,
    stream::{self, BoxStream},
};
use tokio::sync::mpsc;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Frames that may wait for NATS to take them. One is some kilobytes, and at most half a megabyte.
const WAITING: usize = 256;

/// Frames not sent, because NATS was away or slow.
const DROPPED: &str = "hashroute_objects_relay_dropped_total";

/// See the module.
pub struct NatsRelay {
    client: Client,
    queue: mpsc::Sender<(String, Bytes)>,
}

impl NatsRelay {
    /// Begins to send, on `tasks` and until `stop`.
    #[must_use]
    pub fn start(client: Client, tasks: &TaskTracker, stop: &CancellationToken) -> Arc<Self> {
        let (queue, waiting) = mpsc::channel(WAITING);
        let (sending, stop) = (send(client.clone(), waiting), stop.clone());
        tasks.spawn(async move { stop.run_until_cancelled(sending).await });
        Arc::new(Self { client, queue })
    }
}

impl Relay for NatsRelay {
    fn publish(&self, subject: String, frame: Bytes) {
        if self.queue.try_send((subject, frame)).is_err() {
            metrics::counter!(DROPPED).increment(1);
        }
    }

    fn subscribe(&self, subject: String) -> BoxStream<'static, Bytes> {
        let client = self.client.clone();
        // The client keeps subscriptions, and tells them to the server whenever there is a connection.
        let subscribed = stream::once(async move { client.subscribe(subject).await });
        subscribed.filter_map(|subscriber| async { subscriber.ok() }).flatten().map(|message| message.payload).boxed()
    }
}

async fn send(client: Client, mut waiting: mpsc::Receiver<(String, Bytes)>) {
    while let Some((subject, frame)) = waiting.recv().await {
        // Without a connection the client would keep it for later, when nobody wants it any more.
        let sent = client.connection_state() == State::Connected && client.publish(subject, frame).await.is_ok();
        if !sent {
            metrics::counter!(DROPPED).increment(1);
        }
    }
}
