//! The connection to NATS: one per node, used by whatever speaks with other nodes. That NATS is away is never an error: nothing
//! here is more than a hint, and the truth is in the database.

mod relay;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_nats::{Client, ConnectOptions, Event, ServerAddr};

pub use relay::NatsRelay;

/// Messages that may wait in the client for the connection to take them.
const WAITING: usize = 256;
/// Messages of other nodes that may wait to be read, for each subscription.
const UNREAD: usize = 4_096;
/// How often the server is asked whether it is still there; after two questions without an answer the connection is made anew.
const PING_INTERVAL: Duration = Duration::from_secs(10);

/// Whether there is a connection: 1 or 0.
const CONNECTED: &str = "hashroute_nats_connected";

/// Why NATS cannot be used. That it cannot be reached is no reason.
#[derive(Debug, thiserror::Error)]
pub enum NatsError {
    /// The address makes no sense.
    #[error("the address of NATS cannot be used; it is nats://host:4222 or nats://user:password@host:4222")]
    Address(#[source] std::io::Error),
    /// The client refused to start.
    #[error("the client of NATS could not be started")]
    Client(#[source] async_nats::Error),
}

/// A client that connects when it can, and again whenever the connection is lost. Its own tasks end when it is dropped.
///
/// # Errors
/// When `url` is not the address of a NATS server.
pub async fn connect(url: &str) -> Result<Client, NatsError> {
    let address: ServerAddr = url.parse().map_err(NatsError::Address)?;
    metrics::gauge!(CONNECTED).set(0.0);
    let reported_away = Arc::new(AtomicBool::new(false));
    ConnectOptions::new()
        .name("hashroute")
        .retry_on_initial_connect()
        .ping_interval(PING_INTERVAL)
        .client_capacity(WAITING)
        .subscription_capacity(UNREAD)
        .event_callback(move |event| {
            report(&event, &reported_away);
            std::future::ready(())
        })
        .connect(address)
        .await
        .map_err(|error| NatsError::Client(error.into()))
}

/// Says once that NATS is away, however often it is tried, and once that it is back.
fn report(event: &Event, reported_away: &AtomicBool) {
    match event {
        Event::Connected => {
            metrics::gauge!(CONNECTED).set(1.0);
            reported_away.store(false, Ordering::Relaxed);
            tracing::info!("connected to NATS: edits and live views reach other nodes at once");
        }
        Event::Disconnected | Event::ClientError(_) => {
            metrics::gauge!(CONNECTED).set(0.0);
            if !reported_away.swap(true, Ordering::Relaxed) {
                tracing::warn!(
                    reason = %event,
                    "no connection to NATS: edits and live views reach other nodes by the database, within about a second; trying again"
                );
            }
        }
        Event::ServerError(_) | Event::SlowConsumer(_) => {
            tracing::warn!(reason = %event, "NATS does not pass on everything; the database does, within about a second");
        }
        Event::LameDuckMode | Event::Draining | Event::Closed => {}
    }
}
