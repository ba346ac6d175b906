//! What a class of objects is: a state, and what messages and the alarm make of it.

use data_ops::types::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::jobs::JobRequest;

/// A class of objects. Its functions are pure: they read no clock, do no input or output, and say what is to happen as
/// [`Effects`], because they run inside a transaction, and again if that fails.
pub trait Object: Send + Sync + Sized + 'static {
    /// The class's name in the database; never change it.
    const CLASS: &'static str;
    /// The version of [`Self::State`]. Count it up when older states cannot be read as they are, and say in
    /// [`Self::upgrade`] how they are read.
    const VERSION: u16;

    /// What an object remembers; at most [`STATE_LIMIT`](super::STATE_LIMIT) as JSON. An object that was never written to
    /// has the default.
    type State: Default + Serialize + DeserializeOwned + Send;
    /// What can be said to it.
    type Message: Send + 'static;
    /// What it answers.
    type Reply: Send + 'static;
    /// Why it refuses.
    type Error: std::error::Error + Send + Sync + 'static;

    /// Handles one message.
    ///
    /// # Errors
    /// The message is refused: nothing changes, and its sender gets the error.
    fn handle(
        state: Self::State,
        message: Self::Message,
        context: &ObjectContext<'_>,
    ) -> Result<(Self::State, Effects, Self::Reply), Self::Error>;

    /// Handles the alarm, which is over when this is called.
    ///
    /// # Errors
    /// Nothing changes, and the alarm rings again later; after too many failures the object is parked.
    fn alarm(state: Self::State, context: &ObjectContext<'_>) -> Result<(Self::State, Effects), Self::Error> {
        _ = context;
        Ok((state, Effects::default()))
    }

    /// Reads a state that was written by the older `version` of the class.
    ///
    /// # Errors
    /// It cannot be read, and the object is parked. By default that is so for every older version.
    fn upgrade(version: u16, state: Value) -> Result<Self::State, UnreadableState> {
        _ = state;
        Err(UnreadableState(format!("version {} of the class cannot read version {version}", Self::VERSION)))
    }
}

/// What an object's functions are told.
#[derive(Debug, Clone, Copy)]
pub struct ObjectContext<'a> {
    /// The object's name.
    pub name: &'a str,
    /// The present moment.
    pub now: Timestamp,
    /// Which message or alarm of this object it is, counting those that were handled: a key for effects.
    pub version: u64,
    /// When its alarm is set for.
    pub alarm: Option<Timestamp>,
}

/// What is to happen, if and when the new state is committed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Effects {
    /// What becomes of the alarm.
    pub alarm: Alarm,
    /// What subscribers are told, in this order.
    pub publish: Vec<Value>,
    /// Jobs that are put down in the same transaction: whatever leaves the object leaves by them.
    pub jobs: Vec<JobRequest>,
}

/// What becomes of an object's one alarm.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Alarm {
    /// It stays as it is.
    #[default]
    Keep,
    /// It rings then, and not when it would have. A time that is over means at once.
    Set(Timestamp),
    /// It does not ring.
    Clear,
}

/// A stored state is not what the class expects.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct UnreadableState(
    /// What is wrong with it.
    pub String,
);
