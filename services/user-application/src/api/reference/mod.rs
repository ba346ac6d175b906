//! The API reference: the OpenAPI document, an interactive page made from it, and a page about errors.
//!
//! The pages come from the web application's build and share its looks. Everything they load is embedded, so the reference
//! works without access to other servers.

mod errors;
mod explanations;

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::get,
};
use http::{HeaderMap, HeaderValue, header};
use tower_http::compression::CompressionLayer;
use utoipa::openapi::OpenApi;
use utoipa_swagger_ui::Config;

pub(super) use explanations::anchor;

use super::failure::{ApiError, ErrorCode};
use crate::{assets, security_headers};

/// The interactive page, as the web application's build names it.
const OPERATIONS: &str = "reference/operations.html";

/// What is taken from the embedded user interface.
const LIBRARY_FILES: [&str; 2] = ["swagger-ui.css", "swagger-ui-bundle.js"];

/// Routes of the reference.
pub(super) fn router(document: OpenApi) -> Router {
    Router::new()
        .route("/api/openapi.json", get(openapi))
        .route("/api/docs", get(operations))
        .route("/api/docs/", get(operations))
        .route("/api/docs/errors", get(errors::page))
        .route("/api/docs/{file}", get(library_file))
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

async fn operations(headers: HeaderMap) -> Response {
    assets::serve_page(OPERATIONS, &headers)
}

async fn library_file(Path(name): Path<String>) -> Result<Response, ApiError> {
    let absent = || ApiError::new(ErrorCode::NotFound, "There is no such file.");
    if !LIBRARY_FILES.contains(&name.as_str()) {
        return Err(absent());
    }
    let config = Arc::new(Config::from("/api/openapi.json"));
    let found = utoipa_swagger_ui::serve(&name, config)
        .map_err(|error| ApiError::internal(error.to_string()))?
        .ok_or_else(absent)?;
    let headers =
        [(header::CONTENT_TYPE, found.content_type), (header::CACHE_CONTROL, "public, max-age=86400".to_owned())];
    Ok((headers, found.bytes.into_owned()).into_response())
}
