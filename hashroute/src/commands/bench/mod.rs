//! `hashroute bench`: what a redirect costs beside nginx, and whether a crash loses or doubles a click.
//!
//! Everything runs on the loopback address and in a temporary directory; processes and files are gone at the end, whatever the
//! end is. Progress goes to standard error, the report to standard output.

mod arguments;
mod client;
mod crash;
mod installation;
mod processes;
mod redirect;
mod scratch;
mod service;
mod visitors;

use std::io::Write as _;

use anyhow::bail;
use clap::Subcommand;
use tokio::signal::unix::{SignalKind, signal};

use self::arguments::{CrashArguments, RedirectArguments};

/// What to measure.
#[derive(Subcommand)]
pub enum BenchCommand {
    /// What a redirect costs, side by side with nginx: needs nginx and wrk.
    Redirect(RedirectArguments),
    /// Whether kill -9 under load loses or doubles a click.
    Crash(CrashArguments),
}

/// Measures. A signal ends it early, with everything put away.
pub fn run(command: BenchCommand) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        tokio::select! {
            outcome = execute(command) => outcome,
            _ = terminate.recv() => bail!("stopped before the end; nothing was measured"),
            _ = interrupt.recv() => bail!("stopped before the end; nothing was measured"),
        }
    })
}

async fn execute(command: BenchCommand) -> anyhow::Result<()> {
    match command {
        BenchCommand::Redirect(arguments) => redirect::run(arguments.plan()).await,
        BenchCommand::Crash(arguments) => crash::run(&arguments).await,
    }
}

/// Tells whoever waits what is being done.
fn progress(text: &str) {
    let _nowhere_to_report = writeln!(std::io::stderr().lock(), "{text}");
}
