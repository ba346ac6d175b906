//! Structured logs on standard error.

use tracing_subscriber::{EnvFilter, fmt};

use crate::configuration::{Configuration, LogFormat};

/// Starts logging as configured.
pub fn start(configuration: &Configuration) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&configuration.log_level)?;
    let builder = fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match configuration.log_format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    started.map_err(|error| anyhow::anyhow!(error))
}
