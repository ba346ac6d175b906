//! The outermost layer of every answer: request id, rate limit headers, and the body of failures.

use std::{any::Any, sync::Arc};

use axum::{
    Json,
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderName, HeaderValue, header};
use tracing::Instrument as _;
use uuid::Uuid;

use super::{
    access::AllowanceSlot,
    failure::{ApiError, ErrorBody, ErrorCode, ErrorEnvelope, Failed},
    reference,
};
use crate::settings::Settings;

/// The header that recognises a request in the logs.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Wraps every request: sets up what inner layers fill in, and writes it into the answer.
pub(crate) async fn answer(State(settings): State<Arc<Settings>>, mut request: Request, next: Next) -> Response {
    let request_id = request_id(&request);
    let allowance = AllowanceSlot::default();
    request.extensions_mut().insert(Arc::clone(&allowance));
    let route = request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str).to_owned();
    let span = tracing::info_span!(
        "user_application.request",
        request.id = request_id.to_str().unwrap_or_default(),
        http.method = %request.method(),
        http.route = route,
    );
    async {
        let mut response = next.run(request).await;
        if let Some(Failed(error)) = response.extensions_mut().remove() {
            log(&error);
            response = with_body(&response, &error, &settings);
        }
        if let Some(allowance) = allowance.get() {
            allowance.write(response.headers_mut());
        }
        response.headers_mut().insert(REQUEST_ID, request_id);
        response
    }
    .instrument(span)
    .await
}

/// The caller's own id when it is harmless, else a fresh one.
fn request_id(request: &Request) -> HeaderValue {
    let is_harmless = |id: &&HeaderValue| {
        (1..=64).contains(&id.len())
            && id.as_bytes().iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
    };
    let given = request.headers().get(REQUEST_ID).filter(is_harmless).cloned();
    given.unwrap_or_else(|| {
        let id = Uuid::new_v4().simple().to_string();
        HeaderValue::from_str(&id).unwrap_or_else(|_| HeaderValue::from_static("unknown"))
    })
}

/// Logs a failure whose cause is ours, with the whole chain; what callers do wrong is not worth a line.
fn log(error: &ApiError) {
    let Some(cause) = error.cause.as_deref() else { return };
    let mut chain = cause.to_string();
    let mut next = cause.source();
    while let Some(source) = next {
        chain.push_str(": ");
        chain.push_str(&source.to_string());
        next = source.source();
    }
    tracing::error!(code = error.code.as_str(), error = chain, "a request failed");
}

fn with_body(bare: &Response, error: &ApiError, settings: &Settings) -> Response {
    let envelope = ErrorEnvelope {
        error: ErrorBody {
            code: error.code,
            message: error.message.to_string(),
            doc_url: settings.absolute(&format!("/api/docs/errors#{}", reference::anchor(error))),
            errors: error.fields.clone(),
        },
    };
    let mut response = (error.status, Json(envelope)).into_response();
    // A 405 says which methods there are.
    if let Some(allow) = bare.headers().get(header::ALLOW) {
        response.headers_mut().insert(header::ALLOW, allow.clone());
    }
    if let Some(seconds) = error.retry_after_seconds {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if error.code == ErrorCode::Unauthorized {
        let challenge = HeaderValue::from_static("Bearer realm=\"hashroute\"");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}

/// Answers for a handler that panicked: a mistake of ours, which must not take the connection down.
pub(crate) fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    ApiError::internal(format!("panicked: {text}")).into_response()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::{Router, body::Body, middleware, routing::get};
    use http::{Request, StatusCode};
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;
    use tower_http::catch_panic::CatchPanicLayer;

    use super::{answer, panicked};
    use crate::{api::failure::ApiError, settings::Settings};

    async fn leaks() -> ApiError {
        ApiError::internal("secret of the database")
    }

    async fn panics() -> &'static str {
        panic!("secret of the code")
    }

    #[tokio::test]
    async fn failures_of_ours_do_not_say_why() {
        let settings = Arc::new(Settings::new("https://go.hr.test".parse().expect("an address")));
        let router = Router::new()
            .route("/leaks", get(leaks))
            .route("/panics", get(panics))
            .layer(CatchPanicLayer::custom(panicked))
            .layer(middleware::from_fn_with_state(settings, answer));
        for path in ["/leaks", "/panics"] {
            let request = Request::get(path).body(Body::empty()).expect("a request");
            let response = router.clone().oneshot(request).await.expect("an answer");
            assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR, "{path}");
            assert!(response.headers().contains_key("x-request-id"), "{path}");
            let body = response.into_body().collect().await.expect("a body").to_bytes();
            let body = String::from_utf8_lossy(&body);
            assert!(body.contains("internal_server_error") && !body.contains("secret"), "{body}");
        }
    }
}
