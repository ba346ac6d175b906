//! The project's own tasks that need more than a line of shell. The Makefile calls them; `cargo xtask` lists them.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool talks to the terminal")]

mod report;
mod tidy;
mod unchanged;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result};

const USAGE: &str = "\
Usage: cargo xtask TASK

  tidy                          check the rules no compiler or linter knows: file lengths, migration pairs, leftovers
  report                        add up the test results of the last run; fail when a part of them is missing
  unchanged PATH… -- COMMAND…   run COMMAND and fail when it changes a file at or under one of the PATHs";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<()> {
    let root = workspace_root()?;
    match arguments.split_first().map(|(task, rest)| (task.as_str(), rest)) {
        Some(("tidy", [])) => tidy::run(&root),
        Some(("report", [])) => report::run(&root, &target_directory(&root)),
        Some(("unchanged", rest)) => unchanged::run(&root, rest),
        _ => anyhow::bail!("no such task\n\n{USAGE}"),
    }
}

fn workspace_root() -> Result<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    Ok(root.context("xtask lies in the workspace's root directory")?.to_path_buf())
}

fn target_directory(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |path| root.join(path))
}
