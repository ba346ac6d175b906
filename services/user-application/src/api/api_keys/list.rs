//! `GET /api/api-keys`

use data_ops::api_keys::list_api_keys;

use super::ApiKeyView;
use crate::api::{
    access::{Authorized, permission::ApiKeysRead},
    failure::ApiError,
    input::Json,
    responses::{AnyFailure, WorkspaceFailure},
    workspace_choice::WorkspaceChoice,
};

/// List the API keys of the workspace
#[utoipa::path(
    get,
    path = "/api/api-keys",
    operation_id = "listApiKeys",
    tag = "apiKeys",
    params(WorkspaceChoice),
    responses((status = 200, description = "The keys that are not revoked, newest first.", body = [ApiKeyView]), WorkspaceFailure, AnyFailure)
)]
pub(crate) async fn list(caller: Authorized<ApiKeysRead>) -> Result<Json<Vec<ApiKeyView>>, ApiError> {
    let keys = list_api_keys(&caller.services.databases.control, caller.workspace.id).await?;
    Ok(Json(keys.into_iter().map(ApiKeyView::from).collect()))
}
