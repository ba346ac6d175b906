//! Why a destination is refused.

use super::DestinationUrl;

/// Why a text is not an acceptable [`DestinationUrl`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DestinationUrlError {
    /// Nothing, or only white space.
    #[error("Enter a destination such as https://example.com/page.")]
    Empty,
    /// No scheme, as in `www.example.com`.
    #[error("A destination starts with http:// or https://; add it in front.")]
    MissingScheme,
    /// A scheme other than http and https.
    #[error("A destination starts with http:// or https://; \"{scheme}:\" links are not allowed.")]
    SchemeNotAllowed {
        /// The scheme, in lower case.
        scheme: String,
    },
    /// A tab, line break or other control character inside.
    #[error("The destination contains a line break, tab or another control character; remove it.")]
    ControlCharacter,
    /// A user name or password in front of the host.
    #[error(
        "A destination must not contain a user name or password; remove everything up to the @ in front of the host."
    )]
    CredentialsNotAllowed,
    /// A backslash before the path, which programs read differently.
    #[error("The destination has a backslash before or in its host; use forward slashes.")]
    BackslashInAuthority,
    /// A host with percent-encoded characters.
    #[error("The host of the destination must not contain percent-encoded characters; write it out.")]
    InvalidHost,
    /// Not a URL.
    #[error("This is not a valid URL; it should look like https://example.com/page.")]
    InvalidUrl,
    /// An IPv4 address not written as four decimal numbers.
    #[error("The host is the address {address} in disguise; write it as {address}.")]
    ObfuscatedIp {
        /// The address as it should be written.
        address: String,
    },
    /// The host is, or by its name always resolves to, an address that is not on the public internet.
    #[error(
        "The destination is on a private network that visitors cannot reach; use a public host. (An installation for \
         an intranet can allow it in its configuration.)"
    )]
    PrivateAddress,
    /// The host name cannot be resolved on the public internet.
    #[error(
        "The host name of the destination does not exist on the public internet; use a full name such as \
         www.example.com. (An installation for an intranet can allow it in its configuration.)"
    )]
    HostNotPublic,
    /// Too long, before or after normalising.
    #[error(
        "A destination has at most {} characters, with every special character counted in its encoded form.",
        DestinationUrl::SPEC.max_length
    )]
    TooLong,
    /// A short link of this service.
    #[error(
        "The destination is on a domain of this service, so visitors could be sent round in a circle; use the final \
         destination instead."
    )]
    RedirectLoop,
}

impl DestinationUrlError {
    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::MissingScheme => "missing_scheme",
            Self::SchemeNotAllowed { .. } => "scheme_not_allowed",
            Self::ControlCharacter => "control_character",
            Self::CredentialsNotAllowed => "credentials_not_allowed",
            Self::BackslashInAuthority => "backslash_in_authority",
            Self::InvalidHost => "invalid_host",
            Self::InvalidUrl => "invalid_url",
            Self::ObfuscatedIp { .. } => "obfuscated_ip",
            Self::PrivateAddress => "private_address",
            Self::HostNotPublic => "host_not_public",
            Self::TooLong => "too_long",
            Self::RedirectLoop => "redirect_loop",
        }
    }
}
