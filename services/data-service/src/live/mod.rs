//! Clicks as they happen, for whoever watches a workspace.
//!
//! # Properties
//! * Whoever watches sees each click of the workspace within about a second of the redirect, on whichever nodes both are. A
//!   burst is thinned out, never dropped silently: a frame says how many clicks it stands for, listed or not.
//! * At most four frames a second for each workspace, however many nodes take clicks in.
//! * Taking clicks in never waits for this, and never fails with it.
//!
//! # Design
//! After the commit of a batch of clicks its sink shows them to the [`LiveFeed`], which keeps a few of each workspace and
//! counts the rest. One task sends them on: one message for each workspace, to the workspace's [`LinkClickTracker`], a
//! durable object. While that message is under way, further clicks of the workspace add up to the next. The tracker keeps
//! the last clicks, for those who come later, and publishes frames: at once where the last one is long enough ago, at its
//! alarm otherwise. Whoever watches follows the tracker ([`watch()`]); the socket that leads there belongs to the user application.
//!
//! # Races
//! * **Batch taken in twice** (its node died before it stored how far it had come): its clicks may be shown twice. What is
//!   counted in the analytics is not.
//! * **Tracker away**: what was to be sent is counted, and the count sent along with what comes next.
//!
//! # Accepted
//! * Clicks taken in just before a node dies may never be shown. They are in the analytics.
//! * Clicks that were taken in late, after a fault, are counted and not listed: they are not live.

mod click;
mod feed;
mod tracker;
mod watch;

pub use click::LiveClick;
pub use feed::LiveFeed;
pub use tracker::{HealthFrame, LinkClickTracker, LiveNews, NewClicks, TrackerState};
pub use watch::watch;
