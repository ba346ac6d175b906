//! Giving up what is old.

use std::{sync::Arc, time::Duration};

use data_ops::{
    clock::Clock,
    database::DatabaseError,
    evaluations::{
        clear_artifacts, delete_ai_judgements, delete_budgets, delete_evaluations, evaluations_with_artifacts,
    },
};
use durable::{
    jobs::{Job, JobContext, JobError, JobHandler},
    store::Store,
};
use serde::{Deserialize, Serialize};

use super::{ArtifactError, Artifacts};

/// Evaluations whose artefacts are removed between two looks for more.
const PAGE: u64 = 100;
/// Rows of evaluations, answers and budgets are kept so many times as long as artefacts.
const ROWS: u32 = 12;

/// Gives up what is old.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PruneEvaluations;

impl Job for PruneEvaluations {
    const QUEUE: &'static str = "prune_evaluations";
    const VERSION: u16 = 1;
}

/// Why not everything old was given up; what was is gone.
#[derive(Debug, thiserror::Error)]
pub enum RetentionError {
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// An artefact could not be removed.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
}

/// What giving up works with.
pub struct Retention {
    /// Where rows are.
    pub store: Store,
    /// Where artefacts are.
    pub artifacts: Artifacts,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// How long artefacts are kept.
    pub keep: Duration,
}

impl Retention {
    /// Does what the schedule asks for.
    pub fn pruning(self: Arc<Self>) -> impl JobHandler<PruneEvaluations> {
        move |_: PruneEvaluations, _: JobContext| {
            let this = self.clone();
            async move { this.prune().await.map(|_| ()).map_err(JobError::retry) }
        }
    }

    /// Removes artefacts that are old, but for those of each destination's last evaluation and of the last that found it well; and much
    /// later the rows. Answers how many evaluations lost their artefacts.
    ///
    /// # Errors
    /// See [`RetentionError`].
    pub async fn prune(&self) -> Result<u64, RetentionError> {
        let now = self.clock.now();
        let (before, long_before) = (now.minus(self.keep), now.minus(self.keep.saturating_mul(ROWS)));
        let mut cleared = 0;
        loop {
            let old = evaluations_with_artifacts(self.store.database(), before, PAGE).await?;
            let found = old.len() as u64;
            for stored in old {
                for artifact in &stored.artifacts {
                    self.artifacts.delete(&artifact.key).await?;
                }
                let id = stored.evaluation_id;
                self.store
                    .write(move |transaction| Box::pin(async move { clear_artifacts(transaction, id).await }))
                    .await?;
                cleared += 1;
            }
            if found < PAGE {
                break;
            }
        }
        self.store
            .write(move |transaction| {
                Box::pin(async move {
                    delete_evaluations(transaction, long_before, PAGE * 10).await?;
                    delete_ai_judgements(transaction, before).await?;
                    delete_budgets(transaction, before).await?;
                    Ok::<_, DatabaseError>(())
                })
            })
            .await?;
        Ok(cleared)
    }
}
