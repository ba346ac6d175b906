//! `hashroute admin bootstrap`.
//!
//! Works beside a running service: accounts and workspaces are read from the database with every request.

use std::sync::Arc;

use clap::Args;
use data_ops::{clock::SystemClock, links::NoObserver};
use user_application::{Dependencies, UserApplication};

use crate::{
    composition::{open_databases, settings},
    configuration::Configuration,
    durable::Beside,
    logging,
};

/// Who and what to create.
#[derive(Args)]
pub struct BootstrapArguments {
    /// The owner's e-mail address. An account that exists gets a further workspace if the password is right.
    #[arg(long)]
    email: String,
    /// The owner's password.
    #[arg(long)]
    password: String,
    /// The new workspace's name.
    #[arg(long)]
    workspace: String,
    /// Print one JSON object instead of text.
    #[arg(long)]
    json: bool,
}

/// Creates the owner, the workspace and the key, and prints them.
pub fn run(configuration: &Configuration, arguments: &BootstrapArguments) -> anyhow::Result<()> {
    logging::start(configuration)?;
    let created = crate::commands::block_on(async {
        let databases = open_databases(&configuration.database()).await?;
        let public_url = configuration.public_url(configuration.listen.port())?;
        let beside = Beside::open(&databases, Arc::new(SystemClock))?;
        let application = UserApplication::new(Dependencies {
            databases: databases.clone(),
            clock: Arc::new(SystemClock),
            links: Arc::new(NoObserver),
            live: None,
            watching: None,
            background: beside.background.clone(),
            settings: settings(configuration, public_url),
        })?;
        let created = application.bootstrap(&arguments.email, &arguments.password, &arguments.workspace).await?;
        drop(application);
        beside.close().await;
        databases.close().await?;
        Ok(created)
    })?;
    if arguments.json {
        crate::commands::print_line(&serde_json::to_string(&created)?)
    } else {
        crate::commands::print_line(&format!(
            "Owner      {}\nWorkspace  {}\nAPI key    {}\n\nThe key cannot be shown again. Use it as: Authorization: Bearer <key>",
            created.user_id, created.workspace_id, created.api_key
        ))
    }
}
