//! Many links in one request.

use serde_json::{Value, json};

use crate::support::{TestApp, assert_snapshot, on_both_databases};

on_both_databases!(every_link_of_a_bulk_request_stands_for_itself, a_bulk_request_has_limits,);

async fn every_link_of_a_bulk_request_stands_for_itself(app: TestApp) {
    let owner = app.owner("ada").await;
    app.link(&owner, "taken").await;
    let links = json!([
        { "url": "https://example.com/1", "key": "one" },
        { "url": "javascript:alert(1)", "key": "two", "geo": { "XX": "https://example.com/" } },
        { "url": "https://example.com/3", "key": "taken" },
        { "url": "https://example.com/4", "key": "one" },
        { "url": "https://example.com/5", "key": "five", "title": "Five" },
    ]);
    let answer = app.post("/api/links/bulk", &links).key(&owner).send().await.ok();
    assert_snapshot!("bulk", answer);
    assert_eq!(app.get("/api/links/count").key(&owner).send().await.ok(), json!(3));
}

async fn a_bulk_request_has_limits(app: TestApp) {
    let owner = app.owner("ada").await;
    let links = |count: usize| Value::Array(vec![json!({ "url": "https://example.com/" }); count]);
    let post = |body: Value| app.post("/api/links/bulk", &body).key(&owner).send();
    assert_eq!(post(links(0)).await.refusal(), (422, "unprocessable_entity", "", "empty"));
    assert_eq!(post(links(101)).await.refusal(), (422, "unprocessable_entity", "", "too_many_items"));
    assert_eq!(post(links(100)).await.ok().as_array().unwrap().len(), 100);
    let wrong_type = json!([{ "url": "https://example.com/" }, { "url": 5 }]);
    assert_eq!(post(wrong_type).await.refusal(), (422, "unprocessable_entity", "[1].url", "type_mismatch"));
    let unknown = json!([{ "url": "https://example.com/", "kee": "x" }]);
    assert_eq!(post(unknown).await.refusal(), (422, "unprocessable_entity", "[0].kee", "unknown_field"));
    assert_eq!(post(json!({ "url": "https://example.com/" })).await.refusal().0, 422);
    assert_eq!(
        post(json!([["https://example.com/"]])).await.refusal(),
        (422, "unprocessable_entity", "[0]", "type_mismatch")
    );
}
