//! Clicks: captured by the redirect as bytes, enriched and counted afterwards.

mod click_log;
mod dead_letters;
mod enrich;
mod observer;
mod operate;
mod record;
mod sink;

pub use click_log::ClickLog;
pub use dead_letters::{ReplayError, Replayed, ReplayedAll};
pub use enrich::Enricher;
pub use observer::ClickObserver;
pub use operate::ClickOperations;
pub use record::{CapturedClick, DecodeError, TEXT_LIMIT, cut};
pub use sink::{CLICK_CONSUMER, ClickSink};
