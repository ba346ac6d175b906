//! Files a reader can hold in mind: a warning past 500 lines, an error past 800 unless listed with a reason.

use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Deserialize;

use super::{File, Finding};

const LIST: &str = "xtask/tidy.toml";
const WARN: usize = 500;
const FAIL: usize = 800;
const SOURCES: [&str; 8] = ["rs", "ts", "tsx", "mjs", "js", "css", "sql", "sh"];

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allowed {
    #[serde(default)]
    long_file: Vec<LongFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LongFile {
    path: String,
    reason: String,
}

pub fn read_allowed(root: &Path) -> Result<Allowed> {
    let text = std::fs::read_to_string(root.join(LIST)).context(LIST)?;
    toml::from_str(&text).context(LIST)
}

pub fn check(files: &[File], allowed: &Allowed) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut used = vec![false; allowed.long_file.len()];
    for file in files.iter().filter(|file| SOURCES.contains(&file.extension())) {
        let lines = file.text.lines().count();
        let listed = allowed.long_file.iter().position(|it| it.path == file.path);
        match listed {
            _ if lines <= WARN => {}
            Some(index) if lines > FAIL => used[index] = true,
            None if lines > FAIL => findings.push(Finding::error(
                &file.path,
                None,
                format!("{lines} lines; split it, or list it with a reason in {LIST}"),
            )),
            _ => findings.push(Finding::warning(&file.path, format!("{lines} lines; aim at 300"))),
        }
    }
    for (entry, used) in allowed.long_file.iter().zip(used) {
        if !used {
            findings.push(Finding::error(LIST, None, format!("{} need not be listed", entry.path)));
        }
        if entry.reason.trim().is_empty() {
            findings.push(Finding::error(LIST, None, format!("{} has no reason", entry.path)));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::{Severity, file};

    fn severities(path: &str, lines: usize, listed: &[(&str, &str)]) -> Vec<Severity> {
        let allowed = Allowed {
            long_file: listed
                .iter()
                .map(|(path, reason)| LongFile { path: (*path).into(), reason: (*reason).into() })
                .collect(),
        };
        let findings = check(&[file(path, &"x\n".repeat(lines))], &allowed);
        findings.iter().map(|it| it.severity).collect()
    }

    #[test]
    fn warns_past_500_lines_and_fails_past_800() {
        assert_eq!(severities("a.rs", 500, &[]), []);
        assert_eq!(severities("a.rs", 501, &[]), [Severity::Warning]);
        assert_eq!(severities("a.rs", 801, &[]), [Severity::Error]);
        assert_eq!(severities("a.md", 801, &[]), [], "documents have no limit");
    }

    #[test]
    fn a_listed_file_passes_with_a_reason() {
        assert_eq!(severities("a.rs", 801, &[("a.rs", "a table")]), []);
        assert_eq!(severities("a.rs", 801, &[("a.rs", " ")]), [Severity::Error]);
    }

    #[test]
    fn an_entry_without_use_fails() {
        assert_eq!(severities("a.rs", 10, &[("a.rs", "a table")]), [Severity::Error]);
        assert_eq!(severities("a.rs", 10, &[("gone.rs", "a table")]), [Severity::Error]);
    }
}
