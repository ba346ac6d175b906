//! Objects: each a single writer with a state and one alarm.

pub(crate) mod classes;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod resume;

use data_ops::types::Timestamp;
use durable::objects::{ObjectDetail, ObjectSummary};
use serde::Serialize;
use utoipa::ToSchema;

use super::stored::StoredValue;
use crate::{
    api::{
        failure::{ApiError, ErrorCode},
        schema::count,
    },
    services::Services,
};

/// An object.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Object)]
pub(crate) struct ObjectView {
    name: String,
    /// How many messages and alarms it has handled.
    #[schema(schema_with = count)]
    version: u64,
    /// When it was last written to.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    /// When its alarm rings; null when none is set.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    alarm_at: Option<Timestamp>,
    /// Why it takes no messages; null when it takes them.
    #[schema(required)]
    parked: Option<String>,
}

/// An object, with what it remembers.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ObjectDetail)]
pub(crate) struct ObjectDetailView {
    #[serde(flatten)]
    object: ObjectView,
    state: StoredValue,
    /// The version of the state's shape.
    #[schema(schema_with = count)]
    state_version: u64,
    /// How often its alarm failed in a row.
    #[schema(schema_with = count)]
    alarm_attempts: u64,
}

impl From<ObjectSummary> for ObjectView {
    fn from(summary: ObjectSummary) -> Self {
        Self {
            name: summary.name,
            version: summary.version,
            updated_at: summary.updated_at,
            alarm_at: summary.alarm_at,
            parked: summary.parked,
        }
    }
}

impl ObjectDetailView {
    async fn load(services: &Services, class: &str, name: &str) -> Result<Self, ApiError> {
        let found = services.background.objects.find(class, name).await?.ok_or_else(absent)?;
        let ObjectDetail { summary, state, state_version, alarm_attempts } = found;
        Ok(Self {
            object: summary.into(),
            state: StoredValue::text(&state),
            state_version: state_version.unsigned_abs(),
            alarm_attempts,
        })
    }
}

fn absent() -> ApiError {
    ApiError::new(ErrorCode::NotFound, "There is no such object, or nobody has written to it yet.")
}

fn absent_class() -> ApiError {
    ApiError::new(ErrorCode::NotFound, "There is no such class. GET /api/admin/objects lists those there are.")
}
