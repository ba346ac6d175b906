//! Reading requests: JSON bodies, query parameters and ids, with answers that say what to correct.

mod id;
mod json;
mod object;
mod query;
mod refusal;

pub(crate) use id::{PathId, PathIds};
pub(crate) use json::{Json, JsonList};
pub(crate) use query::Query;

use data_ops::types::FieldError;
use serde::{Deserialize, Deserializer};

use super::failure::ApiError;

/// The largest request body, in bytes.
pub(crate) const MAX_BODY: usize = 1024 * 1024;

/// Tells a field that is null (`Some(None)`: empty it) from one that is absent (`None`: leave it).
pub(crate) fn nullable<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Some)
}

/// Refuses null where a field may only be absent.
pub(crate) fn not_null<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}

/// Collects what is wrong with the values of a request, so that one answer names everything.
#[derive(Default)]
pub(crate) struct Mistakes(Vec<FieldError>);

impl Mistakes {
    /// Keeps the value, or notes what is wrong with it.
    pub(crate) fn check<T>(&mut self, result: Result<T, FieldError>) -> Option<T> {
        result.map_err(|mistake| self.0.push(mistake)).ok()
    }

    /// The same for values with several parts.
    pub(crate) fn check_all<T>(&mut self, result: Result<T, Vec<FieldError>>) -> Option<T> {
        result.map_err(|mistakes| self.0.extend(mistakes)).ok()
    }

    /// The value when nothing was wrong with it or anything else.
    pub(crate) fn finish<T>(self, value: Option<T>) -> Result<T, Vec<FieldError>> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(self.0),
        }
    }
}

/// Parses a text field, naming the field in the error.
macro_rules! parse_at {
    ($type:ty, $text:expr, $path:expr) => {
        <$type>::parse($text).map_err(|error| data_ops::types::FieldError::new($path, error.code(), error))
    };
}
pub(crate) use parse_at;

impl From<Vec<FieldError>> for ApiError {
    fn from(mistakes: Vec<FieldError>) -> Self {
        Self::unprocessable(mistakes)
    }
}

impl From<FieldError> for ApiError {
    fn from(mistake: FieldError) -> Self {
        Self::unprocessable(vec![mistake])
    }
}
