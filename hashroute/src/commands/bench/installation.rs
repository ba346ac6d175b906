//! A data directory with an owner, a workspace and links, made by this very program.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, bail};
use data_ops::{
    clock::{Clock as _, SystemClock},
    database::{DatabaseConfig, Databases},
    domains::ensure_instance_domain,
    links::create_links,
    types::{Host, LinkId, UserId, WorkspaceId},
};
use serde::Deserialize;

use super::visitors;

/// Links made in one transaction.
const BATCH: u32 = 5_000;

/// An installation that may be run, copied and looked into.
#[derive(Debug, Clone)]
pub struct Installation {
    directory: PathBuf,
    /// What the programs say goes here.
    pub logs: PathBuf,
    workspace: WorkspaceId,
    /// Lets the measurement read the analytics.
    pub api_key: String,
}

/// What `hashroute admin bootstrap --json` prints.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bootstrapped {
    workspace_id: WorkspaceId,
    api_key: String,
}

impl Installation {
    /// Makes the directory `data` in `directory`, with its first owner and workspace.
    pub fn create(directory: &Path) -> anyhow::Result<Self> {
        let data = directory.join("data");
        let mut bootstrap = hashroute(&data, directory, SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)))?;
        let password = format!("{}-Aa", UserId::generate(&SystemClock));
        bootstrap.args(["admin", "bootstrap", "--json", "--email", "owner@bench.example.com", "--workspace", "Bench"]);
        let output = bootstrap.arg("--password").arg(password).env("HASHROUTE_LOG_LEVEL", "error").output()?;
        if !output.status.success() {
            bail!("the installation could not be set up: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        let created: Bootstrapped = serde_json::from_slice(&output.stdout)
            .context("`hashroute admin bootstrap` printed something unexpected")?;
        let Bootstrapped { workspace_id, api_key } = created;
        Ok(Self { directory: data, logs: directory.to_owned(), workspace: workspace_id, api_key })
    }

    /// Makes the links with the numbers from 0 to `count`, straight in the database. Answers their ids, in that order.
    pub async fn add_links(&self, count: u32) -> anyhow::Result<Vec<LinkId>> {
        let databases = self.open().await?;
        let host = Host::parse("localhost")?;
        ensure_instance_domain(&databases.control, &host, SystemClock.now()).await?;
        let mut ids = Vec::new();
        for from in (0..count).step_by(usize::try_from(BATCH)?) {
            let batch = (from..count.min(from + BATCH)).map(visitors::link).collect::<Result<Vec<_>, _>>()?;
            for made in create_links(&databases.control, self.workspace, &batch, SystemClock.now()).await? {
                ids.push(made?.id);
            }
        }
        databases.close().await?;
        Ok(ids)
    }

    /// The databases. Not while the service runs, which does not expect that.
    pub async fn open(&self) -> anyhow::Result<Databases> {
        let databases = Databases::connect(&DatabaseConfig::Sqlite { directory: self.directory.clone() }).await?;
        databases.migrate().await?;
        Ok(databases)
    }

    /// The same installation once more, before it has run.
    pub fn copy(&self, name: &str) -> anyhow::Result<Self> {
        let directory = self.directory.with_file_name(name);
        fs::create_dir(&directory)?;
        for entry in fs::read_dir(&self.directory)? {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                fs::copy(entry.path(), directory.join(entry.file_name()))?;
            }
        }
        Ok(Self { directory, ..self.clone() })
    }

    /// This program, configured for this installation and nothing else.
    pub fn command(&self, listen: SocketAddr) -> anyhow::Result<Command> {
        hashroute(&self.directory, &self.logs, listen)
    }
}

fn hashroute(data: &Path, working_directory: &Path, listen: SocketAddr) -> anyhow::Result<Command> {
    let program = std::env::current_exe().context("this program does not know where it is")?;
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("HASHROUTE_") {
            command.env_remove(name);
        }
    }
    // A `hashroute.toml` where the user is must not have a say either.
    command.current_dir(working_directory);
    command.env("HASHROUTE_DATA_DIR", data).env("HASHROUTE_LISTEN", listen.to_string());
    command.env("HASHROUTE_TRUSTED_PROXIES", "127.0.0.1/32");
    // What is measured is the redirect, not looks at where it leads.
    command.env("HASHROUTE_EVALUATION_ENABLED", "false");
    Ok(command)
}
