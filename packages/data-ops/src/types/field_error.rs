//! What is wrong with one field of a request.

use std::fmt;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// One wrong field of a request: where it is, a stable code, and a sentence for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// Where the field is in the request body, for example `geo.DE` or `rules[0].destinations[1].url`.
    #[schema(example = "geo.DE")]
    pub path: String,
    /// What is wrong, for programs. Codes are stable.
    #[schema(value_type = String, example = "scheme_not_allowed")]
    pub code: &'static str,
    /// What is wrong and what to do about it, for people.
    #[schema(example = "A destination must start with http:// or https://.")]
    pub message: String,
}

impl fmt::Display for FieldError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            formatter.write_str(&self.message)
        } else {
            write!(formatter, "{}: {}", self.path, self.message)
        }
    }
}

impl std::error::Error for FieldError {}

impl FieldError {
    /// An error at `path`.
    pub fn new(path: impl Into<String>, code: &'static str, message: impl fmt::Display) -> Self {
        Self { path: path.into(), code, message: message.to_string() }
    }

    /// The value has the wrong JSON type; `expected` completes "This must be …".
    #[must_use]
    pub fn type_mismatch(path: &str, expected: &str, found: &Value) -> Self {
        let found = match found {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "an array",
            Value::Object(_) => "an object",
        };
        Self::new(path, "type_mismatch", format_args!("This must be {expected}, not {found}."))
    }

    /// A field that has to be there is not.
    #[must_use]
    pub fn missing(path: &str) -> Self {
        Self::new(path, "missing", "This field is required.")
    }

    /// The object at `path` has a field nobody knows. Names the nearest of the `known` ones.
    #[must_use]
    pub fn unknown_field(path: &str, field: &str, known: &[&str]) -> Self {
        let nearest = known
            .iter()
            .map(|name| (strsim::damerau_levenshtein(name, field), name))
            .min()
            .filter(|(distance, name)| *distance <= 2.max(name.len() / 3));
        let path = Self::join(path, field);
        match nearest {
            Some((_, name)) => {
                Self::new(path, "unknown_field", format_args!("There is no such field. Did you mean \"{name}\"?"))
            }
            None => Self::new(
                path,
                "unknown_field",
                format_args!("There is no such field. Known fields: {}.", known.join(", ")),
            ),
        }
    }

    /// The text of a JSON string, or `type_mismatch`.
    ///
    /// # Errors
    /// When `value` is not a string.
    pub fn expect_string<'a>(value: &'a Value, path: &str) -> Result<&'a str, Self> {
        value.as_str().ok_or_else(|| Self::type_mismatch(path, "a string", value))
    }

    /// All errors in one line, for places that can only carry one text.
    pub(crate) fn list(errors: &[Self]) -> String {
        errors.iter().map(Self::to_string).collect::<Vec<_>>().join(" ")
    }

    /// The path of `field` inside the object at `path`.
    #[must_use]
    pub fn join(path: &str, field: &str) -> String {
        if path.is_empty() { field.to_owned() } else { format!("{path}.{field}") }
    }

    /// The path of the element at `index` of the array at `path`.
    #[must_use]
    pub fn index(path: &str, index: usize) -> String {
        format!("{path}[{index}]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_fields_name_the_nearest_known_one() {
        let error = FieldError::unknown_field("rules[0]", "destination", &["when", "destinations"]);
        assert_eq!((error.path.as_str(), error.code), ("rules[0].destination", "unknown_field"));
        assert!(error.message.contains("\"destinations\""), "{error}");
        let error = FieldError::unknown_field("", "colour", &["when", "destinations"]);
        assert_eq!(error.path, "colour");
        assert!(error.message.contains("when, destinations"), "{error}");
    }

    #[test]
    fn paths_are_joined_as_the_api_writes_them() {
        let path = FieldError::index(&FieldError::join("", "rules"), 0);
        assert_eq!(FieldError::join(&path, "when"), "rules[0].when");
    }
}
