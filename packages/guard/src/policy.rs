//! What an installation allows and denies.

use std::{fmt, net::IpAddr, sync::Arc};

use ipnet::IpNet;

use crate::{Refusal, address, address::Kind, host_name};

/// The ports that pages are fetched from.
const WEB_PORTS: &[u16] = &[80, 443, 8080, 8443];

type IsOwnHost = dyn Fn(&str, u16) -> bool + Send + Sync;

/// What an installation allows and denies. [`Policy::default`] is right for the public internet.
#[derive(Clone, Default)]
pub struct Policy {
    allow_private: bool,
    own_hosts: Vec<(String, Option<u16>)>,
    is_own_host: Option<Arc<IsOwnHost>>,
    denied_hosts: Vec<String>,
    denied_networks: Vec<IpNet>,
}

/// A policy that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is neither a host such as example.com nor a network such as 192.0.2.0/24")]
pub struct PolicyError {
    /// What was given.
    pub text: String,
}

impl fmt::Debug for Policy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Policy")
            .field("allow_private", &self.allow_private)
            .field("own_hosts", &self.own_hosts)
            .field("denied_hosts", &self.denied_hosts)
            .field("denied_networks", &self.denied_networks)
            .finish_non_exhaustive()
    }
}

impl Policy {
    /// Lets URLs that users type lead to loopback and private addresses and names, on any port: for tests and intranets, the setting
    /// `allow_private_destinations`. Metadata services, the local link and reserved addresses stay refused, and so do private addresses
    /// that a page or a redirect names.
    #[must_use]
    pub fn allow_private(mut self, allow: bool) -> Self {
        self.allow_private = allow;
        self
    }

    /// Refuses a host of this installation: a name or an address, with a port (then only that port is meant) or without.
    ///
    /// # Errors
    /// When `host` is none.
    pub fn own_host(mut self, host: &str) -> Result<Self, PolicyError> {
        let invalid = || PolicyError { text: host.to_owned() };
        let after_brackets = host.rfind(']').map_or(0, |end| end + 1);
        let (name, port) = match host[after_brackets..].split_once(':') {
            Some((_, port)) => (&host[..host.len() - port.len() - 1], Some(port.parse().map_err(|_| invalid())?)),
            None => (host, None),
        };
        self.own_hosts.push((normal_host(name).ok_or_else(invalid)?, port));
        Ok(self)
    }

    /// Refuses the hosts for which `is_own_host` says yes, given the host in lower-case ASCII (IPv6 addresses in brackets) and the port.
    /// For domains that come and go while the program runs; it must not block.
    #[must_use]
    pub fn own_hosts_by(mut self, is_own_host: impl Fn(&str, u16) -> bool + Send + Sync + 'static) -> Self {
        self.is_own_host = Some(Arc::new(is_own_host));
        self
    }

    /// Refuses what the operator does not want to fetch from: a network (`203.0.113.0/24`), an address, or a host with all below it.
    ///
    /// # Errors
    /// When `entry` is none of these.
    pub fn deny(mut self, entry: &str) -> Result<Self, PolicyError> {
        let bare = entry.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(entry);
        let network = bare.parse().ok().or_else(|| bare.parse::<IpAddr>().ok().map(IpNet::from));
        match network {
            Some(network) => self.denied_networks.push(network),
            None => {
                let name = normal_host(entry).ok_or_else(|| PolicyError { text: entry.to_owned() })?;
                self.denied_hosts.push(name);
            }
        }
        Ok(self)
    }

    pub(crate) fn allows_private(&self) -> bool {
        self.allow_private
    }

    pub(crate) fn check_port(&self, port: u16, may_be_private: bool) -> Result<(), Refusal> {
        if port != 0 && (may_be_private || WEB_PORTS.contains(&port)) {
            return Ok(());
        }
        Err(Refusal::PortNotAllowed { port })
    }

    /// `host` as in a URL: a name without final dot, or an address.
    pub(crate) fn check_own(&self, host: &str, port: u16) -> Result<(), Refusal> {
        let listed = self
            .own_hosts
            .iter()
            .any(|(own, own_port)| own == host && own_port.is_none_or(|own_port| own_port == port));
        if listed || self.is_own_host.as_ref().is_some_and(|is_own| is_own(host, port)) {
            return Err(Refusal::OwnHost { name: host.to_owned() });
        }
        Ok(())
    }

    pub(crate) fn check_name(&self, name: &str, may_be_private: bool) -> Result<(), Refusal> {
        host_name::check_metadata(name)?;
        if self.denied_hosts.iter().any(|denied| host_name::is_below(name, denied)) {
            return Err(Refusal::DeniedHost { name: name.to_owned() });
        }
        if may_be_private { Ok(()) } else { host_name::check_public(name) }
    }

    pub(crate) fn check_address(&self, address: IpAddr, may_be_private: bool) -> Result<(), Refusal> {
        if self.denied_networks.iter().any(|network| network.contains(&address)) {
            return Err(Refusal::DeniedAddress { address });
        }
        let kind = Kind::of(address);
        if may_be_private && kind.is_private() {
            return Ok(());
        }
        kind.refusal(address).map_or(Ok(()), Err)
    }

    /// Like [`Self::check_address`], for one that a name server gave.
    pub(crate) fn check_resolved(&self, address: IpAddr, may_be_private: bool) -> Result<(), Refusal> {
        match address::nat64(address) {
            // The network's own translator goes to that IPv4 address, and to nothing else.
            Some(translated) => {
                self.check_address(translated.into(), false).map_err(|_| Refusal::ReservedAddress { address })
            }
            None => self.check_address(address, may_be_private),
        }
    }
}

/// A host as it is in a normalised URL.
fn normal_host(text: &str) -> Option<String> {
    match url::Host::parse(text).ok()? {
        url::Host::Domain(name) => {
            let name = name.strip_suffix('.').unwrap_or(&name).to_owned();
            host_name::is_valid(&name).then_some(name)
        }
        address => Some(address.to_string()),
    }
}
