//! The pages of the web application.

use http::{Method, StatusCode};

use crate::support::TestApp;

#[tokio::test]
async fn pages_are_served_under_a_strict_policy() {
    let app = TestApp::sqlite().await;
    for path in ["/", "/login", "/signup?setup=x", "/app", "/app/acme/links", "/app/acme/links/link_1?edit=1"] {
        let page = app.get(path).send().await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8", "{path}");
        assert_eq!(page.header("cache-control"), "no-cache", "{path}");
        let policy = page.header("content-security-policy");
        for part in ["default-src 'none'", "script-src 'self';", "frame-ancestors 'none'", "base-uri 'none'"] {
            assert!(policy.contains(part), "{policy}");
        }
        assert_eq!(page.header("x-content-type-options"), "nosniff");
        assert!(!page.header("referrer-policy").is_empty());
        let html = page.body.as_str().unwrap();
        assert!(html.to_lowercase().starts_with("<!doctype html>"), "{path}");
        assert!(!html.contains("<script>"), "inline scripts would be blocked");
    }
}

#[tokio::test]
async fn a_page_is_not_sent_twice() {
    let app = TestApp::sqlite().await;
    let page = app.get("/").send().await;
    let again = app.get("/").header("if-none-match", page.header("etag")).send().await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
    assert_eq!(again.body, "");
    assert_eq!(again.header("etag"), page.header("etag"));
    let head = app.request(Method::HEAD, "/").send().await;
    assert_eq!((head.status, head.body.as_str()), (StatusCode::OK, Some("")));
    let compressed = app.get("/").header("accept-encoding", "br, gzip").send().await;
    if !compressed.header("content-encoding").is_empty() {
        assert_ne!(compressed.header("etag"), page.header("etag"), "a tag per representation");
    }
    assert_eq!(compressed.header("vary"), "accept-encoding");
}

#[tokio::test]
async fn other_addresses_are_left_to_short_links() {
    let app = TestApp::sqlite().await;
    for path in ["/launch", "/assets/nothing.js", "/assets/../index.html", "/index.html.br"] {
        let answer = app.get(path).send().await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
}
