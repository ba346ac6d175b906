//! `GET /api/admin/objects/{class}`

use serde::Deserialize;
use utoipa::IntoParams;

use super::{ObjectView, absent_class};
use crate::api::{
    access::InstanceAdmin,
    failure::ApiError,
    input::{Json, PathId, Query},
    paging::page_size,
    responses::{AbsentFailure, AdminFailure, AnyFailure, QueryFailure},
};

/// Which objects to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Parameters {
    /// Only those that take no messages.
    #[param(nullable = false, default = false)]
    parked: Option<bool>,
    /// How many at most.
    #[param(nullable = false, minimum = 1, maximum = 100, default = 100)]
    page_size: Option<u32>,
    /// Only those after this name, whether there is an object of it or not.
    #[param(nullable = false)]
    starting_after: Option<String>,
}

/// List the objects of a class
#[utoipa::path(
    get,
    path = "/api/admin/objects/{class}",
    operation_id = "listObjects",
    tag = "admin",
    security(("session" = [])),
    params(("class" = String, Path, description = "The class."), Parameters),
    responses((status = 200, description = "The objects, by name.", body = [ObjectView]), AdminFailure, AbsentFailure, QueryFailure, AnyFailure)
)]
pub(crate) async fn list(
    caller: InstanceAdmin,
    PathId(class): PathId,
    Query(parameters): Query<Parameters>,
) -> Result<Json<Vec<ObjectView>>, ApiError> {
    let objects = &caller.services.background.objects;
    let size = page_size(parameters.page_size)?;
    if !objects.knows(&class) {
        return Err(absent_class());
    }
    let after = parameters.starting_after.as_deref().unwrap_or_default();
    let listed = objects.list(&class, parameters.parked.unwrap_or_default(), after, size).await?;
    Ok(Json(listed.into_iter().map(ObjectView::from).collect()))
}
