//! What operators see of clicks on their way into the database, and do about those that were set aside.

use data_ops::{
    clicks::{ClickQueue, ClickQueueStatus, DeadLetterKey, ReplayLetterError, ReplayedLetters},
    database::DatabaseError,
    routing::{DecidedBy, DownReason},
};
use durable::log::{Backlog, Log};
use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::{CapturedClick, ClickSink, ReplayError};

/// The clicks of this node, for operators.
pub struct ClickOperations {
    sink: ClickSink,
    log: Option<(Log, &'static str)>,
}

impl ClickOperations {
    /// Replays through this sink, and says how far the consumer is that empties this node's log. A process beside the service has
    /// no log.
    #[must_use]
    pub fn new(sink: ClickSink, log: Option<(Log, &'static str)>) -> Self {
        Self { sink, log }
    }

    async fn backlog(&self) -> Option<Backlog> {
        let (log, consumer) = self.log.clone()?;
        let read = tokio::task::spawn_blocking(move || log.backlog(consumer)).await;
        match read.unwrap_or_else(|error| Err(std::io::Error::other(error))) {
            Ok(backlog) => backlog,
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "how many clicks wait cannot be told: the log cannot be read");
                None
            }
        }
    }
}

impl ClickQueue for ClickOperations {
    fn status(&self) -> BoxFuture<'_, Option<ClickQueueStatus>> {
        Box::pin(async move {
            let Backlog { bytes, oldest, applied_per_minute } = self.backlog().await?;
            let oldest = oldest.and_then(|record| CapturedClick::decode(&record.payload).ok().map(|click| click.at));
            Some(ClickQueueStatus { waiting_bytes: bytes, oldest_at: oldest, taken_in_per_minute: applied_per_minute })
        })
    }

    fn describe(&self, payload: &[u8]) -> Option<Value> {
        let click = CapturedClick::decode(payload).ok()?;
        let decided_by = match click.decided_by {
            DecidedBy::Default => json!("default"),
            DecidedBy::Geo => json!("geo"),
            DecidedBy::Rule(index) => json!({ "rule": index }),
        };
        Some(json!({
            "id": click.id,
            "linkId": click.link,
            "workspaceId": click.workspace,
            "at": click.at,
            "country": click.country,
            "prefetch": click.prefetch,
            "decidedBy": decided_by,
            "servedBackup": click.served_backup,
            "servedReason": click.served_reason.map(DownReason::as_str),
            "destination": click.destination,
            "userAgent": click.user_agent,
            "referrer": click.referrer,
        }))
    }

    fn replay<'a>(&'a self, key: &'a DeadLetterKey) -> BoxFuture<'a, Result<(), ReplayLetterError>> {
        Box::pin(async move {
            match self.sink.replay(key).await {
                Ok(_) => Ok(()),
                Err(ReplayError::Gone) => Err(ReplayLetterError::Gone),
                Err(ReplayError::Unavailable(error)) => Err(ReplayLetterError::Unavailable(error)),
                Err(error @ (ReplayError::Unreadable(_) | ReplayError::Refused(_))) => {
                    Err(ReplayLetterError::Refused(with_causes(&error)))
                }
            }
        })
    }

    fn replay_all(&self) -> BoxFuture<'_, Result<ReplayedLetters, DatabaseError>> {
        Box::pin(async move {
            let done = self.sink.replay_all().await?;
            Ok(ReplayedLetters { replayed: done.replayed, refused: done.refused })
        })
    }
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
