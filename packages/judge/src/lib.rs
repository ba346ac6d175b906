//! Whether a page still offers what a link promises: a snapshot of the page in, a verdict with its evidence out.
//!
//! [`rules`] judge first; where [`needs_ai`] says so, a language model is asked ([`ai`]); [`decide`] puts both together. All
//! of it is pure but the request to the language model.

pub mod ai;
mod decide;
pub mod rules;
pub mod snapshot;
mod verdict;

pub use ai::content_hash;
pub use decide::{AiRecord, Judgement, decide, needs_ai};
pub use verdict::{DecidedBy, EVIDENCE_TEXT_MAX, Evidence, Reason, Severity, Verdict};
