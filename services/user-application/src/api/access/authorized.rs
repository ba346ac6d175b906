//! Callers that have a permission in a workspace.

use std::{marker::PhantomData, sync::Arc};

use axum::extract::{FromRequestParts, RawPathParams};
use data_ops::{
    types::{Role, UserId, WorkspaceId, WorkspaceSlug},
    workspaces::{Workspace, WorkspaceRef, find_membership},
};
use http::request::Parts;

use super::{
    Application,
    permission::{self, Needs},
    principal::{Authenticated, KeyCaller, Principal},
};
use crate::{
    api::{failure::ApiError, workspace_choice},
    services::Services,
};

/// A caller that has the permission `P` in the workspace chosen.
pub(crate) struct Authorized<P> {
    pub(crate) services: Arc<Services>,
    pub(crate) workspace: Workspace,
    /// The person's role; `None` for an API key.
    pub(crate) role: Option<Role>,
    pub(crate) principal: Principal,
    needs: PhantomData<P>,
}

impl<P> Authorized<P> {
    /// Who is responsible: the person, or whoever created the API key.
    pub(crate) fn user_id(&self) -> Option<UserId> {
        match &self.principal {
            Principal::Person(user_id) => Some(*user_id),
            Principal::Key(caller) => caller.key.created_by,
        }
    }
}

impl<P: Needs> FromRequestParts<Application> for Authorized<P> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, application: &Application) -> Result<Self, ApiError> {
        let caller = Authenticated::from_request_parts(parts, application).await?;
        let chosen = workspace_choice::read(parts)?;
        authorize(caller, chosen.as_deref()).await
    }
}

/// A caller that has the permission `P` in the workspace that the path names as `{idOrSlug}`.
pub(crate) struct AuthorizedByPath<P>(pub(crate) Authorized<P>);

impl<P: Needs> FromRequestParts<Application> for AuthorizedByPath<P> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, application: &Application) -> Result<Self, ApiError> {
        let caller = Authenticated::from_request_parts(parts, application).await?;
        let path = RawPathParams::from_request_parts(parts, application).await;
        let named = path
            .iter()
            .flatten()
            .find_map(|(name, value)| (name == "idOrSlug").then(|| value.to_owned()))
            .ok_or_else(no_such_workspace)?;
        authorize(caller, Some(&named)).await.map(Self)
    }
}

pub(super) async fn authorize<P: Needs>(
    caller: Authenticated,
    chosen: Option<&str>,
) -> Result<Authorized<P>, ApiError> {
    let Authenticated { services, principal } = caller;
    let (workspace, role) = match &principal {
        Principal::Person(user_id) => {
            let (workspace, role) = membership(&services, *user_id, chosen).await?;
            if !role.can(P::PERMISSION) {
                let missing = permission::describe(P::PERMISSION);
                return Err(ApiError::forbidden(format!(
                    "Your role in this workspace ({role}) does not allow you to {missing}. Ask its owner."
                )));
            }
            (workspace, Some(role))
        }
        Principal::Key(caller) => {
            let workspace = workspace_of_key(caller, chosen)?;
            caller.require(P::PERMISSION)?;
            (workspace, None)
        }
    };
    Ok(Authorized { services, workspace, role, principal, needs: PhantomData })
}

async fn membership(services: &Services, user_id: UserId, chosen: Option<&str>) -> Result<(Workspace, Role), ApiError> {
    let chosen = chosen.ok_or_else(|| {
        ApiError::bad_request(
            "Choose a workspace: send its id or slug in the X-Workspace-Id header or the workspaceId query parameter.",
        )
    })?;
    let reference = reference(chosen).ok_or_else(no_such_workspace)?;
    find_membership(&services.databases.control, user_id, &reference).await?.ok_or_else(no_such_workspace)
}

/// A key has one workspace; naming another is as wrong as naming one that does not exist.
fn workspace_of_key(caller: &KeyCaller, chosen: Option<&str>) -> Result<Workspace, ApiError> {
    let workspace = &caller.workspace;
    let is_meant = match chosen.map(reference) {
        None => true,
        Some(Some(WorkspaceRef::Id(id))) => id == workspace.id,
        Some(Some(WorkspaceRef::Slug(slug))) => slug == workspace.slug,
        Some(None) => false,
    };
    is_meant.then(|| workspace.clone()).ok_or_else(no_such_workspace)
}

fn reference(text: &str) -> Option<WorkspaceRef> {
    WorkspaceId::parse(text).map(WorkspaceRef::Id).or_else(|_| WorkspaceSlug::parse(text).map(WorkspaceRef::Slug)).ok()
}

fn no_such_workspace() -> ApiError {
    ApiError::not_found("workspace")
}
