//! One look at one page.

mod context;
mod extract;
mod look;
mod outcome;
mod state;

pub use look::{Look, look};
