//! Links between the repository's documents lead somewhere.

use super::{File, Finding};

/// `exists` tells whether a path relative to the root is there.
pub fn check(files: &[File], exists: impl Fn(&str) -> bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| file.extension() == "md") {
        let directory = file.path.rsplit_once('/').map_or("", |(directory, _)| directory);
        let mut fenced = false;
        for (index, line) in file.text.lines().enumerate() {
            fenced ^= line.trim_start().starts_with("```");
            if fenced {
                continue;
            }
            for target in local_targets(line) {
                let path = resolve(directory, target);
                if !path.is_some_and(|path| path.is_empty() || exists(&path)) {
                    findings.push(Finding::error(
                        &file.path,
                        Some(index + 1),
                        format!("the link to `{target}` leads nowhere"),
                    ));
                }
            }
        }
    }
    findings
}

/// What `[text](target)` and `![text](target)` name in this repository, without the part after `#`.
fn local_targets(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| {
        let target = rest.split([')', ' ']).next()?;
        let target = target.split('#').next()?;
        let elsewhere = target.is_empty() || target.contains("://") || target.starts_with("mailto:");
        (!elsewhere).then_some(target)
    })
}

/// `None` when the target lies outside the repository.
fn resolve(directory: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = directory.split('/').filter(|it| !it.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::file;

    fn broken(path: &str, text: &str) -> usize {
        check(&[file(path, text)], |path| path == "docs/adr/0001-engines.md").len()
    }

    #[test]
    fn follows_links_from_where_they_are_written() {
        assert_eq!(broken("README.md", "see [it](docs/adr/0001-engines.md#why) and [up](#here)"), 0);
        assert_eq!(broken("docs/a.md", "[it](adr/0001-engines.md), [it](../docs/adr/0001-engines.md)"), 0);
        assert_eq!(broken("docs/a.md", "[it](docs/adr/0001-engines.md)"), 1);
        assert_eq!(broken("README.md", "[it](../outside.md)"), 1);
    }

    #[test]
    fn leaves_the_web_and_code_alone() {
        assert_eq!(broken("README.md", "[x](https://example.com/a) [y](mailto:a@example.com)"), 0);
        assert_eq!(broken("README.md", "```\n[x](nowhere.md)\n```\n"), 0);
    }
}
