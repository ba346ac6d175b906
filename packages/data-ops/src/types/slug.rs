//! The public path of a link.

use rand::{Rng, RngExt};

use super::TextSpec;
use super::text::text_type;

/// The public path of a link, without the leading slash. Case-sensitive.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slug(Box<str>);

/// Why a text is not a [`Slug`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SlugError {
    /// Nothing was given.
    #[error("A slug needs at least one character; leave the field out to get a random slug.")]
    Empty,
    /// More characters than allowed.
    #[error("A slug has at most {} characters.", Slug::SPEC.max_length)]
    TooLong,
    /// A character that would not survive in a path, or would need encoding.
    #[error(
        "A slug may only contain letters a-z and A-Z, digits, hyphens, underscores, dots and tildes; “{}” is not one of them.",
        .0.escape_debug()
    )]
    InvalidCharacter(char),
    /// The path means something else on this service.
    #[error("“{0}” is reserved for the service itself; choose another slug.")]
    Reserved(Box<str>),
}

impl SlugError {
    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLong => "too_long",
            Self::InvalidCharacter(_) => "invalid_character",
            Self::Reserved(_) => "reserved",
        }
    }
}

/// Paths that the service answers itself or may come to, and those that browsers and crawlers ask for on their own.
/// No more than that: words like "help" and "about" are what people make short links for. In lower case; a slug that
/// differs only in case is reserved too, since people would take one for the other.
const RESERVED: &[&str] = &[
    ".",
    "..",
    ".well-known",
    "_next",
    "admin",
    "android-chrome-192x192.png",
    "api",
    "app",
    "apple-touch-icon-precomposed.png",
    "apple-touch-icon.png",
    "assets",
    "auth",
    "browserconfig.xml",
    "docs",
    "favicon.ico",
    "favicon.png",
    "favicon.svg",
    "healthz",
    "humans.txt",
    "index.html",
    "invite",
    "live",
    "login",
    "logout",
    "manifest.json",
    "manifest.webmanifest",
    "metrics",
    "oauth",
    "openapi.json",
    "readyz",
    "robots.txt",
    "security.txt",
    "service-worker.js",
    "setup",
    "sign-in",
    "sign-out",
    "sign-up",
    "signin",
    "signout",
    "signup",
    "site.webmanifest",
    "sitemap.xml",
    "static",
    "sw.js",
];

/// Letters and digits that cannot be mistaken for one another when read aloud or from paper.
const RANDOM_ALPHABET: &[u8] = b"23456789abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ";
const RANDOM_LENGTH: usize = 7;

impl Slug {
    /// The limits of a slug.
    pub const SPEC: TextSpec = TextSpec {
        min_length: 1,
        max_length: 190,
        pattern: Some("^[A-Za-z0-9_.~-]+$"),
        format: None,
        description: "The path of a short link without the leading slash. Case-sensitive. Paths that the service \
                      uses itself, such as \"api\", are reserved.",
        example: "summer-sale",
    };

    /// Reads a slug.
    ///
    /// # Errors
    /// When it is empty, too long, reserved, or has a character outside of `A-Z a-z 0-9 - _ . ~`.
    pub fn parse(text: &str) -> Result<Self, SlugError> {
        if text.is_empty() {
            return Err(SlugError::Empty);
        }
        let refused =
            |character: &char| !character.is_ascii_alphanumeric() && !matches!(character, '-' | '_' | '.' | '~');
        if let Some(character) = text.chars().find(refused) {
            return Err(SlugError::InvalidCharacter(character));
        }
        if text.len() > Self::SPEC.max_length {
            return Err(SlugError::TooLong);
        }
        if RESERVED.binary_search(&text.to_ascii_lowercase().as_str()).is_ok() {
            return Err(SlugError::Reserved(text.into()));
        }
        Ok(Self(text.into()))
    }

    /// A random slug of seven characters without look-alikes (no `0 O o`, `1 l I`): 10^12 possibilities.
    #[must_use]
    pub fn random(random: &mut impl Rng) -> Self {
        loop {
            let text: String = (0..RANDOM_LENGTH)
                .map(|_| char::from(RANDOM_ALPHABET[random.random_range(0..RANDOM_ALPHABET.len())]))
                .collect();
            // A reserved word may come out; anything else parses.
            if let Ok(slug) = Self::parse(&text) {
                return slug;
            }
        }
    }

    /// The slug as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

text_type!(Slug, SlugError);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reserved_list_is_sorted_for_the_search() {
        assert!(RESERVED.is_sorted());
    }

    #[test]
    fn reserved_words_are_refused_in_any_case() {
        for text in ["api", "API", "Robots.txt", ".well-known", "..", "sign-in"] {
            assert_eq!(Slug::parse(text).unwrap_err().code(), "reserved", "{text}");
        }
        assert!(Slug::parse("api2").is_ok());
    }

    #[test]
    fn every_error_has_its_code() {
        assert_eq!(Slug::parse("").unwrap_err().code(), "empty");
        assert_eq!(Slug::parse("a/b").unwrap_err().code(), "invalid_character");
        assert_eq!(Slug::parse("é").unwrap_err().code(), "invalid_character");
        assert_eq!(Slug::parse("a b").unwrap_err().code(), "invalid_character");
        assert_eq!(Slug::parse(&"a".repeat(190)).map(|slug| slug.as_str().len()), Ok(190));
        assert_eq!(Slug::parse(&"a".repeat(191)).unwrap_err().code(), "too_long");
    }

    #[test]
    fn random_slugs_parse_and_have_no_look_alikes() {
        use rand::SeedableRng;
        let mut random = rand::rngs::StdRng::seed_from_u64(7);
        for _ in 0..1_000 {
            let slug = Slug::random(&mut random);
            assert_eq!(slug.as_str().len(), RANDOM_LENGTH);
            assert!(!slug.as_str().contains(['0', 'O', 'o', '1', 'l', 'I']), "{slug}");
            assert_eq!(Slug::parse(slug.as_str()), Ok(slug));
        }
    }
}
