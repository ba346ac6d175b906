//! The primitives, through their public interface, each on SQLite and on PostgreSQL.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop where it is")]

mod clocks;
mod cron;
mod jobs;
mod objects;
mod processes;
mod store;
mod stream;
mod support;
mod workflows;
