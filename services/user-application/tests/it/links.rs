//! Creating, reading, changing and deleting links.

use http::StatusCode;
use serde_json::json;

use crate::support::{TestApp, assert_snapshot, on_both_databases};

on_both_databases!(
    a_link_is_created_with_everything_it_can_have,
    a_link_needs_no_more_than_a_destination,
    a_link_is_found_in_every_way_it_can_be_named,
    a_change_leaves_alone_what_it_does_not_name,
    a_deleted_links_address_is_not_given_out_again,
    what_is_taken_is_a_conflict,
    the_redirect_path_hears_about_every_change,
    an_address_is_known_to_be_taken,
);

async fn a_link_is_created_with_everything_it_can_have(app: TestApp) {
    let owner = app.owner("ada").await;
    let body = json!({
        "url": "https://Example.com/launch?x=1",
        "domain": "GO.hr.test",
        "key": "launch",
        "geo": { "de": "https://example.com/de", "AT": "https://example.com/at" },
        "rules": [{
            "when": { "all": [
                { "type": "country", "op": "not_in", "value": ["US"] },
                { "not": { "type": "country", "op": "in", "value": ["FR"] } },
            ] },
            "destinations": [{ "url": "https://example.com/a", "weight": 70 }, { "url": "https://example.com/b", "weight": 30 }],
        }],
        "externalId": "product-1",
        "title": "Launch",
        "comments": "First line\nSecond line",
        "archived": false,
    });
    let created = app.post("/api/links", &body).key(&owner).send().await;
    assert_eq!(created.status, StatusCode::OK);
    assert_snapshot!("link", created.body);
    let found = app.get(&format!("/api/links/{}", created.body["id"].as_str().unwrap())).key(&owner).send().await;
    assert_eq!(found.ok(), created.body);
}

async fn a_link_needs_no_more_than_a_destination(app: TestApp) {
    let owner = app.owner("ada").await;
    let body = json!({ "url": "https://example.com", "geo": null, "rules": null, "title": null, "key": null });
    let link = app.post("/api/links", &body).key(&owner).send().await.ok();
    let key = link["key"].as_str().unwrap();
    assert_eq!(key.len(), 7);
    assert_eq!(link["shortLink"], json!(format!("https://go.hr.test/{key}")));
    assert_eq!((&link["geo"], &link["rules"]), (&json!(null), &json!([])));
}

async fn a_link_is_found_in_every_way_it_can_be_named(app: TestApp) {
    let owner = app.owner("ada").await;
    let body = json!({ "url": "https://example.com/", "key": "named", "externalId": "a/b c" });
    let link = app.post("/api/links", &body).key(&owner).send().await.ok();
    let id = link["id"].as_str().unwrap();
    for path in [
        format!("/api/links/{id}"),
        "/api/links/ext_a%2Fb%20c".to_owned(),
        format!("/api/links/info?linkId={id}"),
        "/api/links/info?externalId=a%2Fb+c".to_owned(),
        "/api/links/info?domain=go.hr.test&key=named".to_owned(),
        "/api/links/info?key=named".to_owned(),
    ] {
        assert_eq!(app.get(&path).key(&owner).send().await.ok(), link, "{path}");
    }
    for path in ["/api/links/info?key=Named", "/api/links/ext_a", "/api/links/x", "/api/links/info?key=%2F"] {
        assert_eq!(app.get(path).key(&owner).send().await.refusal().0, 404, "{path}");
    }
    for path in ["/api/links/info", "/api/links/info?domain=go.hr.test", "/api/links/info?key=a&linkId=b"] {
        assert_eq!(app.get(path).key(&owner).send().await.refusal().0, 422, "{path}");
    }
}

async fn a_change_leaves_alone_what_it_does_not_name(app: TestApp) {
    let owner = app.owner("ada").await;
    let body = json!({
        "url": "https://example.com/", "key": "before", "externalId": "x", "title": "Title", "comments": "Comments",
        "geo": { "DE": "https://example.com/de" },
        "rules": [{ "when": { "type": "country", "op": "in", "value": ["FR"] }, "destinations": [{ "url": "https://example.com/fr" }] }],
    });
    let before = app.post("/api/links", &body).key(&owner).send().await.ok();
    let path = format!("/api/links/{}", before["id"].as_str().unwrap());
    let unchanged = app.patch(&path, &json!({})).key(&owner).send().await.ok();
    assert_eq!(unchanged, before);

    app.advance(60);
    let change = json!({ "key": "after", "archived": true });
    let after = app.patch(&path, &change).key(&owner).send().await.ok();
    let mut expected = before.clone();
    expected["key"] = json!("after");
    expected["shortLink"] = json!("https://go.hr.test/after");
    expected["archived"] = json!(true);
    expected["updatedAt"] = json!("2026-03-01T12:01:00.000Z");
    assert_eq!(after, expected);

    let emptied = json!({ "geo": null, "rules": null, "externalId": null, "title": null, "comments": null });
    let emptied = app.patch(&path, &emptied).key(&owner).send().await.ok();
    for (field, empty) in [
        ("geo", json!(null)),
        ("rules", json!([])),
        ("externalId", json!(null)),
        ("title", json!(null)),
        ("comments", json!(null)),
    ] {
        assert_eq!(emptied[field], empty, "{field}");
    }
    for field in ["url", "domain", "key", "archived"] {
        let refused = app.patch(&path, &json!({ field: null })).key(&owner).send().await;
        assert_eq!(refused.refusal(), (422, "unprocessable_entity", field, "type_mismatch"));
    }
}

async fn a_deleted_links_address_is_not_given_out_again(app: TestApp) {
    let owner = app.owner("ada").await;
    let id = app.link(&owner, "gone").await;
    let path = format!("/api/links/{id}");
    assert_eq!(app.delete(&path).key(&owner).send().await.ok(), json!({ "id": id }));
    assert_eq!(app.get(&path).key(&owner).send().await.refusal().0, 404);
    assert_eq!(app.delete(&path).key(&owner).send().await.refusal().0, 404);
    let again = json!({ "url": "https://example.com/", "key": "gone" });
    let again = app.post("/api/links", &again).key(&owner).send().await;
    assert_eq!(again.refusal(), (409, "conflict", "key", "slug_retired"));
    assert_eq!(app.get("/api/links/exists?key=gone").key(&owner).send().await.ok(), json!(true));
}

async fn what_is_taken_is_a_conflict(app: TestApp) {
    let ada = app.owner("ada").await;
    let bob = app.owner("bob").await;
    app.link(&ada, "taken").await;
    let body = json!({ "url": "https://example.com/", "key": "taken" });
    let refused = app.post("/api/links", &body).key(&bob).send().await;
    assert_eq!(refused.refusal(), (409, "conflict", "key", "slug_taken"));
    assert_snapshot!("slug_taken", refused.body);
    let other = app.link(&ada, "other").await;
    let renamed = app.patch(&format!("/api/links/{other}"), &json!({ "key": "taken" })).key(&ada).send().await;
    assert_eq!(renamed.refusal(), (409, "conflict", "key", "slug_taken"));

    let body = json!({ "url": "https://example.com/", "externalId": "one" });
    app.post("/api/links", &body).key(&ada).send().await.ok();
    app.post("/api/links", &body).key(&bob).send().await.ok();
    let twice = app.post("/api/links", &body).key(&ada).send().await;
    assert_eq!(twice.refusal(), (409, "conflict", "externalId", "external_id_taken"));
    let body = json!({ "url": "https://example.com/", "domain": "other.example" });
    let elsewhere = app.post("/api/links", &body).key(&ada).send().await;
    assert_eq!(elsewhere.refusal(), (422, "unprocessable_entity", "domain", "domain_not_found"));
}

async fn the_redirect_path_hears_about_every_change(app: TestApp) {
    let owner = app.owner("ada").await;
    let id = app.link(&owner, "first").await;
    assert_eq!(app.announced(), ["first"]);
    let path = format!("/api/links/{id}");
    app.patch(&path, &json!({ "title": "New" })).key(&owner).send().await.ok();
    assert_eq!(app.announced(), ["first"]);
    app.patch(&path, &json!({ "key": "second" })).key(&owner).send().await.ok();
    assert_eq!(app.announced(), ["first", "second"]);
    app.patch(&path, &json!({ "key": "second" })).key(&owner).send().await.ok();
    app.patch(&path, &json!({ "url": "nonsense" })).key(&owner).send().await;
    assert!(app.announced().is_empty(), "nothing changed");
    app.delete(&path).key(&owner).send().await.ok();
    assert_eq!(app.announced(), ["second"]);
    let links = json!([
        { "url": "https://example.com/", "key": "a" },
        { "url": "nonsense", "key": "b" },
        { "url": "https://example.com/", "key": "c" },
    ]);
    app.post("/api/links/bulk", &links).key(&owner).send().await.ok();
    assert_eq!(app.announced(), ["a", "c"]);
}

async fn an_address_is_known_to_be_taken(app: TestApp) {
    let ada = app.owner("ada").await;
    let bob = app.owner("bob").await;
    app.link(&ada, "taken").await;
    for (query, taken) in
        [("key=taken", true), ("domain=go.hr.test&key=taken", true), ("key=free", false), ("key=api", true)]
    {
        let answer = app.get(&format!("/api/links/exists?{query}")).key(&bob).send().await;
        assert_eq!(answer.ok(), json!(taken), "{query}");
    }
    let refused = app.get("/api/links/exists?key=a%2Fb").key(&bob).send().await;
    assert_eq!(refused.refusal(), (422, "unprocessable_entity", "key", "invalid_character"));
    let refused = app.get("/api/links/exists?domain=other.example&key=x").key(&bob).send().await;
    assert_eq!(refused.refusal(), (422, "unprocessable_entity", "domain", "domain_not_found"));
}
