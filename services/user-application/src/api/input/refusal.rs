//! Turns what serde says about data of the wrong shape into a field error.
//!
//! serde tells only a text, but a stable one: `unknown field `x`, expected one of `a`, `b``, `missing field `x``,
//! `invalid type: integer `5`, expected a string`. The tests of the extractors hold it to that.

use data_ops::types::FieldError;

/// `path` is where reading stopped.
pub(super) fn data(path: &str, message: &str) -> FieldError {
    // serde_json adds where in the text it was; the path says it better.
    let message = message.split(" at line ").next().unwrap_or(message);
    let path = if path == "." { "" } else { path };
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    match (message, quoted.as_slice()) {
        (text, [field, known @ ..]) if text.starts_with("unknown field") => {
            FieldError::unknown_field(parent(path, field), field, known)
        }
        (text, [value, known @ ..]) if text.starts_with("unknown variant") => FieldError::new(
            path,
            "unknown_value",
            format_args!("\"{value}\" is not possible here; use one of: {}.", known.join(", ")),
        ),
        (text, [field]) if text.starts_with("missing field") => FieldError::missing(&FieldError::join(path, field)),
        (text, [field]) if text.starts_with("duplicate field") => FieldError::new(
            FieldError::join(parent(path, field), field),
            "duplicate_field",
            "This field is given more than once; keep one.",
        ),
        (text, _) if text.starts_with("invalid type: ") => {
            let (found, expected) =
                text["invalid type: ".len()..].split_once(", expected ").unwrap_or(("this", "something else"));
            let expected = plain(expected);
            FieldError::new(path, "type_mismatch", format_args!("This must be {expected}, not {found}."))
        }
        (text, _) => FieldError::new(path, "invalid_value", format_args!("This value is not possible: {text}.")),
    }
}

/// The path of the object around a field: reading may have stopped at the field or at the object.
fn parent<'a>(path: &'a str, field: &str) -> &'a str {
    match path.strip_suffix(field) {
        Some("") => "",
        Some(rest) if rest.ends_with('.') => &rest[..rest.len() - 1],
        _ => path,
    }
}

/// Words of JSON in place of words of Rust.
fn plain(expected: &str) -> &str {
    if expected.starts_with("struct ") || expected == "a map" {
        "an object"
    } else if expected == "a sequence" {
        "an array"
    } else if matches!(expected, "u16" | "u32" | "u64" | "i64") {
        "a whole number"
    } else {
        expected
    }
}
