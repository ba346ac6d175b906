//! `POST /api/workspaces`

use data_ops::{
    types::{FieldError, Role, WorkspaceName, WorkspaceSlug},
    workspaces::{CreateWorkspaceError, NewWorkspace, create_workspace},
};
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::WorkspaceView;
use crate::api::{
    access::SignedIn,
    failure::ApiError,
    input::{Json, Mistakes, parse_at},
    responses::{AccessFailure, AnyFailure, BodyFailure, ConflictFailure},
};

/// A new workspace.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = CreateWorkspaceRequest)]
pub(crate) struct Input {
    #[schema(value_type = WorkspaceName, inline)]
    name: String,
    /// The name in addresses; made from `name` when absent.
    #[schema(value_type = Option<WorkspaceSlug>)]
    slug: Option<String>,
}

/// Create a workspace
///
/// The caller becomes its owner.
#[utoipa::path(
    post,
    path = "/api/workspaces",
    operation_id = "createWorkspace",
    tag = "workspaces",
    security(("session" = [])),
    request_body = Input,
    responses((status = 201, description = "The workspace.", body = WorkspaceView), AccessFailure, BodyFailure, ConflictFailure, AnyFailure)
)]
pub(crate) async fn create(
    caller: SignedIn,
    Json(input): Json<Input>,
) -> Result<(StatusCode, Json<WorkspaceView>), ApiError> {
    let services = &caller.services;
    let new = validate(&input)?;
    let workspace = create_workspace(&services.databases.control, &new, caller.user.id, services.now()).await?;
    let view = WorkspaceView::new(workspace, Some(Role::Owner));
    Ok((StatusCode::CREATED, Json(view)))
}

fn validate(input: &Input) -> Result<NewWorkspace, Vec<FieldError>> {
    let mut mistakes = Mistakes::default();
    let name = mistakes.check(parse_at!(WorkspaceName, &input.name, "name"));
    let slug = input.slug.as_deref().and_then(|slug| mistakes.check(parse_at!(WorkspaceSlug, slug, "slug")));
    mistakes.finish(name.map(|name| NewWorkspace { name, slug }))
}

impl From<CreateWorkspaceError> for ApiError {
    fn from(error: CreateWorkspaceError) -> Self {
        match error {
            CreateWorkspaceError::SlugTaken => {
                Self::conflict("slug", "slug_taken", "Another workspace has this slug. Choose another one.")
            }
            CreateWorkspaceError::Database(error) => error.into(),
        }
    }
}
