//! `hashroute bench`.

use clap::Subcommand;

/// What to measure.
#[derive(Subcommand)]
pub enum BenchCommand {}

/// Measures.
pub fn run(command: BenchCommand) -> anyhow::Result<()> {
    match command {}
}
