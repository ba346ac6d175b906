//! Typed values as they are stored: JSON beside the version of the type that wrote it, so that it outlives changes of the type.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// The largest payload, in bytes of JSON.
pub const MAX_PAYLOAD_BYTES: usize = 256 * 1024;

/// Why a value cannot be stored.
#[derive(Debug, thiserror::Error)]
pub enum PayloadError {
    /// It is larger than [`MAX_PAYLOAD_BYTES`].
    #[error(
        "a payload of {bytes} bytes is larger than the limit of {MAX_PAYLOAD_BYTES}: store the data where it belongs and \
         pass its id"
    )]
    TooLarge {
        /// Its size as JSON.
        bytes: usize,
    },
    /// Its type has no JSON form, for example a map whose keys are not texts.
    #[error("the payload cannot be written as JSON")]
    Unwritable(#[source] serde_json::Error),
}

/// Why a stored value cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum UnreadablePayload {
    /// A newer program wrote it.
    #[error(
        "the payload was written by a newer version of hashroute (payload version {found}, readable up to {known}): \
         upgrade and replay"
    )]
    Newer {
        /// The version stored.
        found: i64,
        /// The version this program writes.
        known: u16,
    },
    /// It is so old that this program has forgotten how to read it.
    #[error(
        "this version of hashroute no longer reads payload version {found} (it writes {known}): replay with a version that \
         does, or delete"
    )]
    Older {
        /// The version stored.
        found: i64,
        /// The version this program writes.
        known: u16,
    },
    /// It is not what its version says.
    #[error("the payload does not have the shape of version {version}: correct or delete it")]
    Malformed {
        /// The version stored.
        version: i64,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
}

impl UnreadablePayload {
    /// What an `upgrade` answers about a version it does not know.
    #[must_use]
    pub fn unknown(found: u16, known: u16) -> Self {
        let (newer, found) = (found > known, i64::from(found));
        if newer { Self::Newer { found, known } } else { Self::Older { found, known } }
    }
}

/// The JSON of a value.
///
/// # Errors
/// See [`PayloadError`].
pub fn write<T: Serialize>(value: &T) -> Result<String, PayloadError> {
    let text = serde_json::to_string(value).map_err(PayloadError::Unwritable)?;
    if text.len() > MAX_PAYLOAD_BYTES { Err(PayloadError::TooLarge { bytes: text.len() }) } else { Ok(text) }
}

/// The value of stored JSON of version `found`; where that is older than `known`, `upgrade` makes today's of it.
///
/// # Errors
/// See [`UnreadablePayload`].
pub fn read<T: DeserializeOwned>(
    text: &str,
    found: i64,
    known: u16,
    upgrade: impl FnOnce(u16, Value) -> Result<T, UnreadablePayload>,
) -> Result<T, UnreadablePayload> {
    let malformed = |source| UnreadablePayload::Malformed { version: found, source };
    if found == i64::from(known) {
        return serde_json::from_str(text).map_err(malformed);
    }
    if found > i64::from(known) {
        return Err(UnreadablePayload::Newer { found, known });
    }
    let version = u16::try_from(found).map_err(|_| UnreadablePayload::Older { found, known })?;
    upgrade(version, serde_json::from_str(text).map_err(malformed)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_version_is_upgraded_and_a_newer_one_refused() {
        let upgrade = |version, value: Value| match version {
            1 => Ok(value.as_str().map_or(0, str::len) as u64),
            other => Err(UnreadablePayload::unknown(other, 2)),
        };
        assert_eq!(read("7", 2, 2, upgrade).unwrap(), 7);
        assert_eq!(read("\"four\"", 1, 2, upgrade).unwrap(), 4);
        assert!(matches!(read("7", 3, 2, upgrade), Err(UnreadablePayload::Newer { found: 3, known: 2 })));
        assert!(matches!(read("7", 0, 2, upgrade), Err(UnreadablePayload::Older { found: 0, known: 2 })));
        assert!(matches!(read("7", -1, 2, upgrade), Err(UnreadablePayload::Older { found: -1, known: 2 })));
        assert!(matches!(read("\"x\"", 2, 2, upgrade), Err(UnreadablePayload::Malformed { version: 2, .. })));
    }

    #[test]
    fn a_payload_may_be_as_large_as_the_limit_and_no_larger() {
        let text = |bytes: usize| write(&"x".repeat(bytes - 2));
        assert_eq!(text(MAX_PAYLOAD_BYTES).unwrap().len(), MAX_PAYLOAD_BYTES);
        assert!(
            matches!(text(MAX_PAYLOAD_BYTES + 1), Err(PayloadError::TooLarge { bytes }) if bytes == MAX_PAYLOAD_BYTES + 1)
        );
    }
}
