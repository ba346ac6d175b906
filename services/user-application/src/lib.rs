//! The user application: the HTTP API, accounts, and the pages of the web application.
//!
//! [`UserApplication::router`] answers `/api/*`, the pages and their assets. It has no fallback: every other path belongs to
//! short links and is answered by whatever the router is merged with.

mod accounts;
mod api;
mod assets;
mod client;
mod live;
mod security_headers;
mod services;
mod settings;
mod watching;

use std::sync::Arc;

use axum::Router;

pub use accounts::{
    bootstrap::{BootstrapError, Bootstrapped},
    password::PasswordError,
    password_policy::WeakPassword,
    setup_link::SetupLinkError,
};
pub use api::openapi;
pub use client::ClientAddress;
pub use live::{Live, LiveClicks, LiveLimits};
pub use services::{Background, Dependencies, SettingsError};
pub use settings::{PasswordCost, Settings};
pub use watching::{
    BrowserStatus, CheckSchedule, Decided, Decision, StartedCheck, Watching, WatchingError, WatchingStatus,
};

use services::Services;

/// The application, ready to answer requests.
#[derive(Clone)]
pub struct UserApplication {
    services: Arc<Services>,
}

impl UserApplication {
    /// Puts the application together.
    pub fn new(dependencies: Dependencies) -> Result<Self, SettingsError> {
        let services = Arc::new(Services::new(dependencies)?);
        Ok(Self { services })
    }

    /// Everything the application answers.
    pub fn router(&self) -> Router {
        api::router(&self.services).merge(assets::router())
    }

    /// A one-time link to create the first account with, or `None` when there is an account already. Earlier links stop
    /// working.
    pub async fn issue_setup_link(&self) -> Result<Option<String>, SetupLinkError> {
        accounts::setup_link::issue_setup_link(&self.services).await
    }

    /// Creates an account unless it exists, a workspace it owns, and an API key for the workspace, all from the console.
    ///
    /// With an address that has an account already, the password must be that account's; then only the workspace and the key
    /// are new.
    pub async fn bootstrap(
        &self,
        email: &str,
        password: &str,
        workspace: &str,
    ) -> Result<Bootstrapped, BootstrapError> {
        accounts::bootstrap::bootstrap(&self.services, email, password, workspace).await
    }
}
