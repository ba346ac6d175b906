//! What can be said of a URL without looking anything up.

use guard::{Policy, Verdict};

use crate::corpus;

/// Everything about which the URL alone decides.
const BY_ITSELF: &[&str] = &[
    "allow",
    "boundary-v4",
    "boundary-v6",
    "encoding",
    "idn",
    "internal-name",
    "ipv6",
    "loopback",
    "metadata",
    "own-host",
    "parser",
    "port",
    "private-v4",
    "scheme",
    "special-v4",
];

/// The rest begins harmlessly.
const LATER: &[&str] = &["dns", "exhaustion", "redirect", "subresource"];

fn policy() -> Policy {
    Policy::default().own_host("go.hr.test").unwrap().own_host("app.hr.test").unwrap()
}

#[test]
fn every_row_of_the_corpus_that_a_url_decides_gets_its_verdict() {
    let Some(rows) = corpus::rows(BY_ITSELF) else { return };
    let policy = policy();
    let mut wrong = Vec::new();
    for row in &rows {
        let verdict = policy.check(row.url());
        if (verdict == Verdict::Allow) != row.must_be_allowed() {
            wrong.push(format!("{row}: {verdict:?}"));
        }
    }
    assert!(rows.len() > 150);
    assert!(wrong.is_empty(), "{} rows:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn rows_that_turn_out_bad_later_are_not_refused_for_their_url() {
    let Some(rows) = corpus::rows(LATER) else { return };
    let policy = policy();
    let refused: Vec<String> = rows
        .iter()
        .filter_map(|row| match policy.check(row.url()) {
            Verdict::Allow => None,
            Verdict::Block(refusal) => Some(format!("{row}: {refusal}")),
        })
        .collect();
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

#[test]
fn a_refusal_has_a_code_and_words() {
    let Verdict::Block(refusal) = policy().check("http://2130706433/") else { panic!("allowed") };
    assert_eq!(refusal.code(), "loopback_address");
    assert_eq!(refusal.to_string(), "127.0.0.1 is an address of the machine itself.");
}
