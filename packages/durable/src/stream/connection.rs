//! The connection to NATS: its own, so that clicks and fan-out do not wait for each other.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_nats::{Client, ConnectOptions, Event, ServerAddr, connection::State, jetstream};
use metrics::Gauge;

use super::{ConnectError, StreamError};

/// How often the server is asked whether it is still there; after two questions without an answer the connection is made
/// anew.
const PING_INTERVAL: Duration = Duration::from_secs(10);
/// How long one request may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);
/// What a message has beside its payload: the subject and the headers.
const OVERHEAD: usize = 4 * 1024;

/// Tells one connection from another, to the same server or to the one that took its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ConnectionId {
    server: String,
    client: u64,
}

#[derive(Debug)]
pub(super) struct Connection {
    client: Client,
}

impl Connection {
    /// Connects when it can, and again whenever the connection is lost. Its own tasks end when it is dropped.
    pub async fn open(url: &str, connected: Gauge) -> Result<Self, ConnectError> {
        let address: ServerAddr = url.parse().map_err(ConnectError::Address)?;
        connected.set(0.0);
        let reported_away = Arc::new(AtomicBool::new(false));
        let client = ConnectOptions::new()
            .name("hashroute clicks")
            .retry_on_initial_connect()
            .ping_interval(PING_INTERVAL)
            .event_callback(move |event| {
                report(&event, &connected, &reported_away);
                std::future::ready(())
            })
            .connect(address)
            .await
            .map_err(|error| ConnectError::Client(error.into()))?;
        Ok(Self { client })
    }

    pub fn jetstream(&self) -> jetstream::Context {
        let mut context = jetstream::new(self.client.clone());
        context.set_timeout(REQUEST_TIMEOUT);
        context
    }

    /// The connection there is. Without one the client would keep what it is given, and send it when nobody waits for it
    /// any more.
    pub fn id(&self) -> Result<ConnectionId, StreamError> {
        if self.client.connection_state() != State::Connected {
            return Err(StreamError::Disconnected);
        }
        let server = self.client.server_info();
        Ok(ConnectionId { server: server.server_id, client: server.client_id })
    }

    /// Bytes a message may carry.
    pub fn max_payload(&self) -> usize {
        self.client.server_info().max_payload.saturating_sub(OVERHEAD)
    }

    /// Waits until everything said so far is with the server.
    pub async fn flush(&self) {
        drop(tokio::time::timeout(REQUEST_TIMEOUT, self.client.flush()).await);
    }
}

/// Says once that NATS is away, however often it is tried, and once that it is back.
fn report(event: &Event, connected: &Gauge, reported_away: &AtomicBool) {
    match event {
        Event::Connected => {
            connected.set(1.0);
            reported_away.store(false, Ordering::Relaxed);
            tracing::info!("connected to NATS: records go through its stream");
        }
        Event::Disconnected | Event::ClientError(_) => {
            connected.set(0.0);
            if !reported_away.swap(true, Ordering::Relaxed) {
                tracing::warn!(
                    reason = %event,
                    "no connection to NATS: records wait in the log of this node; trying again"
                );
            }
        }
        Event::ServerError(_) | Event::SlowConsumer(_) => {
            tracing::warn!(reason = %event, "NATS did not take or deliver something of the stream; it is tried again");
        }
        Event::LameDuckMode | Event::Draining | Event::Closed => {}
    }
}
