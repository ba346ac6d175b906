//! The running service, put together: which part gets which backend. Everything here is built once.

use std::{sync::Arc, thread::available_parallelism, time::Duration};

use anyhow::Context as _;
use axum::{
    Router,
    extract::{Request, State},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
};
use data_ops::{
    clock::{Clock, SystemClock},
    database::{DatabaseConfig, Databases},
    domains::ensure_instance_domain,
    links::LinkObserver,
    types::{Host, WorkspaceId},
};
use data_service::{
    clicks::{ClickLog, ClickOperations, ClickSink},
    links::{ChangeFollower, FanOut, LinkMap},
    live::{self, LiveFeed},
    nats::{self, NatsRelay},
    redirect::{OrdinaryLane, Redirector},
    server::{ForwardingHeaders, Limits, Server, ServerParts},
    visitors::{self, CountryDatabase, watch_country_database},
};
use durable::{
    log::Log,
    objects::{Objects, Relay},
};
use futures_util::stream::BoxStream;
use http::StatusCode;
use metrics_exporter_prometheus::PrometheusBuilder;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower_http::timeout::TimeoutLayer;
use url::Url;
use user_application::{Dependencies, Live, LiveClicks, LiveLimits, Settings, UserApplication};

use crate::{
    configuration::Configuration, data_directory::DataDirectory, durable::Durable, gauges::Gauges,
    ingestion::Ingestion, operations, watching::Watching,
};

/// How long to wait before links are loaded again after a failure.
const LOAD_RETRY: Duration = Duration::from_secs(1);
/// No request may take longer: a body sent drop by drop, a database that hangs.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// The running service.
pub struct Application {
    server: Server,
    user_application: UserApplication,
    databases: Databases,
    durable: Durable,
    watching: Watching,
    log: Log,
    public_url: Url,
    /// Closes the sockets of live views, with the first step of the end.
    stop_sockets: CancellationToken,
    /// Ends background work that serves requests.
    stop: CancellationToken,
    /// Ends the ingestion of clicks, after the last request.
    stop_ingestion: CancellationToken,
    tasks: TaskTracker,
    _data_directory: DataDirectory,
}

/// Opens the databases and brings their schema up to date.
pub async fn open_databases(configuration: &DatabaseConfig) -> anyhow::Result<Databases> {
    let databases = Databases::connect(configuration).await?;
    databases.migrate().await?;
    Ok(databases)
}

/// What the user application is told by the operator.
pub fn settings(configuration: &Configuration, public_url: Url) -> Settings {
    Settings {
        open_sign_up: configuration.open_sign_up,
        allow_private_destinations: configuration.allow_private_destinations,
        ..Settings::new(public_url)
    }
}

impl Application {
    /// Starts everything; the service answers when this returns.
    pub async fn start(configuration: &Configuration) -> anyhow::Result<Self> {
        let metrics = PrometheusBuilder::new().install_recorder().context("metrics could not be started")?;
        let data_directory = DataDirectory::lock(&configuration.data_dir)?;
        let lanes = available_parallelism().map_or(1, usize::from);
        let listeners = data_service::server::bind(configuration.listen, lanes)?;
        let port = listeners.first().context("no listener")?.local_addr()?.port();
        let public_url = configuration.public_url(port)?;

        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let databases = open_databases(&configuration.database()).await?;
        let host =
            Host::parse(public_url.authority()).context("`public_url` has a host that cannot be a short domain")?;
        let instance_domain = ensure_instance_domain(&databases.control, &host, clock.now()).await?;

        let tasks = TaskTracker::new();
        let stop = CancellationToken::new();
        let stop_ingestion = CancellationToken::new();
        let stop_sockets = CancellationToken::new();
        let links = LinkMap::open(databases.control.clone(), instance_domain.id).await?;
        let has_other_nodes = configuration.database_url.is_some();
        tasks.spawn({
            let (links, stop) = (links.clone(), stop.clone());
            async move {
                load_links(links.clone(), stop.clone()).await;
                // Only then: links that are not in memory yet would look changed, and the scan would leave them out.
                if has_other_nodes {
                    ChangeFollower::new(links).run(stop).await;
                }
            }
        });

        let nats = match &configuration.nats_url {
            Some(url) => Some(nats::connect(url.expose()).await?),
            None => None,
        };
        let observer: Arc<dyn LinkObserver> = match &nats {
            Some(client) => FanOut::start(links.clone(), client.clone(), &tasks, &stop).await?,
            None => links.clone(),
        };

        let relay = nats.map(|client| NatsRelay::start(client, &tasks, &stop) as Arc<dyn Relay>);
        let watching = Watching::open(configuration, &data_directory)?;
        let durable = Durable::start(&databases, clock.clone(), relay, observer.clone(), &watching).await?;

        let ingestion = Ingestion::choose(configuration, instance_domain.id).await?;
        let (stream, consumer) = (ingestion.stream().cloned(), ingestion.consumer());
        let log = ingestion.open_log(configuration, &data_directory)?;
        let feed = LiveFeed::new(durable.handles().objects.clone(), databases.control.clone(), clock.clone());
        let trigger = watching.click_trigger(&databases, clock.clone(), durable.handles().objects.clone());
        tasks.spawn(trigger.clone().run(stop.clone()));
        let sink =
            ClickSink::new(databases.clicks.clone(), clock.clone()).observed_by(feed.clone()).observed_by(trigger);
        ingestion.start(&log, sink, feed, &tasks, &stop_ingestion)?;

        let countries = match &configuration.geo_database {
            Some(path) => CountryDatabase::from_file(path)?,
            None => CountryDatabase::embedded(),
        };
        tasks.spawn(watch_country_database(countries.clone(), stop.clone()));

        let replays = ClickSink::new(databases.clicks.clone(), clock.clone());
        let background =
            durable.handles().clone().background(ClickOperations::new(replays, Some((log.clone(), consumer))));
        let user_application = UserApplication::new(Dependencies {
            databases: databases.clone(),
            clock: clock.clone(),
            links: observer,
            live: Some(Live {
                clicks: Arc::new(Watched { objects: durable.handles().objects.clone(), clock: clock.clone() }),
                tasks: tasks.clone(),
                stop: stop_sockets.clone(),
                limits: LiveLimits::default(),
            }),
            watching: Some(durable.steering().clone()),
            background: background.clone(),
            settings: settings(configuration, public_url.clone()),
        })?;
        let redirector = Arc::new(Redirector::new(links.clone(), countries));
        let forwarding = ForwardingHeaders {
            proxies: configuration.proxies(),
            country_header: configuration.geo_country_header.clone(),
        };
        let clicks = Arc::new(ClickLog::new(log.clone()));
        let ordinary_lane = OrdinaryLane {
            redirector: redirector.clone(),
            clicks: clicks.clone(),
            durability: configuration.durability,
            forwarding: forwarding.clone(),
            clock: clock.clone(),
        };
        let operations = operations::Operations {
            databases: databases.clone(),
            links,
            stream,
            gauges: Gauges {
                background,
                clicks: databases.clicks.clone(),
                clock: clock.clone(),
                tasks: tasks.clone(),
                stop: stop.clone(),
                last: Arc::default(),
            },
            metrics,
            metrics_token: configuration.metrics_token.clone(),
        };
        let router = Router::new()
            .merge(operations::router(operations))
            .merge(
                user_application
                    .router()
                    .layer(middleware::map_request(tell_client_address))
                    .layer(middleware::from_fn_with_state(tasks.clone(), to_its_end)),
            )
            .merge(data_service::redirect::router(ordinary_lane))
            .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, REQUEST_TIMEOUT));

        let parts = ServerParts {
            redirector,
            clicks,
            durability: configuration.durability,
            forwarding,
            limits: Limits::default().within_open_files(),
            clock,
            router,
        };
        let server = Server::start(parts, listeners)?;
        Ok(Self {
            server,
            user_application,
            databases,
            durable,
            watching,
            log,
            public_url,
            stop_sockets,
            stop,
            stop_ingestion,
            tasks,
            _data_directory: data_directory,
        })
    }

    /// Where users find it.
    pub fn public_url(&self) -> &Url {
        &self.public_url
    }

    /// Where it listens.
    pub fn address(&self) -> std::net::SocketAddr {
        self.server.address()
    }

    /// The link with which the first account is made; `None` once there is one.
    pub async fn first_run_link(&self) -> anyhow::Result<Option<String>> {
        Ok(self.user_application.issue_setup_link().await?)
    }

    /// Ends in order: no request is cut, then every captured click is counted and shown or with NATS handed on, then jobs under way
    /// end, then the databases are closed.
    pub async fn shut_down(self) {
        self.stop_sockets.cancel();
        self.server.shut_down().await;
        self.stop.cancel();
        self.stop_ingestion.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        // It holds the objects.
        drop(self.user_application);
        // A look under way is given up, and taken up again at the next start.
        tokio::join!(self.durable.shut_down(), self.watching.shut_down());
        self.log.close();
        if let Err(error) = self.databases.close().await {
            tracing::error!(error = &error as &dyn std::error::Error, "the databases could not be closed cleanly");
        }
    }
}

/// Brings all links into memory while redirects are already served, looked up one by one; `/readyz` tells when it is done.
async fn load_links(links: Arc<LinkMap>, stop: CancellationToken) {
    let began = std::time::Instant::now();
    loop {
        match stop.run_until_cancelled(links.load()).await {
            None => return,
            Some(Ok(count)) => {
                let duration_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
                tracing::info!(links = count, duration_ms, "links loaded");
                return;
            }
            Some(Err(error)) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "links could not be loaded; trying again");
                stop.run_until_cancelled(tokio::time::sleep(LOAD_RETRY)).await;
            }
        }
    }
}

/// The workspaces' trackers, as the user application knows them.
struct Watched {
    objects: Objects,
    clock: Arc<dyn Clock>,
}

impl LiveClicks for Watched {
    fn watch(&self, workspace: WorkspaceId) -> Option<BoxStream<'static, serde_json::Value>> {
        live::watch(&self.objects, self.clock.clone(), workspace).ok()
    }
}

/// The listener found the client's address; the user application knows it under its own name.
async fn tell_client_address(mut request: Request) -> Request {
    if let Some(client) = request.extensions().get::<visitors::ClientAddress>().copied() {
        request.extensions_mut().insert(user_application::ClientAddress(client.address));
    }
    request
}

/// Runs an API request to its end even if the client hangs up or the time is over: what has been committed must also be announced,
/// or a redirect would go on with what was edited.
async fn to_its_end(State(tasks): State<TaskTracker>, request: Request, next: Next) -> Response {
    match tasks.spawn(next.run(request)).await {
        Ok(response) => response,
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "a request ended with a panic");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
