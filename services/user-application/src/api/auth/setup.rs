//! `GET /api/setup`: what a visitor without an account can do here.

use data_ops::accounts::count_users;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::{access::Anonymous, failure::ApiError, input::Json, responses::AnyFailure};

/// What a visitor without an account can do here.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Setup {
    /// No account exists yet: the first one is made with the link printed when the server started.
    needs_setup: bool,
    /// Anybody may create an account.
    sign_up_open: bool,
}

/// Find out whether the instance has been set up and whether sign-up is open
#[utoipa::path(
    get,
    path = "/api/setup",
    operation_id = "getSetup",
    tag = "auth",
    security(()),
    responses((status = 200, description = "The state of the instance.", body = Setup), AnyFailure)
)]
pub(crate) async fn setup(caller: Anonymous) -> Result<Json<Setup>, ApiError> {
    let needs_setup = count_users(&caller.services.databases.control).await? == 0;
    Ok(Json(Setup { needs_setup, sign_up_open: caller.services.settings.open_sign_up && !needs_setup }))
}
