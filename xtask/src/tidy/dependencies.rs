//! Rules about Cargo's own files that cargo-deny cannot state.

use anyhow::{Context as _, Result};
use toml::Table;

use super::{File, Finding};

pub fn check(files: &[File]) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for file in files {
        if file.path == "Cargo.lock" {
            findings.extend(check_lock(file)?);
        } else if file.path.ends_with("/Cargo.toml") {
            findings.extend(check_manifest(file)?);
        }
    }
    Ok(findings)
}

/// sqlx 0.8 links an SQLite that can corrupt its write-ahead log, for the whole binary.
fn check_lock(file: &File) -> Result<Vec<Finding>> {
    let lock: Table = file.text.parse().context("Cargo.lock")?;
    let packages = lock.get("package").and_then(toml::Value::as_array);
    let text = |package: &toml::Value, key: &str| {
        package.get(key).and_then(toml::Value::as_str).unwrap_or_default().to_owned()
    };
    Ok(packages
        .into_iter()
        .flatten()
        .map(|package| (text(package, "name"), text(package, "version")))
        .filter(|(name, version)| name.starts_with("sqlx") && version.starts_with("0.8."))
        .map(|(name, version)| {
            let message = format!("{name} {version} brings in an SQLite that can lose data; use 0.9");
            Finding::error(&file.path, None, message)
        })
        .collect())
}

/// Every crate, except one that is a workspace of its own, follows the workspace's lints and takes its dependencies' versions from the workspace.
fn check_manifest(file: &File) -> Result<Vec<Finding>> {
    let manifest: Table = file.text.parse().with_context(|| file.path.clone())?;
    let mut findings = Vec::new();
    // Such as the engines measured beside ours, which are not to share anything with the product.
    if manifest.contains_key("workspace") {
        return Ok(findings);
    }
    let inherits = |value: Option<&toml::Value>| {
        value.and_then(|it| it.get("workspace")).and_then(toml::Value::as_bool) == Some(true)
    };
    if !inherits(manifest.get("lints")) {
        let message = "follow the workspace's lints: `[lints] workspace = true`";
        findings.push(Finding::error(&file.path, None, message));
    }
    for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
        let dependencies = manifest.get(section).and_then(toml::Value::as_table);
        for (name, dependency) in dependencies.into_iter().flatten() {
            if !inherits(Some(dependency)) {
                let message = format!("{name}: put the version in the root Cargo.toml, `{name}.workspace = true` here");
                findings.push(Finding::error(&file.path, None, message));
            }
        }
    }
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::file;

    fn count(path: &str, text: &str) -> usize {
        check(&[file(path, text)]).unwrap().len()
    }

    #[test]
    fn finds_sqlx_0_8_in_the_lock_file() {
        let package = |name: &str, version: &str| format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n");
        assert_eq!(count("Cargo.lock", &package("sqlx", "0.9.0")), 0);
        assert_eq!(count("Cargo.lock", &package("sqlx-core", "0.8.6")), 1);
        assert_eq!(count("Cargo.lock", &package("serde", "0.8.1")), 0);
    }

    #[test]
    fn manifests_inherit_lints_and_versions() {
        let good = "[lints]\nworkspace = true\n[dependencies]\nserde.workspace = true\n";
        assert_eq!(count("packages/a/Cargo.toml", good), 0);
        assert_eq!(count("packages/a/Cargo.toml", "[dependencies]\nserde = \"1\"\n"), 2);
    }
}
