//! The API reference: the OpenAPI document, an interactive page made from it, and a page about error codes.
//!
//! Everything the pages load is embedded, so the reference works without access to other servers.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, State},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use http::{HeaderName, HeaderValue, header};
use tower_http::compression::CompressionLayer;
use utoipa::openapi::OpenApi;
use utoipa_swagger_ui::Config;

use super::failure::{ApiError, ErrorCode};
use crate::security_headers;

const PAGE: &str = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Hashroute API reference</title>
<link rel="icon" href="/favicon.svg">
<link rel="stylesheet" href="/api/docs/swagger-ui.css">
</head>
<body>
<noscript>The interactive reference needs JavaScript. The OpenAPI document is at <a href="/api/openapi.json">/api/openapi.json</a>.</noscript>
<main id="reference"></main>
<script src="/api/docs/swagger-ui-bundle.js"></script>
<script src="/api/docs/start.js"></script>
</body>
</html>
"#;

/// The validator is another company's server: switched off.
const START: &str = r##"window.reference = SwaggerUIBundle({
  url: "/api/openapi.json",
  dom_id: "#reference",
  deepLinking: true,
  displayRequestDuration: true,
  persistAuthorization: false,
  tryItOutEnabled: true,
  validatorUrl: null,
});
"##;

/// For the page about error codes.
const ERRORS_STYLE: &str = "html { color-scheme: light dark }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 42rem; margin: 2rem auto; padding: 0 1rem }
section:target { outline: 2px solid; outline-offset: .5rem }
";

/// What is taken from the embedded user interface.
const LIBRARY_FILES: [&str; 2] = ["swagger-ui.css", "swagger-ui-bundle.js"];

/// Routes of the reference.
pub(super) fn router(document: OpenApi) -> Router {
    Router::new()
        .route("/api/openapi.json", get(openapi))
        .route("/api/docs", get(page))
        .route("/api/docs/", get(page))
        .route("/api/docs/errors", get(errors))
        .route("/api/docs/{file}", get(file))
        .with_state(Arc::new(document))
        .layer(axum::middleware::map_response(cacheable))
        .layer(CompressionLayer::new())
}

async fn cacheable(response: Response) -> Response {
    let mut response = security_headers::page(response).await;
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-cache"));
    response
}

async fn openapi(State(document): State<Arc<OpenApi>>) -> Response {
    axum::Json(document.as_ref()).into_response()
}

async fn page() -> Html<&'static str> {
    Html(PAGE)
}

async fn file(Path(name): Path<String>) -> Result<Response, ApiError> {
    const CONTENT_TYPE: HeaderName = header::CONTENT_TYPE;
    if name == "errors.css" {
        return Ok(([(CONTENT_TYPE, "text/css; charset=utf-8")], ERRORS_STYLE).into_response());
    }
    if name == "start.js" {
        return Ok(([(CONTENT_TYPE, "text/javascript; charset=utf-8")], START).into_response());
    }
    let absent = || ApiError::new(ErrorCode::NotFound, "There is no such file.");
    if !LIBRARY_FILES.contains(&name.as_str()) {
        return Err(absent());
    }
    let config = Arc::new(Config::from("/api/openapi.json"));
    let found = utoipa_swagger_ui::serve(&name, config)
        .map_err(|error| ApiError::internal(error.to_string()))?
        .ok_or_else(absent)?;
    let caching = (header::CACHE_CONTROL, "public, max-age=86400".to_owned());
    Ok(([(CONTENT_TYPE, found.content_type), caching], found.bytes.into_owned()).into_response())
}

/// What each error code means and what to do about it: where `doc_url` points.
async fn errors() -> Html<String> {
    let sections: String = ErrorCode::ALL
        .into_iter()
        .map(|code| {
            let (name, status, advice) = (code.as_str(), code.status().as_u16(), code.advice());
            format!("<section id=\"{name}\">\n<h2><code>{name}</code> ({status})</h2>\n<p>{advice}</p>\n</section>\n")
        })
        .collect();
    Html(format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Hashroute API errors</title>\n\
         <link rel=\"icon\" href=\"/favicon.svg\">\n\
         <link rel=\"stylesheet\" href=\"/api/docs/errors.css\">\n</head>\n<body>\n<main>\n<h1>API errors</h1>\n\
         <p>Every failed request is answered with <code>{{\"error\": {{\"code\", \"message\", \"doc_url\", \"errors\"}}}}</code>. \
         The codes and what to do about them:</p>\n{sections}\
         <p><a href=\"/api/docs\">API reference</a></p>\n</main>\n</body>\n</html>\n"
    ))
}
