//! Who asks, and for what: links with destinations by country, and visitors from several of them.

use data_ops::{
    links::NewLink,
    types::{CountryCode, DestinationUrl, GeoTargets, Slug},
};

/// Networks of large providers in different countries, without their last byte.
const NETWORKS: [&str; 12] = [
    "8.8.8.",      // US
    "194.25.0.",   // DE
    "80.10.246.",  // FR
    "212.58.244.", // GB
    "193.0.6.",    // NL
    "210.130.1.",  // JP
    "200.160.2.",  // BR
    "139.130.4.",  // AU
    "164.100.1.",  // IN
    "195.186.1.",  // CH
    "213.33.99.",  // AT
    "80.58.61.",   // ES
];
/// Countries every link has a destination of its own for.
const COUNTRIES: [&str; 2] = ["DE", "US"];

const BROWSERS: [&str; 5] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36",
];

/// A prime without a common factor with the number of slugs: every link gets another slug, and neighbours have nothing in common.
const STRIDE: u64 = 48_271_000_037;
const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
const SLUG_LENGTH: u32 = 7;

/// The slug of the link with this number.
pub fn slug(number: u32) -> String {
    let mut rest = u64::from(number) * STRIDE % 36_u64.pow(SLUG_LENGTH);
    let mut slug = String::new();
    for _ in 0..SLUG_LENGTH {
        slug.push(char::from(DIGITS[usize::try_from(rest % 36).unwrap_or(0)]));
        rest /= 36;
    }
    slug
}

/// The link with this number.
pub fn link(number: u32) -> anyhow::Result<NewLink> {
    let destination =
        |place: &str| DestinationUrl::parse(&format!("https://shop.example.com/{place}/products/{number}"));
    let mut targets = Vec::new();
    for country in COUNTRIES {
        targets.push((CountryCode::parse(country)?, destination(&country.to_ascii_lowercase())?));
    }
    Ok(NewLink {
        domain: None,
        slug: Some(Slug::parse(&slug(number))?),
        url: destination("world")?,
        geo: targets.into_iter().collect::<GeoTargets>(),
        rules: Vec::new(),
        backup_urls: Vec::new(),
        geo_backup_urls: data_ops::types::GeoBackups::default(),
        monitor: data_ops::types::Monitor::default(),
        click_value: None,
        external_id: None,
        title: String::new(),
        comments: None,
        archived: false,
        created_by: None,
    })
}

/// The address of the visitor with this number.
pub fn address(number: u32) -> String {
    let place = usize::try_from(number).unwrap_or(0) % NETWORKS.len();
    format!("{}{}", NETWORKS[place], number / 12 % 250 + 1)
}

/// Their browser. Not a bot's: bots are not counted.
pub fn browser(number: u32) -> &'static str {
    BROWSERS[usize::try_from(number).unwrap_or(0) % BROWSERS.len()]
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn slugs_differ_and_are_acceptable() {
        let slugs: HashSet<String> = (0..50_000).map(slug).collect();
        assert_eq!(slugs.len(), 50_000);
        assert!((0..1_000).all(|number| link(number).is_ok()));
    }

    #[test]
    fn addresses_are_addresses() {
        assert!((0..10_000).all(|number| address(number).parse::<std::net::Ipv4Addr>().is_ok()));
    }
}
