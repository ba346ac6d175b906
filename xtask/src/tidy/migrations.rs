//! Both databases have the same migrations under the same names, numbered without a gap.

use std::collections::{BTreeMap, BTreeSet};

use super::{File, Finding};

const ROOT: &str = "packages/data-ops/migrations/";
const BACKENDS: [&str; 2] = ["sqlite", "postgres"];

pub fn check(files: &[File]) -> Vec<Finding> {
    let mut findings = Vec::new();
    // From `control/0001_accounts.sql` to the backends that have it.
    let mut backends: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for file in files {
        let Some(rest) = file.path.strip_prefix(ROOT) else {
            continue;
        };
        match rest.split_once('/') {
            Some((backend, name)) if BACKENDS.contains(&backend) && name.ends_with(".sql") => {
                backends.entry(name).or_default().insert(backend);
            }
            _ => findings.push(Finding::error(
                &file.path,
                None,
                "a migration is sqlite/…/NNNN_name.sql or postgres/…/NNNN_name.sql",
            )),
        }
    }

    for (name, present) in &backends {
        for missing in BACKENDS.iter().filter(|it| !present.contains(*it)) {
            let path = format!("{ROOT}{missing}/{name}");
            findings.push(Finding::error(&path, None, "is missing; the other database has it"));
        }
    }
    findings.extend(check_numbers(backends.keys().copied()));
    findings
}

/// `names` are sorted, so that the migrations of one database follow each other.
fn check_numbers<'a>(names: impl Iterator<Item = &'a str>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut next: BTreeMap<&str, u32> = BTreeMap::new();
    for name in names {
        let (database, base) = name.rsplit_once('/').unwrap_or(("", name));
        let expected = next.entry(database).or_insert(1);
        let number = base.split_once('_').filter(|(digits, _)| digits.len() == 4);
        let number = number.and_then(|(digits, _)| digits.parse::<u32>().ok());
        if number != Some(*expected) {
            findings.push(Finding::error(
                &format!("{ROOT}*/{name}"),
                None,
                format!("the next migration's name begins with {expected:04}_"),
            ));
        }
        *expected = number.unwrap_or(*expected) + 1;
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::file;

    fn messages(paths: &[&str]) -> Vec<String> {
        let files: Vec<File> = paths.iter().map(|path| file(&format!("{ROOT}{path}"), "")).collect();
        check(&files).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn accepts_pairs_numbered_without_a_gap() {
        let none: [String; 0] = [];
        let paths = [
            "sqlite/control/0001_accounts.sql",
            "sqlite/control/0002_links.sql",
            "sqlite/clicks/0001_clicks.sql",
            "postgres/control/0001_accounts.sql",
            "postgres/control/0002_links.sql",
            "postgres/clicks/0001_clicks.sql",
        ];
        assert_eq!(messages(&paths), none);
    }

    #[test]
    fn names_the_missing_half_of_a_pair() {
        let found = messages(&["sqlite/control/0001_accounts.sql"]);
        assert_eq!(found.len(), 1);
        assert!(found[0].contains("postgres/control/0001_accounts.sql"), "{}", found[0]);
    }

    #[test]
    fn finds_gaps_doubled_numbers_and_other_names() {
        let pair = |name: &str| [format!("sqlite/control/{name}"), format!("postgres/control/{name}")];
        for second in ["0003_links.sql", "0001_links.sql", "2_links.sql", "links.sql"] {
            let paths = [pair("0001_accounts.sql"), pair(second)].concat();
            let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
            assert!(!messages(&paths).is_empty(), "{second}");
        }
        assert_eq!(messages(&["mysql/0001_accounts.sql"]).len(), 1);
    }
}
