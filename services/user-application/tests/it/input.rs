//! Requests that are not what they should be.

use http::{Method, StatusCode};
use serde_json::json;

use crate::support::{TestApp, assert_snapshot, on_both_databases};

on_both_databases!(
    malformed_bodies_are_bad_requests,
    wrong_types_and_unknown_fields_are_named,
    wrong_parameters_are_named,
    unknown_addresses_and_methods_get_the_envelope,
);

async fn malformed_bodies_are_bad_requests(app: TestApp) {
    let owner = app.owner("ada").await;
    let post = |content_type: &str, body: &str| {
        app.request(Method::POST, "/api/links").key(&owner).text(content_type, body).send()
    };
    let malformed = post("application/json", "{\"url\": ").await;
    assert_eq!(malformed.status, StatusCode::BAD_REQUEST);
    assert_snapshot!("malformed_json", malformed.body);
    assert_eq!(post("application/json; charset=utf-8", "").await.refusal().0, 400);
    let deep = format!("{{\"url\": \"https://example.com/\", \"geo\": {}", "[".repeat(10_000));
    assert_eq!(post("application/json", &deep).await.refusal().0, 400);
    assert_eq!(post("text/plain", "{}").await.refusal().0, 415);
    assert_eq!(post("application/x-www-form-urlencoded", "url=x").await.refusal().0, 415);
    let large = format!("{{\"url\": \"{}\"}}", "x".repeat(1024 * 1024));
    let refused = post("application/json", &large).await;
    assert_eq!((refused.refusal().0, refused.refusal().1), (413, "bad_request"));
    let untyped = app.request(Method::POST, "/api/links").key(&owner).send().await;
    assert_eq!(untyped.refusal().0, 415);
}

async fn wrong_types_and_unknown_fields_are_named(app: TestApp) {
    let owner = app.owner("ada").await;
    let post = |body: serde_json::Value| app.post("/api/links", &body).key(&owner).send();
    let url = "https://example.com/";
    for (body, path, code) in [
        (json!({ "url": 5 }), "url", "type_mismatch"),
        (json!({}), "url", "missing"),
        (json!({ "url": url, "archived": "yes" }), "archived", "type_mismatch"),
        (json!({ "url": url, "geo": [] }), "geo", "type_mismatch"),
        (json!({ "url": url, "geo": { "DE": 1 } }), "geo.DE", "type_mismatch"),
        (json!({ "url": url, "rules": [{ "destinations": [] }] }), "rules[0].when", "missing"),
        (json!({ "url": url, "uri": "x" }), "uri", "unknown_field"),
        (json!({ "url": url, "title": "x".repeat(501) }), "title", "too_long"),
        (json!({ "url": url, "key": "api" }), "key", "reserved"),
        (json!({ "url": url, "domain": "https://x" }), "domain", "invalid_host"),
        (json!([url]), "", "type_mismatch"),
        (json!(null), "", "type_mismatch"),
    ] {
        let refused = post(body.clone()).await;
        assert_eq!(refused.refusal(), (422, "unprocessable_entity", path, code), "{body}");
    }
    let nearest = post(json!({ "url": url, "archive": true })).await;
    assert_snapshot!("unknown_field", nearest.body);
}

async fn wrong_parameters_are_named(app: TestApp) {
    let owner = app.owner("ada").await;
    for (path, field, code) in [
        ("/api/links?pageSize=0", "pageSize", "out_of_range"),
        ("/api/links?pageSize=101", "pageSize", "out_of_range"),
        ("/api/links?pageSize=many", "pageSize", "invalid_value"),
        ("/api/links?page=0", "page", "out_of_range"),
        ("/api/links?sortBy=clicks", "sortBy", "unknown_value"),
        ("/api/links?pagesize=5", "pagesize", "unknown_field"),
        ("/api/links?startingAfter=x", "startingAfter", "invalid_id"),
        ("/api/links?domain=a%20b", "domain", "invalid_host"),
        ("/api/analytics?groupBy=cities", "groupBy", "unknown_value"),
        ("/api/analytics?interval=2d", "interval", "unknown_value"),
        ("/api/analytics?timezone=Mars/Base", "timezone", "unknown_timezone"),
        ("/api/analytics?start=yesterday", "start", "invalid_timestamp"),
        ("/api/analytics?end=2026-01-01T00:00:00Z", "start", "missing"),
        ("/api/analytics?start=2026-02-01T00:00:00Z&end=2026-01-01T00:00:00Z", "end", "empty_range"),
    ] {
        let refused = app.get(path).key(&owner).send().await;
        assert_eq!(refused.refusal(), (422, "unprocessable_entity", field, code), "{path}");
    }
}

async fn unknown_addresses_and_methods_get_the_envelope(app: TestApp) {
    for path in ["/api", "/api/", "/api/nothing", "/api/links/bulk/x", "/api/docs/nothing"] {
        assert_eq!(app.get(path).send().await.refusal().0, 404, "{path}");
    }
    let refused = app.request(Method::PUT, "/api/links").send().await;
    assert_eq!((refused.refusal().0, refused.refusal().1), (405, "bad_request"));
    let allowed = refused.header("allow").to_owned();
    assert!(allowed.contains("GET") && allowed.contains("POST"), "{allowed}");
    assert_snapshot!("method_not_allowed", refused.body);
}
