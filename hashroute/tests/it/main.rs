//! The binary as operators meet it: real processes, real files, real signals.

#![expect(clippy::unwrap_used, reason = "a test that meets an error fails")]

mod process;

mod admin;
mod crash;
mod doctor;
mod gauges;
mod guard;
mod lifecycle;
mod live;
mod nats;
mod postgres;
mod scheduled;
mod start_up;
mod stream;
mod walk;
