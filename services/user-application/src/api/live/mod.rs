//! Clicks as they happen, on a websocket.

mod frame;
mod seats;
mod socket;
pub(crate) mod watch;

pub(crate) use seats::{Holder, Seats};
