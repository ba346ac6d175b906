//! What operators and their tools ask for: `/healthz`, `/readyz`, `/metrics`.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Request, State},
    response::{IntoResponse, Response},
    routing::get,
};
use data_ops::database::Databases;
use data_service::{links::LinkMap, visitors::ClientAddress};
use durable::stream::Stream;
use http::{StatusCode, header};
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::json;
use subtle::ConstantTimeEq as _;

use crate::{configuration::Secret, gauges::Gauges};

/// What the answers are made from.
pub struct Operations {
    /// Asked by `/readyz`.
    pub databases: Databases,
    /// Loaded before the service is ready.
    pub links: Arc<LinkMap>,
    /// Told by `/readyz`, where clicks go through it.
    pub stream: Option<Stream>,
    /// Brought up to date before `/metrics` is rendered.
    pub gauges: Gauges,
    /// Rendered by `/metrics`.
    pub metrics: PrometheusHandle,
    /// Who may read `/metrics` from other machines.
    pub metrics_token: Option<Secret>,
}

/// The routes.
pub fn router(operations: Operations) -> Router {
    Router::new()
        .route("/healthz", get(|| async { Json(json!({ "status": "ok" })) }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .with_state(Arc::new(operations))
}

async fn ready(State(operations): State<Arc<Operations>>) -> Response {
    let database = match operations.databases.ping().await {
        Ok(()) => "ok",
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "not ready: the database does not answer");
            "unavailable"
        }
    };
    let links = if operations.links.is_loaded() { "ok" } else { "loading" };
    let ready = database == "ok" && links == "ok";
    let status = if ready { "ready" } else { "unavailable" };
    let mut checks = json!({ "database": database, "links": links });
    if let Some(stream) = &operations.stream {
        // Told, and nothing more: without NATS redirects are answered, and their clicks wait in the log.
        checks["nats"] = if stream.is_connected() { "ok" } else { "unavailable" }.into();
    }
    let body = Json(json!({ "status": status, "checks": checks }));
    if ready {
        body.into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "1")], body).into_response()
    }
}

async fn metrics(State(operations): State<Arc<Operations>>, request: Request) -> Response {
    let allowed = match &operations.metrics_token {
        Some(token) => has_token(token, &request),
        None => is_local(&request),
    };
    if !allowed {
        let message = "metrics are read from this machine itself, or with `metrics.token` as a bearer token\n";
        return (StatusCode::FORBIDDEN, message).into_response();
    }
    operations.gauges.refresh().await;
    let content_type = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (content_type, operations.metrics.render()).into_response()
}

fn has_token(token: &Secret, request: &Request) -> bool {
    let sent = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let sent = sent.and_then(|value| value.strip_prefix("Bearer "));
    sent.is_some_and(|sent| token.expose().as_bytes().ct_eq(sent.as_bytes()).into())
}

/// From this machine and through no proxy: a proxy on this machine speaks for others.
fn is_local(request: &Request) -> bool {
    let through_proxy =
        ["x-forwarded-for", "forwarded", "via"].iter().any(|name| request.headers().contains_key(*name));
    let client = request.extensions().get::<ClientAddress>();
    !through_proxy && client.is_some_and(|client| client.address.to_canonical().is_loopback())
}
