//! What one look has of the browser: a context of its own with its own way out, and a page in it.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

use super::{look::Look, state::PageState};
use crate::{
    devtools::CallError,
    exit::{Exit, ExitError},
    instance::Instance,
};

/// How long the browser may take to make a context, and to take it away.
const ANSWERS_WITHIN: Duration = Duration::from_secs(5);
/// What is not loaded: nothing in it can be read or shown in a picture.
const NOT_LOADED: &[&str] =
    &["*.mp4", "*.webm", "*.m3u8", "*.mpd", "*.ts", "*.mp3", "*.ogg", "*.wav", "*.m4a", "*.avi", "*.mov"];

/// A page in a context of its own. Dropped, all of it goes away, in the background.
pub struct Context {
    pub instance: Arc<Instance>,
    pub page: Arc<PageState>,
    pub exit: Arc<Exit>,
    session: String,
    context: String,
    port: u16,
    tracker: TaskTracker,
}

/// The browser, not the page, has failed.
#[derive(Debug)]
pub struct Broken {
    /// In what way.
    pub message: String,
    /// While it had a page to show.
    pub with_page: bool,
}

impl Broken {
    /// Before there was a page.
    pub fn early(message: impl Into<String>) -> Self {
        Self { message: message.into(), with_page: false }
    }

    /// With a page.
    pub fn late(message: impl Into<String>) -> Self {
        Self { message: message.into(), with_page: true }
    }
}

impl From<CallError> for Broken {
    fn from(error: CallError) -> Self {
        Self::early(error.to_string())
    }
}

impl Context {
    /// Opens it; an exit that the guard refuses is no fault of the browser.
    pub async fn open(
        instance: &Arc<Instance>,
        request: &Look<'_>,
        started: Instant,
    ) -> Result<Result<Self, ExitError>, Broken> {
        let socket = instance.socket();
        let exit = match Exit::open(request.guard, request.url, &socket, request.limits).await {
            Ok(exit) => Arc::new(exit),
            Err(error) => return Ok(Err(error)),
        };
        let opening = Self::open_with(instance, exit, &socket, request, started);
        let opened =
            timeout(ANSWERS_WITHIN, opening).await.map_err(|_| Broken::early("the browser does not answer"))?;
        opened.map(Ok)
    }

    async fn open_with(
        instance: &Arc<Instance>,
        exit: Arc<Exit>,
        socket: &Path,
        request: &Look<'_>,
        started: Instant,
    ) -> Result<Self, Broken> {
        let connection = &instance.connection;
        let (limits, user_agent, tracker) = (request.limits, request.user_agent, request.tracker);
        let port = instance.jail.open(socket).await.map_err(|error| Broken::early(error.to_string()))?;
        let parameters = json!({
            "disposeOnDetach": true,
            "proxyServer": format!("http://127.0.0.1:{port}"),
            "proxyBypassList": "<-loopback>",
        });
        let context = connection.call(None, "Target.createBrowserContext", parameters).await?;
        let context = context["browserContextId"].as_str().unwrap_or_default().to_owned();
        // From here on there is something to take away.
        let mut opened = Self {
            instance: Arc::clone(instance),
            page: Arc::new(PageState::new("", "", started, limits.document_bytes)),
            exit,
            session: String::new(),
            context,
            port,
            tracker: tracker.clone(),
        };
        let deny = json!({ "behavior": "deny", "browserContextId": opened.context });
        connection.call(None, "Browser.setDownloadBehavior", deny).await?;
        let target = json!({ "url": "about:blank", "browserContextId": opened.context, "width": 1280, "height": 900 });
        let target = connection.call(None, "Target.createTarget", target).await?;
        let frame = target["targetId"].as_str().unwrap_or_default().to_owned();
        let attach = json!({ "targetId": frame, "flatten": true });
        let attached = connection.call(None, "Target.attachToTarget", attach).await?;
        opened.session = attached["sessionId"].as_str().unwrap_or_default().to_owned();
        opened.page = Arc::new(PageState::new(&opened.session, &frame, started, limits.document_bytes));
        connection.listen(&opened.session, Arc::clone(&opened.page) as _);
        tokio::try_join!(
            opened.call("Page.enable", json!({})),
            opened.call("Inspector.enable", json!({})),
            opened.call(
                "Network.enable",
                json!({ "maxTotalBufferSize": 0, "maxResourceBufferSize": 0, "maxPostDataSize": 0 })
            ),
            opened.call("Network.setBlockedURLs", json!({ "urls": NOT_LOADED })),
            opened.call("Network.setBypassServiceWorker", json!({ "bypass": true })),
            opened.call("Network.setUserAgentOverride", user_agent_override(user_agent, &instance.version)),
        )?;
        Ok(opened)
    }

    /// Calls a method of the page.
    pub async fn call(&self, method: &'static str, parameters: Value) -> Result<Value, CallError> {
        self.instance.connection.call(Some(&self.session), method, parameters).await
    }

    /// Evaluates `script` where the page's own scripts cannot meddle with it.
    pub async fn evaluate(&self, script: &str) -> Result<Value, CallError> {
        let world = json!({ "frameId": self.page.frame(), "worldName": "look" });
        let world = self.call("Page.createIsolatedWorld", world).await?;
        let parameters = json!({
            "expression": script,
            "contextId": world["executionContextId"],
            "returnByValue": true,
        });
        let evaluated = self.call("Runtime.evaluate", parameters).await?;
        match evaluated.get("exceptionDetails") {
            Some(details) => Err(CallError::Refused { method: "Runtime.evaluate", message: details.to_string() }),
            None => Ok(evaluated["result"]["value"].clone()),
        }
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        let instance = Arc::clone(&self.instance);
        let exit = Arc::clone(&self.exit);
        let (context, session, port) =
            (std::mem::take(&mut self.context), std::mem::take(&mut self.session), self.port);
        self.tracker.spawn(async move {
            let connection = &instance.connection;
            let dispose = connection.call(None, "Target.disposeBrowserContext", json!({ "browserContextId": context }));
            if !matches!(timeout(ANSWERS_WITHIN, dispose).await, Ok(Ok(_))) {
                // What it cannot put away would stay, and take memory and time from the next page.
                instance.retire();
            }
            connection.forget(&session);
            if instance.jail.close(port).await.is_err() {
                instance.retire();
            }
            exit.close();
        });
    }
}

fn user_agent_override(user_agent: &str, version: &str) -> Value {
    let full = version.strip_prefix("Chrome/").unwrap_or(version);
    let major = full.split('.').next().unwrap_or_default();
    json!({
        "userAgent": user_agent,
        "acceptLanguage": "en-US,en;q=0.9",
        "userAgentMetadata": {
            "brands": [{ "brand": "Chromium", "version": major }, { "brand": "Not.A/Brand", "version": "24" }],
            "fullVersion": full,
            "platform": "Linux",
            "platformVersion": "",
            "architecture": "x86",
            "model": "",
            "mobile": false,
        },
    })
}
