//! What every answer carries, and what happens when the application cannot do its work.

use serde_json::json;

use crate::support::{TestApp, assert_snapshot, on_both_databases};

on_both_databases!(
    every_answer_has_a_request_id,
    callers_have_an_allowance,
    without_its_database_the_application_asks_for_patience,
    answers_are_not_cached_and_are_never_pages,
);

async fn every_answer_has_a_request_id(app: TestApp) {
    let first = app.get("/api/setup").send().await;
    let second = app.get("/api/nothing").send().await;
    assert_eq!(first.header("x-request-id").len(), 32);
    assert_ne!(first.header("x-request-id"), second.header("x-request-id"));
    let given = app.get("/api/setup").header("x-request-id", "trace-1.a_B").send().await;
    assert_eq!(given.header("x-request-id"), "trace-1.a_B");
    let odd = app.get("/api/setup").header("x-request-id", "a b\"<script>").send().await;
    assert_eq!(odd.header("x-request-id").len(), 32);
}

async fn callers_have_an_allowance(mut app: TestApp) {
    let ada = app.owner("ada").await;
    let bob = app.owner("bob").await;
    app.reconfigure(|settings| settings.api_requests_per_minute = 3.try_into().unwrap());
    for remaining in ["2", "1", "0"] {
        let answer = app.get("/api/links").key(&ada).send().await;
        assert_eq!(answer.header("x-ratelimit-limit"), "3");
        assert_eq!(answer.header("x-ratelimit-remaining"), remaining);
    }
    let refused = app.get("/api/links").key(&ada).send().await;
    assert_eq!((refused.refusal().0, refused.refusal().1), (429, "rate_limit_exceeded"));
    assert_eq!((refused.header("retry-after"), refused.header("x-ratelimit-remaining")), ("20", "0"));
    let reset: i64 = refused.header("x-ratelimit-reset").parse().unwrap();
    assert_eq!(reset, app.now().as_millis() / 1000 + 60);
    app.get("/api/links").key(&bob).send().await.ok();
    app.advance(20);
    app.get("/api/links").key(&ada).send().await.ok();
    for _ in 0..3 {
        app.get("/api/setup").from("203.0.113.9").send().await.ok();
    }
    assert_eq!(app.get("/api/setup").from("203.0.113.9").send().await.refusal().0, 429);
    app.get("/api/setup").from("203.0.113.10").send().await.ok();
}

async fn without_its_database_the_application_asks_for_patience(app: TestApp) {
    let owner = app.owner("ada").await;
    app.databases.close().await.unwrap();
    let refused = app.post("/api/links", &json!({ "url": "https://example.com/" })).key(&owner).send().await;
    assert_eq!((refused.refusal().0, refused.refusal().1), (503, "unavailable"));
    assert_eq!(refused.header("retry-after"), "2");
    assert_snapshot!("unavailable", refused.body);
}

async fn answers_are_not_cached_and_are_never_pages(app: TestApp) {
    let owner = app.owner("ada").await;
    for answer in [app.get("/api/links").key(&owner).send().await, app.get("/api/links").send().await] {
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("content-security-policy"), "default-src 'none'; frame-ancestors 'none'");
    }
}
