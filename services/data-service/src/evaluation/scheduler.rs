//! The durable object that says when a destination is looked at: at most one look at a time, and one alarm for the next.

use std::time::Duration;

use data_ops::types::{DestinationId, EvaluationTrigger, Timestamp, WorkspaceId};
use durable::{
    jobs::{Enqueue, EnqueueError, Job, JobRequest, Priority},
    objects::{Alarm, Effects, Object, ObjectContext},
};
use serde::{Deserialize, Serialize};

use super::Next;

/// A look that says nothing for so long is given up: its workflow was ended or set aside.
const GIVEN_UP: Duration = Duration::from_secs(30 * 60);

/// One for each destination, by its id.
pub struct EvaluationScheduler;

impl EvaluationScheduler {
    /// The name of a destination's.
    #[must_use]
    pub fn name(destination: DestinationId) -> String {
        destination.to_string()
    }
}

/// What it is told, about a destination of this workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SchedulerMessage {
    /// Whose the destination is.
    pub workspace: WorkspaceId,
    /// What happened.
    pub event: SchedulerEvent,
}

/// What happened to a destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SchedulerEvent {
    /// Visitors were sent there.
    Clicked {
        /// How many.
        count: u64,
        /// A look that is older is too old.
        stale_after: Duration,
    },
    /// Its turn has come. Where the last look said to wait longer, it waits.
    Due,
    /// Somebody wants it looked at now.
    CheckNow,
    /// A look has ended.
    Finished {
        /// Which.
        run: u64,
        /// When to look again; `None`: not by itself.
        next: Option<Next>,
    },
}

/// A look that goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Running {
    /// Its number among the looks at this destination.
    pub run: u64,
    /// Since when.
    pub since: Timestamp,
}

/// What it remembers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SchedulerState {
    /// Whose the destination is.
    pub workspace: Option<WorkspaceId>,
    /// How many looks have begun.
    pub runs: u64,
    /// The one that goes on.
    pub running: Option<Running>,
    /// When the last one ended.
    pub checked_at: Option<Timestamp>,
    /// When the next one may begin; where it is to confirm something, it does.
    pub next_at: Option<Timestamp>,
    /// What that one is for.
    pub next_trigger: Option<EvaluationTrigger>,
    /// The last looks could not tell.
    #[serde(default)]
    pub backs_off: bool,
    /// Clicks since the last look began.
    pub clicks: u64,
}

/// The job that starts a look's workflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StartEvaluation {
    /// Whose.
    pub workspace: WorkspaceId,
    /// What is looked at.
    pub destination: DestinationId,
    /// The number of the look.
    pub run: u64,
    /// Why.
    pub trigger: EvaluationTrigger,
}

impl StartEvaluation {
    /// The id of the look's workflow.
    #[must_use]
    pub fn workflow_id(&self) -> String {
        format!("evaluation:{}:{}", self.destination, self.run)
    }
}

impl Job for StartEvaluation {
    const QUEUE: &'static str = "start_evaluation";
    const VERSION: u16 = 1;
}

/// What came of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SchedulerReply {
    /// The look that goes on now.
    pub running: Option<Running>,
    /// Whether the message began it.
    pub begun: bool,
    /// When the next one begins.
    pub next_at: Option<Timestamp>,
}

/// Why a message is refused.
#[derive(Debug, thiserror::Error)]
pub enum SchedulerError {
    /// The object's name is no destination.
    #[error("\"{0}\" is no destination's id")]
    Name(String),
    /// The look could not be put down.
    #[error(transparent)]
    Enqueue(#[from] EnqueueError),
}

impl SchedulerState {
    /// Whether the last look is older than that, and none goes on.
    fn is_stale(&self, now: Timestamp, stale_after: Duration) -> bool {
        let fresh = self.checked_at.is_some_and(|checked| now.since(checked) < stale_after);
        self.running.is_none() && !fresh
    }

    /// Whether looks cannot tell, so that they come less often.
    fn waits(&self, now: Timestamp) -> bool {
        self.backs_off && self.next_at.is_some_and(|next| next > now)
    }

    /// Whether nothing says to wait, and no look goes on.
    fn is_due(&self, now: Timestamp) -> bool {
        self.running.is_none() && self.next_at.is_none_or(|next| next <= now)
    }

    fn begin(&mut self, trigger: EvaluationTrigger, context: &ObjectContext<'_>) -> Result<Effects, SchedulerError> {
        let unnamed = || SchedulerError::Name(context.name.to_owned());
        let destination = DestinationId::parse(context.name).map_err(|_| unnamed())?;
        let workspace = self.workspace.ok_or_else(unnamed)?;
        self.runs += 1;
        self.running = Some(Running { run: self.runs, since: context.now });
        (self.next_at, self.next_trigger, self.clicks) = (None, None, 0);
        let priority = match trigger {
            EvaluationTrigger::Manual => Priority::High,
            EvaluationTrigger::Click | EvaluationTrigger::Confirmation => Priority::Normal,
            EvaluationTrigger::Schedule => Priority::Low,
        };
        let job = StartEvaluation { workspace, destination, run: self.runs, trigger };
        let job = JobRequest::new(&job, Enqueue { priority, ..Enqueue::default() })?;
        Ok(Effects { jobs: vec![job], alarm: Alarm::Set(context.now.plus(GIVEN_UP)), ..Effects::default() })
    }
}

impl Object for EvaluationScheduler {
    const CLASS: &'static str = "evaluation_scheduler";
    const VERSION: u16 = 1;
    type State = SchedulerState;
    type Message = SchedulerMessage;
    type Reply = SchedulerReply;
    type Error = SchedulerError;

    fn handle(
        mut state: SchedulerState,
        SchedulerMessage { workspace, event }: SchedulerMessage,
        context: &ObjectContext<'_>,
    ) -> Result<(SchedulerState, Effects, SchedulerReply), SchedulerError> {
        let runs = state.runs;
        state.workspace = Some(workspace);
        let effects = match event {
            SchedulerEvent::Clicked { count, stale_after } => {
                state.clicks = state.clicks.saturating_add(count);
                match state.is_stale(context.now, stale_after) && !state.waits(context.now) {
                    true => state.begin(EvaluationTrigger::Click, context)?,
                    false => Effects::default(),
                }
            }
            SchedulerEvent::Due if state.is_due(context.now) => state.begin(EvaluationTrigger::Schedule, context)?,
            SchedulerEvent::Due => Effects::default(),
            SchedulerEvent::CheckNow if state.running.is_some() => Effects::default(),
            SchedulerEvent::CheckNow => state.begin(EvaluationTrigger::Manual, context)?,
            SchedulerEvent::Finished { run, next } => match state.running {
                Some(running) if running.run == run => {
                    state.running = None;
                    state.checked_at = Some(context.now);
                    (state.next_at, state.next_trigger) = (next.map(|next| next.at), next.map(|next| next.trigger));
                    state.backs_off = next.is_some_and(|next| next.backs_off);
                    // Regular ones begin when the schedule says so, which knows what is more urgent.
                    let urgent = next.filter(|next| next.trigger == EvaluationTrigger::Confirmation);
                    let alarm = urgent.map_or(Alarm::Clear, |next| Alarm::Set(next.at));
                    Effects { alarm, ..Effects::default() }
                }
                // It was given up, or told so before.
                _ => Effects::default(),
            },
        };
        let reply = SchedulerReply { running: state.running, begun: state.runs != runs, next_at: state.next_at };
        Ok((state, effects, reply))
    }

    fn alarm(
        mut state: SchedulerState,
        context: &ObjectContext<'_>,
    ) -> Result<(SchedulerState, Effects), SchedulerError> {
        let trigger = state.next_trigger.unwrap_or(EvaluationTrigger::Schedule);
        let effects = state.begin(trigger, context)?;
        Ok((state, effects))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const START: Timestamp = Timestamp::from_millis(1_790_000_000_000);
    const HOUR: Duration = Duration::from_secs(3_600);

    /// A scheduler with its alarm, and what it put down.
    struct Scheduler {
        state: SchedulerState,
        now: Timestamp,
        alarm: Option<Timestamp>,
        begun: Vec<JobRequest>,
    }

    impl Scheduler {
        fn new() -> Self {
            Self { state: SchedulerState::default(), now: START, alarm: None, begun: Vec::new() }
        }

        fn took(&mut self, state: SchedulerState, effects: Effects) {
            self.state = state;
            match effects.alarm {
                Alarm::Keep => {}
                Alarm::Clear => self.alarm = None,
                Alarm::Set(at) => self.alarm = Some(at),
            }
            self.begun.extend(effects.jobs);
        }

        fn send(&mut self, event: SchedulerEvent) -> SchedulerReply {
            let name = EvaluationScheduler::name(destination());
            let context = ObjectContext { name: &name, now: self.now, version: 1, alarm: self.alarm };
            let (state, effects, reply) = EvaluationScheduler::handle(
                self.state.clone(),
                SchedulerMessage { workspace: workspace(), event },
                &context,
            )
            .unwrap();
            self.took(state, effects);
            reply
        }

        fn ring(&mut self) {
            self.now = self.alarm.take().unwrap();
            let name = EvaluationScheduler::name(destination());
            let context = ObjectContext { name: &name, now: self.now, version: 1, alarm: None };
            let (state, effects) = EvaluationScheduler::alarm(self.state.clone(), &context).unwrap();
            self.took(state, effects);
        }
    }

    fn workspace() -> WorkspaceId {
        WorkspaceId::from_uuid(Uuid::from_u128(9))
    }

    fn destination() -> DestinationId {
        DestinationId::from_uuid(Uuid::from_u128(7))
    }

    fn started(run: u64, trigger: EvaluationTrigger, priority: Priority) -> JobRequest {
        let job = StartEvaluation { workspace: workspace(), destination: destination(), run, trigger };
        JobRequest::new(&job, Enqueue { priority, ..Enqueue::default() }).unwrap()
    }

    fn next(after: u64, trigger: EvaluationTrigger) -> Option<Next> {
        Some(Next { at: START.plus(Duration::from_secs(after)), trigger, backs_off: false })
    }

    const CLICKED: SchedulerEvent = SchedulerEvent::Clicked { count: 1, stale_after: HOUR };

    #[test]
    fn ten_clicks_begin_one_look() {
        let mut scheduler = Scheduler::new();
        let begun: Vec<_> = (0..10).map(|_| scheduler.send(CLICKED).begun).collect();
        assert_eq!(begun.iter().filter(|begun| **begun).count(), 1);
        assert_eq!(scheduler.begun, [started(1, EvaluationTrigger::Click, Priority::Normal)]);
        // Neither do they while its result is fresh.
        scheduler.send(SchedulerEvent::Finished { run: 1, next: next(7_200, EvaluationTrigger::Schedule) });
        assert!(!scheduler.send(CLICKED).begun);
        scheduler.now = START.plus(HOUR);
        assert!(scheduler.send(CLICKED).begun);
    }

    #[test]
    fn the_alarm_begins_the_look_that_was_planned() {
        let mut scheduler = Scheduler::new();
        assert!(scheduler.send(SchedulerEvent::CheckNow).begun);
        scheduler.send(SchedulerEvent::Finished { run: 1, next: next(600, EvaluationTrigger::Confirmation) });
        assert_eq!(scheduler.alarm, Some(START.plus(Duration::from_secs(600))));
        scheduler.ring();
        assert_eq!(scheduler.begun[1], started(2, EvaluationTrigger::Confirmation, Priority::Normal));
    }

    #[test]
    fn asking_while_a_look_goes_on_begins_no_other() {
        let mut scheduler = Scheduler::new();
        let first = scheduler.send(SchedulerEvent::CheckNow);
        let second = scheduler.send(SchedulerEvent::CheckNow);
        assert_eq!((second.begun, second.running), (false, first.running));
        assert!(!scheduler.send(SchedulerEvent::Due).begun);
    }

    #[test]
    fn a_look_that_never_ends_is_given_up_and_says_nothing_any_more() {
        let mut scheduler = Scheduler::new();
        scheduler.send(SchedulerEvent::CheckNow);
        scheduler.ring();
        assert_eq!(scheduler.now, START.plus(GIVEN_UP));
        assert_eq!(scheduler.state.running.map(|running| running.run), Some(2));
        scheduler.send(SchedulerEvent::Finished { run: 1, next: None });
        assert_eq!(scheduler.state.running.map(|running| running.run), Some(2));
        assert!(scheduler.alarm.is_some());
    }

    #[test]
    fn regular_looks_begin_when_the_schedule_says_so_and_not_before_they_are_due() {
        let mut scheduler = Scheduler::new();
        scheduler.send(SchedulerEvent::Due);
        scheduler.send(SchedulerEvent::Finished { run: 1, next: next(7_200, EvaluationTrigger::Schedule) });
        assert_eq!(scheduler.alarm, None);
        assert!(!scheduler.send(SchedulerEvent::Due).begun);
        scheduler.now = START.plus(Duration::from_secs(7_200));
        assert!(scheduler.send(SchedulerEvent::Due).begun);
    }

    #[test]
    fn clicks_do_not_hurry_looks_that_cannot_tell() {
        let mut scheduler = Scheduler::new();
        scheduler.send(CLICKED);
        let next = next(7_200, EvaluationTrigger::Schedule).map(|next| Next { backs_off: true, ..next });
        scheduler.send(SchedulerEvent::Finished { run: 1, next });
        scheduler.now = START.plus(HOUR);
        assert!(!scheduler.send(CLICKED).begun);
        scheduler.now = START.plus(HOUR * 2);
        assert!(scheduler.send(CLICKED).begun);
    }

    #[test]
    fn what_is_not_looked_at_any_more_has_no_alarm() {
        let mut scheduler = Scheduler::new();
        scheduler.send(SchedulerEvent::Due);
        scheduler.send(SchedulerEvent::Finished { run: 1, next: None });
        assert_eq!((scheduler.alarm, scheduler.state.running), (None, None));
    }
}
