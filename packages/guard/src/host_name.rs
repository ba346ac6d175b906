//! Which names may be looked up.

use crate::Refusal;

/// Names of metadata services.
const METADATA_NAMES: &[&str] = &[
    "instance-data",
    "instance-data.ec2.internal",
    "metadata",
    "metadata.azure.internal",
    "metadata.goog",
    "metadata.google.internal",
    "metadata.oraclecloud.com",
    "metadata.packet.net",
    "metadata.platformequinix.com",
    "metadata.tencentyun.com",
];

/// Endings that are set apart for machines and private networks (RFC 6761, 6762, 7686, 8375, 9476; ICANN's `internal`), or in wide use
/// there and never to be delegated.
const INTERNAL_ENDINGS: &[&str] = &[
    "alt",
    "arpa",
    "bit",
    "consul",
    "corp",
    "domain",
    "home",
    "i2p",
    "internal",
    "intra",
    "intranet",
    "kubernetes",
    "lan",
    "local",
    "localdomain",
    "localhost",
    "mail",
    "onion",
    "private",
    "svc",
    "workgroup",
];

/// Hosts that Chromium calls on its own account: updates, component lists, experiments, block lists of downloads and pages.
const BROWSER_VENDOR: &[&str] = &[
    "android.clients.google.com",
    "chromewebstore.googleapis.com",
    "clients.google.com",
    "clients1.google.com",
    "clients2.google.com",
    "clients2.googleusercontent.com",
    "clients3.google.com",
    "clients4.google.com",
    "clients5.google.com",
    "clients6.google.com",
    "clientservices.googleapis.com",
    "content-autofill.googleapis.com",
    "edgedl.me.gvt1.com",
    "gvt1.com",
    "gvt2.com",
    "mtalk.google.com",
    "optimizationguide-pa.googleapis.com",
    "passwordsleakcheck-pa.googleapis.com",
    "safebrowsing.googleapis.com",
    "safebrowsingohttpgateway.googleapis.com",
    "sb-ssl.google.com",
    "tools.google.com",
    "update.googleapis.com",
];

/// Whether `name` is `ending`, or a name below it.
pub(crate) fn is_below(name: &str, ending: &str) -> bool {
    name.strip_suffix(ending).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Refuses names of metadata services.
pub(crate) fn check_metadata(name: &str) -> Result<(), Refusal> {
    if METADATA_NAMES.contains(&name) {
        return Err(Refusal::MetadataName { name: name.to_owned() });
    }
    Ok(())
}

/// Refuses names that lead nowhere, or elsewhere, on the public internet.
pub(crate) fn check_public(name: &str) -> Result<(), Refusal> {
    if !name.contains('.') || INTERNAL_ENDINGS.iter().any(|ending| is_below(name, ending)) {
        return Err(Refusal::InternalName { name: name.to_owned() });
    }
    Ok(())
}

/// Whether the browser calls this host by itself.
pub(crate) fn is_browser_vendor(name: &str) -> bool {
    BROWSER_VENDOR.iter().any(|host| is_below(name, host))
}

/// Whether `name` stands for the machine itself by definition.
pub(crate) fn is_localhost(name: &str) -> bool {
    is_below(name, "localhost")
}

/// Lower-case labels of letters, digits, hyphens and underscores, each of 1 to 63 bytes, at most 253 in all.
pub(crate) fn is_valid(name: &str) -> bool {
    name.len() <= 253
        && name.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_'))
        })
}
