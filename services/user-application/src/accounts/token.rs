//! Secrets that programs carry: session tokens, setup tokens, API keys. Only their hashes are stored.

use std::fmt;

use rand::{TryRng, rngs::SysRng};
use sha2::{Digest, Sha256};

/// Crockford's base 32 in lower case: no character is mistaken for another, and a double click selects all of it.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// 52 characters of 5 bits: 260 bits.
const SECRET_LENGTH: usize = 52;

/// 10 characters of 5 bits: unique enough to find a key by; a collision is noticed and another one drawn.
const PREFIX_LENGTH: usize = 10;

/// A secret that its holder sends to be recognised. Never shown in logs.
pub(crate) struct Token(String);

/// The operating system could not provide randomness.
#[derive(Debug, thiserror::Error)]
#[error("no randomness from the operating system")]
pub(crate) struct NoRandomness(#[source] rand::rngs::SysError);

impl Token {
    /// A fresh secret.
    pub(crate) fn generate() -> Result<Self, NoRandomness> {
        random_text(SECRET_LENGTH).map(Self)
    }

    /// The secret itself, to hand to its holder.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }

    /// What is stored in its place.
    pub(crate) fn hash(&self) -> [u8; 32] {
        hash(&self.0)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Token(…)")
    }
}

/// What is stored in place of a secret. A plain hash is enough: the secrets are random and long.
pub(crate) fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// An API key: `hr_<prefix>_<secret>`. The prefix finds it, the hash of the secret proves it.
#[derive(Debug)]
pub(crate) struct NewKey {
    pub(crate) prefix: String,
    pub(crate) secret: Token,
}

impl NewKey {
    pub(crate) fn generate() -> Result<Self, NoRandomness> {
        Ok(Self { prefix: random_text(PREFIX_LENGTH)?, secret: Token::generate()? })
    }

    /// The whole key, to hand to its holder.
    pub(crate) fn reveal(&self) -> String {
        format!("hr_{}_{}", self.prefix, self.secret.reveal())
    }
}

/// Splits a key into prefix and secret; `None` when it does not look like one.
pub(crate) fn split_key(key: &str) -> Option<(&str, &str)> {
    let (prefix, secret) = key.strip_prefix("hr_")?.split_once('_')?;
    let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_key = prefix.len() == PREFIX_LENGTH && secret.len() == SECRET_LENGTH;
    (is_key && is_plain(prefix) && is_plain(secret)).then_some((prefix, secret))
}

fn random_text(length: usize) -> Result<String, NoRandomness> {
    let mut bytes = vec![0; length];
    SysRng.try_fill_bytes(&mut bytes).map_err(NoRandomness)?;
    // 256 is a multiple of 32, so every character is equally likely.
    Ok(bytes.into_iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect())
}

#[cfg(test)]
mod tests {
    use super::{NewKey, Token, split_key};

    #[test]
    fn a_key_is_split_into_what_it_was_made_of() {
        let key = NewKey::generate().expect("randomness");
        let whole = key.reveal();
        assert_eq!(split_key(&whole), Some((key.prefix.as_str(), key.secret.reveal())));
    }

    #[test]
    fn what_is_not_a_key_is_refused() {
        for text in ["", "hr_", "hr__", "dub_abc_def", "hr_short_secret", "hr_0123456789_\u{e9}"] {
            assert_eq!(split_key(text), None, "{text}");
        }
    }

    #[test]
    fn debug_output_does_not_reveal_a_token() {
        let token = Token::generate().expect("randomness");
        assert!(!format!("{token:?}").contains(token.reveal()));
    }
}
