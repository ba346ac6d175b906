//! What the application is given so that people can watch clicks as they happen.

use std::{sync::Arc, time::Duration};

use data_ops::types::WorkspaceId;
use futures_util::stream::BoxStream;
use serde_json::Value;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Where clicks can be watched.
pub trait LiveClicks: Send + Sync {
    /// What is to be sent to somebody who watches the workspace: first a snapshot, then what happens, and a snapshot again where
    /// something was missed. Dropped when nobody watches any more; ends only with the service. `None`: not on this node.
    fn watch(&self, workspace: WorkspaceId) -> Option<BoxStream<'static, Value>>;
}

/// Live views, and what bounds them.
#[derive(Clone)]
pub struct Live {
    /// Where clicks can be watched.
    pub clicks: Arc<dyn LiveClicks>,
    /// Waited for at the end.
    pub tasks: TaskTracker,
    /// Closes every socket.
    pub stop: CancellationToken,
    /// Limits.
    pub limits: LiveLimits,
}

/// What bounds live views on one node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveLimits {
    /// Sockets of one workspace.
    pub per_workspace: usize,
    /// Sockets of one person or API key.
    pub per_caller: usize,
    /// How often a socket is asked whether it is still there. One that says nothing between two questions and the next is closed.
    pub ping: Duration,
    /// How often it is looked whether the caller still may watch.
    pub recheck: Duration,
    /// How long the client may take to make room for a frame.
    pub write: Duration,
}

impl Default for LiveLimits {
    /// 50 for a workspace and 10 for a caller; a ping every 20 s, a look at the permission every 10 s, 10 s for a frame.
    fn default() -> Self {
        Self {
            per_workspace: 50,
            per_caller: 10,
            ping: Duration::from_secs(20),
            recheck: Duration::from_secs(10),
            write: Duration::from_secs(10),
        }
    }
}
