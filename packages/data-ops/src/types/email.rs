//! The address a person signs in with.

use super::TextSpec;
use super::text::text_type;

/// An e-mail address, kept as it was written. Compare and look up by [`Email::normalised`].
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Email(Box<str>);

/// Why a text is not an [`Email`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    /// Nothing was given.
    #[error("Enter an e-mail address.")]
    Empty,
    /// Longer than any mail server accepts.
    #[error("An e-mail address has at most {} characters.", Email::SPEC.max_length)]
    TooLong,
    /// Not of the form `name@domain`.
    #[error("This is not an e-mail address; it should look like name@example.com.")]
    Invalid,
}

impl EmailError {
    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLong => "too_long",
            Self::Invalid => "invalid_email",
        }
    }
}

impl Email {
    /// The limits of an address.
    pub const SPEC: TextSpec = TextSpec {
        min_length: 3,
        max_length: 254,
        pattern: Some(r"^\s*[^\s@]+@[^\s@]+\s*$"),
        format: Some("email"),
        description: "An e-mail address. Case does not matter when signing in.",
        example: "ada@example.com",
    };

    /// Reads an address; white space around it is dropped. Whether it exists only a mail to it can tell, so this
    /// asks for little: one `@`, nothing invisible, and a domain that could be one.
    ///
    /// # Errors
    /// When the text is empty, too long, or not of the form `name@domain`.
    pub fn parse(text: &str) -> Result<Self, EmailError> {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Err(EmailError::Empty);
        }
        if text.chars().count() > Self::SPEC.max_length || trimmed.len() > Self::SPEC.max_length {
            return Err(EmailError::TooLong);
        }
        let (local, domain) = trimmed.split_once('@').ok_or(EmailError::Invalid)?;
        let invisible = |character: char| character.is_control() || character.is_whitespace();
        let local_is_fine = !local.is_empty()
            && local.len() <= 64
            && !local.contains(invisible)
            && !local.contains(['<', '>', '(', ')', ',', ';', ':', '"', '\\', '[', ']'])
            && local.split('.').all(|part| !part.is_empty());
        let domain_is_fine = domain.split('.').all(|label| {
            !label.is_empty()
                && label.len() <= 63
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || c == '-' || (!c.is_ascii() && c.is_alphanumeric()))
        });
        if local_is_fine && domain_is_fine { Ok(Self(trimmed.into())) } else { Err(EmailError::Invalid) }
    }

    /// The address as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address in lower case: two addresses with the same one belong to the same account.
    #[must_use]
    pub fn normalised(&self) -> String {
        self.0.to_lowercase()
    }
}

text_type!(Email, EmailError);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_trimmed_and_compared_in_lower_case() {
        let email = Email::parse("  Ada.Lovelace+x@Example.COM ").unwrap();
        assert_eq!(email.as_str(), "Ada.Lovelace+x@Example.COM");
        assert_eq!(email.normalised(), "ada.lovelace+x@example.com");
        assert!(Email::parse("admin@localhost").is_ok());
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "ada",
            "@example.com",
            "ada@",
            "a@b@c",
            "a b@example.com",
            "a@exa mple.com",
            "a@b..c",
            ".a@b.c",
            "a@-b.c",
            "a\u{0}@b.c",
            "<a>@b.c",
            "a@b.c\r\nBcc: x@y.z",
        ] {
            assert_eq!(Email::parse(text).unwrap_err().code(), "invalid_email", "{text:?}");
        }
        assert_eq!(Email::parse(" ").unwrap_err().code(), "empty");
        assert_eq!(Email::parse(&format!("a@{}", "b".repeat(260))).unwrap_err().code(), "too_long");
    }
}
