//! Clicks through NATS, over nodes that come and go.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use serde_json::{Value, json};
use sqlx::{Connection as _, PgConnection};
use tempfile::TempDir;
use test_nats::TestNats;
use test_postgres::TestDatabase;
use tokio::runtime::Runtime;

use crate::process::{CHROME, Service, agent, bootstrap, wait_until};

const PUBLISHED: &str = "hashroute_stream_published_records_total";
const APPLIED: &str = "hashroute_stream_applied_records_total";
const MISSING_SEGMENTS: &str = "hashroute_log_missing_segments_total";

/// One PostgreSQL and one NATS, with directories for nodes.
struct Installation {
    runtime: Runtime,
    database: TestDatabase,
    nats: TestNats,
    directories: Vec<TempDir>,
    owner: Value,
}

impl Installation {
    fn new(nodes: usize) -> Self {
        let runtime = Runtime::new().unwrap();
        let database = runtime.block_on(TestDatabase::create()).unwrap();
        let nats = TestNats::start().unwrap();
        let directories: Vec<TempDir> = (0..nodes).map(|_| tempfile::tempdir().unwrap()).collect();
        let settings = [("HASHROUTE_DATABASE_URL", database.url())];
        let owner = bootstrap(directories[0].path(), &settings, "owner@example.com", "Acme");
        Self { runtime, database, nats, directories, owner }
    }

    fn start(&self, node: usize) -> Service {
        let nats = self.nats.url();
        let stream = [("HASHROUTE_NATS_URL", nats.as_str()), ("HASHROUTE_NATS_STREAM_MAX_BYTES", "64MiB")];
        Service::start(self.directories[node].path(), &[&[self.database_setting()][..], &stream].concat())
    }

    fn start_without_nats(&self, node: usize) -> Service {
        Service::start(self.directories[node].path(), &[self.database_setting()])
    }

    fn database_setting(&self) -> (&str, &str) {
        ("HASHROUTE_DATABASE_URL", self.database.url())
    }

    fn create_link(&self, node: &Service) {
        node.api(&self.owner).post("/api/links", &json!({ "url": "https://shop.example.com", "key": "sale" }));
    }

    /// How often each visit is among the clicks stored.
    fn stored(&self) -> BTreeMap<u64, u64> {
        let referers: Vec<String> = self.runtime.block_on(async {
            let mut database = PgConnection::connect(self.database.url()).await.unwrap();
            sqlx::query_scalar("SELECT referer FROM clicks").fetch_all(&mut database).await.unwrap()
        });
        let mut stored = BTreeMap::new();
        for referer in referers {
            let number = referer.strip_prefix("visit-").unwrap().strip_suffix(".example").unwrap().parse().unwrap();
            *stored.entry(number).or_default() += 1;
        }
        stored
    }

    fn wait_until_stored(&self, visits: &BTreeSet<u64>) {
        wait_until(|| {
            let stored = self.stored();
            let missing: Vec<&u64> = visits.iter().filter(|visit| !stored.contains_key(visit)).collect();
            if missing.is_empty() { Ok(()) } else { Err(format!("{} not stored: {missing:?}", missing.len())) }
        });
    }

    /// All of these are stored once, with none besides that are not in `possible`, and the sums say so too.
    fn wait_until_exact(&self, node: &Service, answered: &BTreeSet<u64>, possible: &BTreeSet<u64>) {
        self.wait_until_stored(answered);
        let stored = self.stored();
        let doubled: Vec<_> = stored.iter().filter(|(_, times)| **times != 1).collect();
        assert!(doubled.is_empty(), "{doubled:?}");
        let made_up: Vec<_> =
            stored.keys().filter(|visit| !answered.contains(visit) && !possible.contains(visit)).collect();
        assert!(made_up.is_empty(), "{made_up:?}");
        node.api(&self.owner).wait_for("/api/analytics?groupBy=count", &json!({ "clicks": stored.len() }));
    }

    /// Nobody stores a click while `work` runs.
    fn while_clicks_are_locked(&self, work: impl FnOnce()) {
        let mut database = self.runtime.block_on(async {
            let mut database = PgConnection::connect(self.database.url()).await.unwrap();
            sqlx::raw_sql("BEGIN; LOCK TABLE clicks IN EXCLUSIVE MODE").execute(&mut database).await.unwrap();
            database
        });
        work();
        self.runtime.block_on(async { sqlx::raw_sql("ROLLBACK").execute(&mut database).await }).unwrap();
    }
}

/// Visits, each told from the others by the page it comes from.
#[derive(Default)]
struct Visits {
    begun: AtomicU64,
    answered: Mutex<BTreeSet<u64>>,
}

impl Visits {
    /// One visit; whether it was answered.
    fn visit(&self, node: SocketAddr) -> bool {
        let number = self.begun.fetch_add(1, Ordering::Relaxed);
        let page = format!("https://visit-{number}.example/");
        let request = agent().get(format!("http://{node}/sale")).header("referer", page).header("user-agent", CHROME);
        let answered = request.call().is_ok_and(|answer| answer.headers().contains_key("location"));
        if answered {
            self.answered.lock().unwrap().insert(number);
        }
        answered
    }

    fn make(&self, node: &Service, count: usize) {
        for _ in 0..count {
            assert!(self.visit(node.address));
        }
    }

    /// Visits until told to stop, or until the node is gone.
    fn keep_on(&self, node: SocketAddr, stop: &AtomicBool) {
        while !stop.load(Ordering::Relaxed) && self.visit(node) {
            thread::park_timeout(Duration::from_millis(5));
        }
    }

    fn answered(&self) -> BTreeSet<u64> {
        self.answered.lock().unwrap().clone()
    }

    fn begun(&self) -> BTreeSet<u64> {
        (0..self.begun.load(Ordering::Relaxed)).collect()
    }

    fn wait_for_more(&self, more: usize) {
        let enough = self.answered().len() + more;
        wait_until(|| {
            let answered = self.answered().len();
            if answered >= enough { Ok(()) } else { Err(answered) }
        });
    }
}

/// Ends the visitors' threads, for which the test would wait otherwise.
struct StopAtTheEnd<'a>(&'a AtomicBool);

impl Drop for StopAtTheEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn ready(node: &Service) -> Value {
    wait_until(|| {
        let mut answer = agent().get(node.url("/readyz")).call().unwrap();
        let body: Value = answer.body_mut().read_json().unwrap();
        if answer.status() == 200 { Ok(body) } else { Err(body) }
    })
}

#[test]
fn every_answered_redirect_is_counted_once_whatever_is_killed_or_frozen() {
    let mut installation = Installation::new(3);
    let (first, second, third) = (installation.start(0), installation.start(1), installation.start(2));
    installation.create_link(&first);
    let (visits, stop) = (Visits::default(), AtomicBool::new(false));
    thread::scope(|scope| {
        let _whatever_happens = StopAtTheEnd(&stop);
        let keep_on = |node: &Service| {
            let (address, visits, stop) = (node.address, &visits, &stop);
            scope.spawn(move || visits.keep_on(address, stop));
        };
        for node in [&first, &second, &third] {
            keep_on(node);
        }
        visits.wait_for_more(200);
        installation.wait_until_stored(&visits.answered());

        installation.nats.kill();
        visits.wait_for_more(200);
        installation.nats.start_again().unwrap();
        visits.wait_for_more(50);
        installation.wait_until_stored(&visits.answered());

        second.kill();
        visits.wait_for_more(100);
        third.freeze();
        let before = visits.answered();
        visits.wait_for_more(100);
        // What the first alone has answered since, and what the frozen one held.
        let since = visits.answered().difference(&before).copied().collect();
        installation.wait_until_stored(&since);

        let mut again = installation.start(1);
        keep_on(&again);
        third.thaw();
        visits.wait_for_more(100);
        installation.nats.kill();
        visits.wait_for_more(50);
        installation.nats.start_again().unwrap();
        stop.store(true, Ordering::Relaxed);
        installation.wait_until_stored(&visits.answered());
        for node in [&first, &again, &third] {
            assert!(node.metric(APPLIED) > 0.0);
            assert_eq!(node.metric(MISSING_SEGMENTS), 0.0);
        }
        assert!(again.terminate().success());
    });
    // The one in the middle of a visit when its node was killed may be there or not.
    assert!(visits.begun().len() - visits.answered().len() <= 3);
    installation.wait_until_exact(&first, &visits.answered(), &visits.begun());
}

#[test]
fn nodes_redirect_without_nats_and_hand_their_clicks_over_when_it_comes() {
    let mut installation = Installation::new(2);
    installation.nats.kill();
    let (first, mut second) = (installation.start(0), installation.start(1));
    installation.create_link(&first);
    let visits = Visits::default();
    for node in [&first, &second] {
        assert_eq!(ready(node)["checks"]["nats"], "unavailable", "and ready all the same");
        visits.make(node, 20);
    }
    // Its clicks wait on its disk.
    assert!(second.terminate().success());
    let second = installation.start(1);
    visits.make(&second, 20);
    assert!(installation.stored().is_empty());
    assert_eq!(first.metric(PUBLISHED), 0.0);

    installation.nats.start_again().unwrap();
    installation.wait_until_exact(&first, &visits.answered(), &BTreeSet::new());
    wait_until(|| match ready(&second)["checks"]["nats"].as_str() {
        Some("ok") => Ok(()),
        other => Err(other.map(str::to_owned)),
    });
}

#[test]
fn nothing_is_lost_or_doubled_when_nats_is_added_removed_and_added_again() {
    let installation = Installation::new(1);
    let node = installation.start_without_nats(0);
    installation.create_link(&node);
    let visits = Visits::default();
    visits.make(&node, 20);
    installation.wait_until_stored(&visits.answered());
    // Left in the log.
    installation.while_clicks_are_locked(|| {
        visits.make(&node, 20);
        node.kill();
    });
    drop(node);

    let node = installation.start(0);
    installation.wait_until_exact(&node, &visits.answered(), &BTreeSet::new());
    // Left in the stream, and in the log because the stream is not trusted with them.
    installation.while_clicks_are_locked(|| {
        let before = node.metric(PUBLISHED);
        visits.make(&node, 20);
        wait_until(|| {
            let published = node.metric(PUBLISHED);
            if published >= before + 20.0 { Ok(()) } else { Err(published) }
        });
        node.kill();
    });
    drop(node);
    assert_eq!(installation.stored().len(), 40);

    let mut node = installation.start_without_nats(0);
    visits.make(&node, 20);
    installation.wait_until_exact(&node, &visits.answered(), &BTreeSet::new());
    assert_eq!(node.metric(MISSING_SEGMENTS), 0.0);
    assert!(node.terminate().success());
    drop(node);

    let node = installation.start(0);
    visits.make(&node, 20);
    installation.wait_until_exact(&node, &visits.answered(), &BTreeSet::new());
    // What was left in the stream came again, and was known.
    wait_until(|| {
        let applied = node.metric(APPLIED);
        if applied >= 60.0 { Ok(()) } else { Err(applied) }
    });
    assert_eq!(node.metric(MISSING_SEGMENTS), 0.0);
    installation.wait_until_exact(&node, &visits.answered(), &BTreeSet::new());
}
