//! What the application is given so that people can see how destinations are, and decide about them.

use std::{error::Error, time::Duration};

use bytes::Bytes;
use data_ops::{
    database::DatabaseError,
    types::{DestinationId, EvaluationId, HealthState, Pin, Timestamp, UserId, WorkspaceId},
};
use futures_util::future::BoxFuture;

/// Whoever looks at destinations.
pub trait Watching: Send + Sync {
    /// What can be looked at here, and how.
    fn status(&self) -> BoxFuture<'_, WatchingStatus>;

    /// Has a destination looked at now. Where a look goes on already, that is the answer.
    fn check(
        &self,
        workspace: WorkspaceId,
        destination: DestinationId,
    ) -> BoxFuture<'_, Result<StartedCheck, WatchingError>>;

    /// When a destination is looked at next, and whether it is now.
    fn schedule(&self, destination: DestinationId) -> BoxFuture<'_, Result<CheckSchedule, WatchingError>>;

    /// Decides about a destination of the workspace. Its links follow at once.
    fn decide(
        &self,
        workspace: WorkspaceId,
        destination: DestinationId,
        decision: Decision,
        by: UserId,
    ) -> BoxFuture<'_, Result<Decided, WatchingError>>;

    /// Reads what was kept of a look, unpacked, by its key; `None` if it is not there any more.
    fn artifact<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Bytes>, WatchingError>>;

    /// Ends the freeze that lasts. Answers whether there was one.
    fn lift_freeze(&self, by: UserId) -> BoxFuture<'_, Result<bool, WatchingError>>;
}

/// What can be looked at, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchingStatus {
    /// Whether destinations are looked at. Otherwise asking for it is refused, too.
    pub enabled: bool,
    /// The browser.
    pub browser: BrowserStatus,
    /// The language model that is asked where the rules cannot tell; `None`: nobody is asked.
    pub ai_model: Option<String>,
    /// Looks a workspace may have in a day.
    pub checks_per_day: u64,
    /// Questions to the language model a workspace may have in a day.
    pub ai_calls_per_day: u64,
    /// Between two looks at a destination that is well, where its links say nothing else.
    pub interval: Duration,
    /// How far apart two certain failures are before visitors are led elsewhere.
    pub confirm_after: Duration,
    /// Over which time three failures that may pass are.
    pub confirm_transient_after: Duration,
    /// How far apart two good findings are before visitors are led back.
    pub recover_after: Duration,
}

/// The browser that shows pages as a visitor sees them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BrowserStatus {
    /// It is there.
    Available {
        /// What it says it is, as far as that is known yet.
        version: Option<String>,
    },
    /// Only the HTML of pages is read.
    Missing {
        /// Why, and what to do about it.
        problem: String,
    },
}

/// A look that goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StartedCheck {
    /// Since when.
    pub since: Timestamp,
    /// Whether it began just now.
    pub begun: bool,
}

/// When a destination is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CheckSchedule {
    /// Since when a look goes on.
    pub running_since: Option<Timestamp>,
    /// When the next one is due.
    pub next_at: Option<Timestamp>,
}

/// What a person decides about a destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It is well again.
    Restore,
    /// Where visitors go, whatever is found; `None` leaves it to the looks again.
    Pin(Option<Pin>),
    /// What a look found is wrong.
    Correct {
        /// The look.
        evaluation: EvaluationId,
        /// Whether visitors find there what they should.
        is_good: bool,
    },
}

/// How a destination is after a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// How it is.
    pub state: HealthState,
    /// Since when, if it ever was anything else.
    pub since: Option<Timestamp>,
    /// The code of why.
    pub reason: Option<String>,
    /// What somebody decided.
    pub pin: Option<Pin>,
}

/// Why destinations could not be looked at or decided about.
#[derive(Debug, thiserror::Error)]
pub enum WatchingError {
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// What looks after the destination is set aside or too busy.
    #[error("the destination cannot be reached at this moment")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// Something else failed.
    #[error("watching destinations failed")]
    Failed(#[source] Box<dyn Error + Send + Sync>),
}
