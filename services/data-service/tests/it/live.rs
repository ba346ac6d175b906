//! Clicks shown live: from the redirect to whoever watches, on one node and on two.

use std::{sync::Arc, time::Duration};

use data_ops::{
    clicks::Click,
    clock::{Clock, ManualClock},
    database::{DatabaseConfig, Databases},
    types::{ClickId, LinkId, Timestamp, WorkspaceId},
};
use data_service::{
    clicks::{CLICK_CONSUMER, ClickObserver, ClickSink},
    live::{LinkClickTracker, LiveFeed},
    nats::{self, NatsRelay},
};
use durable::{
    log::{ConsumerOptions, run_consumer},
    objects::{Classes, ObjectHandle, ObjectParts, Objects, Subscription, Update},
    store::Store,
};
use serde_json::Value;
use test_nats::TestNats;
use test_postgres::TestDatabase;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

use crate::harness::Service;

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

fn parts(databases: &Databases, clock: &Arc<ManualClock>, tasks: &TaskTracker) -> ObjectParts {
    let store = Store::start(databases.control.clone(), clock.clone(), tasks);
    ObjectParts::new(store, Classes::default().with::<LinkClickTracker>(), tasks)
}

async fn next(subscription: &mut Subscription<LinkClickTracker>) -> Vec<Value> {
    match tokio::time::timeout(Duration::from_secs(20), subscription.next()).await.unwrap().unwrap() {
        Update::Snapshot(snapshot) => vec![snapshot.state.snapshot(NOW)],
        Update::Deltas { deltas, .. } => deltas.to_vec(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_click_is_shown_to_who_watches_the_workspace_once_it_is_stored() {
    let service = Service::start().await;
    let link = service.link("sale", "https://shop.example/", &[]).await;
    let tasks = TaskTracker::new();
    let objects = Objects::new(parts(&service.databases, &service.clock, &tasks));
    let feed = LiveFeed::new(objects.clone(), service.databases.control.clone(), service.clock.clone());
    let tracker = objects.get::<LinkClickTracker>(LinkClickTracker::name(service.workspace));
    let mut watching = tracker.subscribe().unwrap();
    assert_eq!(next(&mut watching).await[0]["clicks"], serde_json::json!([]));

    for path in ["/sale", "/none", "/sale"] {
        service.get(path, &[("CF-IPCountry", "BR")]);
    }
    let sink = ClickSink::new(service.databases.clicks.clone(), service.clock.clone()).observed_by(feed.clone());
    let stop = CancellationToken::new();
    stop.cancel();
    assert!(run_consumer(&service.log, CLICK_CONSUMER, &sink, ConsumerOptions::default(), stop).await.drained);
    assert!(feed.tell_all().await);

    let frames = next(&mut watching).await;
    assert_eq!((frames[0]["type"].as_str(), frames[0]["total"].as_u64()), (Some("clicks"), Some(2)));
    let click = &frames[0]["clicks"][1];
    assert_eq!(click["linkId"], link.id.to_string());
    assert_eq!((click["domain"].as_str(), click["key"].as_str()), (Some("go.example.com"), Some("sale")));
    assert_eq!((click["country"].as_str(), click["browser"].as_str()), (Some("BR"), Some("Chrome")));
    // Who comes later is shown the same.
    let shown = tracker.snapshot().await.unwrap().state.snapshot(service.clock.now());
    assert_eq!(shown["clicks"], frames[0]["clicks"]);
}

fn clicks(workspace: WorkspaceId, from: u128, count: u128, at: Timestamp) -> Vec<Click> {
    let click = |number| Click {
        id: ClickId::from_uuid(Uuid::from_u128(number)),
        workspace_id: workspace,
        link_id: LinkId::from_uuid(Uuid::from_u128(2)),
        at,
        country: None,
        device: "Desktop".into(),
        browser: "Chrome".into(),
        os: "Windows".into(),
        referer: "(direct)".into(),
        destination: "https://shop.example/".into(),
        decided_by: "default".into(),
        served_backup: None,
        served_reason: None,
        bot: false,
    };
    (from..from + count).map(click).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_and_clicks_that_come_late_are_counted_and_workspaces_kept_apart() {
    let service = Service::start().await;
    let tasks = TaskTracker::new();
    let objects = Objects::new(parts(&service.databases, &service.clock, &tasks));
    let feed = LiveFeed::new(objects.clone(), service.databases.control.clone(), service.clock.clone());
    let [one, two] = [1, 2].map(|number| WorkspaceId::from_uuid(Uuid::from_u128(number)));
    let now = service.clock.now();
    feed.recorded(&clicks(one, 0, 70, now));
    feed.recorded(&clicks(one, 100, 7, now.minus(Duration::from_secs(61))));
    feed.recorded(&clicks(two, 200, 3, now));
    assert!(feed.tell_all().await);
    let shown = |workspace| {
        let tracker = objects.get::<LinkClickTracker>(LinkClickTracker::name(workspace));
        async move { tracker.snapshot().await.unwrap().state.snapshot(now) }
    };
    let first = shown(one).await;
    assert_eq!((first["total"].as_u64(), first["omitted"].as_u64()), (Some(77), Some(27)));
    let second = shown(two).await;
    assert_eq!((second["total"].as_u64(), second["omitted"].as_u64()), (Some(3), Some(0)));
    assert_eq!(second["clicks"][0]["key"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_tracker_could_not_be_told_is_told_as_a_number() {
    let service = Service::start().await;
    let tasks = TaskTracker::new();
    // A node that was not told about trackers stands for a database that is away.
    let without = ObjectParts { classes: Classes::default(), ..parts(&service.databases, &service.clock, &tasks) };
    let feed = LiveFeed::new(Objects::new(without), service.databases.control.clone(), service.clock.clone());
    let workspace = WorkspaceId::from_uuid(Uuid::from_u128(1));
    feed.recorded(&clicks(workspace, 0, 70, service.clock.now()));
    assert!(!feed.tell_all().await);
    assert!(!feed.tell_all().await);
    assert_eq!(feed.waiting(), 70);
}

/// A node of an installation on PostgreSQL and NATS.
struct Node {
    feed: Arc<LiveFeed>,
    objects: Objects,
    tracker: ObjectHandle<LinkClickTracker>,
    clock: Arc<ManualClock>,
}

impl Node {
    async fn start(database: &DatabaseConfig, nats: &TestNats, workspace: WorkspaceId) -> Self {
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let databases = Databases::connect(database).await.unwrap();
        databases.migrate().await.unwrap();
        let clock = Arc::new(ManualClock::new(NOW));
        let client = nats::connect(&nats.url()).await.unwrap();
        let mut parts = parts(&databases, &clock, &tasks);
        parts.relay = Some(NatsRelay::start(client, &tasks, &stop));
        // What NATS brings is told from what the database brings by when it comes.
        parts.options.catch_up = Duration::from_secs(2);
        let objects = Objects::new(parts);
        let feed = LiveFeed::new(objects.clone(), databases.control.clone(), clock.clone());
        let tracker = objects.get::<LinkClickTracker>(LinkClickTracker::name(workspace));
        Self { feed, objects, tracker, clock }
    }

    /// A click is taken in here, and shown at once.
    async fn click(&self, workspace: WorkspaceId, number: u128) {
        self.clock.advance(Duration::from_millis(250));
        self.feed.recorded(&clicks(workspace, number, 1, self.clock.now()));
        assert!(self.feed.tell_all().await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_click_on_one_node_is_shown_on_the_other_by_nats_and_without_nats_by_the_database() {
    let database = TestDatabase::create().await.unwrap();
    let config = DatabaseConfig::Postgres { url: database.url().to_owned(), max_connections: 8 };
    let mut nats = TestNats::start().unwrap();
    let workspace = WorkspaceId::from_uuid(Uuid::from_u128(1));
    let (here, there) = (Node::start(&config, &nats, workspace).await, Node::start(&config, &nats, workspace).await);
    let mut watching = here.tracker.subscribe().unwrap();
    assert_eq!(next(&mut watching).await[0]["type"], "snapshot");

    // Until both nodes have found NATS, the database tells.
    let mut number = 0;
    let by_nats = async |watching: &mut Subscription<LinkClickTracker>, number: &mut u128| {
        loop {
            *number += 1;
            there.click(workspace, *number).await;
            let told = next(watching).await;
            if told[0]["type"] == "clicks" {
                assert_eq!(told[0]["clicks"][0]["id"], ClickId::from_uuid(Uuid::from_u128(*number)).to_string());
                return;
            }
        }
    };
    by_nats(&mut watching, &mut number).await;

    nats.kill();
    number += 1;
    there.click(workspace, number).await;
    let told = next(&mut watching).await;
    let newest = ClickId::from_uuid(Uuid::from_u128(number)).to_string();
    assert_eq!(told[0]["type"], "snapshot");
    assert_eq!(told[0]["clicks"].as_array().unwrap().last().unwrap()["id"], newest);

    nats.start_again().unwrap();
    by_nats(&mut watching, &mut number).await;
    drop(watching);
    assert_eq!(here.objects.followed(), 0);
}
