//! Unfinished work is finished or left out: it is not marked in the code.

use super::{File, Finding};

const SOURCES: [&str; 10] = ["rs", "ts", "tsx", "mjs", "js", "css", "sql", "sh", "toml", "html"];

pub fn check(files: &[File]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| SOURCES.contains(&file.extension())) {
        // These rules name what they look for.
        if file.path.starts_with("xtask/src/tidy/") || file.path == "Cargo.toml" {
            continue;
        }
        for (index, line) in file.text.lines().enumerate() {
            if let Some(marker) = marker(line) {
                findings.push(Finding::error(
                    &file.path,
                    Some(index + 1),
                    format!("`{marker}`: finish it, or leave it out"),
                ));
            }
        }
    }
    findings
}

fn marker(line: &str) -> Option<&'static str> {
    let macros = ["todo!(", "unimplemented!("];
    let words = ["FIXME", "TODO", "XXX"];
    macros.into_iter().find(|it| line.contains(it)).or_else(|| {
        words.into_iter().find(|word| {
            line.match_indices(word).any(|(start, _)| {
                let is_word = |it: char| it.is_alphanumeric() || it == '_';
                let before = line[..start].chars().next_back();
                let after = line[start + word.len()..].chars().next();
                !before.is_some_and(is_word) && !after.is_some_and(is_word)
            })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::file;

    #[test]
    fn finds_markers_with_their_line() {
        let findings = check(&[file("a.rs", "fn a() {\n    todo!()\n}\n// FIXME: slow\n")]);
        assert_eq!(findings.iter().map(|it| it.line).collect::<Vec<_>>(), [Some(2), Some(4)]);
    }

    #[test]
    fn leaves_words_alone_that_only_contain_a_marker() {
        assert_eq!(marker("let XXXL = SIZE_XXX;"), None);
        assert_eq!(marker("a todo list"), None);
        assert_eq!(marker("hr_XXX"), None);
    }

    #[test]
    fn documents_may_speak_of_markers() {
        assert_eq!(check(&[file("CONTRIBUTING.md", "no TODO in the code")]), []);
    }
}
