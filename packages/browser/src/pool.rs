//! One browser for all looks, replaced when it is worn out, hangs or dies.

use std::{ffi::OsString, path::PathBuf, sync::Arc, time::Duration};

use guard::{Guard, Verdict};
use judge::snapshot::{Outcome, PageSnapshot, Timings};
use tokio::{
    sync::{Mutex, Semaphore},
    time::timeout,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use url::Url;

use crate::{
    Limits, RenderError, Rendered, Renderer, Rendering, Sandbox, Settled, StartError, directory,
    instance::{Instance, Launch},
    page::{Look, look},
    watchdog,
};

/// How much longer than its deadline a look may take before the browser itself is believed to hang.
const OVERTIME: Duration = Duration::from_secs(5);

/// How pages are looked at with a browser.
#[derive(Debug, Clone)]
pub struct BrowserConfig {
    /// Where the browser is; `None` finds one.
    pub program: Option<PathBuf>,
    /// The command of this program that runs [`crate::jail::inside::run`] with the arguments that follow.
    pub jailer: Vec<OsString>,
    /// Whether it may run without a jail.
    pub sandbox: Sandbox,
    /// Where its profile and sockets are put, in directories of their own. Short: a socket's path has room for 108 bytes.
    pub directory: PathBuf,
    /// How many pages are looked at at the same time.
    pub concurrency: usize,
    /// After how many looks the browser is replaced by a new one.
    pub recycle_after: u32,
    /// Memory that the process of one page may take, in bytes.
    pub page_memory: u64,
    /// What the browser calls itself; `None` is its own name with this program's behind it.
    pub user_agent: Option<String>,
}

impl BrowserConfig {
    /// What runs well on a small machine: one page at a time, 1 GiB for it, a new browser every 500 pages.
    #[must_use]
    pub fn new(jailer: Vec<OsString>) -> Self {
        Self {
            program: None,
            jailer,
            sandbox: Sandbox::Required,
            directory: std::env::temp_dir(),
            concurrency: 1,
            recycle_after: 500,
            page_memory: 1 << 30,
            user_agent: None,
        }
    }
}

/// Looks at pages with a browser. Start it within a tokio runtime.
pub struct BrowserRenderer {
    config: BrowserConfig,
    guard: Guard,
    looks: Semaphore,
    current: Mutex<Option<Arc<Instance>>>,
    tracker: TaskTracker,
    closed: CancellationToken,
}

impl BrowserRenderer {
    /// Makes it, and sweeps what a killed process has left. The browser is started with the first look, or by [`Self::start`].
    #[must_use]
    pub fn new(config: BrowserConfig, guard: Guard) -> Self {
        let swept = directory::sweep(&config.directory);
        if swept > 0 {
            tracing::info!(swept, "directories of browsers that are gone were removed");
        }
        Self {
            looks: Semaphore::new(config.concurrency.max(1)),
            config,
            guard,
            current: Mutex::default(),
            tracker: TaskTracker::new(),
            closed: CancellationToken::new(),
        }
    }

    /// Starts the browser, unless it runs; tells its version and its jail's process.
    ///
    /// # Errors
    /// When there is none, or no jail for it.
    pub async fn start(&self) -> Result<(String, u32), StartError> {
        let instance = self.instance().await?;
        Ok((instance.version.clone(), instance.jail.id()))
    }

    /// Ends the browser and all looks, and waits until everything is put away.
    pub async fn shutdown(&self) {
        self.closed.cancel();
        self.current.lock().await.take();
        self.tracker.close();
        self.tracker.wait().await;
    }

    /// The browser that runs, or a new one.
    async fn instance(&self) -> Result<Arc<Instance>, StartError> {
        let mut current = self.current.lock().await;
        if let Some(instance) = current.as_ref().filter(|instance| instance.is_usable()) {
            return Ok(Arc::clone(instance));
        }
        // The last look with the old one ends it.
        current.take();
        let launch = Launch {
            program: self.config.program.clone(),
            jailer: self.config.jailer.clone(),
            sandbox: self.config.sandbox,
            directory: self.config.directory.clone(),
        };
        let instance = Arc::new(Instance::start(&launch, &self.tracker).await?);
        self.tracker.spawn(watchdog::watch(Arc::downgrade(&instance), self.config.page_memory));
        *current = Some(Arc::clone(&instance));
        Ok(instance)
    }

    async fn look(&self, url: &str, limits: &Limits, settled: Option<Settled<'_>>) -> Result<Rendered, RenderError> {
        let _one_of_few = self.looks.acquire().await.map_err(|_| RenderError::Closed)?;
        if let Verdict::Block(refusal) = self.guard.check(url) {
            return Ok(not_seen(url, Outcome::Refused { reason: refusal.code().to_owned() }, Duration::ZERO));
        }
        let Ok(parsed) = Url::parse(url) else {
            return Ok(not_seen(url, Outcome::Refused { reason: "invalid_url".to_owned() }, Duration::ZERO));
        };
        let mut broken = None;
        for _ in 0..2 {
            let instance = self.instance().await?;
            if instance.count_look() >= self.config.recycle_after {
                instance.retire();
            }
            let _busy = instance.begin();
            let user_agent = self
                .config
                .user_agent
                .clone()
                .unwrap_or_else(|| format!("{} Hashroute/{}", instance.user_agent, env!("CARGO_PKG_VERSION")));
            let request = Look {
                guard: &self.guard,
                url: &parsed,
                user_agent: &user_agent,
                limits,
                settled,
                tracker: &self.tracker,
            };
            match timeout(limits.deadline + OVERTIME, look(&instance, &request)).await {
                Ok(Ok(rendered)) => return Ok(rendered),
                Ok(Err(failure)) => {
                    tracing::warn!(failure = failure.message, "the browser broke down");
                    broken = Some(failure);
                }
                Err(_) => broken = None,
            }
            instance.retire();
            instance.connection.close();
            if broken.is_none() {
                return Ok(not_seen(url, Outcome::TimedOut, limits.deadline));
            }
        }
        match broken {
            // Two browsers, one of them new, have died over this page.
            Some(failure) if failure.with_page => {
                Ok(not_seen(url, Outcome::Crashed { detail: failure.message }, Duration::ZERO))
            }
            failure => Err(RenderError::Broken(failure.map(|failure| failure.message).unwrap_or_default())),
        }
    }
}

impl Renderer for BrowserRenderer {
    fn render<'a>(&'a self, url: &'a str, limits: &'a Limits, settled: Option<Settled<'a>>) -> Rendering<'a> {
        Box::pin(async move {
            tokio::select! {
                rendered = self.look(url, limits, settled) => rendered,
                () = self.closed.cancelled() => Err(RenderError::Closed),
            }
        })
    }
}

/// A snapshot of nothing.
pub(crate) fn not_seen(url: &str, outcome: Outcome, took: Duration) -> Rendered {
    let snapshot = PageSnapshot {
        requested_url: url.to_owned(),
        final_url: url.to_owned(),
        redirects: Vec::new(),
        outcome,
        http_status: None,
        content_type: None,
        title: String::new(),
        lang: None,
        blocks: Vec::new(),
        structured: Vec::new(),
        truncated: false,
        browser: None,
        requests: 0,
        bytes: 0,
        timings: Timings { total_ms: u32::try_from(took.as_millis()).unwrap_or(u32::MAX), ..Timings::default() },
    };
    Rendered { snapshot, screenshot: None, html: String::new() }
}
