//! The API reference.

use http::{Method, StatusCode};

use crate::support::TestApp;

#[tokio::test]
async fn the_reference_loads_nothing_from_elsewhere() {
    let app = TestApp::sqlite().await;
    let page = app.get("/api/docs").send().await;
    assert_eq!(page.status, StatusCode::OK);
    let html = page.body.as_str().unwrap();
    assert!(!html.contains("://"), "{html}");
    assert!(page.header("content-security-policy").contains("script-src 'self'"));
    let loaded: Vec<&str> = html.split('"').filter(|value| value.ends_with(".js") || value.ends_with(".css")).collect();
    assert!(loaded.contains(&"/api/docs/swagger-ui-bundle.js"), "{loaded:?}");
    assert!(loaded.contains(&"/api/docs/swagger-ui.css"), "{loaded:?}");
    for path in loaded {
        let file = app.get(path).send().await;
        assert_eq!(file.status, StatusCode::OK, "{path}");
        let kind = if path.ends_with(".js") { "text/javascript" } else { "text/css" };
        assert!(file.header("content-type").starts_with(kind), "{path}: {}", file.header("content-type"));
    }
}

#[tokio::test]
async fn the_document_served_is_the_document_generated() {
    let app = TestApp::sqlite().await;
    let served = app.get("/api/openapi.json").send().await.ok();
    assert_eq!(served, serde_json::to_value(user_application::openapi()).unwrap());
    assert_eq!(served["openapi"], "3.1.0");
}

#[tokio::test]
async fn every_error_code_is_explained_where_errors_point_to() {
    let app = TestApp::sqlite().await;
    let page = app.get("/api/docs/errors").send().await.ok();
    let html = page.as_str().unwrap();
    let document = serde_json::to_value(user_application::openapi()).unwrap();
    let codes = document["components"]["schemas"]["ErrorCode"]["enum"].as_array().unwrap();
    assert!(codes.len() >= 10);
    for code in codes {
        assert!(html.contains(&format!("id=\"{}\"", code.as_str().unwrap())), "{code}");
    }
    // A status of its own has a section of its own, whatever the code.
    for status in [405, 408, 413, 415] {
        assert!(html.contains(&format!("<span class=\"status\">{status}</span>")), "{status}");
    }
    let refused = app.get("/api/nothing").send().await;
    assert_eq!(refused.body["error"]["doc_url"], "https://go.hr.test/api/docs/errors#not_found");
    let refused = app.request(Method::POST, "/api/auth/sign-in").text("text/plain", "{}").send().await;
    assert_eq!(refused.body["error"]["doc_url"], "https://go.hr.test/api/docs/errors#unsupported_media_type");
}
