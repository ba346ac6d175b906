//! The data service as visitors meet it: a real port, a real database, real files.

#![expect(clippy::unwrap_used, reason = "a test that meets an error fails")]

mod harness;

mod capture;
mod dead_letters;
mod differential;
mod evaluation;
mod failover;
mod follow;
mod full_disk;
mod limits;
mod live;
mod redirect;
mod shutdown;
