//! Reasons in plain words.

use judge::Reason;

/// Reasons that are none of a page.
const OTHERS: [(&str, &str); 3] = [
    ("budget_spent", "the checks of this day were spent"),
    ("check_failed", "the check itself failed"),
    ("marked_by_hand", "somebody said so"),
];

/// A sentence for the code of a reason.
pub(crate) fn in_words(code: &str) -> String {
    let other = || OTHERS.iter().find(|(other, _)| *other == code).map(|(_, text)| (*text).to_owned());
    // Of another version, whose words are not known here.
    let unknown = || code.replace('_', " ");
    let clause = Reason::from_code(code).map(|reason| reason.to_string()).or_else(other).unwrap_or_else(unknown);
    let mut characters = clause.chars();
    let first = characters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(characters).chain(['.']).collect()
}

#[cfg(test)]
mod tests {
    use super::{OTHERS, in_words};

    #[test]
    fn every_reason_is_a_sentence() {
        assert_eq!(in_words("out_of_stock"), "It is sold out.");
        assert_eq!(in_words("marked_by_hand"), "Somebody said so.");
        assert_eq!(in_words("of_tomorrow"), "Of tomorrow.");
        for (code, _) in OTHERS {
            assert_eq!(judge::Reason::from_code(code), None, "{code}");
        }
        for reason in judge::Reason::ALL {
            let words = in_words(reason.code());
            assert!(words.starts_with(char::is_uppercase) && words.ends_with('.'), "{words}");
        }
    }
}
