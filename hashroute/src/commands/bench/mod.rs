//! `hashroute bench`: what a redirect costs beside nginx, what a look at a page costs, and whether a crash loses or doubles a click.
//!
//! Everything runs on the loopback address and in a temporary directory; processes and files are gone at the end, whatever the
//! end is. Progress goes to standard error, the report to standard output.

mod arguments;
mod client;
mod crash;
mod evaluate;
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

use self::arguments::{CrashArguments, EvaluateArguments, RedirectArguments};

/// What to measure.
#[derive(Subcommand)]
pub enum BenchCommand {
    /// What a redirect costs, side by side with nginx: needs nginx and wrk.
    Redirect(RedirectArguments),
    /// What a look at a page costs: needs a browser, and the pages of the test kit.
    Evaluate(EvaluateArguments),
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
        BenchCommand::Evaluate(arguments) => evaluate::run(&arguments).await,
        BenchCommand::Crash(arguments) => crash::run(&arguments).await,
    }
}

/// Tells whoever waits what is being done.
fn progress(text: &str) {
    let _nowhere_to_report = writeln!(std::io::stderr().lock(), "{text}");
}
