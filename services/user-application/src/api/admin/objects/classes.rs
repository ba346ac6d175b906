//! `GET /api/admin/objects`

use data_ops::types::Timestamp;
use durable::objects::ClassStatus;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::{
    access::InstanceAdmin,
    failure::ApiError,
    input::Json,
    responses::{AdminFailure, AnyFailure},
    schema::count,
};

/// The objects of one class.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ObjectClass)]
pub(crate) struct ClassView {
    class: String,
    /// How many there are.
    #[schema(schema_with = count)]
    objects: u64,
    /// How many have an alarm set.
    #[schema(schema_with = count)]
    alarms: u64,
    /// The earliest of these; null when there is none.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    next_alarm_at: Option<Timestamp>,
    /// How many take no messages until somebody does something.
    #[schema(schema_with = count)]
    parked: u64,
}

impl From<ClassStatus> for ClassView {
    fn from(status: ClassStatus) -> Self {
        Self {
            class: status.class.to_owned(),
            objects: status.objects,
            alarms: status.alarms,
            next_alarm_at: status.next_alarm_at,
            parked: status.parked,
        }
    }
}

/// List the classes of objects
#[utoipa::path(
    get,
    path = "/api/admin/objects",
    operation_id = "listObjectClasses",
    tag = "admin",
    security(("session" = [])),
    responses((status = 200, description = "The classes the node that answers knows, by name.", body = [ClassView]), AdminFailure, AnyFailure)
)]
pub(crate) async fn classes(caller: InstanceAdmin) -> Result<Json<Vec<ClassView>>, ApiError> {
    let classes = caller.services.background.objects.status().await?;
    Ok(Json(classes.into_iter().map(ClassView::from).collect()))
}
