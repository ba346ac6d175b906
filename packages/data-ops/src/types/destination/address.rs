//! Which addresses are on the public internet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address is one that anybody on the internet can reach: none of the private, local, shared, reserved,
/// documentation and multicast ranges of IANA's special-purpose registries, and no IPv6 address that carries such an
/// IPv4 address inside.
#[must_use]
pub fn is_public_address(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !matches!(
        (a, b, c),
        // This network, private, shared (carrier NAT), loopback, link-local.
        (0 | 10 | 127, ..)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 168, _)
            // Protocol assignments, documentation, 6to4 relays, benchmarks.
            | (192, 0, 0 | 2)
            | (192, 88, 99)
            | (198, 18..=19, _)
            | (198, 51, 100)
            | (203, 0, 113)
            // Multicast, reserved, broadcast.
            | (224..=255, ..)
    )
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    let [a, b, c, d, e, f, g, h] = segments;
    let embedded = |high: u16, low: u16| {
        let [one, two] = high.to_be_bytes();
        let [three, four] = low.to_be_bytes();
        is_public_v4(Ipv4Addr::new(one, two, three, four))
    };
    match segments {
        // NAT64: the IPv4 address is the last 32 bits.
        [0x64, 0xff9b, 0, 0, 0, 0, ..] => embedded(g, h),
        // Only 2000::/3 is given out. Everything else (loopback, mapped IPv4, local, unique local, multicast) is not.
        _ if a & 0xe000 != 0x2000 => {
            // An IPv4-mapped address reaches what its IPv4 address reaches.
            (a, b, c, d, e, f) == (0, 0, 0, 0, 0, 0xffff) && embedded(g, h)
        }
        // Teredo (the client's IPv4 address inverted in the last 32 bits), ORCHID, benchmarks, documentation.
        [0x2001, 0, ..] => embedded(c, d) && embedded(!g, !h),
        [0x2001, 2, 0, ..] | [0x2001, 0x10..=0x2f, ..] | [0x2001, 0xdb8, ..] => false,
        [0x3fff, 0..=0xfff, ..] => false,
        // 6to4: the IPv4 address follows.
        [0x2002, ..] => embedded(b, c),
        // ISATAP: 0:5efe or 200:5efe, then the IPv4 address.
        [_, _, _, _, 0 | 0x200, 0x5efe, ..] => embedded(g, h),
        _ => true,
    }
}
