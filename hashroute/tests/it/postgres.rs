use serde_json::json;
use test_postgres::TestDatabase;

use crate::process::{Service, bootstrap, wait_until};

#[test]
fn two_nodes_on_one_database_serve_the_same_links() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let database = runtime.block_on(TestDatabase::create()).unwrap();
    let settings = [("HASHROUTE_DATABASE_URL", database.url())];
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let owner = bootstrap(one.path(), &settings, "owner@example.com", "Acme");
    let (first, second) = (Service::start(one.path(), &settings), Service::start(two.path(), &settings));
    let api = first.api(&owner);
    let link = api.post("/api/links", &json!({ "url": "https://shop.example.com/1", "key": "sale" }));
    assert_eq!(first.visit("/sale", "8.8.8.8").as_deref(), Some("https://shop.example.com/1"));
    assert_eq!(second.visit("/sale", "8.8.8.8").as_deref(), Some("https://shop.example.com/1"));
    let path = format!("/api/links/{}", link["id"].as_str().unwrap());
    api.patch(&path, &json!({ "url": "https://shop.example.com/2" }));
    let mut visits = 2;
    wait_until(|| {
        visits += 1;
        let location = second.visit("/sale", "8.8.8.8");
        (location.as_deref() == Some("https://shop.example.com/2")).then_some(()).ok_or(location)
    });
    api.wait_for("/api/analytics?groupBy=count", &json!({ "clicks": visits }));

    // A renamed link leaves its former address everywhere, and nobody else gets it.
    api.patch(&path, &json!({ "key": "sale-2" }));
    wait_until(|| second.visit("/sale", "8.8.8.8").map_or(Ok(()), Err));
    assert_eq!(second.visit("/sale-2", "8.8.8.8").as_deref(), Some("https://shop.example.com/2"));
    let refused = api.post("/api/links", &json!({ "url": "https://shop.example.com", "key": "sale" }));
    assert_eq!(refused["error"]["errors"][0]["code"], "slug_retired");
}
