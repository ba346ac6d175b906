//! The visitor's address behind proxies.
//!
//! Only a peer inside the configured networks is believed. Its `X-Forwarded-For` (or `Forwarded`) list is walked from the right,
//! the end our own proxies write, past every trusted address; the first one that is not trusted is the visitor. Whatever stands
//! further left was written by the visitor and is never looked at.

use std::net::IpAddr;

use ipnet::IpNet;

/// The networks whose forwarding headers are believed.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(Vec<IpNet>);

/// What was found out about where a request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress {
    /// The visitor's address, IPv4-mapped IPv6 unfolded.
    pub address: IpAddr,
    /// Whether the peer that opened the connection is a trusted proxy, so that its country header may be believed too.
    pub through_trusted_proxy: bool,
}

impl TrustedProxies {
    /// Takes the networks as configured.
    #[must_use]
    pub fn new(networks: Vec<IpNet>) -> Self {
        Self(networks)
    }

    fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Finds the visitor. `forwarded_for` and `forwarded` are the values of those headers in the order they came; the first kind is
    /// preferred where a proxy sends both.
    pub fn resolve<'a, A, B>(&self, peer: IpAddr, forwarded_for: A, forwarded: B) -> ClientAddress
    where
        A: DoubleEndedIterator<Item = &'a str>,
        B: DoubleEndedIterator<Item = &'a str>,
    {
        let peer = peer.to_canonical();
        if !self.contains(peer) {
            return ClientAddress { address: peer, through_trusted_proxy: false };
        }
        let address = self
            .walk(forwarded_for.rev().flat_map(|value| value.rsplit(',')).map(parse_address))
            .or_else(|| self.walk(forwarded.rev().flat_map(|value| value.rsplit(',')).map(parse_forwarded_element)))
            .unwrap_or(peer);
        ClientAddress { address, through_trusted_proxy: true }
    }

    /// The first address from the right that is not ours. An unreadable element ends the walk at the last address known to be real.
    fn walk(&self, addresses: impl Iterator<Item = Option<IpAddr>>) -> Option<IpAddr> {
        let mut last = None;
        for address in addresses {
            let Some(address) = address else { break };
            last = Some(address);
            if !self.contains(address) {
                break;
            }
        }
        last
    }
}

/// Reads `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1` or `[2001:db8::1]:4711`.
fn parse_address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    if let Some(rest) = text.strip_prefix('[') {
        return rest
            .split_once(']')
            .and_then(|(address, _)| address.parse::<IpAddr>().ok())
            .map(|address| address.to_canonical());
    }
    text.parse::<IpAddr>()
        .ok()
        .or_else(|| {
            text.rsplit_once(':')
                .and_then(|(address, _port)| address.parse::<std::net::Ipv4Addr>().ok())
                .map(IpAddr::V4)
        })
        .map(|address| address.to_canonical())
}

/// Reads the `for=` of one element of RFC 7239's `Forwarded`.
fn parse_forwarded_element(element: &str) -> Option<IpAddr> {
    element.split(';').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim().eq_ignore_ascii_case("for").then(|| parse_address(value.trim().trim_matches('"'))).flatten()
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn proxies() -> TrustedProxies {
        TrustedProxies::new(vec!["127.0.0.0/8".parse().unwrap(), "10.0.0.0/8".parse().unwrap()])
    }

    fn resolve(peer: &str, forwarded_for: &[&str], forwarded: &[&str]) -> String {
        proxies()
            .resolve(peer.parse().unwrap(), forwarded_for.iter().copied(), forwarded.iter().copied())
            .address
            .to_string()
    }

    #[test]
    fn an_untrusted_peer_cannot_choose_its_address() {
        assert_eq!(resolve("198.51.100.7", &["8.8.8.8"], &["for=8.8.8.8"]), "198.51.100.7");
    }

    #[test]
    fn the_list_is_walked_from_the_right_past_trusted_proxies() {
        assert_eq!(resolve("127.0.0.1", &["1.1.1.1, 8.8.8.8, 10.0.0.3"], &[]), "8.8.8.8");
        assert_eq!(resolve("127.0.0.1", &["1.1.1.1", "8.8.4.4", "10.0.0.3"], &[]), "8.8.4.4");
        assert_eq!(resolve("127.0.0.1", &["10.0.0.9, 10.0.0.3"], &[]), "10.0.0.9");
        assert_eq!(resolve("::ffff:127.0.0.1", &["8.8.8.8"], &[]), "8.8.8.8");
    }

    #[test]
    fn ports_brackets_and_rubbish_are_read_or_ignored() {
        assert_eq!(resolve("127.0.0.1", &["8.8.8.8:1234"], &[]), "8.8.8.8");
        assert_eq!(resolve("127.0.0.1", &["[2001:db8::1]:443"], &[]), "2001:db8::1");
        assert_eq!(resolve("127.0.0.1", &["unknown"], &[]), "127.0.0.1");
        assert_eq!(resolve("127.0.0.1", &["8.8.8.8, nonsense, 10.0.0.3"], &[]), "10.0.0.3");
        assert_eq!(resolve("127.0.0.1", &[], &["for=\"[2001:db8::7]:1\";proto=https, for=10.0.0.2"]), "2001:db8::7");
    }

    proptest! {
        #[test]
        fn any_header_is_survived(value in ".*", other in ".*") {
            let _ = proxies().resolve("127.0.0.1".parse().unwrap(), [value.as_str()].into_iter(), [other.as_str()].into_iter());
        }

        #[test]
        fn what_the_visitor_wrote_on_the_left_never_matters(left in "[0-9a-f:., ]{0,60}") {
            prop_assert_eq!(resolve("127.0.0.1", &[&format!("{left},8.8.8.8, 10.0.0.1")], &[]), "8.8.8.8");
        }
    }
}
