//! API keys.

use serde_json::{Value, json};

use crate::support::{Owner, TestApp, assert_snapshot, on_both_databases};

on_both_databases!(
    a_key_is_shown_once_and_works_until_it_is_revoked,
    a_key_stops_working_when_it_expires,
    a_key_cannot_make_a_more_powerful_one,
    what_is_wrong_with_a_new_key_is_named,
);

async fn create(app: &TestApp, owner: &Owner, body: Value) -> Value {
    app.post("/api/api-keys", &body).key(owner).send().await.ok()
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap()
}

async fn a_key_is_shown_once_and_works_until_it_is_revoked(app: TestApp) {
    let owner = app.owner("ada").await;
    let created =
        create(&app, &owner, json!({ "name": " Import ", "scopes": ["links.write", "analytics.read"] })).await;
    assert_snapshot!("created_api_key", created);
    let key = text(&created, "key");
    assert!(key.starts_with(&format!("{}_", text(&created, "prefix"))));
    app.advance(90);
    app.get("/api/links").bearer(key).send().await.ok();
    let listed = app.get("/api/api-keys").key(&owner).send().await.ok();
    assert_eq!(listed.as_array().unwrap().len(), 2);
    assert_eq!(listed[0]["lastUsedAt"], json!(app.now()));
    assert_eq!(listed[0].get("key"), None);

    let path = format!("/api/api-keys/{}", text(&created, "id"));
    let revoked = app.delete(&path).key(&owner).send().await.ok();
    assert_eq!(revoked, json!({ "id": created["id"] }));
    assert_eq!(app.get("/api/links").bearer(key).send().await.refusal().0, 401);
    assert_eq!(app.delete(&path).key(&owner).send().await.refusal().0, 404);
    let listed = app.get("/api/api-keys").key(&owner).send().await.ok();
    assert_eq!(listed.as_array().unwrap().len(), 1);
}

async fn a_key_stops_working_when_it_expires(app: TestApp) {
    let owner = app.owner("ada").await;
    let created = create(&app, &owner, json!({ "name": "Short", "expiresAt": "2026-03-01T13:00:00Z" })).await;
    assert_eq!(created["expiresAt"], json!("2026-03-01T13:00:00.000Z"));
    let key = text(&created, "key");
    app.advance(59 * 60);
    app.get("/api/links").bearer(key).send().await.ok();
    app.advance(60);
    assert_eq!(app.get("/api/links").bearer(key).send().await.refusal().0, 401);
}

async fn a_key_cannot_make_a_more_powerful_one(app: TestApp) {
    let owner = app.owner("ada").await;
    let limited = create(&app, &owner, json!({ "name": "Limited", "scopes": ["api-keys.write", "links.read"] })).await;
    let post = |body: Value| app.post("/api/api-keys", &body).bearer(text(&limited, "key")).send();
    assert_eq!(post(json!({ "name": "All" })).await.refusal().0, 403);
    assert_eq!(post(json!({ "name": "Write", "scopes": ["links.write"] })).await.refusal().0, 403);
    post(json!({ "name": "Read", "scopes": ["links.read"] })).await.ok();

    let expiring = json!({ "name": "Expiring", "expiresAt": "2026-03-02T00:00:00Z" });
    let expiring = create(&app, &owner, expiring).await;
    let post = |body: Value| app.post("/api/api-keys", &body).bearer(text(&expiring, "key")).send();
    assert_eq!(post(json!({ "name": "Forever" })).await.refusal().0, 403);
    post(json!({ "name": "Shorter", "expiresAt": "2026-03-01T20:00:00Z" })).await.ok();
}

async fn what_is_wrong_with_a_new_key_is_named(app: TestApp) {
    let owner = app.owner("ada").await;
    let body = json!({ "name": "", "scopes": ["links.read", "links"], "expiresAt": "2026-03-01T11:00:00Z" });
    let refused = app.post("/api/api-keys", &body).key(&owner).send().await;
    assert_snapshot!("api_key_mistakes", refused.body);
    let none = app.post("/api/api-keys", &json!({ "name": "None", "scopes": [] })).key(&owner).send().await;
    assert_eq!(none.refusal(), (422, "unprocessable_entity", "scopes", "empty"));
}
