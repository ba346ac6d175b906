//! Schema pieces that several features share.

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{KnownFormat, Object, ObjectBuilder, RefOr, Schema, SchemaFormat, Type, schema::SchemaType},
};

/// The largest integer a JavaScript number holds exactly.
const MAX_SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;

/// A non-negative whole number. No format is given: `int64` would become a `bigint` in generated clients.
pub(crate) fn count() -> Object {
    ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0.0)).maximum(Some(MAX_SAFE_INTEGER)).build()
}

/// A non-negative whole number, or null.
pub(crate) fn count_or_null() -> Object {
    let types = SchemaType::from_iter([Type::Integer, Type::Null]);
    ObjectBuilder::new().schema_type(types).minimum(Some(0.0)).maximum(Some(MAX_SAFE_INTEGER)).build()
}

/// A non-negative whole number as a whole body.
pub(crate) struct Count;

impl PartialSchema for Count {
    fn schema() -> RefOr<Schema> {
        count().into()
    }
}

impl ToSchema for Count {}

/// Bytes as a whole body.
pub(crate) struct File;

impl PartialSchema for File {
    fn schema() -> RefOr<Schema> {
        let format = SchemaFormat::KnownFormat(KnownFormat::Binary);
        ObjectBuilder::new().schema_type(Type::String).format(Some(format)).build().into()
    }
}

impl ToSchema for File {}
