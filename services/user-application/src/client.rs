//! Who is at the other end of the connection.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The address of the client, as a request extension. The listener inserts it, after resolving trusted
/// proxies; without it no limit per client applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

impl ClientAddress {
    /// The network that limits apply to: one IPv4 address, or the /64 an IPv6 host can pick addresses from freely.
    pub(crate) fn network(self) -> IpAddr {
        match self.0.to_canonical() {
            IpAddr::V4(address) => IpAddr::V4(address),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
        }
    }

    /// Stands for clients whose address is not known: they share one allowance.
    pub(crate) const UNKNOWN: Self = Self(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
}

#[cfg(test)]
mod tests {
    use super::ClientAddress;

    fn network(address: &str) -> String {
        ClientAddress(address.parse().expect("an address")).network().to_string()
    }

    #[test]
    fn addresses_of_one_host_share_a_network() {
        assert_eq!(network("203.0.113.9"), "203.0.113.9");
        assert_eq!(network("::ffff:203.0.113.9"), "203.0.113.9");
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff::"));
    }
}
