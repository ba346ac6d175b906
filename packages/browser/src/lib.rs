//! A look at a page as a visitor sees it: rendered by Chromium in a jail, or read as HTML where there is no browser.
//!
//! [`BrowserRenderer`] keeps one browser running and gives each look a context of its own in it: no cookies, no cache, its own way out
//! through the [guard](guard::Guard) with its own log. [`PlainRenderer`] fetches and reads. Whatever a page does (hang, grow, ask, download,
//! redirect without end, break the browser) is told in the snapshot's outcome; an error is only what is wrong with this installation.
//!
//! Layers against a hostile page, from the outside in: the guard that everything goes through, a network namespace without a network, a
//! user that owns nothing, the browser's own sandbox, a watchdog over its memory, one deadline over everything.

mod devtools;
mod directory;
mod exit;
mod instance;
mod page;
mod plain;
mod pool;
mod program;
mod watchdog;

pub mod jail;
pub mod processes;

use std::{future::Future, pin::Pin, time::Duration};

use judge::snapshot::PageSnapshot;

pub use instance::StartError;
pub use jail::{JailError, Sandbox};
pub use plain::PlainRenderer;
pub use pool::{BrowserConfig, BrowserRenderer};
pub use program::Program;

/// Whoever judges a page says with this that the snapshot is enough, and nothing more needs to be waited for.
pub type Settled<'a> = &'a (dyn Fn(&PageSnapshot) -> bool + Send + Sync);

/// A look under way.
pub type Rendering<'a> = Pin<Box<dyn Future<Output = Result<Rendered, RenderError>> + Send + 'a>>;

/// Who looks at pages.
pub trait Renderer: Send + Sync {
    /// Looks at `url`, within `limits`. A page that still changes is looked at again and again until it is quiet, `settled` says that it
    /// is enough, or time is up.
    ///
    /// # Errors
    /// Never for what the page does; only for what keeps this installation from looking.
    fn render<'a>(&'a self, url: &'a str, limits: &'a Limits, settled: Option<Settled<'a>>) -> Rendering<'a>;
}

/// What a look may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Time for everything, from the first request to the screenshot.
    pub deadline: Duration,
    /// Bytes of the document, after decompression. What comes after is not read.
    pub document_bytes: u64,
    /// Bytes over the network for everything.
    pub total_bytes: u64,
    /// Bytes of HTML that are kept.
    pub html_bytes: usize,
    /// Whether to take a screenshot.
    pub screenshot: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            deadline: Duration::from_secs(20),
            document_bytes: 5_000_000,
            total_bytes: 16_000_000,
            html_bytes: 2_000_000,
            screenshot: true,
        }
    }
}

/// What a look has brought.
#[derive(Debug, Clone, PartialEq)]
pub struct Rendered {
    /// What was seen.
    pub snapshot: PageSnapshot,
    /// The top of the page as a picture (WebP, 1280 × 900), where a browser showed one.
    pub screenshot: Option<Vec<u8>>,
    /// The page's HTML as it was in the end, cut at the limit; empty where there was none.
    pub html: String,
}

/// Why this installation cannot look.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// No browser could be started.
    #[error("the browser cannot be started")]
    Start(#[from] StartError),
    /// The browser or its jail broke down twice in a row without a page being at fault.
    #[error("the browser broke down: {0}")]
    Broken(String),
    /// The program is shutting down.
    #[error("no pages are looked at any more: the program is shutting down")]
    Closed,
}
