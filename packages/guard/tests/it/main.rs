//! The guard through its public interface, among others with every row of the corpus of hostile URLs.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on fails, and one that is skipped says so"
)]

mod corpus;
mod fixed;
mod limits;
mod names;
mod proxy;
mod redirects;
mod tls;
mod world;
