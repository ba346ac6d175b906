//! The `hashroute` binary: commands, configuration, composition and lifecycle. The only place that names a backend.

mod commands;
mod composition;
mod configuration;
mod data_directory;
mod durable;
mod egress;
mod gauges;
mod housekeeping;
mod ingestion;
mod logging;
mod operations;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

/// Smart links: one short link sends each visitor to the right destination, and every click is recorded.
#[derive(Parser)]
#[command(name = "hashroute", version, about, disable_help_subcommand = true)]
struct Arguments {
    /// Configuration file; `hashroute.toml` in the working directory is read if it exists.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start the service.
    Serve,
    /// Bring the database's schema up to date, then end.
    Migrate,
    /// Print the configuration in force, with where each value comes from; secrets are left out.
    Config,
    /// Print the OpenAPI document of the API.
    Openapi,
    /// Look after an installation.
    Admin {
        #[command(subcommand)]
        command: commands::admin::AdminCommand,
    },
    /// Ask which URLs may be fetched.
    Guard {
        #[command(subcommand)]
        command: commands::guard::GuardCommand,
    },
    /// Measure on this machine.
    Bench {
        #[command(subcommand)]
        command: commands::bench::BenchCommand,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            commands::print_error(&error);
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> anyhow::Result<()> {
    let load = || configuration::Configuration::load(arguments.config.as_deref(), std::env::vars_os());
    match arguments.command {
        Command::Serve => commands::serve::run(load()?),
        Command::Migrate => commands::migrate::run(&load()?),
        Command::Config => commands::config::run(&load()?),
        Command::Openapi => commands::openapi::run(),
        Command::Admin { command } => commands::admin::run(&load()?, command),
        Command::Guard { command } => commands::guard::run(&load()?, &command),
        Command::Bench { command } => commands::bench::run(command),
    }
}
