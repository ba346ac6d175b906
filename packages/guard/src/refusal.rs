//! Why the guard refuses.

use std::net::IpAddr;

/// Why a URL, or where it leads, is not fetched. [`Refusal::code`] is stable; the words are for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nothing was given.
    #[error("There is no URL.")]
    Empty,
    /// Longer than anything a link can hold.
    #[error("The URL is longer than {limit} bytes.")]
    TooLong {
        /// How long it may be.
        limit: usize,
    },
    /// A control character or a line break, which browsers drop and other programs do not.
    #[error("The URL contains a control character, a line break, or white space around it.")]
    ControlCharacter,
    /// Not an absolute URL.
    #[error("The URL does not begin with http:// or https://.")]
    MissingScheme,
    /// Another scheme than http and https.
    #[error("Only http and https are fetched, not {scheme:?}.")]
    SchemeNotAllowed {
        /// The scheme, in lower case.
        scheme: String,
    },
    /// A backslash, which browsers read as a slash and other programs as part of the host.
    #[error("The host contains a backslash.")]
    Backslash,
    /// A user name or a password.
    #[error("The URL contains a user name or a password.")]
    Credentials,
    /// No URL that could be read.
    #[error("The URL cannot be read.")]
    InvalidUrl,
    /// No host that could be a name or an address.
    #[error("The host is not a valid name or address.")]
    InvalidHost,
    /// Another port than those that web servers use.
    #[error("Port {port} is not one that pages are fetched from.")]
    PortNotAllowed {
        /// The port.
        port: u16,
    },
    /// An address written as browsers understand it and people do not.
    #[error("The host is the address {address} in disguise.")]
    DisguisedAddress {
        /// What it stands for.
        address: IpAddr,
    },
    /// An address of the machine itself.
    #[error("{address} is an address of the machine itself.")]
    LoopbackAddress {
        /// The address.
        address: IpAddr,
    },
    /// An address of a private network.
    #[error("{address} is an address of a private network.")]
    PrivateAddress {
        /// The address.
        address: IpAddr,
    },
    /// An address under which clouds tell their secrets, or of the local link.
    #[error("{address} is an address of the local link or of a cloud's metadata service.")]
    MetadataAddress {
        /// The address.
        address: IpAddr,
    },
    /// An address that is nobody's on the public internet.
    #[error("{address} is not an address on the public internet.")]
    ReservedAddress {
        /// The address.
        address: IpAddr,
    },
    /// An address the operator has denied.
    #[error("{address} is in a network that this installation does not fetch from.")]
    DeniedAddress {
        /// The address.
        address: IpAddr,
    },
    /// A name that only means something inside of a network.
    #[error("{name} is a name of a private network.")]
    InternalName {
        /// The name.
        name: String,
    },
    /// A name of a cloud's metadata service.
    #[error("{name} is a name of a cloud's metadata service.")]
    MetadataName {
        /// The name.
        name: String,
    },
    /// A host of this installation.
    #[error("{name} is this installation itself.")]
    OwnHost {
        /// The name.
        name: String,
    },
    /// A host the operator has denied.
    #[error("{name} is a host that this installation does not fetch from.")]
    DeniedHost {
        /// The name.
        name: String,
    },
    /// A host that browsers call on their own account.
    #[error("{name} is a host that the browser calls on its maker's behalf.")]
    BrowserVendor {
        /// The name.
        name: String,
    },
    /// From https back to http, where the caller does not want that.
    #[error("The redirect leads from https back to http.")]
    Downgrade,
}

impl Refusal {
    /// The stable code, in snake case.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLong { .. } => "too_long",
            Self::ControlCharacter => "control_character",
            Self::MissingScheme => "missing_scheme",
            Self::SchemeNotAllowed { .. } => "scheme_not_allowed",
            Self::Backslash => "backslash",
            Self::Credentials => "credentials",
            Self::InvalidUrl => "invalid_url",
            Self::InvalidHost => "invalid_host",
            Self::PortNotAllowed { .. } => "port_not_allowed",
            Self::DisguisedAddress { .. } => "disguised_address",
            Self::LoopbackAddress { .. } => "loopback_address",
            Self::PrivateAddress { .. } => "private_address",
            Self::MetadataAddress { .. } => "metadata_address",
            Self::ReservedAddress { .. } => "reserved_address",
            Self::DeniedAddress { .. } => "denied_address",
            Self::InternalName { .. } => "internal_name",
            Self::MetadataName { .. } => "metadata_name",
            Self::OwnHost { .. } => "own_host",
            Self::DeniedHost { .. } => "denied_host",
            Self::BrowserVendor { .. } => "browser_vendor",
            Self::Downgrade => "downgrade",
        }
    }
}
