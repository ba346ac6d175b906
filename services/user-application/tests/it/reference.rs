//! The API reference.

use http::StatusCode;

use crate::support::TestApp;

#[tokio::test]
async fn the_reference_loads_nothing_from_elsewhere() {
    let app = TestApp::sqlite().await;
    let page = app.get("/api/docs").send().await;
    assert_eq!(page.status, StatusCode::OK);
    let html = page.body.as_str().unwrap();
    assert!(!html.contains("://"), "{html}");
    assert!(page.header("content-security-policy").contains("script-src 'self'"));
    let scripts = ["/api/docs/swagger-ui-bundle.js", "/api/docs/start.js"];
    for (path, kind) in
        scripts.map(|path| (path, "text/javascript")).into_iter().chain([("/api/docs/swagger-ui.css", "text/css")])
    {
        assert!(html.contains(path), "{path}");
        let file = app.get(path).send().await;
        assert_eq!(file.status, StatusCode::OK, "{path}");
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
    let refused = app.get("/api/nothing").send().await;
    assert_eq!(refused.body["error"]["doc_url"], "https://go.hr.test/api/docs/errors#not_found");
}
