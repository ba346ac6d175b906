//! Creating an account, a workspace and an API key from the console.

use data_ops::{
    accounts::{SignUp, SignUpError, find_user_by_email, sign_up},
    api_keys::{CreateApiKeyError, NewApiKey, create_api_key},
    database::DatabaseError,
    types::{ApiKeyName, Email, EmailError, NameError, Scope, UserId, WorkspaceId, WorkspaceName},
    workspaces::{CreateWorkspaceError, NewWorkspace, create_workspace},
};
use serde::Serialize;

use super::{
    password::PasswordError,
    password_policy::{self, WeakPassword},
    token::{NewKey, NoRandomness},
};
use crate::services::Services;

/// What was created.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Bootstrapped {
    /// The account, new or not.
    pub user_id: UserId,
    /// The new workspace; the account owns it.
    pub workspace_id: WorkspaceId,
    /// A key that may do everything in the workspace. It cannot be shown again.
    pub api_key: String,
}

/// Why nothing was created.
#[derive(Debug, thiserror::Error)]
pub enum BootstrapError {
    /// Not an e-mail address.
    #[error("the e-mail address is not acceptable: {0}")]
    Email(EmailError),
    /// Not a name for a workspace.
    #[error("the workspace's name is not acceptable: {0}")]
    WorkspaceName(NameError),
    /// A password that would be guessed.
    #[error("the password is not acceptable: {0}")]
    Password(WeakPassword),
    /// There is an account with this address, and it has another password.
    #[error(
        "an account with this e-mail address exists, and its password is a different one; give its password to add a workspace"
    )]
    WrongPassword,
    /// Hashing failed.
    #[error("the password could not be hashed")]
    Hash(#[from] PasswordError),
    /// The account could not be created.
    #[error("the account could not be created")]
    SignUp(#[from] SignUpError),
    /// The workspace could not be created.
    #[error("the workspace could not be created")]
    Workspace(#[from] CreateWorkspaceError),
    /// The key could not be created.
    #[error("the API key could not be created")]
    ApiKey(#[from] CreateApiKeyError),
    /// The database failed.
    #[error("the accounts could not be read")]
    Database(#[from] DatabaseError),
    /// The operating system gave no randomness.
    #[error("the API key could not be made")]
    Randomness(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<NoRandomness> for BootstrapError {
    fn from(error: NoRandomness) -> Self {
        Self::Randomness(Box::new(error))
    }
}

/// Creates an account unless it exists, a workspace that it owns, and an API key for the workspace.
pub(crate) async fn bootstrap(
    services: &Services,
    email: &str,
    password: &str,
    workspace: &str,
) -> Result<Bootstrapped, BootstrapError> {
    let email = Email::parse(email).map_err(BootstrapError::Email)?;
    let name = WorkspaceName::parse(workspace).map_err(BootstrapError::WorkspaceName)?;
    let workspace = NewWorkspace { name, slug: None };
    let user_id = find_or_create_user(services, email, password).await?;
    let created = create_workspace(&services.databases.control, &workspace, user_id, services.now()).await?;
    let api_key = create_key(services, user_id, created.id).await?;
    Ok(Bootstrapped { user_id, workspace_id: created.id, api_key })
}

async fn find_or_create_user(services: &Services, email: Email, password: &str) -> Result<UserId, BootstrapError> {
    let database = &services.databases.control;
    if let Some(known) = find_user_by_email(database, &email).await? {
        let is_right = services.passwords.verify(password, known.password_hash).await?;
        return is_right.then_some(known.user.id).ok_or(BootstrapError::WrongPassword);
    }
    password_policy::check(password, &[email.as_str()]).map_err(BootstrapError::Password)?;
    let new = SignUp {
        email,
        name: String::new(),
        password_hash: services.passwords.hash(password).await?,
        workspace: None,
        now: services.now(),
    };
    let (user, _) = sign_up(database, &new).await?;
    Ok(user.id)
}

async fn create_key(services: &Services, created_by: UserId, workspace: WorkspaceId) -> Result<String, BootstrapError> {
    let key = NewKey::generate()?;
    let new = NewApiKey {
        created_by,
        name: ApiKeyName::parse("Console").map_err(BootstrapError::WorkspaceName)?,
        prefix: key.prefix.clone(),
        key_hash: key.secret.hash(),
        scopes: vec![Scope::All],
        expires_at: None,
    };
    create_api_key(&services.databases.control, workspace, &new, services.now()).await?;
    Ok(key.reveal())
}
