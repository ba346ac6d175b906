//! Finding the addresses of a name.
//!
//! The system's resolver (`getaddrinfo`) is not used: it cannot be stopped, so that slow name servers would hold its threads; it does not
//! tell a name that does not exist from a name server that does not answer; it adds search domains, which turn a public name into one of
//! the private network; and it hides aliases. Hickory asks the same name servers (`/etc/resolv.conf`), and does none of this.

mod system;

use std::net::IpAddr;

use futures_util::future::BoxFuture;

pub(crate) use system::SystemResolver;

/// What a name server says to a name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// All addresses, IPv4 and IPv6, in the order of preference.
    pub addresses: Vec<IpAddr>,
    /// The names it is an alias of.
    pub aliases: Vec<String>,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    /// There is no such name, or it has no address.
    #[error("there is no such host")]
    NotFound,
    /// No name server could say.
    #[error("{0}")]
    Failed(String),
}

/// What finds the addresses of names. The seam for tests; otherwise there is the system's.
pub trait Resolver: Send + Sync + 'static {
    /// Looks up `name`: lower-case ASCII without final dot, never an address. Dropping the future gives up.
    fn resolve<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Answer, ResolveError>>;
}
