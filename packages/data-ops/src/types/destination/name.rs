//! Host names that do not lead to the public internet.

use super::DestinationUrlError;

/// Names that stand for the machine itself or for a cloud provider's metadata service.
const PRIVATE_NAMES: &[&str] = &[
    "instance-data",
    "instance-data.ec2.internal",
    "ip6-localhost",
    "ip6-loopback",
    "localhost",
    "localhost.localdomain",
    "metadata",
    "metadata.azure.internal",
    "metadata.goog",
    "metadata.google.internal",
    "metadata.packet.net",
    "metadata.tencentyun.com",
];

/// Endings that are set apart for private networks (RFC 6761, 6762, 7686, 8375, 9476; ICANN's `internal`), or in
/// wide use there and never to be delegated.
const PRIVATE_ENDINGS: &[&str] = &[
    "alt",
    "corp",
    "home",
    "home.arpa",
    "i2p",
    "internal",
    "intranet",
    "lan",
    "local",
    "localdomain",
    "onion",
    "private",
];

/// Refuses names that resolve to nothing, or to something else, for visitors on the public internet.
pub(super) fn check_public(domain: &str) -> Result<(), DestinationUrlError> {
    if PRIVATE_NAMES.contains(&domain) || domain.ends_with(".localhost") {
        return Err(DestinationUrlError::PrivateAddress);
    }
    let has_ending =
        |ending: &&str| domain.strip_suffix(*ending).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    if !domain.contains('.') || PRIVATE_ENDINGS.iter().any(has_ending) {
        return Err(DestinationUrlError::HostNotPublic);
    }
    Ok(())
}
