//! One line for the whole test run. Every runner writes a JUnit file; a run whose file is missing or empty did not
//! happen, and counts as a failure.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Totals {
    passed: u32,
    failed: u32,
    skipped: u32,
}

impl std::fmt::Display for Totals {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 {
            write!(formatter, ", {} skipped", self.skipped)?;
        }
        Ok(())
    }
}

/// Prints the totals of each runner and of all, and fails unless all ran and passed.
pub fn run(root: &Path, target: &Path) -> Result<()> {
    let runners: [(&str, PathBuf); 3] = [
        ("Rust", target.join("nextest/default/junit.xml")),
        ("web application", target.join("test-reports/web.xml")),
        ("end to end", target.join("test-reports/end-to-end.xml")),
    ];

    println!();
    let mut all = Totals::default();
    for (name, path) in &runners {
        let totals = read(path).with_context(|| {
            format!("the {name} tests left no results at {}", path.strip_prefix(root).unwrap_or(path).display())
        })?;
        println!("{name}: {totals}");
        all.passed += totals.passed;
        all.failed += totals.failed;
        all.skipped += totals.skipped;
    }
    println!("Total: {all}");
    if all.failed > 0 {
        bail!("{} tests failed", all.failed);
    }
    Ok(())
}

fn read(path: &Path) -> Result<Totals> {
    let totals = parse(&fs::read_to_string(path)?)?;
    if totals == Totals::default() {
        bail!("no test ran");
    }
    Ok(totals)
}

/// The root element carries the numbers, except for skipped tests, which not every runner sums up there.
fn parse(junit: &str) -> Result<Totals> {
    let start = junit.find("<testsuites").context("no <testsuites> element")?;
    let root = junit[start..].split('>').next().unwrap_or_default();
    let count = |name: &str| -> Result<u32> {
        let Some((_, rest)) = root.split_once(&format!(" {name}=\"")) else {
            return Ok(0);
        };
        let value = rest.split('"').next().unwrap_or_default();
        value.parse().with_context(|| format!("{name} is not a number: {value:?}"))
    };
    let failed = count("failures")? + count("errors")?;
    let skipped = u32::try_from(junit.matches("<skipped").count())?;
    let passed = count("tests")?.saturating_sub(failed + skipped);
    Ok(Totals { passed, failed, skipped })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write_results(target: &Path, rust_failures: u32) {
        for (path, tests, failures) in [
            ("nextest/default/junit.xml", 10, rust_failures),
            ("test-reports/web.xml", 5, 0),
            ("test-reports/end-to-end.xml", 2, 0),
        ] {
            let path = target.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            let junit = format!(r#"<testsuites tests="{tests}" failures="{failures}" errors="0"/>"#);
            fs::write(path, junit).unwrap();
        }
    }

    #[test]
    fn reads_the_totals_of_each_runner() {
        let nextest = r#"<?xml version="1.0"?><testsuites name="run" tests="7" failures="1" errors="1" uuid="x">
            <testsuite name="a" tests="99"></testsuite></testsuites>"#;
        assert_eq!(parse(nextest).unwrap(), Totals { passed: 5, failed: 2, skipped: 0 });

        let playwright = r#"<testsuites id="" tests="4" failures="0" skipped="1" errors="0" time="1.5">
            <testcase><skipped></skipped></testcase></testsuites>"#;
        assert_eq!(parse(playwright).unwrap(), Totals { passed: 3, failed: 0, skipped: 1 });
    }

    #[test]
    fn refuses_what_is_not_a_result() {
        assert!(parse("").is_err());
        assert!(parse(r#"<testsuites tests="many">"#).is_err());
    }

    #[test]
    fn passes_when_everything_ran_and_passed() {
        let target = tempfile::tempdir().unwrap();
        write_results(target.path(), 0);
        run(target.path(), target.path()).unwrap();
    }

    #[test]
    fn fails_when_a_test_failed() {
        let target = tempfile::tempdir().unwrap();
        write_results(target.path(), 3);
        assert!(run(target.path(), target.path()).is_err());
    }

    #[test]
    fn fails_when_a_runner_left_nothing() {
        let target = tempfile::tempdir().unwrap();
        write_results(target.path(), 0);
        fs::remove_file(target.path().join("test-reports/web.xml")).unwrap();
        let message = format!("{:#}", run(target.path(), target.path()).unwrap_err());
        assert!(message.contains("web application"), "{message}");
    }
}
