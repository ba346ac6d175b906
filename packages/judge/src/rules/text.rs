//! Text in one spelling, so that phrases are found whatever their case, accents and width.

use unicode_normalization::UnicodeNormalization as _;

/// Text in one spelling: compatibility forms, case and accents folded, numbers as `#`, one space between words.
#[derive(Debug, Default)]
pub(super) struct Folded {
    pub(super) text: String,
    /// For each byte the number of the character it comes from.
    from: Vec<u32>,
}

/// Numbers that mean something by themselves.
const KEPT_NUMBERS: [&str; 6] = ["404", "410", "18", "19", "20", "21"];

impl Folded {
    pub(super) fn new(original: &str) -> Self {
        let mut folded = Self { text: String::with_capacity(original.len()), from: Vec::with_capacity(original.len()) };
        let mut number = String::new();
        let mut number_at = 0;
        let mut position = 0_u32;
        for letter in original.chars() {
            for part in std::iter::once(letter).nfkd() {
                if let Some(digit) = part.to_digit(10) {
                    if number.is_empty() {
                        number_at = position;
                    }
                    number.push(char::from_digit(digit, 10).unwrap_or('0'));
                    continue;
                }
                folded.end_number(&mut number, number_at);
                if part.is_ascii() {
                    folded.push(part.to_ascii_lowercase(), position);
                } else if !is_dropped(part) {
                    for upper in part.to_uppercase() {
                        upper.to_lowercase().filter(|it| !is_dropped(*it)).for_each(|it| folded.push(it, position));
                    }
                }
            }
            position += 1;
        }
        folded.end_number(&mut number, number_at);
        if folded.text.ends_with(' ') {
            folded.text.pop();
            folded.from.pop();
        }
        folded
    }

    fn end_number(&mut self, number: &mut String, at: u32) {
        if number.is_empty() {
            return;
        }
        let spelled = if number.bytes().all(|it| it == b'0') {
            "0"
        } else if KEPT_NUMBERS.contains(&number.as_str()) {
            number.as_str()
        } else {
            "#"
        };
        for digit in spelled.chars() {
            self.push(digit, at);
        }
        number.clear();
    }

    fn push(&mut self, letter: char, position: u32) {
        let letter = match letter {
            '’' | '‘' | 'ʼ' | '´' | '`' | '′' => '\'',
            '–' | '—' | '‐' | '‑' | '−' => '-',
            it if it.is_whitespace() || it.is_control() => ' ',
            it => it,
        };
        if letter == ' ' && (self.text.is_empty() || self.text.ends_with(' ')) {
            return;
        }
        // Writing without spaces has them only for looks.
        if is_unspaced(letter) && self.text.ends_with(' ') && self.text.trim_end().ends_with(is_unspaced) {
            self.text.pop();
            self.from.pop();
        }
        self.text.push(letter);
        self.from.extend(std::iter::repeat_n(position, letter.len_utf8()));
    }

    /// The number of the character in the original that this byte comes from.
    pub(super) fn original_character(&self, byte: usize) -> usize {
        self.from.get(byte).map_or(0, |it| *it as usize)
    }
}

/// Marks that are left out by many who type, and characters nobody sees.
fn is_dropped(letter: char) -> bool {
    matches!(letter,
        '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5bd}' | '\u{5bf}'..='\u{5c7}' | '\u{610}'..='\u{61a}' | '\u{640}'
        | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}')
}

/// Chinese, Japanese, Thai and the like: words are not parted by spaces.
pub(super) fn is_unspaced(letter: char) -> bool {
    matches!(u32::from(letter), 0x0e00..=0x0eff | 0x1000..=0x109f | 0x1780..=0x17ff | 0x3040..=0x30ff
        | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xf900..=0xfaff | 0x20000..=0x2fa1f)
}

/// Writing in which words are joined with what belongs to them, so that a phrase may end within a word.
pub(super) fn joins_words(letter: char) -> bool {
    is_unspaced(letter) || matches!(u32::from(letter), 0x1100..=0x11ff | 0xac00..=0xd7af)
}

/// How much is said: characters of scripts in which one is as good as a syllable or a word count for more.
pub(super) fn weight(text: &str) -> usize {
    text.chars()
        .map(|it| match it {
            it if !it.is_alphanumeric() && it != '#' => 0,
            it if u32::from(it) >= 0x3400 && is_unspaced(it) => 3,
            it if is_unspaced(it) => 2,
            _ => 1,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_the_same_words_are_the_same() {
        let folded = |text| Folded::new(text).text;
        assert_eq!(folded("  ÉPUISÉ\u{a0}!"), folded("épuisé !"));
        assert_eq!(folded("TÜKENDİ"), folded("tükendi"));
        assert_eq!(folded("ＳＯＬＤ ｏｕｔ"), "sold out");
        assert_eq!(folded("So\u{ad}ld\u{200b} o\u{301}ut"), "sold out");
        assert_eq!(folded("can’t—won‘t"), "can't-won't");
        assert_eq!(folded("Straße ΤΕΛΟΣ τέλος"), "strasse τελοσ τελοσ");
        assert_eq!(folded("在庫 切れ"), folded("在庫切れ"));
        assert_eq!(folded("Only 12 left, 00, 404"), "only # left, 0, 404");
        assert_eq!(folded("품절"), folded("품절"));
    }

    #[test]
    fn positions_lead_back_to_the_original() {
        let folded = Folded::new("  Ça: ÉPUISÉ 12");
        let at = folded.text.find("epuise").unwrap();
        assert_eq!(folded.original_character(at), 6);
    }
}
