//! Free text that people give to things, and the slug of a workspace.

use super::TextSpec;
use super::text::text_type;

/// Why a text is not an acceptable name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing, or only white space.
    #[error("Enter at least one character.")]
    Empty,
    /// More characters than allowed.
    #[error("Enter at most {max} characters.")]
    TooLong {
        /// The most characters this field takes.
        max: usize,
    },
    /// A line break or another control character.
    #[error("This text may not contain control characters.")]
    ControlCharacter,
}

impl NameError {
    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLong { .. } => "too_long",
            Self::ControlCharacter => "control_character",
        }
    }
}

/// Control characters, and those that reorder or hide the text around them.
fn is_disruptive(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn parse_text(text: &str, spec: &TextSpec, lines: bool) -> Result<Box<str>, NameError> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Err(NameError::Empty);
    }
    if text.chars().count() > spec.max_length {
        return Err(NameError::TooLong { max: spec.max_length });
    }
    let line_break = |character| lines && matches!(character, '\n' | '\r' | '\t');
    if trimmed.chars().any(|character| is_disruptive(character) && !line_break(character)) {
        return Err(NameError::ControlCharacter);
    }
    Ok(trimmed.into())
}

macro_rules! names {
    ($($(#[doc = $doc:literal])+ $name:ident(max $max:literal, lines $lines:literal, $example:literal);)+) => {$(
        $(#[doc = $doc])+
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Box<str>);

        impl $name {
            /// The limits of this text.
            pub const SPEC: TextSpec = TextSpec {
                min_length: 1,
                max_length: $max,
                pattern: None,
                format: None,
                description: concat!($($doc),+).trim_ascii(),
                example: $example,
            };

            /// Reads the text; white space around it is dropped.
            ///
            /// # Errors
            /// When nothing is left, or it is too long, or has control characters.
            pub fn parse(text: &str) -> Result<Self, NameError> {
                parse_text(text, &Self::SPEC, $lines).map(Self)
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        text_type!($name, NameError);
    )+};
}

names! {
    /// The name of a workspace.
    WorkspaceName(max 64, lines false, "Acme");
    /// What a person wants to be called.
    PersonName(max 100, lines false, "Ada Lovelace");
    /// What an API key is for.
    ApiKeyName(max 64, lines false, "Nightly import");
    /// A link's id in another system, unique in its workspace.
    ExternalId(max 255, lines false, "product-8471");
    /// A link's title for people.
    LinkTitle(max 500, lines false, "Summer sale");
    /// Notes about a link for the people of the workspace.
    LinkComments(max 2000, lines true, "Printed on the back of the catalogue.");
}

/// The name of a workspace in URLs: lower-case letters, digits and single hyphens.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkspaceSlug(Box<str>);

/// Why a text is not a [`WorkspaceSlug`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WorkspaceSlugError {
    /// Nothing was given.
    #[error("Enter at least one character.")]
    Empty,
    /// More characters than allowed.
    #[error("Enter at most {} characters.", WorkspaceSlug::SPEC.max_length)]
    TooLong,
    /// A character that is not allowed, or a hyphen where none may be.
    #[error("Use lower-case letters a-z, digits, and single hyphens between them, like acme-shoes.")]
    InvalidCharacter,
    /// The path means something else, or the text could be taken for an id.
    #[error("This name is reserved; choose another one.")]
    Reserved,
}

impl WorkspaceSlugError {
    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLong => "too_long",
            Self::InvalidCharacter => "invalid_character",
            Self::Reserved => "reserved",
        }
    }
}

/// Pages of the web application beside the workspaces.
const RESERVED: &[&str] = &["account", "admin", "api", "app", "login", "new", "onboarding", "settings", "signup"];

impl WorkspaceSlug {
    /// The limits of a workspace's slug.
    pub const SPEC: TextSpec = TextSpec {
        min_length: 1,
        max_length: 48,
        pattern: Some("^[a-z0-9]+(-[a-z0-9]+)*$"),
        format: None,
        description: "The name of a workspace in URLs.",
        example: "acme-shoes",
    };

    /// Reads a workspace's slug.
    ///
    /// # Errors
    /// When it is empty, too long, reserved, or has other characters than lower-case letters, digits and single
    /// hyphens between them.
    pub fn parse(text: &str) -> Result<Self, WorkspaceSlugError> {
        if text.is_empty() {
            return Err(WorkspaceSlugError::Empty);
        }
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        if !text.split('-').all(|part| !part.is_empty() && part.bytes().all(allowed)) {
            return Err(WorkspaceSlugError::InvalidCharacter);
        }
        if text.len() > Self::SPEC.max_length {
            return Err(WorkspaceSlugError::TooLong);
        }
        if RESERVED.contains(&text) {
            return Err(WorkspaceSlugError::Reserved);
        }
        Ok(Self(text.into()))
    }

    /// The slug a name suggests: "Acme & Söhne" gives `acme-s-hne`, and what has no letter or digit of ASCII gives
    /// `workspace`. The answer is at most `max_length` long, so that there is room for a number behind it.
    #[must_use]
    pub fn derive(name: &WorkspaceName, number: Option<u32>) -> Self {
        let suffix = number.map(|number| format!("-{number}")).unwrap_or_default();
        let mut text = String::new();
        for character in name.as_str().chars() {
            if text.len() + suffix.len() >= Self::SPEC.max_length {
                break;
            }
            if character.is_ascii_alphanumeric() {
                text.push(character.to_ascii_lowercase());
            } else if !text.is_empty() && !text.ends_with('-') {
                text.push('-');
            }
        }
        let text = text.trim_end_matches('-');
        let text = if text.is_empty() { "workspace" } else { text };
        Self::parse(&format!("{text}{suffix}"))
            .or_else(|_| Self::parse(&format!("{text}-workspace{suffix}")))
            .unwrap_or_else(|_| Self(format!("workspace{suffix}").into()))
    }

    /// The slug.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

text_type!(WorkspaceSlug, WorkspaceSlugError);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_trimmed_and_counted_in_characters() {
        assert_eq!(WorkspaceName::parse("  Acme  ").unwrap().as_str(), "Acme");
        assert!(WorkspaceName::parse(&"ü".repeat(64)).is_ok());
        assert_eq!(WorkspaceName::parse(&"ü".repeat(65)).unwrap_err().code(), "too_long");
        assert_eq!(WorkspaceName::parse(" \n ").unwrap_err().code(), "empty");
        assert_eq!(WorkspaceName::parse("a\u{202e}b").unwrap_err().code(), "control_character");
    }

    #[test]
    fn only_comments_have_lines() {
        assert!(LinkComments::parse("one\ntwo").is_ok());
        assert_eq!(LinkTitle::parse("one\ntwo").unwrap_err().code(), "control_character");
    }

    #[test]
    fn workspace_slugs_derive_from_names() {
        for (name, number, wanted) in [
            ("Acme Shoes", None, "acme-shoes"),
            ("Acme & Co.", Some(2), "acme-co-2"),
            ("日本", None, "workspace"),
            ("Admin", None, "admin-workspace"),
            ("--x--", None, "x"),
        ] {
            let name = WorkspaceName::parse(name).unwrap();
            assert_eq!(WorkspaceSlug::derive(&name, number).as_str(), wanted);
        }
    }

    #[test]
    fn derived_slugs_always_parse() {
        let name = WorkspaceName::parse(&"ab ".repeat(21)).unwrap();
        for number in [None, Some(1), Some(u32::MAX)] {
            let slug = WorkspaceSlug::derive(&name, number);
            assert_eq!(WorkspaceSlug::parse(slug.as_str()), Ok(slug));
        }
    }

    #[test]
    fn workspace_slugs_are_strict() {
        for (text, code) in [
            ("", "empty"),
            ("Acme", "invalid_character"),
            ("a--b", "invalid_character"),
            ("-a", "invalid_character"),
            ("app", "reserved"),
        ] {
            assert_eq!(WorkspaceSlug::parse(text).unwrap_err().code(), code, "{text}");
        }
        assert_eq!(WorkspaceSlug::parse(&"a".repeat(49)).unwrap_err().code(), "too_long");
    }
}
