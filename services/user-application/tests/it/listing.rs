//! Lists of links.

use serde_json::{Value, json};

use crate::support::{Owner, TestApp, on_both_databases};

on_both_databases!(lists_come_in_pages, lists_are_filtered,);

async fn keys(app: &TestApp, owner: &Owner, query: &str) -> Vec<String> {
    let links = app.get(&format!("/api/links?{query}")).key(owner).send().await.ok();
    let key = |link: &Value| link["key"].as_str().unwrap().to_owned();
    links.as_array().unwrap().iter().map(key).collect()
}

async fn lists_come_in_pages(app: TestApp) {
    let owner = app.owner("ada").await;
    let mut ids = Vec::new();
    for key in ["a", "b", "c", "d", "e"] {
        ids.push(app.link(&owner, key).await);
        app.advance(1);
    }
    assert_eq!(keys(&app, &owner, "").await, ["e", "d", "c", "b", "a"]);
    assert_eq!(keys(&app, &owner, "sortBy=createdAt&sortOrder=asc").await, ["a", "b", "c", "d", "e"]);
    assert_eq!(keys(&app, &owner, "pageSize=2").await, ["e", "d"]);
    assert_eq!(keys(&app, &owner, "pageSize=2&page=3").await, ["a"]);
    assert!(keys(&app, &owner, "pageSize=2&page=4").await.is_empty());
    assert_eq!(keys(&app, &owner, &format!("pageSize=2&startingAfter={}", ids[3])).await, ["c", "b"]);
    assert_eq!(keys(&app, &owner, &format!("pageSize=2&endingBefore={}", ids[1])).await, ["d", "c"]);
    assert_eq!(keys(&app, &owner, &format!("sortOrder=asc&pageSize=2&startingAfter={}", ids[1])).await, ["c", "d"]);
    let both = format!("/api/links?startingAfter={}&endingBefore={}", ids[0], ids[1]);
    assert_eq!(app.get(&both).key(&owner).send().await.refusal().3, "ambiguous");
}

async fn lists_are_filtered(app: TestApp) {
    let owner = app.owner("ada").await;
    let other = app.owner("bob").await;
    app.link(&other, "theirs").await;
    for (key, url, title) in [
        ("spring", "https://example.com/shoes", "Spring Sale"),
        ("summer", "https://example.com/hats", ""),
        ("winter", "https://example.com/100%25", ""),
    ] {
        let body = json!({ "url": url, "key": key, "title": title });
        app.post("/api/links", &body).key(&owner).send().await.ok();
        app.advance(1);
    }
    let body = json!({ "url": "https://example.com/", "key": "old", "archived": true });
    app.post("/api/links", &body).key(&owner).send().await.ok();
    for (query, expected) in [
        ("", &["winter", "summer", "spring"][..]),
        ("showArchived=true", &["old", "winter", "summer", "spring"]),
        ("search=SALE", &["spring"]),
        ("search=hats", &["summer"]),
        ("search=100%2525", &["winter"]),
        ("search=_inter", &[]),
        ("domain=go.hr.test", &["winter", "summer", "spring"]),
        ("domain=other.example", &[]),
        ("search=&domain=", &["winter", "summer", "spring"]),
    ] {
        assert_eq!(keys(&app, &owner, query).await, expected, "{query}");
        let count = app.get(&format!("/api/links/count?{query}")).key(&owner).send().await.ok();
        assert_eq!(count, json!(expected.len()), "{query}");
    }
}
