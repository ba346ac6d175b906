//! `hashroute doctor`.

use serde_json::Value;

use crate::process::{run, stderr};

#[test]
fn a_machine_with_a_browser_is_ready_and_a_page_is_looked_at() {
    let directory = tempfile::tempdir().unwrap();
    let output = run(directory.path(), &[], &["doctor", "--json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(output.status.success(), "{report:#} {}", stderr(&output));
    assert_eq!(report["ready"], true);
    let checks = report["checks"].as_array().unwrap();
    let page = checks.iter().find(|check| check["name"] == "a page").unwrap();
    assert_eq!(page["state"], "good", "{page}");
    assert!(page["finding"].as_str().unwrap().starts_with("Chrome/"), "{page}");
}

#[test]
fn what_is_missing_is_told_with_how_to_install_it() {
    let directory = tempfile::tempdir().unwrap();
    let output = run(directory.path(), &[("HASHROUTE_BROWSER_PROGRAM", "/nowhere/chromium")], &["doctor"]);
    assert!(!output.status.success());
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert!(text.contains("MISSING  browser"), "{text}");
    assert!(text.contains("apt-get install"), "{text}");
    assert!(stderr(&output).contains("cannot be looked at"), "{}", stderr(&output));
}
