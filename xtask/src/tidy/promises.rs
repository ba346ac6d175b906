//! The README names the test that proves each promise. A promise without one, or with a test that is gone, is only a claim.

use super::{File, Finding};

const README: &str = "README.md";
const HEADING: &str = "## What it promises";

pub fn check(files: &[File]) -> Vec<Finding> {
    let Some(readme) = files.iter().find(|file| file.path == README) else { return Vec::new() };
    let lines = readme.text.lines().enumerate();
    let section = lines.skip_while(|(_, line)| *line != HEADING).skip(1);
    let rows = section.take_while(|(_, line)| !line.starts_with("## ")).filter(|(_, line)| line.starts_with("| "));

    let mut findings = Vec::new();
    // The first row is the table's head.
    for (index, row) in rows.skip(1) {
        let proof = row.trim_end_matches(['|', ' ']).rsplit('|').next().unwrap_or_default();
        let tests: Vec<&str> = proof.split('`').skip(1).step_by(2).filter(|name| is_test_name(name)).collect();
        if tests.is_empty() {
            findings.push(Finding::error(README, Some(index + 1), "name the test that proves this promise"));
        }
        for test in tests {
            if !files.iter().any(|file| has_test(file, test)) {
                findings.push(Finding::error(README, Some(index + 1), format!("there is no test `{test}`")));
            }
        }
    }
    findings
}

fn is_test_name(name: &str) -> bool {
    name.contains('_') && name.chars().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '_')
}

fn has_test(file: &File, name: &str) -> bool {
    file.extension() == "rs" && file.text.contains(&format!("fn {name}("))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::file;

    fn count(proof: &str) -> usize {
        let readme =
            format!("# H\n\n{HEADING}\n\n| promise | proof |\n|---|---|\n| Kept | {proof} |\n\n## More\n| a | b |\n");
        let test = file("packages/a/tests/it/clicks.rs", "#[test]\nfn a_click_is_kept() {}\n");
        check(&[file(README, &readme), test]).len()
    }

    #[test]
    fn accepts_a_promise_whose_test_exists() {
        assert_eq!(count("`a_click_is_kept` in `clicks.rs`"), 0);
    }

    #[test]
    fn finds_promises_without_a_test() {
        assert_eq!(count("trust us"), 1);
        assert_eq!(count(""), 1);
        assert_eq!(count("`a_click_is_lost`"), 1);
    }
}
