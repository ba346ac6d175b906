//! Nothing in the repository depends on, or tells of, the machine it was written on.

use super::{File, Finding};

const HOMES: [&str; 4] = ["/home/", "/root/", "/Users/", "/work/"];

pub fn check(files: &[File]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| !file.path.starts_with("xtask/src/tidy/")) {
        for (index, line) in file.text.lines().enumerate() {
            if let Some(path) = absolute_path(line) {
                findings.push(Finding::error(
                    &file.path,
                    Some(index + 1),
                    format!("`{path}` exists on one machine only; write a path from the root"),
                ));
            }
        }
    }
    findings
}

/// The path, unless it is a part of something longer such as an address on the web.
fn absolute_path(line: &str) -> Option<&str> {
    HOMES.iter().find_map(|home| {
        line.match_indices(home).find_map(|(start, _)| {
            let before = line[..start].chars().next_back();
            let stands_alone = before.is_none_or(|it| it.is_whitespace() || "\"'`(=[:,<".contains(it));
            stands_alone.then(|| {
                let rest = &line[start..];
                let end = rest.find(|it: char| it.is_whitespace() || "\"'`)],>".contains(it));
                &rest[..end.unwrap_or(rest.len())]
            })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_paths_of_one_machine() {
        assert_eq!(absolute_path("see `/home/ada/notes.md`"), Some("/home/ada/notes.md"));
        assert_eq!(absolute_path("DIR=/root/x y"), Some("/root/x"));
    }

    #[test]
    fn leaves_addresses_and_relative_paths_alone() {
        assert_eq!(absolute_path("https://shop.example/home/garden"), None);
        assert_eq!(absolute_path("src/work/mod.rs"), None);
        assert_eq!(absolute_path("/usr/lib/postgresql"), None);
    }
}
