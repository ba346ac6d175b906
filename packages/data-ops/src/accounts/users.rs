//! Users.

use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};

use super::entity::users;
use crate::database::{Database, DatabaseError, Unique, row_id, unique_violation};
use crate::types::{Email, Timestamp, UserId};

/// Someone with an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// The address as it was typed.
    pub email: Email,
    /// What to call them; may be empty.
    pub name: String,
    /// Whether they may change what concerns the whole instance.
    pub is_instance_admin: bool,
    /// When the account was made.
    pub created_at: Timestamp,
}

/// A user with what sign-in compares against.
#[derive(Clone)]
pub struct UserWithPassword {
    /// The user.
    pub user: User,
    /// The hash in PHC form; `None` when the account has no password.
    pub password_hash: Option<String>,
}

impl std::fmt::Debug for UserWithPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserWithPassword").field("user", &self.user).finish_non_exhaustive()
    }
}

/// An account to be made.
#[derive(Clone)]
pub struct NewUser {
    /// Where to reach them, and what they sign in with.
    pub email: Email,
    /// What to call them; may be empty.
    pub name: String,
    /// The hash in PHC form.
    pub password_hash: Option<String>,
    /// Whether they may change what concerns the whole instance.
    pub is_instance_admin: bool,
}

/// Why no account was made.
#[derive(Debug, thiserror::Error)]
pub enum CreateUserError {
    /// An account with this address, in whatever capitals, exists.
    #[error("an account with this e-mail address already exists")]
    EmailTaken,
    /// The database failed.
    #[error("the account could not be stored")]
    Database(#[from] DatabaseError),
}

impl TryFrom<users::Model> for User {
    type Error = DatabaseError;

    fn try_from(row: users::Model) -> Result<Self, DatabaseError> {
        Ok(Self {
            id: UserId::from_uuid(row.id),
            email: Email::parse(&row.email).map_err(|error| DatabaseError::stored("e-mail address", error))?,
            name: row.name,
            is_instance_admin: row.is_instance_admin,
            created_at: Timestamp::from_millis(row.created_at),
        })
    }
}

/// Makes an account.
pub async fn create_user(db: &Database, new: &NewUser, now: Timestamp) -> Result<User, CreateUserError> {
    insert_user(db.write(), new, now).await
}

pub(super) async fn insert_user(
    connection: &impl ConnectionTrait,
    new: &NewUser,
    now: Timestamp,
) -> Result<User, CreateUserError> {
    let row = users::Model {
        id: row_id(now),
        email: new.email.as_str().to_owned(),
        email_normalised: new.email.normalised(),
        name: new.name.clone(),
        password_hash: new.password_hash.clone(),
        is_instance_admin: new.is_instance_admin,
        created_at: now.as_millis(),
        updated_at: now.as_millis(),
    };
    let insert = users::Entity::insert(users::ActiveModel {
        id: Set(row.id),
        email: Set(row.email.clone()),
        email_normalised: Set(row.email_normalised.clone()),
        name: Set(row.name.clone()),
        password_hash: Set(row.password_hash.clone()),
        is_instance_admin: Set(row.is_instance_admin),
        created_at: Set(row.created_at),
        updated_at: Set(row.updated_at),
    });
    match insert.exec_without_returning(connection).await.map_err(DatabaseError::from) {
        Ok(_) => Ok(User::try_from(row)?),
        Err(error) if unique_violation(&error) == Some(Unique::Email) => Err(CreateUserError::EmailTaken),
        Err(error) => Err(error.into()),
    }
}

/// Finds a user by address; capitals do not matter.
pub async fn find_user_by_email(db: &Database, email: &Email) -> Result<Option<UserWithPassword>, DatabaseError> {
    let row =
        users::Entity::find().filter(users::Column::EmailNormalised.eq(email.normalised())).one(db.read()).await?;
    row.map(|mut row| {
        let password_hash = row.password_hash.take();
        Ok(UserWithPassword { user: row.try_into()?, password_hash })
    })
    .transpose()
}

/// Finds a user by id.
pub async fn find_user(db: &Database, id: UserId) -> Result<Option<User>, DatabaseError> {
    let row = users::Entity::find_by_id(id.as_uuid()).one(db.read()).await?;
    row.map(User::try_from).transpose()
}

/// How many accounts there are.
pub async fn count_users(db: &Database) -> Result<u64, DatabaseError> {
    Ok(users::Entity::find().count(db.read()).await?)
}
