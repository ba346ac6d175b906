//! Structured logs on standard error.

use std::io::IsTerminal as _;

use tracing_subscriber::{EnvFilter, fmt};

use crate::configuration::{Configuration, LogFormat};

/// Libraries that tell of every statement or attempt; whoever wants to see it names them in `log.level`.
const QUIET: &str = "sqlx=warn,sea_orm_migration=warn,async_nats=warn";

/// Starts logging as configured.
pub fn start(configuration: &Configuration) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(format!("{QUIET},{}", configuration.log_level))?;
    let builder = fmt().with_env_filter(filter).with_ansi(std::io::stderr().is_terminal()).with_writer(std::io::stderr);
    let started = match configuration.log_format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    started.map_err(|error| anyhow::anyhow!(error))
}
