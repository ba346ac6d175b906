//! Which addresses may be reached.
//!
//! Our own list: ready-made predicates leave out some of these. For IPv6 the list is of what is allowed: inside of `2000::/3`, which is
//! all that is given out, minus the special blocks.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::Refusal;

/// What an address is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Anybody on the internet can reach it.
    Public,
    /// The machine itself.
    Loopback,
    /// A private network: RFC 1918, shared address space, unique local.
    Private,
    /// The local link, where clouds have their metadata services, and those that are elsewhere.
    Metadata,
    /// Anything else that is no address of a host on the internet.
    Reserved,
}

/// Cloud services that answer under addresses which look public or merely shared.
const METADATA_V4: &[Ipv4Addr] = &[
    // Azure's WireServer.
    Ipv4Addr::new(168, 63, 129, 16),
    // Alibaba Cloud, in the shared address space.
    Ipv4Addr::new(100, 100, 100, 200),
    // Oracle Cloud's classic region.
    Ipv4Addr::new(192, 0, 0, 192),
];

impl Kind {
    /// What `address` is for.
    pub fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => Self::of_v4(address),
            IpAddr::V6(address) => Self::of_v6(address),
        }
    }

    fn of_v4(address: Ipv4Addr) -> Self {
        if METADATA_V4.contains(&address) {
            return Self::Metadata;
        }
        let [a, b, c, _] = address.octets();
        match (a, b, c) {
            (127, ..) => Self::Loopback,
            (10, ..) | (172, 16..=31, _) | (192, 168, _) | (100, 64..=127, _) => Self::Private,
            (169, 254, _) => Self::Metadata,
            // "This network" reaches the machine itself on Linux.
            (0, ..)
            // Protocol assignments, documentation, 6to4 relays, AS112, AMT.
            | (192, 0, 0 | 2)
            | (192, 88, 99)
            | (192, 31, 196)
            | (192, 52, 193)
            | (192, 175, 48)
            // Benchmarks, documentation.
            | (198, 18..=19, _)
            | (198, 51, 100)
            | (203, 0, 113)
            // Multicast, reserved, broadcast.
            | (224..=255, ..) => Self::Reserved,
            _ => Self::Public,
        }
    }

    fn of_v6(address: Ipv6Addr) -> Self {
        match address.segments() {
            [0, 0, 0, 0, 0, 0, 0, 1] => Self::Loopback,
            // Metadata of Amazon and of Google over IPv6, inside of the unique local range.
            [0xfd00, 0xec2, 0, 0, 0, 0, 0, _] | [0xfd20, 0xce, 0, 0, 0, 0, 0, _] => Self::Metadata,
            [0xfc00..=0xfdff, ..] => Self::Private,
            [0xfe80..=0xfebf, ..] => Self::Metadata,
            // Only 2000::/3 is given out. This refuses mapped, compatible, translated, NAT64, discard, site-local, multicast.
            [first, ..] if first & 0xe000 != 0x2000 => Self::Reserved,
            // Protocol assignments: Teredo, benchmarks, ORCHID, and what else is in 2001::/23.
            [0x2001, 0..=0x1ff, ..] => Self::Reserved,
            // Documentation, 6to4, direct delegation of AS112.
            [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] | [0x2002, ..] | [0x2620, 0x4f, 0x8000, ..] => Self::Reserved,
            // ISATAP: an IPv4 address behind 0:5efe or 200:5efe.
            [_, _, _, _, 0 | 0x200, 0x5efe, ..] => Self::Reserved,
            _ => Self::Public,
        }
    }

    /// Why an address of this kind is refused; `None` for a public one.
    pub fn refusal(self, address: IpAddr) -> Option<Refusal> {
        match self {
            Self::Public => None,
            Self::Loopback => Some(Refusal::LoopbackAddress { address }),
            Self::Private => Some(Refusal::PrivateAddress { address }),
            Self::Metadata => Some(Refusal::MetadataAddress { address }),
            Self::Reserved => Some(Refusal::ReservedAddress { address }),
        }
    }

    /// Whether a policy for an intranet may let it pass.
    pub fn is_private(self) -> bool {
        matches!(self, Self::Loopback | Self::Private)
    }
}

/// The IPv4 address that a name server of a network without IPv4 put into `64:ff9b::/96`.
pub(crate) fn nat64(address: IpAddr) -> Option<Ipv4Addr> {
    let IpAddr::V6(address) = address else { return None };
    match address.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> Kind {
        Kind::of(text.parse().unwrap())
    }

    #[test]
    fn the_neighbours_of_special_ranges_are_public() {
        for address in [
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "168.63.129.15",
            "168.63.129.17",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.0.3.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "198.51.99.255",
            "198.51.101.0",
            "203.0.112.255",
            "203.0.114.0",
            "223.255.255.255",
            "1.0.0.0",
            "2000::",
            "2001:200::",
            "2001:db7:ffff::",
            "2001:db9::",
            "2003::",
            "2001:4860:4860::8888",
            "3ffe::",
            "3fff:1000::",
            "2606:4700::1111",
        ] {
            assert_eq!(kind(address), Kind::Public, "{address}");
        }
    }

    #[test]
    fn special_ranges_are_refused_from_end_to_end() {
        for (address, expected) in [
            ("0.0.0.0", Kind::Reserved),
            ("0.255.255.255", Kind::Reserved),
            ("10.0.0.0", Kind::Private),
            ("10.255.255.255", Kind::Private),
            ("100.64.0.0", Kind::Private),
            ("100.127.255.255", Kind::Private),
            ("100.100.100.200", Kind::Metadata),
            ("127.0.0.0", Kind::Loopback),
            ("127.255.255.255", Kind::Loopback),
            ("168.63.129.16", Kind::Metadata),
            ("169.254.0.0", Kind::Metadata),
            ("169.254.255.255", Kind::Metadata),
            ("172.16.0.0", Kind::Private),
            ("172.31.255.255", Kind::Private),
            ("192.0.0.0", Kind::Reserved),
            ("192.0.2.255", Kind::Reserved),
            ("192.168.255.255", Kind::Private),
            ("198.18.0.0", Kind::Reserved),
            ("198.19.255.255", Kind::Reserved),
            ("224.0.0.0", Kind::Reserved),
            ("255.255.255.255", Kind::Reserved),
            ("::", Kind::Reserved),
            ("::1", Kind::Loopback),
            ("::2", Kind::Reserved),
            ("::7f00:1", Kind::Reserved),
            ("::ffff:8.8.8.8", Kind::Reserved),
            ("::ffff:0:8.8.8.8", Kind::Reserved),
            ("64:ff9b::8.8.8.8", Kind::Reserved),
            ("64:ff9b:1::1", Kind::Reserved),
            ("100::", Kind::Reserved),
            ("1fff:ffff::", Kind::Reserved),
            ("2001::", Kind::Reserved),
            ("2001:1ff:ffff::", Kind::Reserved),
            ("2001:db8:ffff::", Kind::Reserved),
            ("2002:808:808::", Kind::Reserved),
            ("3fff:fff:ffff::", Kind::Reserved),
            ("4000::", Kind::Reserved),
            ("2a00:1:2:3:0:5efe:7f00:1", Kind::Reserved),
            ("2a00:1:2:3:200:5efe:808:808", Kind::Reserved),
            ("fc00::", Kind::Private),
            ("fdff:ffff::", Kind::Private),
            ("fd00:ec2::254", Kind::Metadata),
            ("fe80::", Kind::Metadata),
            ("febf:ffff::", Kind::Metadata),
            ("fec0::", Kind::Reserved),
            ("ff02::1", Kind::Reserved),
        ] {
            assert_eq!(kind(address), expected, "{address}");
        }
    }

    #[test]
    fn nat64_tells_what_it_stands_for() {
        assert_eq!(nat64("64:ff9b::808:404".parse().unwrap()), Some(Ipv4Addr::new(8, 8, 4, 4)));
        assert_eq!(nat64("64:ff9b:1::808:404".parse().unwrap()), None);
        assert_eq!(nat64("8.8.4.4".parse().unwrap()), None);
    }
}
