//! The durable object of a destination's health.

use std::collections::VecDeque;

use data_ops::types::{DestinationId, EvaluationId, Pin, UserId, WorkspaceId};
use durable::{
    jobs::{Enqueue, EnqueueError, Job, JobRequest, Priority},
    objects::{Effects, Object, ObjectContext},
};
use serde::{Deserialize, Serialize};

use super::{Event, Finding, Health, Thresholds, apply};

/// Evaluations whose findings are known to be counted.
const REMEMBERED: usize = 8;

/// One for each destination, by its id.
pub struct DestinationHealth;

impl DestinationHealth {
    /// The name of a destination's.
    #[must_use]
    pub fn name(destination: DestinationId) -> String {
        destination.to_string()
    }
}

/// What it is told, about a destination of this workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthMessage {
    /// Whose the destination is.
    pub workspace: WorkspaceId,
    /// What is said.
    pub said: Said,
}

/// What is said about a destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// An evaluation has come to an end.
    Found {
        /// Which; told a second time it changes nothing.
        evaluation: EvaluationId,
        /// What it found.
        finding: Finding,
        /// How sure to be.
        thresholds: Thresholds,
    },
    /// What was found is wrong.
    MarkWrong {
        /// The evaluation in question.
        evaluation: EvaluationId,
        /// Whether visitors find here what they should.
        is_good: bool,
        /// Who says so.
        by: UserId,
    },
    /// The destination is well again.
    Restore {
        /// Who says so.
        by: UserId,
    },
    /// Where visitors go is decided by a person, or no longer is.
    Pin {
        /// The decision; `None` takes it back.
        pin: Option<Pin>,
        /// Whose it is.
        by: UserId,
    },
}

/// What it remembers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeptHealth {
    /// How the destination is.
    #[serde(flatten)]
    pub health: Health,
    /// The evaluations counted last, oldest first.
    counted: VecDeque<EvaluationId>,
}

/// How the destination is, after the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthReply {
    /// As it is now.
    pub health: Health,
    /// Whether the message changed its state or pin.
    pub changed: bool,
}

/// The job that brings a destination, and the links that lead there, to what the object says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApplyHealth {
    /// Whose.
    pub workspace: WorkspaceId,
    /// Which.
    pub destination: DestinationId,
    /// The evaluation that brought it about.
    pub evaluation: Option<EvaluationId>,
    /// The person who did.
    pub by: Option<UserId>,
}

impl Job for ApplyHealth {
    const QUEUE: &'static str = "health_changes";
    const VERSION: u16 = 1;
}

/// Why a message is refused.
#[derive(Debug, thiserror::Error)]
pub enum HealthError {
    /// The object's name is no destination.
    #[error("\"{0}\" is no destination's id")]
    Name(String),
    /// The change could not be put down.
    #[error(transparent)]
    Enqueue(#[from] EnqueueError),
}

impl Object for DestinationHealth {
    const CLASS: &'static str = "destination_health";
    const VERSION: u16 = 1;
    type State = KeptHealth;
    type Message = HealthMessage;
    type Reply = HealthReply;
    type Error = HealthError;

    fn handle(
        state: KeptHealth,
        HealthMessage { workspace, said }: HealthMessage,
        context: &ObjectContext<'_>,
    ) -> Result<(KeptHealth, Effects, HealthReply), HealthError> {
        let destination = DestinationId::parse(context.name).map_err(|_| HealthError::Name(context.name.to_owned()))?;
        let KeptHealth { health, mut counted } = state;
        let (event, thresholds, evaluation, by) = match said {
            Said::Found { evaluation, .. } if counted.contains(&evaluation) => {
                let reply = HealthReply { health: health.clone(), changed: false };
                return Ok((KeptHealth { health, counted }, Effects::default(), reply));
            }
            Said::Found { evaluation, finding, thresholds } => {
                counted.push_back(evaluation);
                let too_many = counted.len().saturating_sub(REMEMBERED);
                counted.drain(..too_many);
                (Event::Found(finding), thresholds, Some(evaluation), None)
            }
            Said::MarkWrong { evaluation, is_good, by } => {
                let marked = if is_good { Event::MarkedWrong } else { Event::MarkedBroken };
                (marked(context.now), Thresholds::default(), Some(evaluation), Some(by))
            }
            Said::Restore { by } => (Event::Restored(context.now), Thresholds::default(), None, Some(by)),
            Said::Pin { pin, by } => (Event::Pinned(pin), Thresholds::default(), None, Some(by)),
        };
        let (health, change) = apply(health, event, thresholds);
        let mut effects = Effects::default();
        if change.is_some() {
            let job = ApplyHealth { workspace, destination, evaluation, by };
            let options = Enqueue { priority: Priority::High, ..Enqueue::default() };
            effects.jobs.push(JobRequest::new(&job, options)?);
        }
        let reply = HealthReply { health: health.clone(), changed: change.is_some() };
        Ok((KeptHealth { health, counted }, effects, reply))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use data_ops::types::{HealthState, Timestamp};
    use uuid::Uuid;

    use super::*;
    use crate::health::Sign;

    const START: Timestamp = Timestamp::from_millis(1_790_000_000_000);

    fn send(state: KeptHealth, said: Said) -> (KeptHealth, Vec<JobRequest>, HealthReply) {
        let name = DestinationHealth::name(destination());
        let context = ObjectContext { name: &name, now: START, version: 1, alarm: None };
        let (state, effects, reply) =
            DestinationHealth::handle(state, HealthMessage { workspace: workspace(), said }, &context).unwrap();
        (state, effects.jobs, reply)
    }

    fn workspace() -> WorkspaceId {
        WorkspaceId::from_uuid(Uuid::from_u128(9))
    }

    fn destination() -> DestinationId {
        DestinationId::from_uuid(Uuid::from_u128(7))
    }

    fn found(number: u128, after: u64) -> Said {
        Said::Found {
            evaluation: EvaluationId::from_uuid(Uuid::from_u128(number)),
            finding: Finding {
                sign: Sign::Hard,
                reason: "gone".to_owned(),
                at: START.plus(Duration::from_secs(after)),
            },
            thresholds: Thresholds::default(),
        }
    }

    #[test]
    fn a_finding_told_twice_counts_once() {
        let (state, jobs, reply) = send(KeptHealth::default(), found(1, 0));
        assert!(reply.changed && jobs.len() == 1);
        let (again, jobs, reply) = send(state.clone(), found(1, 600));
        assert_eq!((again, jobs.len(), reply.changed), (state.clone(), 0, false));
        let (_, jobs, reply) = send(state, found(2, 600));
        assert_eq!((jobs.len(), reply.health.state), (1, HealthState::Broken));
    }

    #[test]
    fn only_what_others_have_to_know_is_put_down() {
        let (state, _, _) = send(KeptHealth::default(), found(1, 0));
        let (state, jobs, reply) = send(state, found(2, 5));
        assert_eq!((jobs.len(), reply.health.state), (0, HealthState::Suspect));
        let by = UserId::from_uuid(Uuid::from_u128(3));
        let (state, jobs, _) = send(state, Said::Pin { pin: Some(Pin::Backup), by });
        let job = ApplyHealth { workspace: workspace(), destination: destination(), evaluation: None, by: Some(by) };
        let options = Enqueue { priority: Priority::High, ..Enqueue::default() };
        assert_eq!(jobs, [JobRequest::new(&job, options).unwrap()]);
        assert!(send(state, Said::Pin { pin: Some(Pin::Backup), by }).1.is_empty());
    }

    #[test]
    fn it_remembers_no_more_than_it_needs() {
        let mut state = KeptHealth::default();
        for number in 0..100 {
            state = send(state, found(number, 0)).0;
        }
        assert_eq!(state.counted.len(), REMEMBERED);
        let text = serde_json::to_string(&state).unwrap();
        assert_eq!(serde_json::from_str::<KeptHealth>(&text).unwrap(), state);
    }
}
