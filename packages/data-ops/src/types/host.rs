//! The host that short links live on.

use super::TextSpec;
use super::text::text_type;

/// A host name or address in lower-case ASCII, with a port where that is not 80 or 443: `go.example.com`,
/// `localhost:8080`, `[::1]:8080`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Host(Box<str>);

/// Why a text is not a [`Host`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// Nothing was given.
    #[error("Enter a host such as go.example.com.")]
    Empty,
    /// Longer than a host name can be.
    #[error("A host has at most {} characters.", Host::SPEC.max_length)]
    TooLong,
    /// Not a host name or address.
    #[error("This is not a host; it should look like go.example.com, without https:// and without a path.")]
    Invalid,
}

impl HostError {
    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLong => "too_long",
            Self::Invalid => "invalid_host",
        }
    }
}

impl Host {
    /// The limits of a host.
    pub const SPEC: TextSpec = TextSpec {
        min_length: 1,
        max_length: 260,
        pattern: Some(r"^[^\s/?#@\\]+$"),
        format: None,
        description: "The host of a short link, with a port where it is not 80 or 443.",
        example: "go.example.com",
    };

    /// Reads a host; upper case is folded, international names become punycode, a final dot and the ports 80 and
    /// 443 are dropped. (Without the scheme nobody can tell which of the two is the default, and a short link on
    /// port 80 of a host is the same link as on port 443.)
    ///
    /// # Errors
    /// When the text is empty, too long, or anything but a host with an optional port.
    pub fn parse(text: &str) -> Result<Self, HostError> {
        if text.is_empty() {
            return Err(HostError::Empty);
        }
        if text.chars().count() > Self::SPEC.max_length {
            return Err(HostError::TooLong);
        }
        let (name, port) = split_port(text).ok_or(HostError::Invalid)?;
        // Already as it will be: the common case, on the way from the database and in every request.
        if port.is_none() && is_plain_name(name) {
            return Ok(Self(name.into()));
        }
        let name = match url::Host::parse(name).map_err(|_| HostError::Invalid)? {
            url::Host::Domain(name) => {
                let name = name.strip_suffix('.').unwrap_or(&name).to_owned();
                if !is_host_name(&name) {
                    return Err(HostError::Invalid);
                }
                name
            }
            address => address.to_string(),
        };
        let text = match port {
            None | Some(80 | 443) => name,
            Some(port) => format!("{name}:{port}"),
        };
        if text.len() > Self::SPEC.max_length {
            return Err(HostError::TooLong);
        }
        Ok(Self(text.into()))
    }

    /// The host as text, with its port.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The host without its port.
    #[must_use]
    pub fn name(&self) -> &str {
        split_port(&self.0).map_or(&self.0, |(name, _)| name)
    }

    /// The port, where it is not 80 or 443.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        split_port(&self.0).and_then(|(_, port)| port)
    }
}

/// Splits off `:port`; `None` when what follows the colon is no port.
fn split_port(text: &str) -> Option<(&str, Option<u16>)> {
    let after_address = text.rfind(']').map_or(0, |end| end + 1);
    let Some(colon) = text[after_address..].find(':').map(|at| at + after_address) else {
        return Some((text, None));
    };
    let digits = &text[colon + 1..];
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match digits.parse() {
        Ok(0) | Err(_) => None,
        Ok(port) => Some((&text[..colon], Some(port))),
    }
}

/// Lower-case labels of letters, digits, hyphens and underscores, each of 1 to 63 bytes, at most 253 in all.
pub(super) fn is_host_name(name: &str) -> bool {
    name.len() <= 253
        && name.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_'))
        })
}

/// A host name that needs no normalising: no punycode to check, and no last label that makes it an IPv4 address.
fn is_plain_name(name: &str) -> bool {
    let last_starts_with_letter =
        name.rsplit('.').next().is_some_and(|label| label.starts_with(|first: char| first.is_ascii_lowercase()));
    last_starts_with_letter && !name.contains("xn--") && is_host_name(name)
}

text_type!(Host, HostError);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_normalised() {
        for (given, wanted) in [
            ("go.example.com", "go.example.com"),
            ("GO.Example.com", "go.example.com"),
            ("go.example.com.", "go.example.com"),
            ("go.example.com:443", "go.example.com"),
            ("go.example.com:80", "go.example.com"),
            ("localhost:8080", "localhost:8080"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("127.0.0.1:9000", "127.0.0.1:9000"),
            ("[::1]:9000", "[::1]:9000"),
            ("[0:0::1]", "[::1]"),
        ] {
            assert_eq!(Host::parse(given).unwrap().as_str(), wanted, "{given}");
        }
    }

    #[test]
    fn name_and_port_are_told_apart() {
        let host = Host::parse("[::1]:9000").unwrap();
        assert_eq!((host.name(), host.port()), ("[::1]", Some(9000)));
        let host = Host::parse("go.example.com:443").unwrap();
        assert_eq!((host.name(), host.port()), ("go.example.com", None));
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for text in [
            "https://go.example.com",
            "go.example.com/x",
            "a@b",
            "a b",
            "a:",
            "a:x",
            "a:0",
            "a:65536",
            "::1",
            "a..b",
            ".",
            "a:80:80",
            "exa\u{0}mple",
            "[::1",
            "a:+80",
        ] {
            assert_eq!(Host::parse(text).unwrap_err().code(), "invalid_host", "{text:?}");
        }
        assert_eq!(Host::parse("").unwrap_err().code(), "empty");
        assert_eq!(Host::parse(&"a.".repeat(200)).unwrap_err().code(), "too_long");
    }
}
