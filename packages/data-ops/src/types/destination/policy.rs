//! Which hosts a destination may have: what depends on the installation.

use std::net::IpAddr;

use super::{DestinationUrlError, address, name};
use crate::types::Host;

/// Which hosts a new destination may have.
#[derive(Clone, Copy)]
pub struct DestinationPolicy<'a> {
    allow_private: bool,
    own_hosts: OwnHosts<'a>,
}

#[derive(Clone, Copy)]
enum OwnHosts<'a> {
    List(&'a [Host]),
    Lookup(&'a (dyn Fn(&Host) -> bool + Send + Sync)),
}

impl std::fmt::Debug for DestinationPolicy<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("DestinationPolicy").field("allow_private", &self.allow_private).finish_non_exhaustive()
    }
}

impl<'a> DestinationPolicy<'a> {
    /// The policy for new destinations. `own_hosts` are the short domains this installation answers on: a destination
    /// there could lead back to the link. With `allow_private` (installations for an intranet) hosts may be private.
    #[must_use]
    pub const fn new(allow_private: bool, own_hosts: &'a [Host]) -> Self {
        Self { allow_private, own_hosts: OwnHosts::List(own_hosts) }
    }

    /// Like [`Self::new`], where a function tells whether a host is one of this installation's own.
    #[must_use]
    pub const fn with_lookup(allow_private: bool, is_own_host: &'a (dyn Fn(&Host) -> bool + Send + Sync)) -> Self {
        Self { allow_private, own_hosts: OwnHosts::Lookup(is_own_host) }
    }

    /// The policy for what was accepted before: no host is refused.
    #[must_use]
    pub const fn stored() -> Self {
        Self::new(true, &[])
    }

    fn is_own(&self, url: &url::Url) -> bool {
        let text = match (url.host_str(), url.port()) {
            (Some(host), Some(port)) => format!("{host}:{port}"),
            (Some(host), None) => host.to_owned(),
            (None, _) => return false,
        };
        match self.own_hosts {
            OwnHosts::List(hosts) => hosts.iter().any(|host| host.as_str() == text),
            OwnHosts::Lookup(is_own) => Host::parse(&text).is_ok_and(|host| is_own(&host)),
        }
    }

    pub(super) fn check_address(&self, ip: IpAddr, url: &url::Url) -> Result<(), DestinationUrlError> {
        if self.is_own(url) {
            return Err(DestinationUrlError::RedirectLoop);
        }
        if !self.allow_private && !address::is_public_address(ip) {
            return Err(DestinationUrlError::PrivateAddress);
        }
        Ok(())
    }

    pub(super) fn check_name(&self, domain: &str, url: &url::Url) -> Result<(), DestinationUrlError> {
        if self.is_own(url) {
            return Err(DestinationUrlError::RedirectLoop);
        }
        if self.allow_private {
            return Ok(());
        }
        name::check_public(domain)
    }
}
