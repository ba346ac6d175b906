use serde_json::{Value, json};
use test_nats::TestNats;
use test_postgres::TestDatabase;

use crate::process::{Api, Service, bootstrap, wait_until};

const BY_NATS: &str = r#"hashroute_links_invalidated_total{source="nats"}"#;
const BY_TAIL: &str = r#"hashroute_links_invalidated_total{source="tail"}"#;
const DROPPED: &str = "hashroute_links_fan_out_dropped_total";

/// A link that is edited on one node and visited on another.
struct SharedLink<'a> {
    api: Api<'a>,
    id: String,
    other: &'a Service,
    edits: u32,
}

impl<'a> SharedLink<'a> {
    fn create(node: &'a Service, other: &'a Service, owner: &'a Value) -> Self {
        let api = node.api(owner);
        let link = api.post("/api/links", &json!({ "url": "https://shop.example.com/0", "key": "sale" }));
        let id = link["id"].as_str().unwrap().to_owned();
        Self { api, id, other, edits: 0 }
    }

    /// Puts the link into the other node's memory, edits it here, and waits until the other node's visitors see it.
    fn edit(&mut self) {
        self.other.visit("/sale", "8.8.8.8").unwrap();
        self.edits += 1;
        let url = format!("https://shop.example.com/{}", self.edits);
        self.api.patch(&format!("/api/links/{}", self.id), &json!({ "url": url }));
        wait_until(|| {
            let location = self.other.visit("/sale", "8.8.8.8");
            (location.as_deref() == Some(url.as_str())).then_some(()).ok_or(location)
        });
    }

    /// Edits until one edit arrived by `way`. The tail may be faster than a message now and then, and a node needs a moment to
    /// find NATS.
    fn edit_until_one_arrives(&mut self, way: &str) {
        let before = self.other.metric(way);
        wait_until(|| {
            self.edit();
            let arrived = self.other.metric(way);
            (arrived > before).then_some(()).ok_or((way.to_owned(), arrived))
        });
    }
}

#[test]
fn an_edit_reaches_another_node_by_nats_and_without_nats_by_the_database() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let database = runtime.block_on(TestDatabase::create()).unwrap();
    let mut nats = TestNats::start().unwrap();
    let nats_url = nats.url();
    let settings = [("HASHROUTE_DATABASE_URL", database.url()), ("HASHROUTE_NATS_URL", nats_url.as_str())];
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let owner = bootstrap(one.path(), &settings, "owner@example.com", "Acme");
    let (first, second) = (Service::start(one.path(), &settings), Service::start(two.path(), &settings));
    let mut link = SharedLink::create(&first, &second, &owner);

    link.edit_until_one_arrives(BY_NATS);

    nats.kill();
    link.edit_until_one_arrives(BY_TAIL);
    link.edit_until_one_arrives(BY_TAIL);
    assert!(first.metric(DROPPED) > 0.0);

    nats.start_again().unwrap();
    link.edit_until_one_arrives(BY_NATS);
    for mut node in [first, second] {
        assert!(node.terminate().success());
    }
}

#[test]
fn nodes_start_and_edit_while_nats_is_away_and_find_it_when_it_comes() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let database = runtime.block_on(TestDatabase::create()).unwrap();
    let mut nats = TestNats::start().unwrap();
    nats.kill();
    let nats_url = nats.url();
    let settings = [("HASHROUTE_DATABASE_URL", database.url()), ("HASHROUTE_NATS_URL", nats_url.as_str())];
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let owner = bootstrap(one.path(), &settings, "owner@example.com", "Acme");
    let (first, second) = (Service::start(one.path(), &settings), Service::start(two.path(), &settings));
    let mut link = SharedLink::create(&first, &second, &owner);

    link.edit_until_one_arrives(BY_TAIL);
    assert_eq!(second.metric(BY_NATS), 0.0);

    nats.start_again().unwrap();
    link.edit_until_one_arrives(BY_NATS);
}
