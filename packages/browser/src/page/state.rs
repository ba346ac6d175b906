//! What the browser tells about a page while it loads, and what has to be answered at once.

use std::{
    collections::HashSet,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use judge::snapshot::Redirect;
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::devtools::{Connection, Listener};

/// How often a page may send the browser elsewhere.
const NAVIGATIONS: u32 = 10;
/// Redirects that are told.
const REDIRECTS: usize = 30;
/// Requests remembered as under way.
const UNDER_WAY: usize = 500;

/// The listener of one page's session.
pub struct PageState {
    session: String,
    frame: String,
    started: Instant,
    document_bytes: u64,
    state: Mutex<State>,
    changed: Notify,
}

/// What is known so far.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// The request of the main document, which changes with each navigation.
    pub loader: Option<String>,
    /// Where the main document was asked for last.
    pub url: Option<String>,
    pub redirects: Vec<Redirect>,
    /// How often the main document was asked for, redirects of servers not counted.
    pub navigations: u32,
    pub status: Option<u16>,
    pub content_type: Option<String>,
    /// The browser's words for what is wrong with the main document.
    pub failure: Option<String>,
    /// Bytes of the main document, after decompression.
    pub document: u64,
    pub too_large: bool,
    pub requests: u32,
    /// Scripts and data that are not there yet.
    pub under_way: HashSet<String>,
    pub first_byte: Option<Duration>,
    pub committed: Option<Instant>,
    pub content_loaded: Option<Instant>,
    /// The page's process is gone.
    pub crashed: bool,
    pub dialogs: u32,
}

impl State {
    /// It is sent from page to page without end.
    pub fn is_restless(&self) -> bool {
        self.navigations > NAVIGATIONS
    }

    /// Scripts or data are still on their way.
    pub fn is_busy(&self) -> bool {
        !self.under_way.is_empty()
    }

    /// There is nothing to wait for any more, whether there is a document or not.
    pub fn is_over(&self) -> bool {
        self.crashed || self.is_restless() || (self.failure.is_some() && self.committed.is_none())
    }

    /// There is a document to be looked at.
    pub fn is_there(&self) -> bool {
        self.committed.is_some()
    }
}

impl PageState {
    pub fn new(session: &str, frame: &str, started: Instant, document_bytes: u64) -> Self {
        Self {
            session: session.to_owned(),
            frame: frame.to_owned(),
            started,
            document_bytes,
            state: Mutex::default(),
            changed: Notify::new(),
        }
    }

    /// The page's main frame.
    pub fn frame(&self) -> &str {
        &self.frame
    }

    pub fn now(&self) -> State {
        self.lock().clone()
    }

    /// Notes the browser's answer to the first navigation.
    pub fn navigated(&self, answer: &Value) {
        if let Some(failure) = answer["errorText"].as_str() {
            let mut state = self.lock();
            // A later navigation has its own end.
            if state.navigations <= 1 {
                state.failure.get_or_insert_with(|| failure.to_owned());
            }
        }
        self.changed.notify_waiters();
    }

    /// Waits until `is_so`; whoever waits bounds the time.
    pub async fn wait_until(&self, is_so: impl Fn(&State) -> bool) {
        loop {
            let changed = self.changed.notified();
            if is_so(&self.lock()) {
                return;
            }
            changed.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn request_will_be_sent(&self, parameters: &Value) {
        let mut state = self.lock();
        state.requests = state.requests.saturating_add(1);
        let request = text(parameters, "requestId");
        let kind = text(parameters, "type");
        let is_main = kind == "Document" && parameters["frameId"] == self.frame.as_str();
        if !is_main {
            let delays = matches!(kind, "Script" | "XHR" | "Fetch" | "Stylesheet" | "Document");
            if delays && state.under_way.len() < UNDER_WAY {
                state.under_way.insert(request.to_owned());
            }
            return;
        }
        let redirect = match parameters.get("redirectResponse") {
            Some(response) => Some(Redirect { url: text(response, "url").to_owned(), status: status(response) }),
            None => {
                state.navigations += 1;
                let from = state.url.take().filter(|_| state.navigations > 1);
                state.status = None;
                state.content_type = None;
                state.document = 0;
                from.map(|url| Redirect { url, status: None })
            }
        };
        if let Some(redirect) = redirect
            && state.redirects.len() < REDIRECTS
        {
            state.redirects.push(redirect);
        }
        state.failure = None;
        state.loader = Some(request.to_owned());
        state.url = Some(text(&parameters["request"], "url").to_owned());
    }

    fn response_received(&self, parameters: &Value) {
        let mut state = self.lock();
        let is_main = state.loader.as_deref() == Some(text(parameters, "requestId"));
        if is_main {
            let response = &parameters["response"];
            state.status = status(response);
            let kind = text(response, "mimeType").to_ascii_lowercase();
            state.content_type = Some(kind).filter(|kind| !kind.is_empty());
            state.url = Some(text(response, "url").to_owned());
            let first_byte = self.started.elapsed();
            state.first_byte.get_or_insert(first_byte);
        }
    }

    /// Tells whether the document has just become too large.
    fn data_received(&self, parameters: &Value) -> bool {
        let mut state = self.lock();
        if state.loader.as_deref() != Some(text(parameters, "requestId")) {
            return false;
        }
        state.document += parameters["dataLength"].as_u64().unwrap_or(0);
        let is_news = state.document > self.document_bytes && !state.too_large;
        state.too_large |= is_news;
        is_news
    }

    fn loading_failed(&self, parameters: &Value) {
        let mut state = self.lock();
        let request = text(parameters, "requestId");
        state.under_way.remove(request);
        if state.loader.as_deref() == Some(request) && !state.too_large {
            state.failure = Some(text(parameters, "errorText").to_owned());
        }
    }

    fn frame_navigated(&self, parameters: &Value) {
        let frame = &parameters["frame"];
        if frame["id"] != self.frame.as_str() {
            return;
        }
        let mut state = self.lock();
        state.content_loaded = None;
        // The browser's own page about a failure is no page; the blank one at the beginning was never asked for.
        let is_error = frame.get("unreachableUrl").is_some();
        let was_asked_for = state.loader.is_some();
        state.committed = (!is_error && was_asked_for).then(Instant::now);
    }
}

impl Listener for PageState {
    fn event(&self, connection: &Connection, method: &str, parameters: &Value) {
        match method {
            "Network.requestWillBeSent" => self.request_will_be_sent(parameters),
            "Network.responseReceived" => self.response_received(parameters),
            "Network.dataReceived" => {
                if self.data_received(parameters) {
                    connection.send(Some(&self.session), "Page.stopLoading", &json!({}));
                }
            }
            "Network.loadingFinished" => {
                self.lock().under_way.remove(text(parameters, "requestId"));
            }
            "Network.loadingFailed" => self.loading_failed(parameters),
            "Page.frameNavigated" => self.frame_navigated(parameters),
            "Page.domContentEventFired" => {
                let mut state = self.lock();
                if state.committed.is_some() {
                    state.content_loaded = Some(Instant::now());
                }
            }
            // A page waits for its dialogs, and everything asked of the page with it. Leaving is agreed to, all else declined.
            "Page.javascriptDialogOpening" => {
                let accept = parameters["type"] == "beforeunload";
                connection.send(Some(&self.session), "Page.handleJavaScriptDialog", &json!({ "accept": accept }));
                self.lock().dialogs += 1;
            }
            "Inspector.targetCrashed" | "Inspector.detached" => self.lock().crashed = true,
            _ => return,
        }
        self.changed.notify_waiters();
    }
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

fn status(response: &Value) -> Option<u16> {
    response["status"].as_u64().and_then(|status| u16::try_from(status).ok()).filter(|status| *status > 0)
}
