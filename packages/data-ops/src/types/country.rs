//! Countries by their two-letter codes.

use super::TextSpec;
use super::country_names::COUNTRIES;
use super::text::text_type;

/// A country's two-letter code of ISO 3166-1. One byte: its place in the table of codes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CountryCode(u8);

/// Why a text is not a [`CountryCode`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("There is no such country; use a two-letter code of ISO 3166-1 such as DE (the United Kingdom is GB).")]
pub struct CountryCodeError;

impl CountryCodeError {
    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        "unknown_country"
    }
}

const NONE: u8 = u8::MAX;

/// For each pair of letters the place in the table of codes, so that a look-up is one read.
const PLACES: [u8; 26 * 26] = {
    assert!(COUNTRIES.len() < NONE as usize);
    let mut places = [NONE; 26 * 26];
    let mut place = 0_u8;
    while (place as usize) < COUNTRIES.len() {
        let [first, second] = COUNTRIES[place as usize].0;
        places[(first - b'A') as usize * 26 + (second - b'A') as usize] = place;
        place += 1;
    }
    places
};

impl CountryCode {
    /// The limits of a country code.
    pub const SPEC: TextSpec = TextSpec {
        min_length: 2,
        max_length: 2,
        pattern: Some("^[A-Za-z]{2}$"),
        format: None,
        description: "A country's two-letter code of ISO 3166-1, or XK for Kosovo.",
        example: "DE",
    };

    /// How many countries there are.
    pub const COUNT: usize = COUNTRIES.len();

    /// Reads a code in any case.
    ///
    /// # Errors
    /// When no country has the code.
    pub fn parse(text: &str) -> Result<Self, CountryCodeError> {
        let bytes = text.as_bytes().try_into().map_err(|_| CountryCodeError)?;
        Self::from_bytes(bytes).ok_or(CountryCodeError)
    }

    /// The country with these two letters, in any case.
    #[must_use]
    pub const fn from_bytes(letters: [u8; 2]) -> Option<Self> {
        let first = letters[0].to_ascii_uppercase().wrapping_sub(b'A');
        let second = letters[1].to_ascii_uppercase().wrapping_sub(b'A');
        if first >= 26 || second >= 26 {
            return None;
        }
        match PLACES[first as usize * 26 + second as usize] {
            NONE => None,
            place => Some(Self(place)),
        }
    }

    /// The two letters in upper case.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        // The table holds ASCII only, so the text is never empty.
        std::str::from_utf8(&COUNTRIES[usize::from(self.0)].0).unwrap_or_default()
    }

    /// The English name in common use.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        COUNTRIES[self.0 as usize].1
    }

    /// Every country, in the order of the codes.
    pub fn all() -> impl ExactSizeIterator<Item = Self> {
        (0..COUNTRIES.len()).map(|place| Self(u8::try_from(place).unwrap_or_default()))
    }

    /// The place in the table of codes: what the routing program stores. Only good within one process.
    pub(crate) const fn place(self) -> u8 {
        self.0
    }
}

text_type!(CountryCode, CountryCodeError);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_complete() {
        assert!(COUNTRIES.is_sorted_by(|one, next| one.0 < next.0));
        // 249 of ISO 3166-1 and Kosovo.
        assert_eq!(CountryCode::COUNT, 250);
        for country in CountryCode::all() {
            assert_eq!(CountryCode::parse(country.as_str()), Ok(country));
            assert!(!country.name().is_empty());
        }
    }

    #[test]
    fn codes_are_read_in_any_case() {
        assert_eq!(CountryCode::parse("de").unwrap().as_str(), "DE");
        assert_eq!(CountryCode::parse("De").unwrap().name(), "Germany");
        assert_eq!(size_of::<CountryCode>(), 1);
    }

    #[test]
    fn codes_of_no_country_are_refused() {
        for text in ["", "D", "DEU", "UK", "EU", "XX", "ZZ", "A1", "T1", "**", "ß", "é", "д"] {
            assert_eq!(CountryCode::parse(text).unwrap_err().code(), "unknown_country", "{text}");
        }
    }
}
