//! What all validated strings have in common: conversions, serde and the OpenAPI schema.

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{Object, ObjectBuilder, Schema, SchemaFormat, Type};

/// The limits of a validated string: its parser enforces them and its OpenAPI schema states them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextSpec {
    /// Shortest accepted value, in characters.
    pub min_length: usize,
    /// Longest accepted value, in characters.
    pub max_length: usize,
    /// A regular expression every accepted value matches. It may be wider than the parser.
    pub pattern: Option<&'static str>,
    /// The OpenAPI `format`.
    pub format: Option<&'static str>,
    /// What the value is, for a reader of the API reference.
    pub description: &'static str,
    /// A value the parser accepts unchanged.
    pub example: &'static str,
}

impl TextSpec {
    pub(crate) fn schema(&self) -> RefOr<Schema> {
        RefOr::T(Schema::Object(self.object()))
    }

    pub(crate) fn object(&self) -> Object {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(self.format.map(|format| SchemaFormat::Custom(format.to_owned())))
            .min_length(Some(self.min_length))
            .max_length(Some(self.max_length))
            .pattern(self.pattern)
            .description(Some(self.description))
            .examples([self.example])
            .build()
    }
}

/// Conversions, serde and the OpenAPI schema for a type that has `parse(&str)`, `as_str()` and `SPEC: TextSpec`.
macro_rules! text_type {
    ($name:ident, $error:ty) => {
        impl $name {
            /// Reads a field of a request. A JSON value that is not a string gives the code `type_mismatch`.
            ///
            /// # Errors
            /// One [`FieldError`](crate::types::FieldError) at `path` that says what is wrong with the value.
            pub fn parse_value(value: &serde_json::Value, path: &str) -> Result<Self, crate::types::FieldError> {
                let text = crate::types::FieldError::expect_string(value, path)?;
                Self::parse(text).map_err(|error| crate::types::FieldError::new(path, error.code(), error))
            }
        }
        $crate::types::text::text_conversions!($name, $error);
    };
}

/// The part of [`text_type!`] that types with their own `parse_value` use.
macro_rules! text_conversions {
    ($name:ident, $error:ty) => {
        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, concat!(stringify!($name), "({:?})"), self.as_str())
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl std::str::FromStr for $name {
            type Err = $error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = $error;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.as_str().to_owned()
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
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
    };
}

/// An enum whose values are words: `parse`, `as_str`, every value in `VALUES`, serde and the OpenAPI schema.
macro_rules! text_enum {
    (
        $(#[doc = $doc:literal])+
        $name:ident, $error:ident, $code:literal {
            $($(#[doc = $value_doc:literal])+ $value:ident = $text:literal,)+
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[doc = $value_doc])+ $value,)+
        }

        #[doc = concat!("A text that is no [`", stringify!($name), "`].")]
        #[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
        #[error("This must be one of: {}.", [$($text),+].join(", "))]
        pub struct $error;

        impl $error {
            /// The stable code of this error.
            #[must_use]
            pub fn code(&self) -> &'static str {
                $code
            }
        }

        impl $name {
            /// Every value.
            pub const VALUES: &'static [Self] = &[$(Self::$value),+];

            /// Reads the value from its text.
            ///
            /// # Errors
            /// When the text is none of the values, exactly as they are written.
            pub fn parse(text: &str) -> Result<Self, $error> {
                match text {
                    $($text => Ok(Self::$value),)+
                    _ => Err($error),
                }
            }

            /// The value as text.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$value => $text,)+
                }
            }

            /// Reads a field of a request.
            ///
            /// # Errors
            /// One [`FieldError`](crate::types::FieldError) at `path` that says what is wrong with the value.
            pub fn parse_value(
                value: &serde_json::Value,
                path: &str,
            ) -> Result<Self, crate::types::FieldError> {
                let text = crate::types::FieldError::expect_string(value, path)?;
                Self::parse(text)
                    .map_err(|error| crate::types::FieldError::new(path, error.code(), error))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
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
                utoipa::openapi::schema::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .enum_values(Some(Self::VALUES.iter().map(|value| value.as_str())))
                    .description(Some(concat!($($doc),+).trim()))
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {}
    };
}

pub(crate) use {text_conversions, text_enum, text_type};
