//! How clicks get from this node's log into the database: by its own hand, or through a stream that all nodes share.
//!
//! Redirects write to the node's own log either way and know of nothing else.
//!
//! * **Directly**, without NATS: one consumer of the log writes to the database, and stores its position in the transaction.
//! * **Through NATS**, with `database.url` and `nats.url`: the log is forwarded into a stream of JetStream, and every node takes
//!   from the stream what it can. A node that goes away for good has then left its clicks with the others. See
//!   [`durable::stream`] for what holds when NATS is away, killed or put back, and ADR 0005 for why.
//!
//! The stream is named after the installation's own domain in the database: of two installations on one NATS, neither may take
//! the other's clicks.
//!
//! # From one way to the other
//! The setting may change between two starts, on one node and not yet on another. A click is told by its id whichever way it
//! comes, so nothing is counted twice; nothing is lost, because a node's log keeps every click until the database has it:
//!
//! * *NATS added.* What the log still holds is forwarded from its oldest segment on, what was taken in before included.
//! * *NATS removed.* The log still holds what was not confirmed to be in the database, whether or not the stream has it, and is
//!   consumed from there. The same clicks stay in the stream and are known when somebody takes them from it later.
//! * *Node gone, and then NATS removed everywhere.* Clicks that are in the stream only stay there until NATS is back in the
//!   settings.
//!
//! # The end
//! No request is in progress any more. What the log holds is forwarded, or stays in it if NATS is away; then the batch in hand is
//! finished; then what was taken in is shown. What is left in the stream is for other nodes, or for the next start.

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use anyhow::Context as _;
use data_ops::types::DomainId;
use data_service::{
    clicks::{CLICK_CONSUMER, ClickSink},
    live::LiveFeed,
};
use durable::{
    log::{ConsumerOptions, Log, LogOptions, Start, run_consumer},
    stream::{CONFIRMED, ConsumeOptions, FORWARDER, Stream, StreamOptions, forward, leave},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{configuration::Configuration, data_directory::DataDirectory};

/// How long clicks are collected before they are written to the database together.
const INTERVAL: Duration = Duration::from_millis(500);
/// Clicks written together at most, which happens only after a burst: the more are added up in memory, the fewer rows are written.
const BATCH: usize = 100_000;
/// Captured bytes read for one batch, about.
const BATCH_BYTES: usize = 64 * 1024 * 1024;
/// How long a node may hold clicks of the stream without a sign of life before another is given them.
const ACKNOWLEDGE_WITHIN: Duration = Duration::from_secs(10);

/// The way clicks go.
pub enum Ingestion {
    /// From the log into the database.
    Direct,
    /// From the log into the stream, and from the stream into the database.
    ThroughNats(Stream),
}

impl Ingestion {
    /// The way the configuration asks for. Returns at once: NATS may come later.
    pub async fn choose(configuration: &Configuration, installation: DomainId) -> anyhow::Result<Self> {
        let Some(url) = &configuration.nats_url else { return Ok(Self::Direct) };
        let options = StreamOptions {
            max_bytes: configuration.nats_stream_max_bytes,
            replicas: configuration.nats_replicas,
            ack_wait: ACKNOWLEDGE_WITHIN,
            ..StreamOptions::new(
                &format!("HASHROUTE_CLICKS_{installation}"),
                &format!("hashroute.clicks.{installation}"),
                CLICK_CONSUMER,
            )
        };
        Ok(Self::ThroughNats(Stream::connect(url.expose(), options).await?))
    }

    /// The stream, if there is one.
    pub fn stream(&self) -> Option<&Stream> {
        match self {
            Self::Direct => None,
            Self::ThroughNats(stream) => Some(stream),
        }
    }

    /// Who empties the node's own log.
    pub fn consumer(&self) -> &'static str {
        match self {
            Self::Direct => CLICK_CONSUMER,
            Self::ThroughNats(_) => FORWARDER,
        }
    }

    /// The node's own log, kept for whoever reads it on this way.
    pub fn open_log(&self, configuration: &Configuration, directory: &DataDirectory) -> anyhow::Result<Log> {
        let consumers: &[&str] = match self {
            Self::Direct => &[CLICK_CONSUMER],
            Self::ThroughNats(_) => &[FORWARDER, CONFIRMED],
        };
        let options = LogOptions {
            consumers: consumers.iter().map(ToString::to_string).collect(),
            ..LogOptions::new(directory.clicks_log(), configuration.durability)
        };
        Ok(Log::open(options)?)
    }

    /// Begins to take clicks in, and to show them, on `tasks` and until `stop`; then ends as described above.
    pub fn start(
        self,
        log: &Log,
        sink: ClickSink,
        feed: Arc<LiveFeed>,
        tasks: &TaskTracker,
        stop: &CancellationToken,
    ) -> anyhow::Result<()> {
        let stop_feed = CancellationToken::new();
        tasks.spawn(feed.run(stop_feed.clone()));
        // What is taken in last is shown, too.
        let shown = stop_feed.drop_guard();
        match self {
            Self::Direct => {
                let start = match leave(log).context("where the log was confirmed up to cannot be read")? {
                    Some(confirmed) => Start::At(confirmed),
                    None => Start::Stored,
                };
                let (log, stop) = (log.clone(), stop.clone());
                tasks.spawn(async move {
                    consume_log(&log, &sink, start, stop).await;
                    drop(shown);
                });
            }
            Self::ThroughNats(stream) => {
                let stop_consumer = CancellationToken::new();
                let forwarded = stop_consumer.clone().drop_guard();
                let (log, stop, source) = (log.clone(), stop.clone(), stream.clone());
                tasks.spawn(async move {
                    if !forward(&log, &source, stop).await.drained {
                        tracing::warn!(
                            "some captured clicks did not get to NATS; they are forwarded at the next start"
                        );
                    }
                    drop(forwarded);
                });
                tasks.spawn(async move {
                    stream.consume(&sink, ConsumeOptions::default(), stop_consumer).await;
                    drop(shown);
                });
            }
        }
        Ok(())
    }
}

async fn consume_log(log: &Log, sink: &ClickSink, start: Start, stop: CancellationToken) {
    let options = ConsumerOptions {
        max_records: NonZeroUsize::new(BATCH).unwrap_or(NonZeroUsize::MIN),
        max_wait: INTERVAL,
        max_bytes: BATCH_BYTES,
        start,
        ..ConsumerOptions::default()
    };
    if !run_consumer(log, CLICK_CONSUMER, sink, options, stop).await.drained {
        tracing::warn!("some captured clicks are not counted yet; they are at the next start");
    }
}
