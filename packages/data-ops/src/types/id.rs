//! Typed ids: a UUIDv7 written as a prefix and 26 characters, for example `link_01h455vb4pex5vsknk084sn02q`.
//!
//! The 26 characters are lower-case Crockford base32 of the 16 bytes, most significant first, so that texts sort
//! as the bytes do. (The shape is the one known as TypeID; the crate for it wraps a foreign type, on which neither
//! the database traits nor a clock of ours could be put.)

use std::fmt;

use uuid::Uuid;

/// Why a text is not an id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("An id of this kind is \"{prefix}\" followed by 26 of the characters 0-9 and a-z without i, l, o and u.")]
pub struct IdError {
    /// The prefix the id must have.
    pub prefix: &'static str,
}

impl IdError {
    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        "invalid_id"
    }
}

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const TEXT_LENGTH: usize = 26;

/// The value of each ASCII character, 255 where it is not in the alphabet.
const VALUES: [u8; 128] = {
    let mut values = [255; 128];
    let mut index = 0_u8;
    while index < 32 {
        values[ALPHABET[index as usize] as usize] = index;
        index += 1;
    }
    values
};

fn encode(mut value: u128) -> [u8; TEXT_LENGTH] {
    let mut text = [0; TEXT_LENGTH];
    for place in text.iter_mut().rev() {
        *place = ALPHABET[(value & 31) as usize];
        value >>= 5;
    }
    text
}

fn decode(text: &str) -> Option<u128> {
    if text.len() != TEXT_LENGTH {
        return None;
    }
    let mut value = 0_u128;
    for byte in text.bytes() {
        let digit = *VALUES.get(usize::from(byte))?;
        // 26 × 5 bits are 130: the first character may only hold three.
        if digit == 255 || value >> 123 != 0 {
            return None;
        }
        value = value << 5 | u128::from(digit);
    }
    Some(value)
}

fn write_id(formatter: &mut fmt::Formatter<'_>, prefix: &str, id: Uuid) -> fmt::Result {
    let text = encode(id.as_u128());
    formatter.write_str(prefix)?;
    // The alphabet is ASCII, so the text is never empty.
    formatter.write_str(std::str::from_utf8(&text).unwrap_or_default())
}

macro_rules! ids {
    ($($(#[doc = $doc:literal])+ $name:ident $prefix:literal $example:literal;)+) => {$(
        $(#[doc = $doc])+
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// What the text of every id of this kind starts with.
            pub const PREFIX: &'static str = $prefix;
            /// The OpenAPI schema is made from this.
            pub const SPEC: super::TextSpec = super::TextSpec {
                min_length: $prefix.len() + TEXT_LENGTH,
                max_length: $prefix.len() + TEXT_LENGTH,
                pattern: Some(concat!("^", $prefix, "[0-7][0-9a-hjkmnp-tv-z]{25}$")),
                format: None,
                description: concat!($($doc),+).trim_ascii(),
                example: concat!($prefix, $example),
            };

            /// A new id that sorts by the time it was made, to the millisecond.
            #[must_use]
            pub fn generate(clock: &dyn crate::clock::Clock) -> Self {
                // Only the random bits of the version 4 id are used.
                let random = Uuid::new_v4().into_bytes();
                let [.., a, b, c, d, e, f, g] = random;
                let [h, i, j, ..] = random;
                Self::from_parts(clock.now(), [h, i, j, a, b, c, d, e, f, g])
            }

            /// The id for a moment and 74 random bits (the six bits of version and variant are overwritten).
            #[must_use]
            pub fn from_parts(at: super::Timestamp, random: [u8; 10]) -> Self {
                let millis = u64::try_from(at.as_millis()).unwrap_or(0);
                Self(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
            }

            /// Reads an id.
            ///
            /// # Errors
            /// When the prefix is another one, or what follows is not 26 characters of the alphabet.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                text.strip_prefix($prefix)
                    .and_then(decode)
                    .map(|value| Self(Uuid::from_u128(value)))
                    .ok_or(IdError { prefix: $prefix })
            }

            /// The id as a UUID, for the database.
            #[must_use]
            pub const fn as_uuid(&self) -> Uuid {
                self.0
            }

            /// The id with these 128 bits.
            #[must_use]
            pub const fn from_uuid(id: Uuid) -> Self {
                Self(id)
            }

            /// The 16 bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// The id with these 16 bytes.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_id(formatter, $prefix, self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_id(formatter, $prefix, self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(
                deserializer: D,
            ) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                Self::SPEC.schema()
            }
        }

        impl utoipa::ToSchema for $name {}
    )+};
}

ids! {
    /// The id of a workspace.
    WorkspaceId "ws_" "01jd9zk3w0f5ktqk4mt2e8h6pa";
    /// The id of a user.
    UserId "user_" "01jd9zk3w0f5ktqk4mt2e8h6pb";
    /// The id of a link.
    LinkId "link_" "01jd9zk3w0f5ktqk4mt2e8h6pc";
    /// The id of a domain.
    DomainId "dom_" "01jd9zk3w0f5ktqk4mt2e8h6pd";
    /// The id of an API key.
    ApiKeyId "key_" "01jd9zk3w0f5ktqk4mt2e8h6pe";
    /// The id of a session.
    SessionId "ses_" "01jd9zk3w0f5ktqk4mt2e8h6pf";
    /// The id of a click.
    ClickId "evt_" "01jd9zk3w0f5ktqk4mt2e8h6pg";
    /// The id of a job.
    JobId "job_" "01jd9zk3w0f5ktqk4mt2e8h6ph";
    /// The id of a destination: a URL within a workspace.
    DestinationId "dest_" "01jd9zk3w0f5ktqk4mt2e8h6pj";
    /// The id of a check of a destination.
    EvaluationId "evl_" "01jd9zk3w0f5ktqk4mt2e8h6pk";
    /// The id of a change of a destination's health.
    HealthChangeId "hch_" "01jd9zk3w0f5ktqk4mt2e8h6pm";
    /// The id of a webhook's endpoint.
    WebhookId "wh_" "01jd9zk3w0f5ktqk4mt2e8h6pn";
    /// The id of a delivery to a webhook.
    WebhookDeliveryId "whd_" "01jd9zk3w0f5ktqk4mt2e8h6pp";
    /// The id of a time at which failover is held back.
    FreezeId "frz_" "01jd9zk3w0f5ktqk4mt2e8h6pq";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{ManualClock, Timestamp};

    #[test]
    fn the_text_is_the_one_other_programs_write() {
        // The first vectors of the TypeID specification, with a prefix of ours.
        for (uuid, text) in [
            ("00000000-0000-0000-0000-000000000000", "link_00000000000000000000000000"),
            ("00000000-0000-0000-0000-000000000001", "link_00000000000000000000000001"),
            ("00000000-0000-0000-0000-00000000000a", "link_0000000000000000000000000a"),
            ("00000000-0000-0000-0000-000000000020", "link_00000000000000000000000010"),
            ("ffffffff-ffff-ffff-ffff-ffffffffffff", "link_7zzzzzzzzzzzzzzzzzzzzzzzzz"),
            ("0110c853-1d09-52d8-d73e-1194e95b5f19", "link_0123456789abcdefghjkmnpqrs"),
            ("01890a5d-ac96-774b-bcce-b302099a8057", "link_01h455vb4pex5vsknk084sn02q"),
        ] {
            let id = LinkId::from_uuid(uuid.parse().unwrap());
            assert_eq!(id.to_string(), text);
            assert_eq!(LinkId::parse(text), Ok(id));
            assert_eq!(LinkId::from_bytes(*id.as_bytes()), id);
        }
    }

    #[test]
    fn ids_of_another_kind_or_shape_are_refused() {
        for text in [
            "ws_01h455vb4pex5vsknk084sn02q",
            "01h455vb4pex5vsknk084sn02q",
            "link_01h455vb4pex5vsknk084sn02",
            "link_01h455vb4pex5vsknk084sn02qq",
            "link_01H455VB4PEX5VSKNK084SN02Q",
            "link_81h455vb4pex5vsknk084sn02q",
            "link_01h455vb4pex5vsknk084sn0il",
            "LINK_01h455vb4pex5vsknk084sn02q",
            "link_01h455vb4pex5vsknk084sn0é",
        ] {
            assert_eq!(LinkId::parse(text).unwrap_err().code(), "invalid_id", "{text}");
        }
    }

    #[test]
    fn new_ids_are_uuids_of_version_7_that_carry_the_time_of_the_clock() {
        let clock = ManualClock::new(Timestamp::parse("2026-11-22T13:00:00.123Z").unwrap());
        let first = LinkId::generate(&clock);
        assert_eq!(first.as_uuid().get_version_num(), 7);
        let (seconds, nanos) = first.as_uuid().get_timestamp().unwrap().to_unix();
        assert_eq!((seconds, nanos), (1_795_352_400, 123_000_000));
        assert_ne!(LinkId::generate(&clock), first);
        clock.advance(std::time::Duration::from_millis(1));
        let later = LinkId::generate(&clock);
        assert!(later > first && later.to_string() > first.to_string());
    }

    #[test]
    fn equal_parts_make_equal_ids() {
        let at = Timestamp::from_millis(1_700_000_000_000);
        assert_eq!(ClickId::from_parts(at, [7; 10]), ClickId::from_parts(at, [7; 10]));
        assert_ne!(ClickId::from_parts(at, [7; 10]), ClickId::from_parts(at, [8; 10]));
    }
}
