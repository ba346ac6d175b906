//! An application of its own for each test, and requests to it.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, body::Body};
use data_ops::{
    database::{DatabaseConfig, Databases},
    domains::ensure_instance_domain,
    links::LinkObserver,
    types::{Clock, DomainId, Host, ManualClock, Slug, Timestamp},
};
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tempfile::TempDir;
use test_postgres::TestDatabase;
use tokio::sync::OnceCell;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;
use user_application::{
    Background, ClientAddress, Dependencies, Live, PasswordCost, Settings, UserApplication, Watching,
};

use crate::watching::Watcher;

/// Runs each of the named tests of a room on both databases.
macro_rules! on_both_databases {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $test() {
                super::$test(crate::support::TestApp::sqlite().await).await;
            })+
        }
        mod postgres {
            $(#[tokio::test]
            async fn $test() {
                super::$test(crate::support::TestApp::postgres().await).await;
            })+
        }
    };
}
pub(crate) use on_both_databases;

/// 2026-03-01T12:00:00Z.
pub const NOW: Timestamp = Timestamp::from_millis(1_772_366_400_000);

pub const PASSWORD: &str = "correct horse battery staple";

/// Remembers which slugs it was told about.
#[derive(Default)]
pub struct Announcements(Mutex<Vec<String>>);

impl LinkObserver for Announcements {
    fn links_changed(&self, slugs: &[(DomainId, Slug)]) {
        let mut told = self.0.lock().unwrap();
        told.extend(slugs.iter().map(|(_, slug)| slug.to_string()));
    }
}

/// What has to stay while the application runs.
enum Home {
    Directory(#[expect(dead_code, reason = "removed when dropped")] TempDir),
    Server(#[expect(dead_code, reason = "dropped with its server's database")] TestDatabase),
}

pub struct TestApp {
    pub application: UserApplication,
    pub databases: Databases,
    pub clock: Arc<ManualClock>,
    pub background: Background,
    pub watcher: Arc<Watcher>,
    announcements: Arc<Announcements>,
    router: Router,
    _tasks: TaskTracker,
    _home: Home,
}

/// An account with a workspace and a key for it.
pub struct Owner {
    pub email: String,
    pub workspace: String,
    pub key: String,
}

impl TestApp {
    pub async fn sqlite() -> Self {
        let directory = TempDir::new().unwrap();
        let config = DatabaseConfig::Sqlite { directory: directory.path().to_owned() };
        Self::start(&config, Home::Directory(directory)).await
    }

    pub async fn postgres() -> Self {
        let database = TestDatabase::create().await.unwrap();
        let config = DatabaseConfig::Postgres { url: database.url().to_owned(), max_connections: 4 };
        Self::start(&config, Home::Server(database)).await
    }

    async fn start(config: &DatabaseConfig, home: Home) -> Self {
        let databases = Databases::connect(config).await.unwrap();
        databases.migrate().await.unwrap();
        let host = Host::parse("go.hr.test").unwrap();
        ensure_instance_domain(&databases.control, &host, NOW).await.unwrap();
        let clock = Arc::new(ManualClock::new(NOW));
        let announcements = Arc::new(Announcements::default());
        let tasks = TaskTracker::new();
        let background = crate::background::start(&databases, &clock, &tasks).await;
        let watcher = Watcher::new(&databases.control, &clock);
        let given = Given { databases: &databases, clock: &clock, announcements: &announcements, watcher: &watcher };
        let application = given.application(None, background.clone(), |_| {});
        let router = application.router();
        Self { application, databases, clock, background, watcher, announcements, router, _tasks: tasks, _home: home }
    }

    /// Starts the application anew with other settings, over the same databases.
    pub fn reconfigure(&mut self, change: impl FnOnce(&mut Settings)) {
        let background = self.background.clone();
        self.application = self.given().application(None, background, change);
        self.router = self.application.router();
    }

    /// Starts the application anew with live views, over the same databases.
    pub fn watch_live(&mut self, live: Live) {
        let background = self.background.clone();
        self.application = self.given().application(Some(live), background, |_| {});
        self.router = self.application.router();
    }

    fn given(&self) -> Given<'_> {
        Given {
            databases: &self.databases,
            clock: &self.clock,
            announcements: &self.announcements,
            watcher: &self.watcher,
        }
    }

    pub async fn owner(&self, name: &str) -> Owner {
        let email = format!("{name}@example.com");
        let created = self.application.bootstrap(&email, PASSWORD, name).await.unwrap();
        Owner { email, workspace: created.workspace_id.to_string(), key: created.api_key }
    }

    /// The slugs announced since the last call.
    pub fn announced(&self) -> Vec<String> {
        std::mem::take(&mut self.announcements.0.lock().unwrap())
    }

    pub fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub fn request(&self, method: Method, path: &str) -> TestRequest<'_> {
        let request = Request::builder().method(method).uri(path).header(header::HOST, "go.hr.test");
        TestRequest { app: self, request, body: Body::empty() }
    }

    pub fn get(&self, path: &str) -> TestRequest<'_> {
        self.request(Method::GET, path)
    }

    pub fn post(&self, path: &str, body: &Value) -> TestRequest<'_> {
        self.request(Method::POST, path).json(body)
    }

    pub fn patch(&self, path: &str, body: &Value) -> TestRequest<'_> {
        self.request(Method::PATCH, path).json(body)
    }

    pub fn delete(&self, path: &str) -> TestRequest<'_> {
        self.request(Method::DELETE, path)
    }

    /// Creates a link and answers its id.
    pub async fn link(&self, owner: &Owner, key: &str) -> String {
        let body = json!({ "url": "https://example.com/", "key": key });
        let link = self.post("/api/links", &body).key(owner).send().await.ok();
        link["id"].as_str().unwrap().to_owned()
    }

    /// Signs in and answers the cookie to send.
    pub async fn sign_in(&self, email: &str) -> String {
        let body = json!({ "email": email, "password": PASSWORD });
        let answer = self.post("/api/auth/sign-in", &body).send().await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        answer.cookie()
    }
}

/// What every application of a test is made from.
struct Given<'a> {
    databases: &'a Databases,
    clock: &'a Arc<ManualClock>,
    announcements: &'a Arc<Announcements>,
    watcher: &'a Arc<Watcher>,
}

impl Given<'_> {
    fn application(
        &self,
        live: Option<Live>,
        background: Background,
        change: impl FnOnce(&mut Settings),
    ) -> UserApplication {
        let mut settings = Settings::new("https://go.hr.test".parse().unwrap());
        settings.password_cost = PasswordCost::cheap();
        change(&mut settings);
        UserApplication::new(Dependencies {
            databases: self.databases.clone(),
            clock: Arc::clone(self.clock) as Arc<dyn Clock>,
            links: Arc::clone(self.announcements) as Arc<dyn LinkObserver>,
            live,
            watching: Some(Arc::clone(self.watcher) as Arc<dyn Watching>),
            background,
            settings,
        })
        .unwrap()
    }
}

#[must_use]
pub struct TestRequest<'a> {
    app: &'a TestApp,
    request: http::request::Builder,
    body: Body,
}

impl TestRequest<'_> {
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    pub fn key(self, owner: &Owner) -> Self {
        self.bearer(&owner.key)
    }

    pub fn bearer(self, key: &str) -> Self {
        self.header("authorization", &format!("Bearer {key}"))
    }

    /// As our own pages send it.
    pub fn session(self, cookie: &str) -> Self {
        self.header("cookie", cookie).header("sec-fetch-site", "same-origin")
    }

    pub fn json(self, body: &Value) -> Self {
        self.text("application/json", &body.to_string())
    }

    pub fn text(mut self, content_type: &str, body: &str) -> Self {
        self.body = Body::from(body.to_owned());
        self.header("content-type", content_type)
    }

    pub fn from(mut self, address: &str) -> Self {
        self.request = self.request.extension(ClientAddress(address.parse().unwrap()));
        self
    }

    pub async fn send(self) -> Answer {
        let request = self.request.body(self.body).unwrap();
        let response = self.app.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let body = serde_json::from_slice(&bytes)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned()));
        let answer = Answer { status: parts.status, headers: parts.headers, body };
        answer.expect_explained(self.app).await;
        answer
    }
}

/// The page about errors: the same for every application.
static ERRORS_PAGE: OnceCell<String> = OnceCell::const_new();

#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    /// The JSON, or the text when it is none.
    pub body: Value,
}

impl Answer {
    /// Whatever a test is refused with has its section, and the codes of its fields their rows, at `/api/docs/errors`.
    async fn expect_explained(&self, app: &TestApp) {
        let error = &self.body["error"];
        let Some(anchor) = error["doc_url"].as_str().and_then(|url| url.split_once('#')) else { return };
        let page = ERRORS_PAGE
            .get_or_init(|| async {
                let request = Request::get("/api/docs/errors").body(Body::empty()).unwrap();
                let page = app.router.clone().oneshot(request).await.unwrap();
                String::from_utf8(page.into_body().collect().await.unwrap().to_bytes().into()).unwrap()
            })
            .await;
        assert!(page.contains(&format!("id=\"{}\"", anchor.1)), "not explained: {error}");
        for field in error["errors"].as_array().unwrap() {
            let row = format!("<code>{}</code></th>", field["code"].as_str().unwrap());
            assert!(page.contains(&row), "not explained: {field}");
        }
    }

    /// The body of a request that must succeed.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert!(self.status.is_success(), "{}: {}", self.status, self.body);
        self.body
    }

    /// The status, code, and path and code of the first field of a request that must fail.
    #[track_caller]
    pub fn refusal(&self) -> (u16, &str, &str, &str) {
        let error = &self.body["error"];
        let text = |value: &'_ Value| value.as_str().map(str::len);
        assert!(text(&error["message"]).is_some(), "no envelope: {} {}", self.status, self.body);
        let field = &error["errors"][0];
        (
            self.status.as_u16(),
            error["code"].as_str().unwrap(),
            field["path"].as_str().unwrap_or_default(),
            field["code"].as_str().unwrap_or_default(),
        )
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The cookie set, as the browser sends it back.
    #[track_caller]
    pub fn cookie(&self) -> String {
        self.header("set-cookie").split(';').next().unwrap().to_owned()
    }
}

/// The body with everything random replaced, for snapshots.
pub fn stable(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(stable_text(text)),
        Value::Array(items) => items.iter().map(stable).collect(),
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), stable(value))).collect(),
        other => other.clone(),
    }
}

fn stable_text(text: &str) -> String {
    if text.starts_with("hr_") {
        return if text.matches('_').count() == 2 { "hr_[prefix]_[secret]" } else { "hr_[prefix]" }.to_owned();
    }
    match text.split_once('_') {
        Some((kind, id)) if id.len() == 26 && id.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            format!("{kind}_[id]")
        }
        _ => text.to_owned(),
    }
}

/// Compares with the stored snapshot; both databases must give the same.
macro_rules! assert_snapshot {
    ($name:literal, $value:expr) => {
        insta::assert_json_snapshot!($name, crate::support::stable(&$value))
    };
}
pub(crate) use assert_snapshot;
