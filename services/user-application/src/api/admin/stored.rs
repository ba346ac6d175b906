//! Values as they are stored, made readable.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::api::schema::count;

/// The longest text shown of a value, in bytes.
const LONGEST: usize = 64 * 1024;

/// A value as it is stored, made readable.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = StoredValue)]
pub(crate) struct StoredValue {
    /// How to read `text`.
    format: Format,
    /// Its text: JSON with line breaks, other text as it is, other bytes in hexadecimal.
    text: String,
    /// How large it is as it is stored.
    #[schema(schema_with = count)]
    bytes: u64,
    /// Only its beginning is shown, because it is long.
    is_truncated: bool,
}

/// How to read a stored value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = StoredFormat)]
pub(crate) enum Format {
    Json,
    Text,
    Hex,
}

impl StoredValue {
    /// A stored text, which usually is JSON.
    pub(super) fn text(stored: &str) -> Self {
        let bytes = stored.len() as u64;
        if stored.len() > LONGEST {
            // It would be cut all the same: not worth reading as a whole.
            return Self::new(Format::Text, stored[..stored.floor_char_boundary(LONGEST + 1)].to_owned(), bytes);
        }
        match serde_json::from_str::<Value>(stored) {
            Ok(value) => Self::new(Format::Json, pretty(&value), bytes),
            Err(_) => Self::new(Format::Text, stored.to_owned(), bytes),
        }
    }

    /// Stored bytes, and what they mean if that is known.
    pub(super) fn bytes(stored: &[u8], meaning: Option<&Value>) -> Self {
        let bytes = stored.len() as u64;
        match (meaning, std::str::from_utf8(stored)) {
            (Some(meaning), _) => Self::new(Format::Json, pretty(meaning), bytes),
            (None, Ok(text)) if !text.chars().any(char::is_control) => Self::text(text),
            (None, _) => {
                // No more than is shown.
                let shown = &stored[..stored.len().min(LONGEST)];
                let text = shown.iter().map(|byte| format!("{byte:02x}")).collect();
                Self::new(Format::Hex, text, bytes)
            }
        }
    }

    fn new(format: Format, mut text: String, bytes: u64) -> Self {
        let is_truncated = text.len() > LONGEST;
        text.truncate(text.floor_char_boundary(LONGEST));
        Self { format, text, bytes, is_truncated }
    }
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Format, LONGEST, StoredValue};

    #[test]
    fn json_is_laid_out_and_anything_else_shown_as_it_is() {
        let value = StoredValue::text(r#"{"a":[1]}"#);
        assert_eq!((value.format, value.text.as_str(), value.bytes), (Format::Json, "{\n  \"a\": [\n    1\n  ]\n}", 9));
        let value = StoredValue::text("{oops");
        assert_eq!((value.format, value.text.as_str()), (Format::Text, "{oops"));
        let value = StoredValue::bytes(b"\x01\xfe", None);
        assert_eq!((value.format, value.text.as_str(), value.bytes), (Format::Hex, "01fe", 2));
        let value = StoredValue::bytes(b"\x01\xfe", Some(&json!(7)));
        assert_eq!((value.format, value.text.as_str(), value.bytes), (Format::Json, "7", 2));
        let value = StoredValue::bytes(b"plain", None);
        assert_eq!((value.format, value.text.as_str()), (Format::Text, "plain"));
    }

    #[test]
    fn what_is_long_is_cut_between_characters() {
        let value = StoredValue::text(&format!("x{}", "ä".repeat(LONGEST)));
        assert!(value.is_truncated && value.text.len() == LONGEST - 1);
        let value = StoredValue::bytes(&vec![0; 2 * LONGEST], None);
        assert!(value.is_truncated && value.text.len() == LONGEST && value.bytes == 2 * LONGEST as u64);
    }
}
