//! What keeps a connection from being made.

use std::io;

use crate::{Refusal, ResolveError};

/// What keeps a connection from being made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// The guard refuses where it leads.
    #[error("{0}")]
    Guard(#[from] Refusal),
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
    Tls(#[from] TlsFailure),
    /// What came was no HTTP.
    #[error("The answer cannot be read.")]
    InvalidResponse,
    /// It is this machine's fault: nothing is known about the server.
    #[error("This machine cannot connect: {0}")]
    Local(String),
}

/// What took too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Phase {
    /// Looking up the host.
    #[error("Looking up the host")]
    LookUp,
    /// Connecting.
    #[error("Connecting")]
    Connect,
    /// The TLS handshake.
    #[error("The TLS handshake")]
    Handshake,
    /// Waiting for the first byte of the answer.
    #[error("Waiting for an answer")]
    FirstByte,
    /// The whole.
    #[error("The whole")]
    Total,
}

/// How TLS failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlsFailure {
    /// The certificate is no longer valid.
    #[error("The certificate has expired.")]
    Expired,
    /// The certificate is not valid yet.
    #[error("The certificate is not valid yet.")]
    NotYetValid,
    /// It is for another host.
    #[error("The certificate is for another host.")]
    WrongHost,
    /// Nobody vouches for it: self-signed, by an unknown authority, or without the certificates between.
    #[error("The certificate is not issued by an authority that is trusted.")]
    UnknownIssuer,
    /// It was withdrawn.
    #[error("The certificate was revoked.")]
    Revoked,
    /// Something else is wrong with it.
    #[error("The certificate is not valid: {0}")]
    InvalidCertificate(String),
    /// The server does not speak TLS there.
    #[error("The server does not speak TLS on this port.")]
    NotTls,
    /// The server and we have no version or cipher in common, or it broke off.
    #[error("The TLS handshake failed: {0}")]
    Protocol(String),
}

impl TlsFailure {
    /// The stable code, in snake case.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Expired => "certificate_expired",
            Self::NotYetValid => "certificate_not_yet_valid",
            Self::WrongHost => "certificate_wrong_host",
            Self::UnknownIssuer => "certificate_unknown_issuer",
            Self::Revoked => "certificate_revoked",
            Self::InvalidCertificate(_) => "certificate_invalid",
            Self::NotTls => "not_tls",
            Self::Protocol(_) => "tls_protocol",
        }
    }
}

impl From<ResolveError> for ConnectError {
    fn from(error: ResolveError) -> Self {
        match error {
            ResolveError::NotFound => Self::NameNotFound,
            ResolveError::Failed(detail) => Self::Dns(detail),
        }
    }
}

impl From<&io::Error> for ConnectError {
    fn from(error: &io::Error) -> Self {
        // ENFILE and EMFILE: no more files may be opened here.
        if matches!(error.raw_os_error(), Some(23 | 24)) {
            return Self::Local(error.to_string());
        }
        match error.kind() {
            io::ErrorKind::ConnectionRefused => Self::ConnectionRefused,
            io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::UnexpectedEof => Self::ConnectionReset,
            io::ErrorKind::TimedOut => Self::TimedOut(Phase::Connect),
            _ => Self::Unreachable(error.to_string()),
        }
    }
}
