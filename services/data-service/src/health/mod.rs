//! When what was found of a destination sends its visitors elsewhere, and back.
//!
//! # Needs
//! A sold-out page must not be shown to visitors while a backup is there, and a hiccup must not send them away. When it
//! is decided, every link that leads there changes at once, on all nodes.
//!
//! # Properties
//! * Findings of one destination are counted one after the other, each once, over all nodes ([`DestinationHealth`]).
//! * What they lead to follows fixed rules ([`apply`]), which are pure. A person's decision comes before them.
//! * A new state is written to the destination, to every link that leads there, to the history and to those who are to be told
//!   in one transaction ([`HealthChanges`]). Links that were changed leave the memory of every node at once.
//! * When a great part of what was checked breaks at the same time, the fault is probably ours: nobody is sent elsewhere until
//!   the share falls, or an admin says so ([`FreezeSettings`]).
//!
//! # Races
//! * **Two changes in a row.** Jobs have no order; so a job carries no state, but brings the destination to what the object says
//!   when it runs, while it holds the object.
//! * **Finding told twice** (its workflow's node died in between): the object remembers the last ones.
//! * **Died between commit and telling the links' memory.** Other nodes learn from the tail of changed links; this one loads anew.
//!
//! # Accepted
//! * Of a destination that breaks and recovers before a job has run, nothing is told.

mod change;
mod destination;
mod freeze;
mod hysteresis;

pub use change::{ChangeError, HealthChanges, HealthListener, NobodyListens, ReviewFreeze};
pub use destination::{ApplyHealth, DestinationHealth, HealthError, HealthMessage, HealthReply, KeptHealth, Said};
pub use freeze::FreezeSettings;
pub use hysteresis::{Change, Event, Finding, Health, Sign, Streak, Thresholds, apply};
