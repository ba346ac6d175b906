//! The link with which the first account is created.

use std::time::Duration;

use data_ops::{
    accounts::{count_users, set_setup_token},
    database::DatabaseError,
};

use super::token::{NoRandomness, Token};
use crate::services::Services;

/// How long the link works; a restart prints another one.
pub(crate) const LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// Why no setup link could be made.
#[derive(Debug, thiserror::Error)]
pub enum SetupLinkError {
    /// The database failed.
    #[error("the setup link could not be stored")]
    Database(#[from] DatabaseError),
    /// The operating system gave no randomness.
    #[error("the setup link could not be made")]
    Randomness(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<NoRandomness> for SetupLinkError {
    fn from(error: NoRandomness) -> Self {
        Self::Randomness(Box::new(error))
    }
}

/// A one-time link to create the first account with, or `None` when there is an account already.
pub(crate) async fn issue_setup_link(services: &Services) -> Result<Option<String>, SetupLinkError> {
    let database = &services.databases.control;
    if count_users(database).await? > 0 {
        return Ok(None);
    }
    let token = Token::generate()?;
    set_setup_token(database, &token.hash(), services.now().plus(LIFETIME)).await?;
    let path = format!("/signup?setup={}", token.reveal());
    Ok(Some(services.settings.absolute(&path)))
}
