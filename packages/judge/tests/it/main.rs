//! Whole pages, judged.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test ends where something is not as it should be, and says what it saw"
)]

mod injection;
mod llm;
mod pages;
mod properties;
mod shop;
