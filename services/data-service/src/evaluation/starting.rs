//! What begins evaluations: the job of the scheduler, the regular schedule, and people.

use std::sync::Arc;

use data_ops::{
    clock::Clock,
    database::Databases,
    destinations::due_destinations,
    types::{DestinationId, WorkspaceId},
};
use durable::{
    jobs::{Job, JobContext, JobError, JobHandler},
    objects::{ObjectError, Objects, SendError},
    workflows::{StartError, Workflows},
};
use futures_util::{StreamExt as _, stream};
use serde::{Deserialize, Serialize};

use super::{
    Evaluation, EvaluationScheduler, EvaluationSettings, SchedulerError, SchedulerEvent, SchedulerMessage,
    SchedulerReply, StartEvaluation,
};

/// Schedulers told at once.
const AT_ONCE: usize = 8;

/// Starts the workflow of each evaluation a scheduler asks for; once, however often the job is done.
pub fn starting(workflows: Workflows) -> impl JobHandler<StartEvaluation> {
    move |job: StartEvaluation, _: JobContext| {
        let workflows = workflows.clone();
        async move {
            match workflows.start::<Evaluation>(&job.workflow_id(), &job).await {
                Ok(_) => Ok(()),
                Err(error @ StartError::Database(_)) => Err(JobError::retry(error)),
                Err(error) => Err(JobError::fail(error)),
            }
        }
    }
}

/// Has destinations looked at whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckDue;

impl Job for CheckDue {
    const QUEUE: &'static str = "check_due";
    const VERSION: u16 = 1;
}

/// What the regular schedule works with.
pub struct Regular {
    /// Where destinations and their clicks are.
    pub databases: Databases,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The schedulers.
    pub objects: Objects,
    /// What the operator decides.
    pub settings: EvaluationSettings,
    /// How many begin at a time at most.
    pub at_most: u64,
}

impl Regular {
    /// Does what the schedule asks for.
    pub fn checking(self: Arc<Self>) -> impl JobHandler<CheckDue> {
        move |_: CheckDue, _: JobContext| {
            let this = self.clone();
            async move { this.check_due().await }
        }
    }

    /// Has those begin whose turn it is, the most urgent first.
    ///
    /// # Errors
    /// The database failed, or a scheduler could not be told. Those told before begin.
    pub async fn check_due(&self) -> Result<(), JobError> {
        if !self.settings.enabled {
            return Ok(());
        }
        let now = self.clock.now();
        let due = due_destinations(&self.databases, now, self.settings.interval, self.at_most).await?;
        let told = stream::iter(due).map(|due| async move {
            let scheduler = self.objects.get::<EvaluationScheduler>(EvaluationScheduler::name(due.id));
            scheduler.send(SchedulerMessage { workspace: due.workspace_id, event: SchedulerEvent::Due }).await
        });
        let mut told = told.buffer_unordered(AT_ONCE);
        while let Some(told) = told.next().await {
            match told {
                // One that is set aside does not hold the others up.
                Ok(_) | Err(SendError::Object(ObjectError::Parked { .. } | ObjectError::UnreadableState { .. })) => {}
                Err(error) => return Err(JobError::retry(error)),
            }
        }
        Ok(())
    }
}

/// Has a destination looked at now, because somebody asks for it. Where a look goes on already, that is the answer.
///
/// # Errors
/// The scheduler could not be reached.
pub async fn check_now(
    objects: &Objects,
    workspace: WorkspaceId,
    destination: DestinationId,
) -> Result<SchedulerReply, SendError<SchedulerError>> {
    let scheduler = objects.get::<EvaluationScheduler>(EvaluationScheduler::name(destination));
    scheduler.send(SchedulerMessage { workspace, event: SchedulerEvent::CheckNow }).await
}
