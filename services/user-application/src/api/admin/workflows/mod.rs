//! Workflows: runs of functions whose finished steps are never run again.

pub(crate) mod get;
pub(crate) mod kinds;
pub(crate) mod list;
pub(crate) mod pause;
pub(crate) mod restart;
pub(crate) mod resume;
pub(crate) mod terminate;

use data_ops::types::Timestamp;
use durable::workflows::{ControlError, RunState, RunStatus, StepState, StepStatus};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::stored::StoredValue;
use crate::{
    api::{
        failure::{ApiError, ErrorCode},
        schema::count,
    },
    services::Services,
};

/// How far a run is.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = WorkflowState)]
pub(crate) enum State {
    /// It runs, sleeps, waits, or is about to.
    Running,
    /// Somebody paused it.
    Paused,
    /// It ended with an output.
    Succeeded,
    /// It ended with an error.
    Failed,
    /// Somebody ended it.
    Terminated,
    /// It cannot go on until somebody does what `error` says.
    Parked,
}

impl From<RunState> for State {
    fn from(state: RunState) -> Self {
        match state {
            RunState::Running => Self::Running,
            RunState::Paused => Self::Paused,
            RunState::Succeeded => Self::Succeeded,
            RunState::Failed => Self::Failed,
            RunState::Terminated => Self::Terminated,
            RunState::Parked => Self::Parked,
        }
    }
}

impl From<State> for RunState {
    fn from(state: State) -> Self {
        match state {
            State::Running => Self::Running,
            State::Paused => Self::Paused,
            State::Succeeded => Self::Succeeded,
            State::Failed => Self::Failed,
            State::Terminated => Self::Terminated,
            State::Parked => Self::Parked,
        }
    }
}

/// A run of a workflow.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Workflow)]
pub(crate) struct WorkflowView {
    id: String,
    /// Which workflow it is a run of.
    kind: String,
    state: State,
    /// What it failed of; for a parked one why it is, and what to do about it.
    #[schema(required)]
    error: Option<String>,
    /// When it goes on by itself; null when it does not, or waits for events alone.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    due_at: Option<Timestamp>,
    /// The node that executes it now.
    #[schema(required)]
    node: Option<String>,
    /// How often a node took it up.
    #[schema(schema_with = count)]
    executions: u64,
    #[schema(inline)]
    created_at: Timestamp,
    /// When it ended.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    finished_at: Option<Timestamp>,
}

/// A run of a workflow, with its steps.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WorkflowDetail)]
pub(crate) struct WorkflowDetailView {
    #[serde(flatten)]
    run: WorkflowView,
    /// The version of its input.
    #[schema(schema_with = count)]
    input_version: u64,
    /// What it was started with.
    input: StoredValue,
    /// What it ended with.
    #[schema(required)]
    output: Option<StoredValue>,
    /// Its steps, in the order of its function. One that runs for the first time is not among them yet.
    steps: Vec<StepView>,
}

/// How far a step is.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = WorkflowStepState)]
pub(crate) enum Step {
    /// It failed and is tried again at its due time.
    Retrying,
    /// It sleeps until its due time.
    Sleeping,
    /// It waits for its event, until its due time.
    Waiting,
    /// It is done.
    Succeeded,
    /// Its event did not come in time.
    TimedOut,
    /// It failed for good.
    Failed,
}

/// A step of a run.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WorkflowStep)]
pub(crate) struct StepView {
    name: String,
    state: Step,
    /// How often it was tried.
    #[schema(schema_with = count)]
    attempts: u64,
    /// When it first began.
    #[schema(value_type = String, format = DateTime)]
    started_at: Timestamp,
    /// When it was done.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    finished_at: Option<Timestamp>,
    /// When it goes on: another attempt, the end of a sleep, the time-out of an event.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    due_at: Option<Timestamp>,
    /// What came of it.
    #[schema(required)]
    output: Option<StoredValue>,
    /// The error of its last attempt.
    #[schema(required)]
    error: Option<String>,
}

impl From<StepStatus> for StepView {
    fn from(step: StepStatus) -> Self {
        let state = match step.state {
            StepState::Retrying => Step::Retrying,
            StepState::Sleeping => Step::Sleeping,
            StepState::Waiting => Step::Waiting,
            StepState::Succeeded => Step::Succeeded,
            StepState::TimedOut => Step::TimedOut,
            StepState::Failed => Step::Failed,
        };
        Self {
            name: step.name,
            state,
            attempts: step.attempts.into(),
            started_at: step.started_at,
            finished_at: step.finished_at,
            due_at: step.due_at,
            output: step.output.as_deref().map(StoredValue::text),
            error: step.error,
        }
    }
}

impl From<RunStatus> for WorkflowView {
    fn from(run: RunStatus) -> Self {
        // Far away while nothing but an event brings it on.
        let goes_on = run.state == RunState::Running && run.due_at < Timestamp::MAX;
        Self {
            id: run.id,
            kind: run.kind,
            state: run.state.into(),
            error: run.parked.map(|parked| parked.to_string()).or(run.error),
            due_at: goes_on.then_some(run.due_at),
            node: run.node,
            executions: run.executions.unsigned_abs(),
            created_at: run.created_at,
            finished_at: run.finished_at,
        }
    }
}

impl From<RunStatus> for WorkflowDetailView {
    fn from(mut run: RunStatus) -> Self {
        Self {
            input_version: run.version.unsigned_abs(),
            input: StoredValue::text(&run.input),
            output: run.output.as_deref().map(StoredValue::text),
            steps: std::mem::take(&mut run.steps).into_iter().map(StepView::from).collect(),
            run: run.into(),
        }
    }
}

impl WorkflowView {
    async fn load(services: &Services, id: &str) -> Result<Self, ApiError> {
        services.background.workflows.status(id).await?.map(Self::from).ok_or_else(absent)
    }
}

fn absent() -> ApiError {
    ApiError::new(ErrorCode::NotFound, "There is no such run, or it was removed some time after its end.")
}

fn refused(error: ControlError) -> ApiError {
    match error {
        ControlError::NotFound { .. } => absent(),
        ControlError::Database(error) => error.into(),
        error @ (ControlError::State { .. }
        | ControlError::UnknownStep { .. }
        | ControlError::InvalidName
        | ControlError::PayloadTooLarge { .. }
        | ControlError::Payload(_)) => ApiError::new(ErrorCode::Conflict, sentence(&error.to_string())),
    }
}

/// The library's words as a sentence of the API.
fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", characters.as_str())
}
