//! What the operator decides about this application.

use std::num::NonZeroU32;

use data_ops::types::{Host, HostError};
use url::Url;

/// What the operator decides about this application.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where people reach the application; also the host of short links without a domain of their own.
    pub public_url: Url,
    /// Anybody may create an account once the first one exists.
    pub open_sign_up: bool,
    /// How much work hashing a password takes.
    pub password_cost: PasswordCost,
    /// Destinations on private networks are accepted. For tests and closed networks only.
    pub allow_private_destinations: bool,
    /// How many API requests one key, session or anonymous client may make per minute.
    pub api_requests_per_minute: NonZeroU32,
}

impl Settings {
    /// The defaults for an instance at this address.
    #[must_use]
    pub fn new(public_url: Url) -> Self {
        Self {
            public_url,
            open_sign_up: false,
            password_cost: PasswordCost::default(),
            allow_private_destinations: false,
            api_requests_per_minute: const { NonZeroU32::new(600).unwrap() },
        }
    }

    /// The host of the public address, with its port unless it is the default one.
    pub(crate) fn public_host(&self) -> Result<Host, HostError> {
        Host::parse(self.public_url.authority())
    }

    /// Whether browsers reach the application over HTTPS, so that cookies may insist on it.
    pub(crate) fn is_secure(&self) -> bool {
        self.public_url.scheme() == "https"
    }

    /// An absolute address below the public one; `path` starts with a slash.
    pub(crate) fn absolute(&self, path: &str) -> String {
        format!("{}{path}", self.public_url.as_str().trim_end_matches('/'))
    }
}

/// How much work hashing a password takes (Argon2id).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub iterations: u32,
    /// Lanes.
    pub parallelism: u32,
}

impl Default for PasswordCost {
    /// What OWASP recommends as a minimum: 19 MiB, two passes, one lane.
    fn default() -> Self {
        Self { memory_kib: 19_456, iterations: 2, parallelism: 1 }
    }
}

impl PasswordCost {
    /// Next to no work, for tests.
    #[must_use]
    pub fn cheap() -> Self {
        Self { memory_kib: 8, iterations: 1, parallelism: 1 }
    }
}
