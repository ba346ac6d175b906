//! Starts the redirect server over a fresh database, and talks to it as a plain HTTP client.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::Arc,
    time::Duration,
};

use axum::{Router, routing::get};
use data_ops::{
    accounts::{SignUp, sign_up},
    analytics,
    clock::{Clock, ManualClock},
    database::{DatabaseConfig, Databases},
    domains::{Domain, ensure_instance_domain},
    links::{Link, LinkChange, LinkObserver, NewLink, create_link, delete_link, update_link},
    types::{CountryCode, DestinationUrl, Email, GeoTargets, Host, Slug, Timestamp, WorkspaceId, WorkspaceName},
    workspaces::NewWorkspace,
};
use data_service::{
    clicks::{CLICK_CONSUMER, ClickLog, ClickSink},
    links::LinkMap,
    redirect::{OrdinaryLane, Redirector},
    server::{ForwardingHeaders, Limits, Server, ServerParts, bind},
    visitors::{CountryDatabase, TrustedProxies},
};
use durable::log::{
    ConsumerOptions, Durability, Log, LogOptions, run_consumer,
    storage::{LocalDisk, Storage},
};
use tokio_util::sync::CancellationToken;

pub const CHROME: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";

/// What the ordinary side answers at `/assets/big`.
static BIG_ASSET: &[u8] = &[b'a'; 1024 * 1024];

pub struct Service {
    pub databases: Databases,
    pub workspace: WorkspaceId,
    pub domain: Domain,
    pub clock: Arc<ManualClock>,
    pub links: Arc<LinkMap>,
    pub log: Log,
    pub address: SocketAddr,
    /// Where each lane listens: the same, unless asked for otherwise.
    pub lanes: Vec<SocketAddr>,
    pub ordinary: Router,
    server: Option<Server>,
    _directory: tempfile::TempDir,
}

impl Service {
    pub async fn start() -> Self {
        Self::start_with(Durability::Process, Limits::default()).await
    }

    pub async fn start_with(durability: Durability, limits: Limits) -> Self {
        Self::start_on(bind("127.0.0.1:0".parse().unwrap(), 2).unwrap(), durability, limits, Arc::new(LocalDisk)).await
    }

    /// Two lanes with a port each, so that a test can tell which one it talks to.
    pub async fn start_with_separate_lanes(limits: Limits) -> Self {
        let listeners = (0..2).flat_map(|_| bind("127.0.0.1:0".parse().unwrap(), 1).unwrap()).collect();
        Self::start_on(listeners, Durability::Process, limits, Arc::new(LocalDisk)).await
    }

    /// With its log on this disk.
    pub async fn start_on_disk(durability: Durability, disk: Arc<dyn Storage>) -> Self {
        let listeners = bind("127.0.0.1:0".parse().unwrap(), 2).unwrap();
        Self::start_on(listeners, durability, Limits::default(), disk).await
    }

    async fn start_on(
        listeners: Vec<TcpListener>,
        durability: Durability,
        limits: Limits,
        disk: Arc<dyn Storage>,
    ) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new(Timestamp::from_millis(1_790_000_000_000)));
        let databases =
            Databases::connect(&DatabaseConfig::Sqlite { directory: directory.path().to_owned() }).await.unwrap();
        databases.migrate().await.unwrap();
        let domain = ensure_instance_domain(&databases.control, &Host::parse("go.example.com").unwrap(), clock.now())
            .await
            .unwrap();
        let account = SignUp {
            email: Email::parse("owner@example.com").unwrap(),
            name: String::new(),
            password_hash: "hash".to_owned(),
            workspace: Some(NewWorkspace { name: WorkspaceName::parse("Acme").unwrap(), slug: None }),
            now: clock.now(),
        };
        let (_, workspace) = sign_up(&databases.control, &account).await.unwrap();
        let links = LinkMap::open(databases.control.clone(), domain.id).await.unwrap();
        links.load().await.unwrap();
        let options = LogOptions {
            consumers: vec![CLICK_CONSUMER.to_owned()],
            ..LogOptions::new(directory.path().join("log"), durability)
        };
        let log = Log::open_on(options, disk).unwrap();
        let clicks = Arc::new(ClickLog::new(log.clone()));
        let redirector = Arc::new(Redirector::new(links.clone(), CountryDatabase::embedded()));
        let forwarding = ForwardingHeaders {
            proxies: TrustedProxies::new(vec!["127.0.0.0/8".parse().unwrap()]),
            country_header: Some("cf-ipcountry".parse().unwrap()),
        };
        let ordinary = data_service::redirect::router(OrdinaryLane {
            redirector: redirector.clone(),
            clicks: clicks.clone(),
            durability,
            forwarding: forwarding.clone(),
            clock: clock.clone(),
        });
        let parts = ServerParts {
            redirector,
            clicks,
            durability,
            forwarding,
            limits,
            clock: clock.clone(),
            router: Router::new().route("/assets/big", get(async || BIG_ASSET)).merge(ordinary.clone()),
        };
        let lanes = listeners.iter().map(|listener| listener.local_addr().unwrap()).collect();
        let server = Server::start(parts, listeners).unwrap();
        Self {
            databases,
            workspace: workspace.unwrap().id,
            domain,
            clock,
            links,
            log,
            address: server.address(),
            lanes,
            ordinary,
            server: Some(server),
            _directory: directory,
        }
    }

    /// A link with a default destination and one for each country given.
    pub async fn link(&self, slug: &str, url: &str, countries: &[(&str, &str)]) -> Link {
        self.link_with_backups(slug, url, countries, &[]).await
    }

    /// The same with backups of the default destination.
    pub async fn link_with_backups(&self, slug: &str, url: &str, countries: &[(&str, &str)], backups: &[&str]) -> Link {
        let geo = countries
            .iter()
            .map(|(country, url)| (CountryCode::parse(country).unwrap(), DestinationUrl::parse(url).unwrap()));
        let link = NewLink {
            domain: None,
            slug: Some(Slug::parse(slug).unwrap()),
            url: DestinationUrl::parse(url).unwrap(),
            geo: geo.collect::<GeoTargets>(),
            rules: Vec::new(),
            backup_urls: backups.iter().map(|url| DestinationUrl::parse(url).unwrap()).collect(),
            geo_backup_urls: data_ops::types::GeoBackups::default(),
            monitor: data_ops::types::Monitor::default(),
            click_value: None,
            external_id: None,
            title: String::new(),
            comments: None,
            archived: false,
            created_by: None,
        };
        let link = create_link(&self.databases.control, self.workspace, &link, self.clock.now()).await.unwrap();
        self.links.links_changed(&[(self.domain.id, link.slug.clone())]);
        link
    }

    pub async fn point_to(&self, link: &Link, url: &str) {
        let change = LinkChange { url: Some(DestinationUrl::parse(url).unwrap()), ..LinkChange::default() };
        update_link(&self.databases.control, self.workspace, link.id, &change, self.clock.now())
            .await
            .unwrap()
            .unwrap();
        self.links.links_changed(&[(self.domain.id, link.slug.clone())]);
    }

    pub async fn delete(&self, link: &Link) {
        delete_link(&self.databases.control, self.workspace, link.id, self.clock.now()).await.unwrap().unwrap();
        self.links.links_changed(&[(self.domain.id, link.slug.clone())]);
    }

    /// Puts everything captured so far into the database.
    pub async fn ingest(&self) {
        let sink = ClickSink::new(self.databases.clicks.clone(), self.clock.clone());
        let stop = CancellationToken::new();
        stop.cancel();
        let end = run_consumer(&self.log, CLICK_CONSUMER, &sink, ConsumerOptions::default(), stop).await;
        assert!(end.drained, "captured clicks were left behind");
    }

    /// Clicks by people over all time.
    pub async fn clicks(&self) -> u64 {
        self.ingest().await;
        let range = analytics::Range::all(self.clock.now().plus(Duration::from_secs(3_600)));
        analytics::count(&self.databases.clicks, analytics::Scope::Workspace(self.workspace), range).await.unwrap()
    }

    pub fn connect(&self) -> TcpStream {
        self.connect_to(self.address)
    }

    pub fn connect_to(&self, address: SocketAddr) -> TcpStream {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream
    }

    /// One request on a connection of its own, headers as lines.
    pub fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.request("GET", path, headers)
    }

    pub fn request(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut stream = self.connect();
        stream.write_all(head(method, path, headers).as_bytes()).unwrap();
        let mut answers = read_answers(&mut stream, 1, method == "HEAD");
        answers.remove(0)
    }

    pub async fn shut_down(&mut self) {
        self.server.take().unwrap().shut_down().await;
    }
}

pub fn head(method: &str, path: &str, headers: &[(&str, &str)]) -> String {
    let mut text = format!("{method} {path} HTTP/1.1\r\nHost: go.example.com\r\nUser-Agent: {CHROME}\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text + "\r\n"
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn location(&self) -> &str {
        self.header("location").unwrap_or_else(|| panic!("no location: {self:?}"))
    }
}

/// Reads `count` answers; fewer if the server closes.
pub fn read_answers(stream: &mut TcpStream, count: usize, head_only: bool) -> Vec<Answer> {
    let mut bytes = Vec::new();
    let mut answers = Vec::new();
    let mut chunk = [0; 16 * 1024];
    while answers.len() < count {
        if let Some((answer, length)) = parse_answer(&bytes, head_only) {
            answers.push(answer);
            bytes.drain(..length);
            continue;
        }
        match stream.read(&mut chunk) {
            Ok(0) | Err(_) => break,
            Ok(read) => bytes.extend_from_slice(&chunk[..read]),
        }
    }
    answers
}

fn parse_answer(bytes: &[u8], head_only: bool) -> Option<(Answer, usize)> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut response = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(head) = response.parse(bytes).unwrap() else { return None };
    let headers: Vec<(String, String)> = response
        .headers
        .iter()
        .map(|header| (header.name.to_ascii_lowercase(), String::from_utf8(header.value.to_vec()).unwrap()))
        .collect();
    let length: usize =
        headers.iter().find(|(name, _)| name == "content-length").map_or(0, |(_, value)| value.parse().unwrap());
    let length = if head_only { 0 } else { length };
    let body = bytes.get(head..head + length)?;
    let answer = Answer { status: response.code.unwrap(), headers, body: String::from_utf8(body.to_vec()).unwrap() };
    Some((answer, head + length))
}
