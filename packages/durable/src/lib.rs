//! What survives the process: queues, objects, workflows and cron, on the databases the product runs on anyway.
//!
//! * [`log`]: the log queue, records appended by many threads and applied once by each consumer (clicks).
//! * [`stream`]: the same across nodes, through NATS JetStream.
//! * [`jobs`]: typed work that is done later, tried again, and set aside when it cannot be done (mail, webhooks).
//! * [`objects`]: an addressed single writer with private state and one alarm (schedulers, live views).
//! * [`workflows`]: functions whose finished steps are never run again (evaluations, imports).
//! * [`cron`]: what begins at times of the calendar.
//!
//! All but the log and the stream are rows in the control database, written through one [`store::Store`]: embedded by one process that
//! commits for many callers at once, on PostgreSQL by any number of nodes that lease rows from each other.

pub mod backoff;
mod clock_seen;
pub mod cron;
mod failure;
pub mod jobs;
pub mod log;
pub mod objects;
pub mod payload;
mod recent;
pub mod store;
pub mod stream;
pub mod workflows;

/// The examples of the guide, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/durable.md")]
struct Guide;
