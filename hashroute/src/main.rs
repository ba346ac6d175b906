//! The `hashroute` binary: commands, configuration, composition and lifecycle. The only place that names a backend.

mod browsing;
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
mod watching;

use std::{ffi::OsString, path::PathBuf, process::ExitCode};

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
    /// Tell what destinations are looked at with, what of it is missing, and how to install it.
    Doctor {
        /// Print JSON instead of text.
        #[arg(long)]
        json: bool,
    },
    /// The jail between the service and its browser; started by the service.
    #[command(hide = true, disable_help_flag = true)]
    BrowserJail {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
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
    if let Command::BrowserJail { arguments } = arguments.command {
        // Before there is a second thread.
        return browser::jail::inside::run(arguments);
    }
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
        Command::Doctor { json } => commands::doctor::run(&load()?, json),
        Command::BrowserJail { .. } => Ok(()),
        Command::Openapi => commands::openapi::run(),
        Command::Admin { command } => commands::admin::run(&load()?, command),
        Command::Guard { command } => commands::guard::run(&load()?, &command),
        Command::Bench { command } => commands::bench::run(command),
    }
}
