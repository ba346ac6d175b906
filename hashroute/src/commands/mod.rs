//! The commands.

pub mod admin;
pub mod bench;
pub mod config;
pub mod doctor;
pub mod guard;
pub mod migrate;
pub mod openapi;
pub mod serve;

use std::io::Write as _;

/// Prints a line for the user.
pub fn print_line(line: &str) -> anyhow::Result<()> {
    let mut output = std::io::stdout().lock();
    writeln!(output, "{line}")?;
    output.flush()?;
    Ok(())
}

/// Prints an error with what caused it, one line each.
pub fn print_error(error: &anyhow::Error) {
    let mut output = std::io::stderr().lock();
    let _nowhere_to_report = writeln!(output, "hashroute: {error}");
    for cause in error.chain().skip(1) {
        let _nowhere_to_report = writeln!(output, "  because: {cause}");
    }
}

/// The runtime for commands that are not the service.
pub fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}
