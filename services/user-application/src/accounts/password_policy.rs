//! Which passwords are strong enough.

use data_ops::types::FieldError;
use zxcvbn::{Score, zxcvbn};

/// The shortest password accepted, in characters.
pub(crate) const MIN_LENGTH: usize = 8;

/// The longest password accepted, in characters: hashing time must stay bounded.
pub(crate) const MAX_LENGTH: usize = 128;

/// Why a password is not acceptable.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// Fewer characters than needed.
    #[error("Use at least {MIN_LENGTH} characters.")]
    TooShort,
    /// More characters than can be checked.
    #[error("Use at most {MAX_LENGTH} characters.")]
    TooLong,
    /// Among the first millions anybody would try.
    #[error("This password is too easy to guess. {advice}")]
    TooWeak {
        /// What would make it better.
        advice: String,
    },
}

impl WeakPassword {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooShort => "too_short",
            Self::TooLong => "too_long",
            Self::TooWeak { .. } => "password_too_weak",
        }
    }

    /// As an entry of an error answer.
    pub(crate) fn at(&self, path: &str) -> FieldError {
        FieldError::new(path, self.code(), self)
    }
}

/// Checks a new password; `personal` are words an attacker would try first, such as the person's own name.
pub(crate) fn check(password: &str, personal: &[&str]) -> Result<(), WeakPassword> {
    let length = password.chars().count();
    if length < MIN_LENGTH {
        return Err(WeakPassword::TooShort);
    }
    if length > MAX_LENGTH {
        return Err(WeakPassword::TooLong);
    }
    let inputs: Vec<&str> = personal
        .iter()
        .copied()
        .flat_map(|words| {
            let parts = words.split(|c: char| !c.is_alphanumeric());
            parts.chain(words.split('@')).chain([words])
        })
        .filter(|word| word.len() >= 3)
        .chain(["hashroute"])
        .collect();
    let estimate = zxcvbn(password, &inputs);
    if estimate.score() >= Score::Two {
        return Ok(());
    }
    let advice = estimate
        .feedback()
        .and_then(|feedback| feedback.warning())
        .map(|warning| format!("{warning} Add more words that do not belong together."))
        .unwrap_or_else(|| "Use several words that do not belong together.".to_owned());
    Err(WeakPassword::TooWeak { advice })
}

#[cfg(test)]
mod tests {
    use super::{WeakPassword, check};

    #[test]
    fn guessable_passwords_are_refused_with_advice() {
        assert_eq!(check("short", &[]), Err(WeakPassword::TooShort));
        assert_eq!(check(&"x".repeat(129), &[]), Err(WeakPassword::TooLong));
        for password in ["password", "12345678", "qwertyuiop", "hashroute1"] {
            let refused = check(password, &[]).expect_err(password);
            assert_eq!(refused.code(), "password_too_weak", "{password}");
        }
        let own_address = check("ada.lovelace", &["ada.lovelace@example.com"]);
        assert_eq!(own_address.expect_err("own address").code(), "password_too_weak");
    }

    #[test]
    fn unusual_passwords_are_accepted() {
        for password in ["correct horse battery staple", "tR7!kq0Zp", "träge Möwen am Kai"] {
            assert_eq!(check(password, &["ada@example.com"]), Ok(()), "{password}");
        }
    }
}
