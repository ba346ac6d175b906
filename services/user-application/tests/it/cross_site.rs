//! Requests another site makes a browser send.

use serde_json::json;

use crate::support::{PASSWORD, TestApp, on_both_databases};

on_both_databases!(changes_with_a_session_must_come_from_our_pages, another_site_cannot_sign_anybody_in,);

async fn changes_with_a_session_must_come_from_our_pages(app: TestApp) {
    let owner = app.owner("ada").await;
    let cookie = app.sign_in(&owner.email).await;
    let body = json!({ "url": "https://example.com/" });
    let post = |headers: &[(&str, &str)]| {
        let request = app.post("/api/links", &body).header("cookie", &cookie).header("x-workspace-id", "ada");
        headers.iter().fold(request, |request, (name, value)| request.header(name, value)).send()
    };
    for refused in [
        &[][..],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[("sec-fetch-site", "cross-site"), ("origin", "https://go.hr.test")],
    ] {
        assert_eq!(post(refused).await.refusal().0, 403, "{refused:?}");
    }
    for accepted in
        [&[("sec-fetch-site", "same-origin")][..], &[("sec-fetch-site", "none")], &[("origin", "https://go.hr.test")]]
    {
        post(accepted).await.ok();
    }
    let count = app
        .get("/api/links/count?workspaceId=ada")
        .header("cookie", &cookie)
        .header("sec-fetch-site", "cross-site")
        .send()
        .await;
    assert_eq!(count.ok(), json!(3), "reading changes nothing");
    let with_key = app.post("/api/links", &body).key(&owner).header("sec-fetch-site", "cross-site").send().await;
    with_key.ok();
}

async fn another_site_cannot_sign_anybody_in(app: TestApp) {
    let owner = app.owner("ada").await;
    let body = json!({ "email": owner.email, "password": PASSWORD });
    let post = |headers: &[(&str, &str)]| {
        let request = app.post("/api/auth/sign-in", &body);
        headers.iter().fold(request, |request, (name, value)| request.header(name, value)).send()
    };
    assert_eq!(post(&[("sec-fetch-site", "cross-site")]).await.refusal().0, 403);
    assert_eq!(post(&[("origin", "https://evil.example")]).await.refusal().0, 403);
    post(&[("sec-fetch-site", "same-origin")]).await.ok();
    post(&[]).await.ok();
    let form = app.request(http::Method::POST, "/api/auth/sign-in").text("text/plain", &body.to_string()).send().await;
    assert_eq!(form.refusal().0, 415);
}
