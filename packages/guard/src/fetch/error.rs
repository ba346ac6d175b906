//! What keeps a fetch from an answer.

use std::{error::Error as _, io};

use super::Trail;
use crate::{ConnectError, Phase, Refusal, TlsFailure, connect};

/// A fetch that failed: why, and how far it came.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind}")]
pub struct FetchError {
    /// Why.
    pub kind: FetchErrorKind,
    /// How far it came.
    pub trail: Box<Trail>,
}

/// What keeps a fetch from an answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchErrorKind {
    /// The guard refuses the URL, its address, or what it redirects to.
    #[error("{0}")]
    Refused(Refusal),
    /// There is no such host.
    #[error("There is no such host.")]
    NameNotFound,
    /// The host could not be looked up.
    #[error("The host could not be looked up: {0}")]
    Dns(String),
    /// Nobody listens there.
    #[error("The connection was refused.")]
    ConnectionRefused,
    /// The connection ended before its time.
    #[error("The connection was closed before its time.")]
    ConnectionReset,
    /// There is no way there.
    #[error("The host cannot be reached: {0}")]
    Unreachable(String),
    /// It took too long.
    #[error("{0} took too long.")]
    TimedOut(Phase),
    /// TLS failed.
    #[error("{0}")]
    Tls(TlsFailure),
    /// The answer was no HTTP, or none that can be read.
    #[error("The answer cannot be read: {0}")]
    InvalidResponse(String),
    /// The answer is larger than is read.
    #[error("{0} larger than is read.")]
    TooLarge(TooLarge),
    /// It redirects more often than is followed, each time elsewhere.
    #[error("There are more than {limit} redirects.")]
    TooManyRedirects {
        /// How many are followed.
        limit: u32,
    },
    /// It redirects in a circle.
    #[error("The redirects lead in a circle.")]
    RedirectLoop,
    /// The request cannot be sent: the caller's mistake.
    #[error("The request cannot be sent: {0}")]
    InvalidRequest(String),
    /// It is this machine's fault: nothing is known about the destination.
    #[error("This machine cannot connect: {0}")]
    Local(String),
}

/// What is too large.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TooLarge {
    /// The head of the answer.
    #[error("The head of the answer is")]
    Head,
    /// All that came over the wire.
    #[error("The answer is")]
    Wire,
    /// The body after decompression.
    #[error("The body is")]
    Body,
}

impl FetchErrorKind {
    /// The stable code, in snake case.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused(_) => "refused_by_guard",
            Self::NameNotFound => "name_not_found",
            Self::Dns(_) => "dns",
            Self::ConnectionRefused => "connection_refused",
            Self::ConnectionReset => "connection_reset",
            Self::Unreachable(_) => "unreachable",
            Self::TimedOut(_) => "timed_out",
            Self::Tls(_) => "tls_error",
            Self::InvalidResponse(_) => "invalid_response",
            Self::TooLarge(_) => "too_large",
            Self::TooManyRedirects { .. } => "too_many_redirects",
            Self::RedirectLoop => "redirect_loop",
            Self::InvalidRequest(_) => "invalid_request",
            Self::Local(_) => "local",
        }
    }
}

impl From<Refusal> for FetchErrorKind {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<ConnectError> for FetchErrorKind {
    fn from(error: ConnectError) -> Self {
        match error {
            ConnectError::Guard(refusal) => Self::Refused(refusal),
            ConnectError::NameNotFound => Self::NameNotFound,
            ConnectError::Dns(detail) => Self::Dns(detail),
            ConnectError::ConnectionRefused => Self::ConnectionRefused,
            ConnectError::ConnectionReset => Self::ConnectionReset,
            ConnectError::Unreachable(detail) => Self::Unreachable(detail),
            ConnectError::TimedOut(phase) => Self::TimedOut(phase),
            ConnectError::Tls(failure) => Self::Tls(failure),
            ConnectError::InvalidResponse => Self::InvalidResponse(error.to_string()),
            ConnectError::Local(detail) => Self::Local(detail),
        }
    }
}

impl From<&hyper::Error> for FetchErrorKind {
    fn from(error: &hyper::Error) -> Self {
        if error.is_parse_too_large() {
            return Self::TooLarge(TooLarge::Head);
        }
        if error.is_parse() || error.is_parse_status() {
            return Self::InvalidResponse(error.to_string());
        }
        if let Some(underneath) = error.source().and_then(|source| source.downcast_ref::<io::Error>()) {
            return match connect::tls_failure(underneath) {
                Some(failure) => Self::Tls(failure),
                // A malformed chunk is an error of reading, not of the connection.
                None if matches!(underneath.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData) => {
                    Self::InvalidResponse(underneath.to_string())
                }
                None => ConnectError::from(underneath).into(),
            };
        }
        Self::ConnectionReset
    }
}
