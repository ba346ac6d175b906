//! What nobody asks for and somebody has to do.

use std::sync::Arc;

use data_ops::{accounts::delete_expired_sessions, clock::Clock, database::Databases};
use durable::jobs::{Job, JobContext, JobError, JobHandler};
use serde::{Deserialize, Serialize};

/// Tidying up. Doing it twice does no harm.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "snake_case")]
pub enum Housekeeping {
    /// Removes sessions that have ended.
    DeleteExpiredSessions,
}

impl Job for Housekeeping {
    const QUEUE: &'static str = "housekeeping";
    const VERSION: u16 = 1;
}

impl Housekeeping {
    /// Tidies up these databases.
    pub fn handler(databases: Databases, clock: Arc<dyn Clock>) -> impl JobHandler<Self> {
        move |job: Self, _context: JobContext| job.run(databases.clone(), clock.clone())
    }

    async fn run(self, databases: Databases, clock: Arc<dyn Clock>) -> Result<(), JobError> {
        match self {
            Self::DeleteExpiredSessions => {
                let removed = delete_expired_sessions(&databases.control, clock.now()).await?;
                tracing::debug!(removed, "expired sessions removed");
            }
        }
        Ok(())
    }
}
