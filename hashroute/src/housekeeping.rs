//! What nobody asks for and somebody has to do: sessions that have ended are removed.

use std::{sync::Arc, time::Duration};

use data_ops::{accounts::delete_expired_sessions, clock::Clock, database::Databases};
use tokio_util::sync::CancellationToken;

const INTERVAL: Duration = Duration::from_secs(3_600);

/// Tidies up every hour until `stop`. A failure is tried again with the next round.
pub async fn run(databases: Databases, clock: Arc<dyn Clock>, stop: CancellationToken) {
    let mut rounds = tokio::time::interval(INTERVAL);
    while stop.run_until_cancelled(rounds.tick()).await.is_some() {
        match delete_expired_sessions(&databases.control, clock.now()).await {
            Ok(removed) => tracing::debug!(removed, "expired sessions removed"),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "expired sessions could not be removed")
            }
        }
    }
}
