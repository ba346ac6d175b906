//! Sign-up: the user, and the workspace they start with, together or not at all.

use sea_orm::{ConnectionTrait, EntityTrait, PaginatorTrait};

use super::entity::users;
use super::users::{CreateUserError, NewUser, User, insert_user};
use crate::database::{Database, DatabaseError};
use crate::types::{Email, Timestamp};
use crate::workspaces::{CreateWorkspaceError, NewWorkspace, Workspace, insert_workspace};

/// What sign-up stores.
#[derive(Clone)]
pub struct SignUp {
    /// What they sign in with.
    pub email: Email,
    /// What to call them; may be empty.
    pub name: String,
    /// The hash in PHC form.
    pub password_hash: String,
    /// The workspace to start with.
    pub workspace: Option<NewWorkspace>,
    /// The present.
    pub now: Timestamp,
}

/// Why no account was made.
#[derive(Debug, thiserror::Error)]
pub enum SignUpError {
    /// An account with this address, in whatever capitals, exists.
    #[error("an account with this e-mail address already exists")]
    EmailTaken,
    /// The workspace's slug was chosen by the caller and is taken.
    #[error("this workspace slug is taken")]
    WorkspaceSlugTaken,
    /// The database failed.
    #[error("the account could not be stored")]
    Database(#[from] DatabaseError),
}

impl From<CreateUserError> for SignUpError {
    fn from(error: CreateUserError) -> Self {
        match error {
            CreateUserError::EmailTaken => Self::EmailTaken,
            CreateUserError::Database(error) => Self::Database(error),
        }
    }
}

impl From<CreateWorkspaceError> for SignUpError {
    fn from(error: CreateWorkspaceError) -> Self {
        match error {
            CreateWorkspaceError::SlugTaken => Self::WorkspaceSlugTaken,
            CreateWorkspaceError::Database(error) => Self::Database(error),
        }
    }
}

/// Makes an account, and its first workspace if one is asked for. The first account of an instance administers it.
pub async fn sign_up(db: &Database, sign_up: &SignUp) -> Result<(User, Option<Workspace>), SignUpError> {
    let transaction = db.begin().await?;
    if !db.is_sqlite() {
        // Of two people who sign up first at the same moment, one is first. SQLite has one writer anyway.
        transaction
            .execute_unprepared("LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE")
            .await
            .map_err(DatabaseError::from)?;
    }
    let is_first = users::Entity::find().count(&transaction).await.map_err(DatabaseError::from)? == 0;
    let new = NewUser {
        email: sign_up.email.clone(),
        name: sign_up.name.clone(),
        password_hash: Some(sign_up.password_hash.clone()),
        is_instance_admin: is_first,
    };
    let user = insert_user(&transaction, &new, sign_up.now).await?;
    let workspace = match &sign_up.workspace {
        None => None,
        Some(new) => Some(insert_workspace(&transaction, new, user.id, sign_up.now).await?),
    };
    transaction.commit().await.map_err(DatabaseError::from)?;
    Ok((user, workspace))
}
