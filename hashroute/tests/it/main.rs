//! The binary as operators meet it: real processes, real files, real signals.

mod process;

mod crash;
mod lifecycle;
mod postgres;
mod start_up;
mod walk;
