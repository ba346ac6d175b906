//! The HTTP API: one file per operation, features as folders.
//!
//! A handler states in its signature who may call it: see [`access`]. It returns [`failure::ApiError`]; [`answer`] writes it.

mod access;
mod admin;
mod analytics;
mod answer;
mod api_keys;
mod auth;
mod destinations;
mod document;
mod domains;
mod evaluations;
mod failure;
mod input;
mod links;
mod live;
mod me;
mod paging;
mod reference;
mod responses;
mod schema;
mod workspace_choice;
mod workspaces;

use std::sync::Arc;

use axum::{Router, extract::DefaultBodyLimit, middleware, routing::any};
use http::StatusCode;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::OpenApi as _;
use utoipa_axum::{router::OpenApiRouter, routes};

use access::Application;
pub(crate) use access::RateLimiter;
use failure::{ApiError, ErrorCode};
pub(crate) use live::Seats;

use crate::{security_headers, services::Services};

/// Every documented operation.
fn operations() -> OpenApiRouter<Application> {
    OpenApiRouter::with_openapi(document::Document::openapi())
        .routes(routes!(auth::setup::setup))
        .routes(routes!(auth::sign_up::sign_up))
        .routes(routes!(auth::sign_in::sign_in))
        .routes(routes!(auth::sign_out::sign_out))
        .routes(routes!(me::me))
        .routes(routes!(workspaces::list::list, workspaces::create::create))
        .routes(routes!(workspaces::get::get, workspaces::update::update))
        .routes(routes!(api_keys::list::list, api_keys::create::create))
        .routes(routes!(api_keys::revoke::revoke))
        .routes(routes!(domains::list::list))
        .routes(routes!(links::list::list, links::create::create))
        .routes(routes!(links::create_many::create_many))
        .routes(routes!(links::count::count))
        .routes(routes!(links::info::info))
        .routes(routes!(links::exists::exists))
        .routes(routes!(links::get::get, links::update::update, links::delete::delete))
        .routes(routes!(evaluations::list::list))
        .routes(routes!(evaluations::status::status))
        .routes(routes!(evaluations::get::get))
        .routes(routes!(evaluations::screenshot::screenshot))
        .routes(routes!(evaluations::html::html))
        .routes(routes!(evaluations::text::text))
        .routes(routes!(evaluations::check_link::check_link))
        .routes(routes!(evaluations::check_destination::check_destination))
        .routes(routes!(destinations::inbox::inbox))
        .routes(routes!(destinations::summary::summary))
        .routes(routes!(destinations::get::get))
        .routes(routes!(destinations::changes::changes))
        .routes(routes!(destinations::of_link::of_link))
        .routes(routes!(destinations::restore::restore))
        .routes(routes!(destinations::pin::pin))
        .routes(routes!(destinations::mark_wrong::mark_wrong))
        .routes(routes!(analytics::get::get))
        .routes(routes!(live::watch::watch))
        .merge(admin::operations())
}

/// The OpenAPI 3.1 document of the API.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    operations().into_openapi()
}

/// Everything under `/api`.
pub(crate) fn router(services: &Arc<Services>) -> Router {
    let (operations, document) = operations().split_for_parts();
    let settings = Arc::new(services.settings.clone());
    operations
        .with_state(Application::new(Arc::clone(services)))
        .merge(reference::router(document))
        .route("/api", any(unknown_path))
        .route("/api/", any(unknown_path))
        .route("/api/{*path}", any(unknown_path))
        .method_not_allowed_fallback(method_not_allowed)
        .layer(DefaultBodyLimit::max(input::MAX_BODY))
        .layer(CatchPanicLayer::custom(answer::panicked))
        .layer(middleware::from_fn_with_state(settings, answer::answer))
        .layer(middleware::map_response(security_headers::api))
}

async fn unknown_path() -> ApiError {
    ApiError::new(ErrorCode::NotFound, "There is nothing at this address. The operations are listed at /api/docs.")
}

async fn method_not_allowed() -> ApiError {
    ApiError::bad_request("This address does not take this method. The operations are listed at /api/docs.")
        .with_status(StatusCode::METHOD_NOT_ALLOWED)
}
