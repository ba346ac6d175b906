//! `DELETE /api/api-keys/{id}`

use data_ops::{api_keys::revoke_api_key, types::ApiKeyId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::{
    access::{Authorized, permission::ApiKeysManage},
    failure::ApiError,
    input::{Json, PathId},
    responses::{AnyFailure, WorkspaceFailure},
    workspace_choice::WorkspaceChoice,
};

/// The key that no longer works.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RevokedApiKey)]
pub(crate) struct Revoked {
    #[schema(inline)]
    id: ApiKeyId,
}

/// Revoke an API key
///
/// It stops working at once and for good.
#[utoipa::path(
    delete,
    path = "/api/api-keys/{id}",
    operation_id = "revokeApiKey",
    tag = "apiKeys",
    params(WorkspaceChoice, ("id" = String, Path, description = "The key's id.")),
    responses((status = 200, description = "The key is revoked.", body = Revoked), WorkspaceFailure, AnyFailure)
)]
pub(crate) async fn revoke(caller: Authorized<ApiKeysManage>, PathId(id): PathId) -> Result<Json<Revoked>, ApiError> {
    let services = &caller.services;
    let absent = || ApiError::not_found("API key");
    let id = ApiKeyId::parse(&id).map_err(|_| absent())?;
    let is_revoked = revoke_api_key(&services.databases.control, caller.workspace.id, id, services.now()).await?;
    if is_revoked { Ok(Json(Revoked { id })) } else { Err(absent()) }
}
