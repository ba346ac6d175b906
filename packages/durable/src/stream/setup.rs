//! The stream, its consumer and the stream of dead letters: made where they are missing, and looked after.

use std::time::Duration;

use async_nats::jetstream::{
    self,
    consumer::{AckPolicy, Consumer, DeliverPolicy, pull},
    stream::{Config, DiscardPolicy, Info, RetentionPolicy, StorageType},
};

use super::{Stream, StreamError, connection::ConnectionId, refused};

/// How long the server knows the ids of envelopes. Only an optimisation.
const KNOWN_FOR: Duration = Duration::from_secs(120);
/// Messages in the hands of all nodes together.
const MAX_UNACKNOWLEDGED: i64 = 10_000;
/// What dead letters may use.
const DEAD_BYTES: i64 = 64 * 1024 * 1024;

/// What is known to be there on this connection.
#[derive(Debug, Clone)]
pub(super) struct Prepared {
    connection: ConnectionId,
    pub stream: jetstream::stream::Stream,
    pub consumer: Consumer<pull::Config>,
}

impl Stream {
    /// Makes what is missing. On each connection once, unless something went wrong since ([`Stream::look_again`]).
    pub(super) async fn prepare(&self) -> Result<Prepared, StreamError> {
        let connection = self.0.connection.id()?;
        let mut known = self.0.prepared.lock().await;
        if let Some(prepared) = known.as_ref().filter(|prepared| prepared.connection == connection) {
            return Ok(prepared.clone());
        }
        *known = None;
        let name = &self.options().name;
        let mut stream = self.ensure_stream(self.config()).await?;
        self.ensure_stream(self.dead_config()).await?;
        let mut consumer = self.ensure_consumer(&stream).await?;
        // Asked for after the consumer, which can then not be ahead of it by anything published in between.
        let last = stream.info().await.map_err(refused("describe the stream", name))?.state.last_sequence;
        if consumer.cached_info().delivered.stream_sequence > last {
            tracing::error!(
                stream = name,
                delivered = consumer.cached_info().delivered.stream_sequence,
                last,
                "the stream has lost messages at its end (was its server put back to an older state, or does it lack \
                 `sync_interval: always`?): everything in it is read again, and what is missing is published again"
            );
            stream.delete_consumer(&self.options().consumer).await.map_err(refused("renew the consumer of", name))?;
            consumer = self.ensure_consumer(&stream).await?;
        }
        let prepared = Prepared { connection, stream, consumer };
        *known = Some(prepared.clone());
        Ok(prepared)
    }

    /// Has the next [`Stream::prepare`] look again: something may have been deleted.
    pub(super) async fn look_again(&self) {
        *self.0.prepared.lock().await = None;
    }

    async fn ensure_stream(&self, config: Config) -> Result<jetstream::stream::Stream, StreamError> {
        let name = config.name.clone();
        let stream =
            self.0.context.get_or_create_stream(config.clone()).await.map_err(refused("make the stream", &name))?;
        let info = stream.cached_info();
        if is_other(info, &config) {
            let changed = Config {
                max_bytes: config.max_bytes,
                num_replicas: config.num_replicas,
                subjects: config.subjects,
                discard: config.discard,
                ..info.config.clone()
            };
            match self.0.context.update_stream(changed).await {
                Ok(_) => tracing::info!(stream = name, "the stream has the limits of the configuration now"),
                // It works as it is.
                Err(error) => tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    stream = name,
                    "the stream cannot be given the limits of the configuration"
                ),
            }
        }
        Ok(stream)
    }

    async fn ensure_consumer(&self, stream: &jetstream::stream::Stream) -> Result<Consumer<pull::Config>, StreamError> {
        let options = self.options();
        let config =
            pull::Config { durable_name: Some(options.consumer.clone()), ..self.consumer_config(DeliverPolicy::All) };
        let consumer = stream.get_or_create_consumer(&options.consumer, config).await;
        consumer.map_err(refused("make the consumer of", &options.name))
    }

    pub(super) fn consumer_config(&self, deliver_policy: DeliverPolicy) -> pull::Config {
        pull::Config {
            deliver_policy,
            ack_policy: AckPolicy::Explicit,
            ack_wait: self.options().ack_wait,
            // For ever: what a server gives up on is lost without a word.
            max_deliver: -1,
            max_ack_pending: MAX_UNACKNOWLEDGED,
            ..pull::Config::default()
        }
    }

    fn config(&self) -> Config {
        let options = self.options();
        Config {
            name: options.name.clone(),
            description: Some("Clicks on their way from the nodes to the database".to_owned()),
            subjects: vec![options.subject.clone()],
            retention: RetentionPolicy::Limits,
            // What there is no room for stays with the node; nothing here gives way before it was applied.
            discard: DiscardPolicy::New,
            max_bytes: i64::try_from(options.max_bytes).unwrap_or(i64::MAX),
            storage: StorageType::File,
            num_replicas: options.replicas,
            duplicate_window: KNOWN_FOR,
            max_messages: -1,
            max_messages_per_subject: -1,
            ..Config::default()
        }
    }

    fn dead_config(&self) -> Config {
        let options = self.options();
        Config {
            name: options.dead_name(),
            description: Some("Clicks that could not be applied; a copy of the database's dead letters".to_owned()),
            subjects: vec![options.dead_subject()],
            discard: DiscardPolicy::Old,
            max_bytes: DEAD_BYTES.min(i64::try_from(options.max_bytes).unwrap_or(i64::MAX)),
            ..self.config()
        }
    }
}

fn is_other(info: &Info, config: &Config) -> bool {
    let there = &info.config;
    there.max_bytes != config.max_bytes
        || there.num_replicas != config.num_replicas
        || there.subjects != config.subjects
        || there.discard != config.discard
}
