//! Durable primitives: things that survive a crash of the process.
//!
//! * [`log`]: a log queue, append-only files read by consumers that apply each record exactly once.

pub mod log;
