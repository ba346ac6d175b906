//! What somebody who watches a workspace is shown.

use std::{sync::Arc, time::Duration};

use data_ops::{clock::Clock, types::WorkspaceId};
use durable::objects::{ObjectError, Objects, Update};
use futures_util::{
    StreamExt as _,
    stream::{self, BoxStream},
};
use serde_json::Value;
use tokio::time::sleep;

use super::LinkClickTracker;

/// How long to wait when the tracker cannot be read.
const PAUSE: Duration = Duration::from_secs(1);

/// The frames of a workspace from now on, until the stream is dropped: a snapshot of the last minute, then what is clicked.
/// Whoever is too slow for the frames, or missed some, is given a snapshot again, which takes the place of what came before.
///
/// # Errors
/// Nobody has told this node about trackers.
pub fn watch(
    objects: &Objects,
    clock: Arc<dyn Clock>,
    workspace: WorkspaceId,
) -> Result<BoxStream<'static, Value>, ObjectError> {
    let tracker = objects.get::<LinkClickTracker>(LinkClickTracker::name(workspace));
    let frames = stream::unfold((tracker.subscribe()?, clock), |(mut watching, clock)| async move {
        loop {
            let frames = match watching.next().await {
                Ok(Update::Snapshot(snapshot)) => vec![snapshot.state.snapshot(clock.now())],
                Ok(Update::Deltas { deltas, .. }) => deltas.to_vec(),
                Err(ObjectError::Stopped) => return None,
                Err(error) => {
                    tracing::debug!(
                        error = &error as &dyn std::error::Error,
                        "live clicks cannot be read now; trying again"
                    );
                    sleep(PAUSE).await;
                    continue;
                }
            };
            return Some((stream::iter(frames), (watching, clock)));
        }
    });
    Ok(frames.flatten().boxed())
}
