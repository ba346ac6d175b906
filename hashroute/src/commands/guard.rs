//! `hashroute guard …`: what the guard says to URLs.

use std::io::{BufRead, Write};

use anyhow::Context as _;
use clap::Subcommand;
use guard::{Policy, Refusal, Verdict};
use serde::Serialize;

use crate::{configuration::Configuration, egress};

/// What to ask the guard.
#[derive(Subcommand)]
pub enum GuardCommand {
    /// Read URLs from the standard input, one a line, and say of each in a line of JSON whether it could be fetched. Nothing is looked up
    /// and nothing is fetched: a name that is allowed may still turn out to have a private address.
    Check,
}

/// What is said of a URL.
#[derive(Serialize)]
struct Line<'a> {
    url: &'a str,
    verdict: &'static str,
    reason: Option<&'static str>,
}

/// Asks the guard.
pub fn run(configuration: &Configuration, command: &GuardCommand) -> anyhow::Result<()> {
    let policy = egress::policy(configuration)?;
    match command {
        GuardCommand::Check => check(&policy, std::io::stdin().lock(), std::io::stdout().lock()),
    }
}

fn check(policy: &Policy, mut input: impl BufRead, mut output: impl Write) -> anyhow::Result<()> {
    let mut line = Vec::new();
    while input.read_until(b'\n', &mut line).context("the URLs cannot be read")? > 0 {
        let bytes = line.strip_suffix(b"\n").unwrap_or(&line);
        let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        let url = String::from_utf8_lossy(bytes);
        let verdict = match std::str::from_utf8(bytes) {
            Ok(url) => policy.check(url),
            Err(_) => Verdict::Block(Refusal::InvalidUrl),
        };
        let (verdict, reason) = match &verdict {
            Verdict::Allow => ("allow", None),
            Verdict::Block(refusal) => ("block", Some(refusal.code())),
        };
        serde_json::to_writer(&mut output, &Line { url: &url, verdict, reason })?;
        output.write_all(b"\n")?;
        // Whoever types a URL, or pipes one in at a time, waits for its line.
        output.flush()?;
        line.clear();
    }
    Ok(())
}
