//! What can go wrong, and what to do about it.

use std::fmt;

use data_ops::database::DatabaseError;
use serde::{Deserialize, Serialize};

use super::status::RunState;
use crate::{failure, payload::UnreadablePayload};

/// Anybody's error.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The largest input, output of a step or of a whole run, and payload of an event, in bytes of JSON.
pub const MAX_VALUE_BYTES: usize = 1024 * 1024;

/// The longest id of a run and name of a step, in bytes.
pub const MAX_NAME_BYTES: usize = 200;

/// How an attempt at a step failed. Any error becomes [`StepError::Retry`] with `?`.
#[derive(Debug)]
pub enum StepError {
    /// May go well another time: tried again after a wait, as often as the step's policy says.
    Retry(BoxError),
    /// Goes the same way every time: the step has failed.
    Fail(BoxError),
}

impl StepError {
    /// For an error that another attempt would not mend.
    pub fn fail(error: impl Into<BoxError>) -> Self {
        Self::Fail(error.into())
    }
}

impl<E: std::error::Error + Send + Sync + 'static> From<E> for StepError {
    fn from(error: E) -> Self {
        Self::Retry(error.into())
    }
}

/// A step failed for good: the function passes it on with `?`, or makes up for it and goes on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("step {step:?} failed after {attempts} attempt(s): {error}")]
pub struct StepFailed {
    /// Its name.
    pub step: String,
    /// How often it was tried.
    pub attempts: u32,
    /// The last attempt's error with all causes.
    pub error: String,
}

/// Why a run ends without an output. Any error becomes one with `?`.
#[derive(Debug)]
pub struct WorkflowError(BoxError);

impl WorkflowError {
    /// From whatever says why.
    pub fn new(error: impl Into<BoxError>) -> Self {
        Self(error.into())
    }

    /// As it is stored.
    pub(super) fn stored(&self) -> String {
        failure::stored(&*self.0)
    }
}

impl<E: std::error::Error + Send + Sync + 'static> From<E> for WorkflowError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

/// Why a run was set aside: nothing of it is lost, and it goes on with `resume` once what is said here is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Parked {
    /// Two steps of one run have the same name, so that nobody can tell whose result is whose.
    #[error(
        "the workflow uses the step name {step:?} twice in one run: give each step its own name (in a loop: with the number \
         of the round), deploy, and resume the run"
    )]
    DuplicateStep {
        /// The name.
        step: String,
    },
    /// A step's name cannot be stored.
    #[error(
        "the step name {step:?} is empty, longer than {MAX_NAME_BYTES} bytes or has control characters: rename the step, \
         deploy, and resume the run"
    )]
    InvalidStepName {
        /// Its beginning.
        step: String,
    },
    /// An output is too large to be stored.
    #[error(
        "the output of {} has {bytes} bytes, {MAX_VALUE_BYTES} are allowed: store the data where it belongs, return its id, \
         deploy, and resume the run (the step runs again)",
        of(step.as_deref())
    )]
    OutputTooLarge {
        /// The step; none for the output of the run.
        step: Option<String>,
        /// Its size as JSON.
        bytes: usize,
    },
    /// An output has no JSON form, or one that does not read back.
    #[error(
        "the output of {} cannot be kept as JSON ({reason}): change its type, deploy, and resume the run (the step runs \
         again)",
        of(step.as_deref())
    )]
    UnwritableOutput {
        /// The step; none for the output of the run.
        step: Option<String>,
        /// What is wrong with it.
        reason: String,
    },
    /// The input was written by a newer program.
    #[error(
        "the input was written by a newer version of hashroute (input version {found}, readable up to {known}): upgrade every \
         node, then resume the run"
    )]
    NewerInput {
        /// The version stored.
        found: i64,
        /// The version this program writes.
        known: u16,
    },
    /// The input cannot be read for another reason.
    #[error(
        "the input of version {found} cannot be read ({reason}): deploy a version that reads it, then resume the run"
    )]
    UnreadableInput {
        /// The version stored.
        found: i64,
        /// What is wrong with it.
        reason: String,
    },
    /// A step's stored output, or an event's payload, is not what the program expects by now.
    #[error(
        "the stored result of step {step:?} cannot be read ({reason}): let the step's type read it, or give the changed step a \
         new name, deploy, and resume the run; or restart the run from this step"
    )]
    UnreadableResult {
        /// The step, or the event.
        step: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The function panicked outside of its steps, which it would do again.
    #[error("the workflow panicked outside of its steps ({message}): correct it, deploy, and resume the run")]
    Panicked {
        /// What it said.
        message: String,
    },
    /// Its nodes keep dying.
    #[error(
        "the nodes that ran it ended {times} times in a row without finishing what they had begun: look at what its next step \
         does to a node (memory, crash), deploy, and resume the run"
    )]
    Interrupted {
        /// How often in a row.
        times: i64,
    },
    /// The database refuses what would have to be stored.
    #[error("the database refuses the run's journal ({reason}): correct what is stored, deploy, and resume the run")]
    Refused {
        /// What it said.
        reason: String,
    },
    /// A newer program set it aside for a reason this one does not know.
    #[error("a newer version of hashroute set it aside: ask a node of that version")]
    #[serde(other)]
    Unknown,
}

fn of(step: Option<&str>) -> String {
    step.map_or_else(|| "the run".to_owned(), |step| format!("step {step:?}"))
}

impl Parked {
    pub(super) fn unreadable(error: &UnreadablePayload) -> Self {
        match error {
            UnreadablePayload::Newer { found, known } => Self::NewerInput { found: *found, known: *known },
            UnreadablePayload::Older { found, .. } => {
                Self::UnreadableInput { found: *found, reason: "it is too old".to_owned() }
            }
            UnreadablePayload::Malformed { version, source } => {
                Self::UnreadableInput { found: *version, reason: source.to_string() }
            }
        }
    }

    pub(super) fn to_json(&self) -> String {
        // An enum of texts and numbers always has a JSON form.
        serde_json::to_string(self).unwrap_or_default()
    }

    pub(super) fn from_json(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or(Self::Unknown)
    }
}

/// Why a run was not started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Nobody registered this kind.
    #[error("there is no workflow of kind {kind:?} (there are: {}): check the name, or upgrade this node", known.join(", "))]
    UnknownKind {
        /// The kind asked for.
        kind: String,
        /// Those registered here.
        known: Vec<String>,
    },
    /// Another kind's run has this id.
    #[error("the id {id:?} belongs to a run of kind {kind:?}: begin ids with their kind, as in \"{kind}:…\"")]
    IdInUse {
        /// The id asked for.
        id: String,
        /// Whose it is.
        kind: String,
    },
    /// The id cannot be stored.
    #[error("an id must have 1 to {MAX_NAME_BYTES} bytes and no control characters")]
    InvalidId,
    /// The input is too large.
    #[error(
        "the input has {bytes} bytes, {MAX_VALUE_BYTES} are allowed: store the data where it belongs and pass its id"
    )]
    InputTooLarge {
        /// Its size as JSON.
        bytes: usize,
    },
    /// The input has no JSON form.
    #[error("the input cannot be written as JSON")]
    Input(#[source] serde_json::Error),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// Why a run could not be steered.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// There is no such run, or it was removed some time after its end.
    #[error("there is no run {id:?}")]
    NotFound {
        /// The id asked for.
        id: String,
    },
    /// It is in a state where this makes no sense.
    #[error("the run {id:?} is {state}; this needs one that is {needed}")]
    State {
        /// The run.
        id: String,
        /// As it is.
        state: RunState,
        /// As it would have to be.
        needed: &'static str,
    },
    /// It never came to that step.
    #[error("the run {id:?} has no step {step:?} (it has: {})", known.join(", "))]
    UnknownStep {
        /// The run.
        id: String,
        /// The step asked for.
        step: String,
        /// Those it has.
        known: Vec<String>,
    },
    /// The event's name cannot be stored.
    #[error("an event's name must have 1 to {MAX_NAME_BYTES} bytes and no control characters")]
    InvalidName,
    /// The event's payload is too large.
    #[error(
        "the payload has {bytes} bytes, {MAX_VALUE_BYTES} are allowed: store the data where it belongs and pass its id"
    )]
    PayloadTooLarge {
        /// Its size as JSON.
        bytes: usize,
    },
    /// The event's payload has no JSON form.
    #[error("the payload cannot be written as JSON")]
    Payload(#[source] serde_json::Error),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// Whether this can be an id or a name.
pub(super) fn is_name(text: &str) -> bool {
    (1..=MAX_NAME_BYTES).contains(&text.len()) && !text.chars().any(char::is_control)
}

impl fmt::Display for RunState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_parked_is_stored_with_its_code_and_read_back() {
        let parked = Parked::OutputTooLarge { step: Some("load".to_owned()), bytes: 7 };
        assert_eq!(parked.to_json(), r#"{"code":"output_too_large","step":"load","bytes":7}"#);
        assert_eq!(Parked::from_json(&parked.to_json()), parked);
        assert_eq!(Parked::from_json(r#"{"code":"of_next_year","bytes":7}"#), Parked::Unknown);
        assert!(parked.to_string().contains("step \"load\"") && parked.to_string().contains("resume"));
    }

    #[test]
    fn any_error_is_tried_again_unless_it_is_said_to_be_final() {
        let work = || -> Result<(), StepError> { Err(std::io::Error::other("away"))? };
        assert!(matches!(work(), Err(StepError::Retry(_))));
        assert!(matches!(StepError::fail("never"), StepError::Fail(_)));
    }
}
