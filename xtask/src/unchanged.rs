//! Are generated files the ones that are committed? Runs the generator and compares the files before and after.
//! Git is not asked, so that work in progress passes too as long as it is complete.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

type Contents = BTreeMap<PathBuf, Vec<u8>>;

/// `arguments` are `PATH… -- COMMAND…`; paths are relative to the workspace's root, where the command runs too.
pub fn run(root: &Path, arguments: &[String]) -> Result<()> {
    let (paths, command) = split(arguments)?;
    let before = read_all(root, paths)?;
    execute(root, command)?;
    let after = read_all(root, paths)?;

    let changed = differences(&before, &after);
    if changed.is_empty() {
        return Ok(());
    }
    let list: Vec<String> =
        changed.iter().map(|path| format!("  {}", path.strip_prefix(root).unwrap_or(path).display())).collect();
    bail!(
        "generated files were out of date; `{}` wrote them anew, commit the result:\n{}",
        command.join(" "),
        list.join("\n")
    );
}

fn split(arguments: &[String]) -> Result<(&[String], &[String])> {
    let separator = arguments.iter().position(|argument| argument == "--");
    let separator = separator.context("usage: cargo xtask unchanged PATH… -- COMMAND…")?;
    let (paths, command) = (&arguments[..separator], &arguments[separator + 1..]);
    if paths.is_empty() || command.is_empty() {
        bail!("usage: cargo xtask unchanged PATH… -- COMMAND…");
    }
    Ok((paths, command))
}

fn execute(root: &Path, command: &[String]) -> Result<()> {
    let status = Command::new(&command[0])
        .args(&command[1..])
        .current_dir(root)
        .status()
        .with_context(|| format!("could not run `{}`", command[0]))?;
    if !status.success() {
        bail!("`{}` failed: {status}", command.join(" "));
    }
    Ok(())
}

/// A path that does not exist holds no files; the generator may be about to write it.
fn read_all(root: &Path, paths: &[String]) -> Result<Contents> {
    let mut contents = Contents::new();
    let mut pending: Vec<PathBuf> = paths.iter().map(|path| root.join(path)).collect();
    while let Some(path) = pending.pop() {
        if path.is_dir() {
            for entry in fs::read_dir(&path).with_context(|| format!("could not list {}", path.display()))? {
                pending.push(entry?.path());
            }
        } else if path.exists() {
            let bytes = fs::read(&path).with_context(|| format!("could not read {}", path.display()))?;
            contents.insert(path, bytes);
        }
    }
    Ok(contents)
}

/// Files added, removed or with other contents, in order.
fn differences(before: &Contents, after: &Contents) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> =
        before.keys().chain(after.keys()).filter(|path| before.get(*path) != after.get(*path)).cloned().collect();
    paths.sort();
    paths.dedup();
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(values: &[&str]) -> Vec<String> {
        values.iter().map(ToString::to_string).collect()
    }

    fn shell(script: &str) -> Vec<String> {
        strings(&["client", "--", "sh", "-c", script])
    }

    #[test]
    fn passes_when_the_command_writes_the_same_bytes() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("client")).unwrap();
        fs::write(root.path().join("client/a.ts"), "a").unwrap();
        run(root.path(), &shell("printf a > client/a.ts")).unwrap();
    }

    #[test]
    fn names_files_that_were_changed_added_and_removed() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("client")).unwrap();
        fs::write(root.path().join("client/changed.ts"), "old").unwrap();
        fs::write(root.path().join("client/removed.ts"), "old").unwrap();
        let script = "cd client && printf new > changed.ts && printf new > added.ts && rm removed.ts";
        let message = run(root.path(), &shell(script)).unwrap_err().to_string();
        for name in ["client/changed.ts", "client/added.ts", "client/removed.ts"] {
            assert!(message.contains(name), "{name} is missing in: {message}");
        }
    }

    #[test]
    fn fails_when_the_command_fails() {
        let root = tempfile::tempdir().unwrap();
        let message = run(root.path(), &shell("exit 3")).unwrap_err().to_string();
        assert!(message.contains("failed"), "{message}");
    }

    #[test]
    fn refuses_incomplete_arguments() {
        for arguments in [&["a"][..], &["--", "true"], &["a", "--"], &[]] {
            assert!(split(&strings(arguments)).is_err(), "{arguments:?}");
        }
    }
}
