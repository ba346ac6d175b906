//! Whether a page still offers what a link promises: a snapshot of the page in, a verdict with its evidence out.

pub mod snapshot;
