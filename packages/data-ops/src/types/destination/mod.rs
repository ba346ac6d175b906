//! Where a link leads: the rules a destination has to follow.

mod address;
mod error;
mod name;
mod policy;
mod warning;

use serde_json::Value;

use super::text::text_conversions;
use super::{FieldError, TextSpec};

pub use address::is_public_address;
pub use error::DestinationUrlError;
pub use policy::DestinationPolicy;
pub use warning::DestinationWarning;

/// An absolute http or https URL in its normal form: ASCII without spaces and control characters, host in punycode,
/// no user name, no default port. Safe to put into a `Location` header as it is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DestinationUrl(Box<str>);

impl DestinationUrl {
    /// The limits of a destination. The length counts before and after normalising.
    pub const SPEC: TextSpec = TextSpec {
        min_length: 1,
        max_length: 8_192,
        pattern: Some(r"^\s*[Hh][Tt][Tt][Pp][Ss]?://\S[\s\S]*$"),
        format: Some("uri"),
        description: "An absolute http or https URL of a public host, without user name and password. It is stored \
                      in its normal form: international host names in punycode, other characters percent-encoded.",
        example: "https://example.com/products/42?utm_source=newsletter",
    };

    /// Reads a destination that was accepted before, or whose host does not matter. Everything is checked except
    /// whether the host is public and whether it is one of this service.
    ///
    /// # Errors
    /// When the text is not such a URL.
    pub fn parse(text: &str) -> Result<Self, DestinationUrlError> {
        Self::parse_with(text, &DestinationPolicy::stored())
    }

    /// Reads a destination that somebody wants to use.
    ///
    /// # Errors
    /// When the text is not such a URL, or the policy forbids its host.
    pub fn parse_with(text: &str, policy: &DestinationPolicy<'_>) -> Result<Self, DestinationUrlError> {
        use DestinationUrlError as Refused;
        // Browsers drop tabs and line breaks inside of a URL, so what they would open is not what a reader saw.
        // Only those around it are harmless: they come from copying.
        let trimmed = text.trim_matches(|c: char| c.is_ascii_whitespace());
        if trimmed.is_empty() {
            return Err(Refused::Empty);
        }
        if trimmed.contains(|c: char| c.is_ascii_control()) {
            return Err(Refused::ControlCharacter);
        }
        let after_scheme = after_scheme(trimmed)?;
        let host_text = host_text(after_scheme)?;
        if text.chars().count() > Self::SPEC.max_length {
            return Err(Refused::TooLong);
        }

        let mut url = url::Url::parse(trimmed).map_err(|_| unreadable(host_text))?;
        if url.port() == Some(0) {
            return Err(Refused::InvalidUrl);
        }
        match url.host().ok_or(Refused::InvalidUrl)? {
            url::Host::Ipv4(address) => {
                // 2130706433, 0x7f.1 and ①②⑦.0.0.1 are all 127.0.0.1 to a browser and to nobody else.
                let plain = address.to_string();
                if host_text.strip_suffix('.').unwrap_or(host_text) != plain {
                    return Err(Refused::ObfuscatedIp { address: plain });
                }
                policy.check_address(address.into(), &url)?;
            }
            url::Host::Ipv6(address) => policy.check_address(address.into(), &url)?,
            url::Host::Domain(domain) => {
                let domain = domain.strip_suffix('.').unwrap_or(domain).to_owned();
                if host_text.contains('%') {
                    return Err(Refused::InvalidHost);
                }
                if !super::host::is_host_name(&domain) {
                    return Err(Refused::InvalidUrl);
                }
                url.set_host(Some(&domain)).map_err(|_| Refused::InvalidUrl)?;
                policy.check_name(&domain, &url)?;
            }
        }
        let normal = String::from(url);
        if normal.len() > Self::SPEC.max_length {
            return Err(Refused::TooLong);
        }
        Ok(Self(normal.into()))
    }

    /// Takes back what [`Self::as_str`] gave, without reading it again: for loading a million links. Only what a
    /// header could not carry is refused.
    ///
    /// # Errors
    /// When the text cannot have come from this type.
    pub fn from_stored(text: &str) -> Result<Self, DestinationUrlError> {
        if !text.starts_with("https://") && !text.starts_with("http://") {
            return Err(DestinationUrlError::MissingScheme);
        }
        if text.len() > Self::SPEC.max_length {
            return Err(DestinationUrlError::TooLong);
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(DestinationUrlError::ControlCharacter);
        }
        Ok(Self(text.into()))
    }

    /// Reads a field of a request.
    ///
    /// # Errors
    /// One error at `path`; `type_mismatch` when the value is not a string.
    pub fn parse_value(value: &Value, path: &str, policy: &DestinationPolicy<'_>) -> Result<Self, FieldError> {
        let text = FieldError::expect_string(value, path)?;
        Self::parse_with(text, policy).map_err(|error| FieldError::new(path, error.code(), error))
    }

    /// The URL in its normal form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The host with its port where that is not the default one, in punycode.
    #[must_use]
    pub fn host(&self) -> &str {
        let after = self.0.split_once("://").map_or("", |(_, after)| after);
        after.split(['/', '?', '#']).next().unwrap_or_default()
    }

    /// What a person should look at twice before using this destination.
    #[must_use]
    pub fn warnings(&self) -> Vec<DestinationWarning> {
        warning::warnings(self.host())
    }
}

text_conversions!(DestinationUrl, DestinationUrlError);

/// What follows `http:` or `https:`.
fn after_scheme(text: &str) -> Result<&str, DestinationUrlError> {
    use DestinationUrlError as Refused;
    let (scheme, after) = match text.find([':', '/', '?', '#', '\\']) {
        Some(end) if end > 0 && text[end..].starts_with(':') => (&text[..end], &text[end + 1..]),
        _ => return Err(Refused::MissingScheme),
    };
    // "example.com:8080/path" has no scheme; its host would be read as one.
    let is_host_with_port = (scheme.contains('.') || scheme.eq_ignore_ascii_case("localhost"))
        && after.starts_with(|first: char| first.is_ascii_digit());
    if is_host_with_port {
        return Err(Refused::MissingScheme);
    }
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
    if !is_scheme {
        return Err(Refused::InvalidUrl);
    }
    if scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https") {
        Ok(after)
    } else {
        Err(Refused::SchemeNotAllowed { scheme: scheme.to_ascii_lowercase() })
    }
}

/// The host as it was written, without the port. Refuses everything about the part between `//` and the path that
/// programs read differently.
fn host_text(after_scheme: &str) -> Result<&str, DestinationUrlError> {
    use DestinationUrlError as Refused;
    let slashes = after_scheme.find(|c| c != '/' && c != '\\').unwrap_or(after_scheme.len());
    if after_scheme[..slashes].contains('\\') {
        return Err(Refused::BackslashInAuthority);
    }
    if slashes != 2 {
        return Err(Refused::InvalidUrl);
    }
    let rest = &after_scheme[2..];
    let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    if authority.contains('\\') {
        return Err(Refused::BackslashInAuthority);
    }
    if authority.contains('@') {
        return Err(Refused::CredentialsNotAllowed);
    }
    let port = authority.rfind(']').unwrap_or(0);
    let end = authority[port..].find(':').map_or(authority.len(), |colon| port + colon);
    Ok(&authority[..end])
}

/// Why the URL library refused a text whose scheme is fine.
fn unreadable(host_text: &str) -> DestinationUrlError {
    if host_text.contains('%') && !host_text.starts_with('[') {
        DestinationUrlError::InvalidHost
    } else {
        DestinationUrlError::InvalidUrl
    }
}

#[cfg(test)]
mod tests;
