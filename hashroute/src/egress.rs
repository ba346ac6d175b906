//! What may be fetched of the URLs that users type, as configured.

use guard::{Policy, PolicyError};
use url::{Host, Url};

use crate::configuration::Configuration;

/// The guard's policy, without the domains in the database.
pub fn policy(configuration: &Configuration) -> Result<Policy, PolicyError> {
    let mut policy = Policy::default().allow_private(configuration.allow_private_destinations);
    for entry in &configuration.guard_deny {
        policy = policy.deny(entry)?;
    }
    for own in own_hosts(configuration) {
        policy = policy.own_host(&own)?;
    }
    Ok(policy)
}

/// The hosts that are this installation itself.
fn own_hosts(configuration: &Configuration) -> Vec<String> {
    let listen = configuration.listen;
    match &configuration.public_url {
        Some(url) => own_host(url).into_iter().collect(),
        // Any free port: nobody knows yet where that is.
        None if listen.port() == 0 => Vec::new(),
        None => vec![format!("localhost:{}", listen.port()), listen.to_string()],
    }
}

/// A name of its own belongs to the installation on every port; an address or `localhost` is shared with other programs.
fn own_host(url: &Url) -> Option<String> {
    let host = url.host()?;
    let is_shared = !matches!(host, Host::Domain(name) if name != "localhost");
    let port = if is_shared { url.port_or_known_default() } else { url.port() };
    Some(port.map_or_else(|| host.to_string(), |port| format!("{host}:{port}")))
}
