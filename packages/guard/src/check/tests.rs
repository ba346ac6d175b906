use std::net::{Ipv4Addr, Ipv6Addr};

use proptest::prelude::*;

use super::*;
use crate::address::Kind;

fn code(policy: &Policy, url: &str) -> &'static str {
    check(policy, url, NamedBy::User).map_or_else(|refusal| refusal.code(), |_| "allowed")
}

#[test]
fn each_refusal_says_why() {
    let policy = Policy::default()
        .own_host("https.go.hr.test")
        .and_then(|policy| policy.own_host("go.hr.test:8443"))
        .and_then(|policy| policy.deny("ads.example"))
        .and_then(|policy| policy.deny("8.8.4.0/24"))
        .unwrap();
    for (url, expected) in [
        ("https://example.com/", "allowed"),
        ("https://bücher.example.com/ä?ö#ü", "allowed"),
        ("", "empty"),
        (" https://example.com/", "control_character"),
        ("https://example.com/\r\nX: y", "control_character"),
        ("https://example.com/\u{85}", "control_character"),
        ("example.com", "missing_scheme"),
        ("example.com:8080/x", "missing_scheme"),
        ("//example.com/", "missing_scheme"),
        ("\u{feff}https://example.com/", "missing_scheme"),
        ("ftp://example.com/", "scheme_not_allowed"),
        ("http:/\\example.com/", "backslash"),
        ("http://example.com\\@other.example/", "backslash"),
        ("http://example.com/a\\b", "allowed"),
        ("http://user@example.com/", "credentials"),
        ("http:example.com", "invalid_url"),
        ("http:///example.com/", "invalid_url"),
        ("http://", "invalid_url"),
        ("http://exa mple.com/", "invalid_host"),
        ("http://ex%61mple.com/", "invalid_host"),
        ("http://example..com/", "invalid_host"),
        ("http://example.com:25/", "port_not_allowed"),
        ("http://example.com:0/", "port_not_allowed"),
        ("http://example.com:8443/", "allowed"),
        ("http://134744072/", "disguised_address"),
        ("http://8.8.8.8./", "allowed"),
        ("http://0x7f.1/", "loopback_address"),
        ("http://10.1/", "private_address"),
        ("http://2852039166/", "metadata_address"),
        ("http://168.63.129.16/", "metadata_address"),
        ("http://[::ffff:8.8.8.8]/", "reserved_address"),
        ("http://8.8.4.4/", "denied_address"),
        ("http://tracker.ads.example/", "denied_host"),
        ("http://notads.example/", "allowed"),
        ("http://localhost/", "internal_name"),
        ("http://db.corp/", "internal_name"),
        ("http://metadata.goog/", "metadata_name"),
        ("http://https.go.hr.test:8080/", "own_host"),
        ("https://GO.hr.test.:8443/x", "own_host"),
        ("https://go.hr.test/x", "allowed"),
    ] {
        assert_eq!(code(&policy, url), expected, "{url:?}");
    }
}

#[test]
fn an_intranet_may_be_reached_but_not_its_secrets_nor_in_disguise() {
    let policy = Policy::default().allow_private(true);
    for (url, expected) in [
        ("http://localhost:3000/", "allowed"),
        ("http://127.0.0.1:8099/p/o1", "allowed"),
        ("http://wiki/", "allowed"),
        ("http://[fd12::1]:9000/", "allowed"),
        ("http://127.0.0.1:0/", "port_not_allowed"),
        ("http://0x7f.1:8099/", "disguised_address"),
        ("http://0.0.0.0:8099/", "reserved_address"),
        ("http://169.254.169.254/", "metadata_address"),
        ("http://100.100.100.200/", "metadata_address"),
        ("http://[fd00:ec2::254]/", "metadata_address"),
        ("http://metadata.google.internal/", "metadata_name"),
        ("file:///etc/passwd", "scheme_not_allowed"),
    ] {
        assert_eq!(code(&policy, url), expected, "{url:?}");
    }
}

#[test]
fn only_what_the_user_typed_may_be_private() {
    let policy = Policy::default().allow_private(true);
    let code = |typed: &str, url: &str| {
        let origin = check(&policy, typed, NamedBy::User).unwrap().origin();
        check(&policy, url, NamedBy::Web(&origin)).map_or_else(|refusal| refusal.code(), |_| "allowed")
    };
    assert_eq!(code("http://127.0.0.1:8099/p", "http://127.0.0.1:8099/q"), "allowed");
    assert_eq!(code("http://127.0.0.1:8099/p", "http://127.0.0.1:8098/secret"), "loopback_address");
    assert_eq!(code("http://127.0.0.1:8099/p", "http://localhost:8099/"), "internal_name");
    assert_eq!(code("http://wiki.corp/", "https://wiki.corp/"), "allowed");
    assert_eq!(code("http://wiki.corp/", "http://db.corp/"), "internal_name");
    assert_eq!(code("http://wiki.corp/", "https://example.com/"), "allowed");
    assert_eq!(code("http://wiki.corp/", "https://example.com:9200/"), "port_not_allowed");
    assert_eq!(code("https://example.com/", "http://10.0.0.1/"), "private_address");
}

#[test]
fn a_tunnel_needs_a_host_and_a_port() {
    let origin = check(&Policy::default(), "https://example.com/", NamedBy::User).unwrap().origin();
    let code = |authority: &str| {
        let checked = check_authority(&Policy::default(), authority, NamedBy::Web(&origin));
        checked.map_or_else(|refusal| refusal.code(), |target| if target.port == 443 { "443" } else { "another" })
    };
    assert_eq!(code("example.com:443"), "443");
    assert_eq!(code("example.com:80"), "another");
    assert_eq!(code("[2606:4700::1111]:443"), "443");
    assert_eq!(code("example.com"), "invalid_url");
    assert_eq!(code("example.com:443/x"), "invalid_url");
    assert_eq!(code("a@example.com:443"), "credentials");
    assert_eq!(code("[::1]:443"), "loopback_address");
    assert_eq!(code("127.1:443"), "loopback_address");
    assert_eq!(code("example.com:22"), "port_not_allowed");
    assert_eq!(code(""), "invalid_url");
}

/// An IPv4 address in one of the many ways in which browsers read one: 1 to 4 parts, each in any radix, padded, in any case, with digits
/// of other alphabets, dots of other scripts, some of it percent-encoded, a final dot.
fn spelling() -> impl Strategy<Value = (Ipv4Addr, String)> {
    let address = prop_oneof![
        any::<[u8; 3]>().prop_map(|[b, c, d]| [10, b, c, d]),
        any::<[u8; 3]>().prop_map(|[b, c, d]| [127, b, c, d]),
        any::<[u8; 2]>().prop_map(|[c, d]| [192, 168, c, d]),
        any::<[u8; 2]>().prop_map(|[c, d]| [169, 254, c, d]),
        (16..32_u8, any::<[u8; 2]>()).prop_map(|(b, [c, d])| [172, b, c, d]),
    ];
    let style = (1..=4_usize, prop::collection::vec((0..4_u8, 0..4_usize), 4), 0..4_u8, any::<bool>(), any::<u32>());
    (address, style).prop_map(|(octets, (parts, radixes, letters, final_dot, encoded))| {
        let address = Ipv4Addr::from(octets);
        let value = u64::from(u32::from(address));
        let mut numbers: Vec<u64> = octets[..parts - 1].iter().copied().map(u64::from).collect();
        numbers.push(value & ((1_u64 << (8 * (5 - parts))) - 1));
        let texts: Vec<String> = numbers
            .iter()
            .zip(radixes)
            .map(|(number, (radix, zeros))| match radix {
                0 => format!("{number}"),
                1 => format!("0{}{number:o}", "0".repeat(zeros)),
                2 => format!("0x{}{number:x}", "0".repeat(zeros)),
                _ => format!("0X{}{number:X}", "0".repeat(zeros)),
            })
            .collect();
        let mut text = texts.join(match letters {
            1 => "\u{3002}",
            2 => "\u{ff0e}",
            _ => ".",
        });
        if letters == 2 {
            text = text
                .chars()
                .map(|c| c.to_digit(10).and_then(|digit| char::from_u32(0xff10 + digit)).unwrap_or(c))
                .collect();
        }
        if final_dot {
            text.push('.');
        }
        if letters == 3 {
            let encode = |(at, byte)| {
                if encoded >> (at % 32) & 1 == 1 { format!("%{byte:02x}") } else { char::from(byte).to_string() }
            };
            text = text.bytes().enumerate().map(encode).collect();
        }
        (address, text)
    })
}

/// An IPv6 address that must not be reached, some of them with an IPv4 address inside.
fn forbidden_v6() -> impl Strategy<Value = Ipv6Addr> {
    let inside = |prefix: [u16; 6]| {
        any::<[u16; 2]>().prop_map(move |[high, low]| {
            let [a, b, c, d, e, f] = prefix;
            Ipv6Addr::new(a, b, c, d, e, f, high, low)
        })
    };
    prop_oneof![
        inside([0, 0, 0, 0, 0, 0xffff]),
        inside([0, 0, 0, 0, 0, 0]),
        inside([0, 0, 0, 0, 0xffff, 0]),
        inside([0x64, 0xff9b, 0, 0, 0, 0]),
        inside([0x2002, 0x7f00, 1, 0, 0, 0]),
        any::<[u16; 7]>().prop_map(|[b, c, d, e, f, g, h]| Ipv6Addr::new(0xfd00 | (b & 0xff), b, c, d, e, f, g, h)),
        any::<[u16; 7]>().prop_map(|[b, c, d, e, f, g, h]| Ipv6Addr::new(0xfe80 | (b & 0x3f), b, c, d, e, f, g, h)),
        any::<u128>().prop_filter("outside of 2000::/3", |bits| bits >> 125 != 1).prop_map(Ipv6Addr::from),
    ]
}

fn long_spelling(address: Ipv6Addr, upper: bool) -> String {
    let groups: Vec<String> = address.segments().iter().map(|group| format!("{group:04x}")).collect();
    let text = groups.join(":");
    if upper { text.to_uppercase() } else { text }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_spelling_of_a_private_address_passes((address, text) in spelling(), port in prop::option::of(1..=u16::MAX)) {
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        for scheme in ["http", "https", "HTTP"] {
            let url = format!("{scheme}://{text}{port}/");
            prop_assert!(check(&Policy::default(), &url, NamedBy::User).is_err(), "{address} as {url}");
        }
    }

    #[test]
    fn no_spelling_of_a_forbidden_ipv6_address_passes(address in forbidden_v6(), upper: bool) {
        for text in [address.to_string(), long_spelling(address, upper)] {
            let url = format!("http://[{text}]/");
            prop_assert!(check(&Policy::default(), &url, NamedBy::User).is_err(), "{url}");
        }
    }

    #[test]
    fn whatever_passes_is_public_and_plain(text in "(http|https|ftp)?:?[/\\\\]{0,3}[a-z0-9.%@:\\[\\]\u{3002}①②⑦\u{ff10}-\u{ff19}x-]{0,30}[/?#]?\\PC{0,10}") {
        if let Ok(target) = check(&Policy::default(), &text, NamedBy::User) {
            prop_assert!(matches!(target.port, 80 | 443 | 8080 | 8443));
            prop_assert!(target.url.username().is_empty() && target.url.password().is_none());
            match target.host {
                TargetHost::Address(address) => prop_assert_eq!(Kind::of(address), Kind::Public),
                TargetHost::Name(name) => prop_assert!(name.contains('.') && name.is_ascii()),
            }
            // What is asked for passes again: the check is of what is fetched.
            prop_assert!(check(&Policy::default(), target.url.as_str(), NamedBy::User).is_ok());
        }
    }

    #[test]
    fn no_text_is_too_strange(text in "\\PC{0,60}|(?s).{0,60}") {
        let _ = check(&Policy::default(), &text, NamedBy::User);
        let _ = check_authority(&Policy::default(), &text, NamedBy::User);
        let _ = check(&Policy::default(), &format!("http://{text}"), NamedBy::User);
    }
}
