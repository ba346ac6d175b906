//! The one shape every failed request is answered with.
//!
//! Handlers and extractors return [`ApiError`]. Turning it into bytes is left to one place, the
//! `answer` layer, which knows the public address (for `doc_url`) and the request id.

use std::{borrow::Cow, error::Error};

use axum::response::{IntoResponse, Response};
use data_ops::{
    accounts::ThrottleError,
    database::{DatabaseError, DatabaseErrorKind},
    types::FieldError,
};
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

/// How long to wait when the database is busy, in seconds.
const BUSY_RETRY_SECONDS: u64 = 2;

/// The stable, machine-readable reason of a failure. Each has a section at `/api/docs/errors`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The request could not be understood.
    BadRequest,
    /// No valid session or API key came with the request.
    Unauthorized,
    /// The caller is known but may not do this.
    Forbidden,
    /// The thing does not exist, or is not the caller's to see.
    NotFound,
    /// The request contradicts what is stored already.
    Conflict,
    /// The request was understood but some values are not acceptable.
    UnprocessableEntity,
    /// Too many requests in a short time.
    RateLimitExceeded,
    /// Something went wrong on the server.
    InternalServerError,
    /// The server cannot answer at this moment.
    Unavailable,
    /// The server has no room left to store anything.
    InsufficientStorage,
}

impl ErrorCode {
    /// Every code.
    pub(crate) const ALL: [Self; 10] = [
        Self::BadRequest,
        Self::Unauthorized,
        Self::Forbidden,
        Self::NotFound,
        Self::Conflict,
        Self::UnprocessableEntity,
        Self::RateLimitExceeded,
        Self::InternalServerError,
        Self::Unavailable,
        Self::InsufficientStorage,
    ];

    /// The code as it appears in JSON.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::BadRequest => "bad_request",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::UnprocessableEntity => "unprocessable_entity",
            Self::RateLimitExceeded => "rate_limit_exceeded",
            Self::InternalServerError => "internal_server_error",
            Self::Unavailable => "unavailable",
            Self::InsufficientStorage => "insufficient_storage",
        }
    }

    /// The status that goes with the code unless the error says otherwise.
    pub(crate) fn status(self) -> StatusCode {
        match self {
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Conflict => StatusCode::CONFLICT,
            Self::UnprocessableEntity => StatusCode::UNPROCESSABLE_ENTITY,
            Self::RateLimitExceeded => StatusCode::TOO_MANY_REQUESTS,
            Self::InternalServerError => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::InsufficientStorage => StatusCode::INSUFFICIENT_STORAGE,
        }
    }
}

/// The body of every failed request.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErrorEnvelope {
    /// What went wrong.
    pub error: ErrorBody,
}

/// What went wrong, for programs (`code`, `errors[].code`) and for people (`message`).
#[derive(Debug, Serialize, ToSchema)]
pub struct ErrorBody {
    /// The stable reason.
    pub code: ErrorCode,
    /// One sentence saying what to change.
    pub message: String,
    /// The page that explains the code.
    #[schema(example = "https://go.example.com/api/docs/errors#not_found")]
    pub doc_url: String,
    /// Every field that was not acceptable; empty when the failure is not about a field.
    pub errors: Vec<FieldError>,
}

/// A failed request.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct ApiError {
    pub(crate) status: StatusCode,
    pub(crate) code: ErrorCode,
    pub(crate) message: Cow<'static, str>,
    pub(crate) fields: Vec<FieldError>,
    pub(crate) retry_after_seconds: Option<u64>,
    #[source]
    pub(crate) cause: Option<Box<dyn Error + Send + Sync>>,
}

impl ApiError {
    pub(crate) fn new(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status: code.status(),
            code,
            message: message.into(),
            fields: Vec::new(),
            retry_after_seconds: None,
            cause: None,
        }
    }

    pub(crate) fn bad_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::BadRequest, message)
    }

    pub(crate) fn unauthorized(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::Unauthorized, message)
    }

    pub(crate) fn forbidden(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::Forbidden, message)
    }

    /// The answer for what is absent and for what belongs to somebody else: the text must not tell which.
    pub(crate) fn not_found(thing: &'static str) -> Self {
        Self::new(
            ErrorCode::NotFound,
            format!("There is no such {thing}. Check the id, and that it belongs to this workspace."),
        )
    }

    pub(crate) fn conflict(path: &'static str, code: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { fields: vec![FieldError::new(path, code, &message)], ..Self::new(ErrorCode::Conflict, message) }
    }

    /// Values that are not acceptable; the first one becomes the message.
    pub(crate) fn unprocessable(fields: Vec<FieldError>) -> Self {
        let message = match fields.as_slice() {
            [] => "The request is not acceptable.".to_owned(),
            [only] => only.to_string(),
            [first, rest @ ..] => format!("{first} ({} more to correct, see errors.)", rest.len()),
        };
        Self { fields, ..Self::new(ErrorCode::UnprocessableEntity, message) }
    }

    pub(crate) fn too_many_requests(retry_after_seconds: u64) -> Self {
        Self {
            retry_after_seconds: Some(retry_after_seconds),
            ..Self::new(
                ErrorCode::RateLimitExceeded,
                format!("Too many requests. Try again in {retry_after_seconds} seconds."),
            )
        }
    }

    /// A failure the caller can do nothing about. The cause is logged and never answered.
    pub(crate) fn internal(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            cause: Some(cause.into()),
            ..Self::new(ErrorCode::InternalServerError, "Something went wrong on our side. Try again later.")
        }
    }

    pub(crate) fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }
}

impl From<DatabaseError> for ApiError {
    fn from(error: DatabaseError) -> Self {
        let (code, message) = match error.kind() {
            DatabaseErrorKind::StorageFull => (
                ErrorCode::InsufficientStorage,
                "The server has no room left, so nothing was stored. Existing links keep working.",
            ),
            DatabaseErrorKind::Unavailable => (
                ErrorCode::Unavailable,
                "The database cannot be reached at this moment. Nothing was changed; try again shortly.",
            ),
            DatabaseErrorKind::Other => return Self::internal(error),
        };
        Self {
            cause: Some(Box::new(error)),
            retry_after_seconds: (code == ErrorCode::Unavailable).then_some(BUSY_RETRY_SECONDS),
            ..Self::new(code, message)
        }
    }
}

impl From<ThrottleError> for ApiError {
    fn from(error: ThrottleError) -> Self {
        match error {
            ThrottleError::RetryAfter { seconds } => Self::too_many_requests(seconds),
            ThrottleError::Database(error) => error.into(),
        }
    }
}

/// Carried in the response's extensions to the `answer` layer, which writes the body.
#[derive(Clone)]
pub(crate) struct Failed(pub(crate) std::sync::Arc<ApiError>);

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(Failed(std::sync::Arc::new(self)));
        response
    }
}
