//! Looks at destinations: when, how, what they find, and what is kept of them.
//!
//! # Needs
//! Owners want to know within minutes that a page is sold out or gone, with the picture and the words that show it. A look costs
//! seconds of a browser and sometimes money, and whatever a page does, it has to end.
//!
//! # Properties
//! * At most one look at a destination goes on at a time, over all nodes, however many ask for it ([`EvaluationScheduler`]).
//! * A look ends in a verdict with a reason, whatever fails: what cannot be told is `UNKNOWN`, and changes nothing.
//! * A page that was seen and stored is not looked at again because a node died; a language model is not asked twice either.
//! * Files are written before the row that names them. A row is stored once, and counted once by the destination's health.
//! * Looks and questions are bounded: together by concurrency, for each workspace by day.
//!
//! # Design
//! Three things begin a look: a click on a destination that was not looked at lately ([`ClickTrigger`]), the schedule, which knows
//! what is clicked most ([`Regular`]), and people ([`check_now`]). All of them tell the destination's scheduler, which begins at most one:
//! a job that starts the workflow [`Evaluation`]: admit, render, rules, a language model where they are unsure, store, apply. At its end
//! the health of the destination says when to look again: what confirms a suspicion or a recovery rings as the scheduler's alarm, what
//! is regular waits for the schedule.
//!
//! # Races
//! * **Node gone while it renders.** Another renders; its page is stored under the same keys. **Gone after the page was
//!   stored:** the files say so, and it is taken from there.
//! * **Destination given up during the look.** Nothing is stored, and the files are removed.
//! * **Workflow set aside or ended by hand.** The scheduler waits half an hour for it, then begins anew.
//!
//! # Accepted
//! * Clicks on a node that dies may not have begun a look; the schedule does.
//! * Files of a look whose run was ended by hand before its row was stored stay behind.

mod artifacts;
mod clicked;
mod plan;
mod retention;
mod scheduler;
mod seen;
mod settings;
mod starting;
mod steps;
mod workflow;

pub use artifacts::{ArtifactError, ArtifactKind, Artifacts, ArtifactsOf};
pub use clicked::ClickTrigger;
pub use plan::{Next, next_look};
pub use retention::{PruneEvaluations, Retention, RetentionError};
pub use scheduler::{
    EvaluationScheduler, Running, SchedulerError, SchedulerEvent, SchedulerMessage, SchedulerReply, SchedulerState,
    StartEvaluation,
};
pub use settings::EvaluationSettings;
pub use starting::{CheckDue, Regular, check_now, starting};
pub use workflow::{Evaluated, Evaluation, EvaluationParts, Rules};
