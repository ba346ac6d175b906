//! The destinations of a link, as far as its row tells.

use std::collections::BTreeMap;

use crate::types::{DestinationUrl, GeoBackups, GeoTargets, Rule};

/// Every URL a link leads to, and whether it is more than a backup somewhere.
pub(super) fn used_urls<'a>(
    url: &'a DestinationUrl,
    geo: &'a GeoTargets,
    rules: &'a [Rule],
    backups: &'a [DestinationUrl],
    geo_backups: &'a GeoBackups,
) -> BTreeMap<&'a str, bool> {
    let primaries = std::iter::once(url)
        .chain(geo.iter().map(|(_, url)| url))
        .chain(rules.iter().flat_map(|rule| rule.destinations.iter().map(|destination| &destination.url)));
    let backups = backups
        .iter()
        .chain(geo_backups.iter().flat_map(|(_, backups)| backups))
        .chain(rules.iter().flat_map(|rule| &rule.backups));
    let mut used: BTreeMap<&str, bool> = backups.map(|url| (url.as_str(), false)).collect();
    used.extend(primaries.map(|url| (url.as_str(), true)));
    used
}
