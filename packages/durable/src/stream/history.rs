//! What the stream holds: how far it is applied, whether something is still in it, and making room.

use async_nats::{
    header::NATS_MESSAGE_ID,
    jetstream::{consumer, stream::LastRawMessageErrorKind},
};
use futures_util::TryStreamExt as _;

use super::{Stream, StreamError, refused};

/// A stream at a glance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamStatus {
    /// Messages in it, applied ones included.
    pub messages: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Messages no node has taken yet.
    pub waiting: u64,
    /// Messages in the hands of nodes.
    pub unacknowledged: u64,
}

impl Stream {
    /// What the stream holds now.
    ///
    /// # Errors
    /// NATS is away.
    pub async fn status(&self) -> Result<StreamStatus, StreamError> {
        let info = self.consumer_info().await?;
        let stream = self.prepare().await?.stream;
        let state = stream.get_info().await.map_err(refused("describe the stream", &self.options().name))?.state;
        #[expect(clippy::cast_precision_loss, reason = "gauges")]
        {
            self.metrics().bytes.set(state.bytes as f64);
            self.metrics().waiting.set(info.num_pending as f64);
        }
        Ok(StreamStatus {
            messages: state.messages,
            bytes: state.bytes,
            waiting: info.num_pending,
            unacknowledged: info.num_ack_pending as u64,
        })
    }

    /// Everything up to this number was acknowledged by the nodes' consumer.
    pub(super) async fn floor(&self) -> Result<u64, StreamError> {
        Ok(self.consumer_info().await?.ack_floor.stream_sequence)
    }

    async fn consumer_info(&self) -> Result<consumer::Info, StreamError> {
        let prepared = self.prepare().await?;
        match prepared.consumer.get_info().await {
            Ok(info) => Ok(info),
            Err(error) => {
                self.look_again().await;
                Err(refused("describe the consumer of", &self.options().name)(error))
            }
        }
    }

    /// Whether this message is in this place.
    pub(super) async fn holds(&self, sequence: u64, id: &str) -> Result<bool, StreamError> {
        let stream = self.prepare().await?.stream;
        match stream.get_raw_message(sequence).await {
            Ok(message) => Ok(message.headers.get(NATS_MESSAGE_ID).is_some_and(|found| found.as_str() == id)),
            Err(error) if matches!(error.kind(), LastRawMessageErrorKind::NoMessageFound) => Ok(false),
            Err(error) => {
                self.look_again().await;
                Err(refused("read a message of", &self.options().name)(error))
            }
        }
    }

    /// Lets go of the oldest messages once the stream has used half of its bytes, as far as every consumer is done with
    /// them. Answers how many. [`Stream::consume`] does so itself.
    ///
    /// # Errors
    /// NATS is away.
    pub async fn trim(&self) -> Result<u64, StreamError> {
        let name = &self.options().name;
        let stream = self.prepare().await?.stream;
        let state = stream.get_info().await.map_err(refused("describe the stream", name))?.state;
        let half = self.options().max_bytes / 2;
        if state.bytes <= half || state.messages == 0 {
            return Ok(0);
        }
        let consumers: Vec<consumer::Info> =
            stream.consumers().try_collect().await.map_err(refused("list the consumers of", name))?;
        let Some(floor) = consumers.iter().map(|consumer| consumer.ack_floor.stream_sequence).min() else {
            return Ok(0);
        };
        // They are all of about the same size.
        let surplus = (state.bytes - half).div_ceil((state.bytes / state.messages).max(1));
        let first_kept = (state.first_sequence + surplus).min(floor + 1);
        if first_kept <= state.first_sequence {
            return Ok(0);
        }
        let purged = stream.purge().sequence(first_kept).await.map_err(refused("make room in", name))?;
        Ok(purged.purged)
    }
}
