//! `cargo xtask tidy`: rules about the repository as a whole. Each rule is a plain function from the files to its
//! findings; this module reads the files once and prints what was found.

mod decisions;
mod dependencies;
mod leftovers;
mod length;
mod links;
mod migrations;
mod paths;
mod promises;

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

/// Written by a tool, checked by `cargo xtask unchanged`, read by nobody.
const GENERATED: [&str; 4] = [
    "services/user-application/web/src/api/gen/",
    "services/user-application/web/src/routeTree.gen.ts",
    "services/user-application/web/openapi.json",
    "services/user-application/web/pnpm-lock.yaml",
];

/// A text file of the repository.
#[derive(Debug, Clone)]
pub struct File {
    /// Relative to the root, with `/` between its parts.
    pub path: String,
    pub text: String,
}

impl File {
    pub fn extension(&self) -> &str {
        Path::new(&self.path).extension().and_then(|it| it.to_str()).unwrap_or_default()
    }
}

/// One thing to put right, where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub path: String,
    /// Counted from 1; `None` when the whole file is meant.
    pub line: Option<usize>,
    pub message: String,
    pub severity: Severity,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    Warning,
    Error,
}

impl Finding {
    pub fn error(path: &str, line: Option<usize>, message: impl Into<String>) -> Self {
        Self { path: path.into(), line, message: message.into(), severity: Severity::Error }
    }

    pub fn warning(path: &str, message: impl Into<String>) -> Self {
        Self { path: path.into(), line: None, message: message.into(), severity: Severity::Warning }
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let severity = match self.severity {
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        write!(formatter, "{severity}: {}", self.path)?;
        if let Some(line) = self.line {
            write!(formatter, ":{line}")?;
        }
        write!(formatter, ": {}", self.message)
    }
}

/// Checks the working tree under `root`, committed or not, leaving out what Git ignores.
pub fn run(root: &Path) -> Result<()> {
    let files = read_files(root)?;
    let allowed = length::read_allowed(root)?;

    let mut findings = length::check(&files, &allowed);
    findings.extend(leftovers::check(&files));
    findings.extend(paths::check(&files));
    findings.extend(links::check(&files, |path| root.join(path).exists()));
    findings.extend(migrations::check(&files));
    findings.extend(decisions::check(&files));
    findings.extend(dependencies::check(&files)?);
    findings.extend(promises::check(&files));
    findings.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));

    for finding in &findings {
        println!("{finding}");
    }
    let errors = findings.iter().filter(|it| it.severity == Severity::Error).count();
    if errors > 0 {
        bail!("{errors} rules of the repository are broken");
    }
    println!("tidy: {} files, {} warnings", files.len(), findings.len());
    Ok(())
}

fn read_files(root: &Path) -> Result<Vec<File>> {
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .context("could not run git")?;
    if !output.status.success() {
        bail!("git ls-files failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    let mut paths: Vec<String> = String::from_utf8(output.stdout)
        .context("a path is not UTF-8")?
        .split_terminator('\0')
        .filter(|path| !GENERATED.iter().any(|generated| path.starts_with(generated)))
        .map(ToOwned::to_owned)
        .collect();
    paths.sort();
    paths.dedup();

    let mut files = Vec::with_capacity(paths.len());
    for path in paths {
        // Gone means deleted but not yet committed; not UTF-8 means an image or a font.
        let Ok(bytes) = std::fs::read(root.join(&path)) else {
            continue;
        };
        let Ok(text) = String::from_utf8(bytes) else {
            continue;
        };
        files.push(File { path, text });
    }
    Ok(files)
}

#[cfg(test)]
pub fn file(path: &str, text: &str) -> File {
    File { path: path.into(), text: text.into() }
}
