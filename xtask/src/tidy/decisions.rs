//! Architecture decision records: one number each, without a gap, under a heading that repeats it.

use super::{File, Finding};

const DIRECTORY: &str = "docs/adr/";

pub fn check(files: &[File]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut expected = 1;
    // Files come sorted by path, so by number.
    for file in files {
        let Some(name) = file.path.strip_prefix(DIRECTORY) else {
            continue;
        };
        let number = name
            .split_once('-')
            .filter(|(digits, _)| digits.len() == 4 && name.ends_with(".md"))
            .and_then(|(digits, _)| digits.parse::<u32>().ok());
        let Some(number) = number else {
            findings.push(Finding::error(&file.path, None, "its name is NNNN-title.md"));
            continue;
        };
        if number != expected {
            let message = format!("has number {number:04}; the next one is {expected:04}");
            findings.push(Finding::error(&file.path, None, message));
        }
        let heading = format!("# {number:04}: ");
        if !file.text.starts_with(&heading) {
            let message = format!("begins with the heading `{heading}…`");
            findings.push(Finding::error(&file.path, Some(1), message));
        }
        expected = number + 1;
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::file;

    #[test]
    fn accepts_records_in_order() {
        let files = [
            file("docs/adr/0001-engines.md", "# 0001: Engines\n"),
            file("docs/adr/0002-capture.md", "# 0002: Capture\n"),
        ];
        assert_eq!(check(&files), []);
    }

    #[test]
    fn finds_a_number_used_twice_and_a_gap() {
        let first = file("docs/adr/0001-engines.md", "# 0001: Engines\n");
        let twice = file("docs/adr/0001-other.md", "# 0001: Other\n");
        let gap = file("docs/adr/0003-other.md", "# 0003: Other\n");
        assert_eq!(check(&[first.clone(), twice]).len(), 1);
        assert_eq!(check(&[first, gap]).len(), 1);
    }

    #[test]
    fn finds_other_names_and_headings() {
        assert_eq!(check(&[file("docs/adr/engines.md", "# Engines\n")]).len(), 1);
        assert_eq!(check(&[file("docs/adr/0001-engines.md", "# Engines\n")]).len(), 1);
    }
}
