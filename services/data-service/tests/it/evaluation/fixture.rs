//! A node that looks at destinations, of which each part is run by hand.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use browser::{Limits, Rendered, Renderer, Rendering, Settled};
use data_ops::{
    accounts::{SignUp, sign_up},
    clicks::Click,
    clock::{Clock, ManualClock},
    database::{Database, DatabaseConfig, Databases},
    destinations::{Destination, find_destination_by_url},
    domains::ensure_instance_domain,
    links::{Link, LinkObserver, NewLink, create_link, delete_link},
    routing::Visitor,
    types::{
        ClickId, DestinationId, DestinationUrl, DomainId, Email, GeoTargets, HealthState, Host, Slug, Timestamp,
        UserId, WorkspaceId, WorkspaceName,
    },
    workspaces::NewWorkspace,
};
use data_service::{
    evaluation::{
        Artifacts, ClickTrigger, Evaluation, EvaluationParts, EvaluationScheduler, EvaluationSettings, Regular,
        StartEvaluation, check_now, starting,
    },
    health::{
        ApplyHealth, DestinationHealth, FreezeSettings, Health, HealthChanges, HealthMessage, NobodyListens, Said,
    },
    links::LinkMap,
};
use durable::{
    jobs::{Jobs, QueueOptions},
    objects::{Classes, ObjectParts, Objects},
    store::Store,
    workflows::{Options, Workflows},
};
use futures_util::FutureExt as _;
use guard::{Guard, Policy};
use judge::{
    Reason,
    rules::{CustomPhrases, RulesVerdict, Signals},
    snapshot::{Outcome, PageSnapshot, Timings},
};
use test_postgres::TestDatabase;
use tokio_util::task::TaskTracker;

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

macro_rules! on_both_databases {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                super::$test(super::Fixture::sqlite().await).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                super::$test(super::Fixture::postgres().await).await;
            })+
        }
    };
}
pub(super) use on_both_databases;

/// Shows pages whose title says what is to be found of them.
#[derive(Default)]
struct Scripted {
    pages: Mutex<HashMap<String, String>>,
    looks: Mutex<HashMap<String, usize>>,
}

impl Renderer for Scripted {
    fn render<'a>(&'a self, url: &'a str, _: &'a Limits, _: Option<Settled<'a>>) -> Rendering<'a> {
        *self.looks.lock().unwrap().entry(url.to_owned()).or_default() += 1;
        let title = self.pages.lock().unwrap().get(url).cloned().unwrap_or_default();
        Box::pin(async move {
            if title == "fails" {
                return Err(browser::RenderError::Broken("it does as it is told".to_owned()));
            }
            let html = format!("<title>{title}</title>");
            Ok(Rendered { snapshot: page(url, title), screenshot: Some(b"picture".to_vec()), html })
        })
    }
}

fn page(url: &str, title: String) -> PageSnapshot {
    PageSnapshot {
        requested_url: url.to_owned(),
        final_url: url.to_owned(),
        redirects: Vec::new(),
        outcome: Outcome::Loaded,
        http_status: Some(200),
        content_type: Some("text/html".to_owned()),
        title,
        lang: None,
        blocks: Vec::new(),
        structured: Vec::new(),
        truncated: false,
        browser: None,
        requests: 1,
        bytes: 100,
        timings: Timings::default(),
    }
}

/// Believes the title.
fn rules(page: &PageSnapshot, _: &CustomPhrases) -> RulesVerdict {
    let reason = match page.title.as_str() {
        "available" => Reason::BuyControl,
        "sold out" => Reason::OutOfStock,
        _ => Reason::NoSignal,
    };
    RulesVerdict {
        verdict: reason.verdict(),
        severity: reason.severity(),
        reason,
        confidence: 0.95,
        evidence: Vec::new(),
        signals: Signals::default(),
    }
}

/// The defaults.
pub fn settings() -> EvaluationSettings {
    EvaluationSettings::default()
}

/// The node.
pub struct Fixture {
    pub workspace: WorkspaceId,
    pub user: UserId,
    pub clock: Arc<ManualClock>,
    pub store: Store,
    pub artifacts: Artifacts,
    pub workflows: Workflows,
    pub changes: Arc<HealthChanges>,
    pub trigger: Arc<ClickTrigger>,
    pub regular: Regular,
    databases: Databases,
    domain: DomainId,
    links: Arc<LinkMap>,
    jobs: Jobs,
    objects: Objects,
    renderer: Arc<Scripted>,
    _directory: tempfile::TempDir,
    _server: Option<TestDatabase>,
}

impl Fixture {
    pub async fn sqlite() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let config = DatabaseConfig::Sqlite { directory: directory.path().join("data") };
        Self::start(config, directory, None).await
    }

    pub async fn postgres() -> Self {
        let database = TestDatabase::create().await.unwrap();
        let config = DatabaseConfig::Postgres { url: database.url().to_owned(), max_connections: 8 };
        Self::start(config, tempfile::tempdir().unwrap(), Some(database)).await
    }

    async fn start(config: DatabaseConfig, directory: tempfile::TempDir, server: Option<TestDatabase>) -> Self {
        let clock = Arc::new(ManualClock::new(NOW));
        let databases = Databases::connect(&config).await.unwrap();
        databases.migrate().await.unwrap();
        let control = databases.control.clone();
        let domain = ensure_instance_domain(&control, &Host::parse("go.example.com").unwrap(), NOW).await.unwrap();
        let account = SignUp {
            email: Email::parse("owner@example.com").unwrap(),
            name: String::new(),
            password_hash: "hash".to_owned(),
            workspace: Some(NewWorkspace { name: WorkspaceName::parse("Acme").unwrap(), slug: None }),
            now: NOW,
        };
        let (user, workspace) = sign_up(&control, &account).await.unwrap();
        let links = LinkMap::open(control.clone(), domain.id).await.unwrap();
        links.load().await.unwrap();
        let artifacts = Artifacts::in_directory(&directory.path().join("artifacts")).unwrap();
        Self::assemble(Assembly {
            clock,
            databases,
            domain: domain.id,
            user: user.id,
            workspace: workspace.unwrap().id,
            links,
            artifacts,
            renderer: Arc::default(),
            directory,
            server,
            settings: settings(),
        })
        .await
    }

    /// The same with other settings.
    pub async fn with_settings(self, settings: EvaluationSettings) -> Self {
        Self::assemble(Assembly {
            clock: self.clock,
            databases: self.databases,
            domain: self.domain,
            user: self.user,
            workspace: self.workspace,
            links: self.links,
            artifacts: self.artifacts,
            renderer: self.renderer,
            directory: self._directory,
            server: self._server,
            settings,
        })
        .await
    }

    async fn assemble(assembly: Assembly) -> Self {
        let Assembly {
            clock,
            databases,
            domain,
            user,
            workspace,
            links,
            artifacts,
            renderer,
            directory,
            server,
            settings,
        } = assembly;
        let tasks = TaskTracker::new();
        let store = Store::start(databases.control.clone(), clock.clone(), &tasks);
        let jobs = Jobs::open(store.clone()).await.unwrap();
        let classes = Classes::default().with::<EvaluationScheduler>().with::<DestinationHealth>();
        let parts = ObjectParts { jobs: Some(jobs.clone()), ..ObjectParts::new(store.clone(), classes, &tasks) };
        let objects = Objects::new(parts);
        let parts = EvaluationParts {
            databases: databases.clone(),
            store: store.clone(),
            clock: clock.clone(),
            objects: objects.clone(),
            artifacts: artifacts.clone(),
            renderer: renderer.clone(),
            rules,
            judge: None,
            guard: Guard::new(Policy::default()).unwrap(),
            settings: settings.clone(),
        };
        let workflows = Workflows::builder(store.clone(), Options::default())
            .register_limited(Evaluation(Arc::new(parts)), 4)
            .build();
        let changes = HealthChanges {
            objects: objects.clone(),
            store: store.clone(),
            links: links.clone(),
            listener: Arc::new(NobodyListens),
            freeze: FreezeSettings::default(),
        };
        let trigger = ClickTrigger::new(objects.clone(), databases.control.clone(), clock.clone(), settings.clone());
        let regular = Regular {
            databases: databases.clone(),
            clock: clock.clone(),
            objects: objects.clone(),
            settings,
            at_most: 100,
        };
        let changes = Arc::new(changes);
        Self {
            workspace,
            user,
            clock,
            store,
            artifacts,
            workflows,
            changes,
            trigger,
            regular,
            databases,
            domain,
            links,
            jobs,
            objects,
            renderer,
            _directory: directory,
            _server: server,
        }
    }

    pub fn control(&self) -> &Database {
        &self.databases.control
    }

    pub async fn link(&self, slug: &str, url: &str, backups: &[&str]) -> Link {
        let link = NewLink {
            domain: None,
            slug: Some(Slug::parse(slug).unwrap()),
            url: DestinationUrl::from_stored(url).unwrap(),
            geo: GeoTargets::default(),
            rules: Vec::new(),
            backup_urls: backups.iter().map(|url| DestinationUrl::from_stored(url).unwrap()).collect(),
            geo_backup_urls: <_>::default(),
            monitor: <_>::default(),
            click_value: None,
            external_id: None,
            title: String::new(),
            comments: None,
            archived: false,
            created_by: None,
        };
        let link = create_link(self.control(), self.workspace, &link, self.clock.now()).await.unwrap();
        self.links.links_changed(&[(self.domain, link.slug.clone())]);
        link
    }

    pub async fn delete(&self, link: &Link) {
        delete_link(self.control(), self.workspace, link.id, self.clock.now()).await.unwrap().unwrap();
    }

    /// Where the next visitor goes, by the links in memory.
    pub async fn where_to(&self, slug: &str) -> String {
        let links = self.links.domains().by_id(self.domain).unwrap().clone();
        let decide =
            |link: &data_service::links::CachedLink| link.program.decide(&Visitor::default()).destination.to_owned();
        match links.with_link(slug, decide) {
            Some(destination) => destination,
            None => decide(&self.links.look_up(&links, slug).await.unwrap().unwrap()),
        }
    }

    pub async fn found(&self, url: &str) -> Destination {
        let url = DestinationUrl::from_stored(url).unwrap();
        find_destination_by_url(self.control(), self.workspace, &url).await.unwrap().unwrap()
    }

    pub async fn destination(&self, url: &str) -> DestinationId {
        self.found(url).await.id
    }

    pub async fn state(&self, url: &str) -> HealthState {
        self.found(url).await.state
    }

    pub async fn health(&self, destination: DestinationId) -> Health {
        let object = self.objects.get::<DestinationHealth>(DestinationHealth::name(destination));
        object.snapshot().await.unwrap().state.health
    }

    pub async fn next_alarm(&self, destination: DestinationId) -> Option<Timestamp> {
        let object = self.objects.get::<EvaluationScheduler>(EvaluationScheduler::name(destination));
        object.get_alarm().await.unwrap()
    }

    /// From now on the page has this title.
    pub fn shows(&self, url: &str, title: &str) {
        self.renderer.pages.lock().unwrap().insert(url.to_owned(), title.to_owned());
    }

    pub fn looks(&self, url: &str) -> usize {
        self.renderer.looks.lock().unwrap().get(url).copied().unwrap_or_default()
    }

    /// Has the page looked at now, and does everything that follows from it.
    pub async fn check(&self, destination: DestinationId) {
        assert!(check_now(&self.objects, self.workspace, destination).await.unwrap().begun);
        self.settle().await;
    }

    pub async fn say(&self, url: &str, said: Said) {
        let object = self.objects.get::<DestinationHealth>(DestinationHealth::name(self.destination(url).await));
        object.send(HealthMessage { workspace: self.workspace, said }).await.unwrap();
        self.settle().await;
    }

    pub async fn pass(&self, time: Duration) {
        self.clock.advance(time);
        self.settle().await;
    }

    /// Does everything that is due.
    pub async fn settle(&self) {
        let starting =
            self.jobs.worker::<StartEvaluation, _>(starting(self.workflows.clone()), QueueOptions::default());
        let applying = self.jobs.worker::<ApplyHealth, _>(self.changes.clone().applying(), QueueOptions::default());
        loop {
            let rung = self.objects.run_due().await.unwrap();
            let started = starting.run_due().await.unwrap();
            let ran = self.workflows.run_due().boxed().await.unwrap();
            let applied = applying.run_due().await.unwrap();
            if rung + started + ran + applied == 0 {
                return;
            }
        }
    }

    pub fn click(&self, link: &Link, destination: &str, bot: bool) -> Click {
        Click {
            id: ClickId::generate(&*self.clock),
            workspace_id: self.workspace,
            link_id: link.id,
            at: self.clock.now(),
            country: None,
            device: "Desktop".into(),
            browser: "Chrome".into(),
            os: "Windows".into(),
            referer: "(direct)".into(),
            destination: destination.into(),
            decided_by: "default".into(),
            served_backup: None,
            served_reason: None,
            bot,
        }
    }
}

struct Assembly {
    clock: Arc<ManualClock>,
    databases: Databases,
    domain: DomainId,
    user: UserId,
    workspace: WorkspaceId,
    links: Arc<LinkMap>,
    artifacts: Artifacts,
    renderer: Arc<Scripted>,
    directory: tempfile::TempDir,
    server: Option<TestDatabase>,
    settings: EvaluationSettings,
}
