//! What operators and their tools ask for: `/healthz`, `/readyz`, `/metrics`.

use std::{net::IpAddr, sync::Arc};

use axum::{
    Json, Router,
    extract::{Request, State},
    response::{IntoResponse, Response},
    routing::get,
};
use data_ops::database::Databases;
use data_service::visitors::ClientAddress;
use http::{StatusCode, header};
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::json;
use subtle::ConstantTimeEq as _;

use crate::configuration::Secret;

/// What the answers are made from.
pub struct Operations {
    /// Asked by `/readyz`.
    pub databases: Databases,
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
    match operations.databases.ping().await {
        Ok(()) => Json(json!({ "status": "ready", "checks": { "database": "ok" } })).into_response(),
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "not ready: the database does not answer");
            let body = json!({ "status": "unavailable", "checks": { "database": "unavailable" } });
            (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "1")], Json(body)).into_response()
        }
    }
}

async fn metrics(State(operations): State<Arc<Operations>>, request: Request) -> Response {
    let local = request.extensions().get::<ClientAddress>().is_some_and(|client| is_loopback(client.address));
    if !local && !has_token(&operations, &request) {
        let message = "metrics are read from this machine, or with `metrics.token` as a bearer token\n";
        return (StatusCode::FORBIDDEN, message).into_response();
    }
    let content_type = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (content_type, operations.metrics.render()).into_response()
}

fn has_token(operations: &Operations, request: &Request) -> bool {
    let sent = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let sent = sent.and_then(|value| value.strip_prefix("Bearer "));
    match (&operations.metrics_token, sent) {
        (Some(token), Some(sent)) => token.expose().as_bytes().ct_eq(sent.as_bytes()).into(),
        _ => false,
    }
}

fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}
