//! `GET /api/me`: the person signed in.

use data_ops::{
    accounts::User,
    types::{Email, Timestamp, UserId},
    workspaces::list_workspaces,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    access::SignedIn,
    failure::ApiError,
    input::Json,
    responses::{AccessFailure, AnyFailure},
    workspaces::WorkspaceView,
};
use crate::services::Services;

/// A person's account.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = User)]
pub(crate) struct UserView {
    #[schema(inline)]
    id: UserId,
    #[schema(inline)]
    email: Email,
    /// What to call the person.
    #[schema(required)]
    name: Option<String>,
    /// Whether the person looks after the whole instance.
    is_instance_admin: bool,
    #[schema(inline)]
    created_at: Timestamp,
}

impl From<User> for UserView {
    fn from(user: User) -> Self {
        Self {
            id: user.id,
            email: user.email,
            name: Some(user.name).filter(|name| !name.is_empty()),
            is_instance_admin: user.is_instance_admin,
            created_at: user.created_at,
        }
    }
}

/// A person's account and the workspaces it is a member of.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Account {
    user: UserView,
    workspaces: Vec<WorkspaceView>,
}

impl Account {
    pub(crate) async fn load(services: &Services, user: User) -> Result<Self, ApiError> {
        let memberships = list_workspaces(&services.databases.control, user.id).await?;
        let workspaces =
            memberships.into_iter().map(|(workspace, role)| WorkspaceView::new(workspace, Some(role))).collect();
        Ok(Self { user: user.into(), workspaces })
    }
}

/// Find the person signed in and their workspaces
#[utoipa::path(
    get,
    path = "/api/me",
    operation_id = "getMe",
    tag = "auth",
    security(("session" = [])),
    responses((status = 200, description = "The account and its workspaces.", body = Account), AccessFailure, AnyFailure)
)]
pub(crate) async fn me(caller: SignedIn) -> Result<Json<Account>, ApiError> {
    Account::load(&caller.services, caller.user).await.map(Json)
}
