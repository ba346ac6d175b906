use std::path::Path;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::types::Host;

fn hosts(texts: &[&str]) -> Vec<Host> {
    texts.iter().map(|text| Host::parse(text).unwrap()).collect()
}

/// What a row of a table of destinations says has to come out: the stored form or the code.
fn check(input: &Value, wanted: Result<&str, &str>, own_hosts: &[Host]) -> Result<(), String> {
    let policy = DestinationPolicy::new(false, own_hosts);
    let got = DestinationUrl::parse_value(input, "url", &policy);
    match (&got, wanted) {
        (Ok(url), Ok(wanted)) if url.as_str() == wanted => Ok(()),
        (Err(error), Err(wanted)) if error.code == wanted && error.path == "url" => Ok(()),
        _ => Err(format!("{input}\n  wanted {wanted:?}\n  got    {got:?}")),
    }
}

#[test]
fn every_row_of_the_fixture_gets_its_outcome() {
    let text = include_str!("../../../tests/fixtures/destinations.json");
    let rows: Vec<Value> = serde_json::from_str(text).unwrap();
    let own = hosts(&["go.hr.test", "short.hr.test:8080"]);
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|row| {
            let wanted = row["stored"].as_str().ok_or_else(|| row["code"].as_str().unwrap());
            check(&row["input"], wanted, &own).err()
        })
        .collect();
    assert!(rows.len() > 60);
    assert!(wrong.is_empty(), "{} rows:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_row_of_the_shared_kit_gets_its_outcome() {
    let kit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/kits/bad-destinations.json");
    let Ok(text) = std::fs::read_to_string(&kit) else {
        assert!(std::env::var_os("CI").is_none(), "on CI the shared test kits must be there");
        eprintln!("skipped: shared/kits/bad-destinations.json is not beside the repository");
        return;
    };
    let rows: Vec<Value> = serde_json::from_str(&text).unwrap();
    let own = hosts(&["go.hr.test", "customer-domain.hr.test"]);
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|row| {
            let wanted = row["normalised"].as_str().ok_or_else(|| row["error"].as_str().unwrap());
            check(&row["input"], wanted, &own).err().map(|difference| format!("{} {difference:.400}", row["id"]))
        })
        .collect();
    assert!(rows.len() > 100);
    assert!(wrong.is_empty(), "{} rows:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn an_intranet_may_allow_private_hosts_but_never_disguised_ones() {
    let policy = DestinationPolicy::new(true, &[]);
    for text in ["http://127.0.0.1/", "http://intranet/", "http://db.internal/", "http://[::1]/"] {
        assert!(DestinationUrl::parse_with(text, &policy).is_ok(), "{text}");
    }
    let disguised = DestinationUrl::parse_with("http://2130706433/", &policy);
    assert_eq!(disguised.unwrap_err().code(), "obfuscated_ip");
}

#[test]
fn an_own_host_is_a_loop_even_where_private_hosts_are_allowed() {
    let own = hosts(&["localhost:8080"]);
    let by_list = DestinationPolicy::new(true, &own);
    let is_own = |host: &Host| host.as_str() == "localhost:8080";
    let by_lookup = DestinationPolicy::with_lookup(true, &is_own);
    for policy in [by_list, by_lookup] {
        let parse = |text| DestinationUrl::parse_with(text, &policy);
        assert_eq!(parse("http://localhost:8080/abc").unwrap_err().code(), "redirect_loop");
        assert!(parse("http://localhost:9090/abc").is_ok());
    }
}

#[test]
fn wrong_types_are_not_coerced() {
    for value in [json!(null), json!(1), json!(true), json!([]), json!(["https://a.example/"])] {
        let error = DestinationUrl::parse_value(&value, "geo.DE", &DestinationPolicy::stored());
        let error = error.unwrap_err();
        assert_eq!((error.path.as_str(), error.code), ("geo.DE", "type_mismatch"));
    }
}

#[test]
fn the_length_counts_before_and_after_encoding() {
    let parse = |path: String| DestinationUrl::parse(&format!("https://example.com/{path}"));
    assert!(parse("a".repeat(8_192 - 20)).is_ok());
    assert_eq!(parse("a".repeat(8_192 - 19)).unwrap_err().code(), "too_long");
    assert_eq!(parse("ä".repeat(1_400)).unwrap_err().code(), "too_long");
    assert_eq!(parse("a/../".repeat(2_000)).unwrap_err().code(), "too_long");
}

#[test]
fn look_alike_hosts_are_flagged() {
    for text in [
        // Cyrillic with a Latin l, all Cyrillic, Greek omicron, and the first again as it is stored.
        "https://раураl.com/",
        "https://аррӏе.com/",
        "https://gοοgle.com/",
        "https://xn--l-7sba6dbr.com/",
        "https://shop.раураl.com:8443/x",
    ] {
        let url = DestinationUrl::parse(text).unwrap();
        assert_eq!(url.warnings(), [DestinationWarning::Homograph], "{text}");
    }
}

#[test]
fn hosts_of_one_language_are_not_flagged() {
    for text in [
        "https://example.com/раураl",
        "https://bücher.example.com/",
        "https://россия.рф/",
        "https://日本語テスト.jp/",
        "https://東京tower.jp/",
        "https://παράδειγμα.gr/",
        "https://한국.kr/",
        "https://مثال.example.com/",
    ] {
        assert_eq!(DestinationUrl::parse(text).unwrap().warnings(), [], "{text}");
    }
}

#[test]
fn stored_destinations_are_taken_back_unread() {
    let url = DestinationUrl::parse("http://localhost:8080/ä").unwrap();
    assert_eq!(DestinationUrl::from_stored(url.as_str()), Ok(url));
    for text in ["javascript:alert(1)", "https://a.example/\r\n", "https://a.example/ä", ""] {
        assert!(DestinationUrl::from_stored(text).is_err(), "{text:?}");
    }
}

#[test]
fn the_addresses_of_the_special_purpose_registries_are_not_public() {
    let public = |text: &str| is_public_address(text.parse().unwrap());
    for text in [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:2::1",
        "2001:10::1",
        "2001:20::1",
        "2001:db8::1",
        "2002:c0a8:1::1",
        "3fff::1",
        "fc00::1",
        "fd12::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "2600::5efe:7f00:1",
    ] {
        assert!(!public(text), "{text}");
    }
    for text in [
        "1.1.1.1",
        "8.8.8.8",
        "100.63.255.255",
        "100.128.0.1",
        "172.15.0.1",
        "172.32.0.1",
        "192.0.1.1",
        "223.255.255.255",
        "2606:4700:4700::1111",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
        "2a00:1450::1",
    ] {
        assert!(public(text), "{text}");
    }
}

/// Texts that look enough like URLs to get far into the parser.
fn like_a_url() -> impl Strategy<Value = String> {
    let scheme = prop_oneof![Just("https://"), Just("http://"), Just("HTTPS:\\/"), Just("ftp:"), Just("")];
    let host = prop_oneof![
        "[a-zA-Z0-9.:@%_-]{0,20}",
        "\\PC{0,12}",
        "[0-9a-fx.]{1,16}",
        "\\[[0-9a-f:.]{0,20}\\]",
        Just("shop.example.com".to_owned()),
    ];
    let rest = prop_oneof!["[/?#]\\PC{0,30}", "[ -~]{0,30}", any::<String>()];
    (scheme, host, rest).prop_map(|(scheme, host, rest)| format!("{scheme}{host}{rest}"))
}

fn is_safe_in_a_header(url: &DestinationUrl) -> bool {
    url.as_str().bytes().all(|byte| byte.is_ascii_graphic())
        && (url.as_str().starts_with("https://") || url.as_str().starts_with("http://"))
        && url.as_str().len() <= DestinationUrl::SPEC.max_length
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn what_is_accepted_is_safe_and_reads_back_as_itself(text in prop_oneof![like_a_url(), any::<String>()]) {
        let policy = DestinationPolicy::new(false, &[]);
        if let Ok(url) = DestinationUrl::parse_with(&text, &policy) {
            prop_assert!(is_safe_in_a_header(&url), "{url}");
            let again = DestinationUrl::parse_with(url.as_str(), &policy);
            prop_assert_eq!(again.as_ref(), Ok(&url));
            let stored = DestinationUrl::from_stored(url.as_str());
            prop_assert_eq!(stored.as_ref(), Ok(&url));
            prop_assert!(!url.host().is_empty());
            prop_assert!(url.warnings().len() <= 1);
        }
    }
}
