//! The way out of one look, and what the guard knows of it.
//!
//! To the browser a refusal of the guard is an answer with status 403, or a tunnel that fails; only the guard's own log tells it from what
//! the destination said.

use std::{net::IpAddr, path::Path, sync::Mutex, sync::PoisonError};

use guard::{
    ConnectError, ConnectionRecord, Guard,
    proxy::{Egress, EgressError, EgressOptions, Listen},
};
use judge::snapshot::{NetworkFailure, Outcome};
use url::{Host, Url};

use crate::{Limits, directory};

/// The way out of one look.
pub struct Exit {
    egress: Mutex<Option<Egress>>,
}

/// Why there is no way out.
#[derive(Debug)]
pub enum ExitError {
    /// The guard refuses the URL.
    Refused(String),
    /// There is no listening.
    Local(String),
}

/// What keeps a host from being reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The guard refuses it, for this reason.
    Refused(String),
    /// It cannot be connected to.
    Failed {
        /// In what way.
        failure: NetworkFailure,
        /// In words.
        detail: String,
    },
    /// The page had used up what it may before.
    OverLimit,
}

impl Exit {
    /// Opens it on a socket at `socket`, for `url`.
    pub async fn open(guard: &Guard, url: &Url, socket: &Path, limits: &Limits) -> Result<Self, ExitError> {
        let options = EgressOptions {
            max_bytes: limits.total_bytes,
            // The look ends earlier; this is for whatever should be left of it.
            deadline: limits.deadline.saturating_mul(2),
            ..EgressOptions::new(url.as_str())
        };
        let egress = guard.egress(&[Listen::Unix(socket.to_owned())], options).await.map_err(|error| match error {
            EgressError::Refused(refusal) => ExitError::Refused(refusal.code().to_owned()),
            EgressError::Listen(error) => ExitError::Local(error.to_string()),
        })?;
        directory::hand_over(socket).map_err(|error| ExitError::Local(error.to_string()))?;
        Ok(Self { egress: Mutex::new(Some(egress)) })
    }

    /// What keeps the host of `url` from being reached, if nothing of it ever was.
    pub fn trouble_with(&self, url: &str) -> Option<Trouble> {
        let url = Url::parse(url).ok()?;
        let port = url.port_or_known_default()?;
        self.with(|egress| trouble_with(&url, port, &egress.records())).flatten()
    }

    /// Bytes that passed, both ways.
    pub fn bytes(&self) -> u64 {
        self.with(Egress::bytes).unwrap_or(0)
    }

    /// More came than may.
    pub fn is_over(&self) -> bool {
        self.with(Egress::is_over_bytes).unwrap_or(false)
    }

    /// Closes it.
    pub fn close(&self) {
        drop(self.egress.lock().unwrap_or_else(PoisonError::into_inner).take());
    }

    fn with<T>(&self, ask: impl FnOnce(&Egress) -> T) -> Option<T> {
        self.egress.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(ask)
    }
}

fn trouble_with(url: &Url, port: u16, records: &[ConnectionRecord]) -> Option<Trouble> {
    let of_host: Vec<&ConnectionRecord> =
        records.iter().filter(|record| record.port == port && is_host(url, &record.host)).collect();
    if of_host.iter().any(|record| record.outcome == guard::Outcome::Connected) {
        return None;
    }
    match &of_host.last()?.outcome {
        guard::Outcome::Refused(refusal) => Some(Trouble::Refused(refusal.code().to_owned())),
        guard::Outcome::Failed(error) => Some(failed(error)),
        guard::Outcome::OverLimit => Some(Trouble::OverLimit),
        guard::Outcome::Connected | guard::Outcome::Connecting => None,
    }
}

fn is_host(url: &Url, recorded: &str) -> bool {
    let recorded = recorded.trim_start_matches('[').trim_end_matches(']');
    match url.host() {
        Some(Host::Domain(name)) => name.trim_end_matches('.') == recorded.trim_end_matches('.'),
        Some(Host::Ipv4(address)) => recorded.parse() == Ok(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => recorded.parse() == Ok(IpAddr::V6(address)),
        None => false,
    }
}

fn failed(error: &ConnectError) -> Trouble {
    let failure = match error {
        ConnectError::Guard(refusal) => return Trouble::Refused(refusal.code().to_owned()),
        ConnectError::NameNotFound => NetworkFailure::NameNotFound,
        ConnectError::Dns(_) => NetworkFailure::Dns,
        ConnectError::ConnectionRefused => NetworkFailure::ConnectionRefused,
        ConnectError::ConnectionReset => NetworkFailure::ConnectionReset,
        ConnectError::TimedOut(_) => NetworkFailure::TimedOut,
        ConnectError::Tls(_) => NetworkFailure::Tls,
        _ => NetworkFailure::Other,
    };
    Trouble::Failed { failure, detail: error.to_string() }
}

impl Trouble {
    /// How a look ended that ended with this.
    pub fn into_outcome(self) -> Outcome {
        match self {
            Self::Refused(reason) => Outcome::Refused { reason },
            Self::Failed { failure, detail } => Outcome::Unreachable { failure, detail },
            Self::OverLimit => Outcome::TooLarge,
        }
    }
}
