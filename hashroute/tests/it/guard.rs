//! `hashroute guard check`.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::Stdio,
};

use serde_json::{Value, json};

use crate::process::hashroute;

/// What is said to these lines.
fn check(settings: &[(&str, &str)], lines: &[u8]) -> Vec<Value> {
    let directory = tempfile::tempdir().unwrap();
    let mut child = hashroute(directory.path(), settings)
        .args(["guard", "check"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let lines = lines.to_vec();
    let writer = std::thread::spawn(move || input.write_all(&lines).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    // Nothing is left behind by a command that only reads.
    assert!(std::fs::read_dir(directory.path()).unwrap().next().is_none());
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn each_line_gets_its_verdict_in_order() {
    let lines = b"https://example.com/a?b=c\nhttp://2130706433/\r\n\nnot a url\nhttp://\xff.com/\nfile:///etc/passwd";
    let verdict = |url: &str, reason: &str| json!({"url": url, "verdict": "block", "reason": reason});
    assert_eq!(
        check(&[], lines),
        [
            json!({"url": "https://example.com/a?b=c", "verdict": "allow", "reason": null}),
            verdict("http://2130706433/", "loopback_address"),
            verdict("", "empty"),
            verdict("not a url", "missing_scheme"),
            verdict("http://\u{fffd}.com/", "invalid_url"),
            verdict("file:///etc/passwd", "scheme_not_allowed"),
        ]
    );
}

#[test]
fn the_configuration_decides() {
    let verdicts = |settings: &[(&str, &str)]| -> Vec<Value> {
        let urls = b"http://127.0.0.1:8099/p\nhttps://go.hr.test/x\nhttps://ads.example/\nhttp://169.254.169.254/\n";
        check(settings, urls).into_iter().map(|line| line["reason"].clone()).collect()
    };
    assert_eq!(verdicts(&[]), [json!("loopback_address"), json!(null), json!(null), json!("metadata_address")]);
    let settings = [
        ("HASHROUTE_ALLOW_PRIVATE_DESTINATIONS", "true"),
        ("HASHROUTE_PUBLIC_URL", "https://go.hr.test"),
        ("HASHROUTE_GUARD_DENY", "ads.example, 203.0.113.0/24"),
    ];
    assert_eq!(verdicts(&settings), [json!(null), json!("own_host"), json!("denied_host"), json!("metadata_address")]);
}

#[test]
fn every_row_of_the_corpus_that_fits_on_a_line_gets_its_verdict() {
    let kits = std::env::var_os("HASHROUTE_KITS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/kits"), PathBuf::from);
    let path = kits.join("ssrf-corpus.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "{} is missing", path.display());
        eprintln!("skipped: {} is missing", path.display());
        return;
    };
    // These begin harmlessly, and turn out bad when they are fetched.
    const LATER: &[&str] = &["dns", "exhaustion", "redirect", "subresource"];
    let rows: Vec<Value> = serde_json::from_str(&text).unwrap();
    let rows: Vec<&Value> = rows
        .iter()
        .filter(|row| !row["url"].as_str().unwrap().contains('\n') && row["category"] != "own-host")
        .collect();
    let lines: String = rows.iter().map(|row| format!("{}\n", row["url"].as_str().unwrap())).collect();
    let verdicts = check(&[], lines.as_bytes());
    assert_eq!(verdicts.len(), rows.len());
    for (row, verdict) in rows.iter().zip(&verdicts) {
        let later = LATER.contains(&row["category"].as_str().unwrap());
        let expected = if later { "allow" } else { row["must"].as_str().unwrap() };
        assert_eq!(verdict["verdict"], expected, "{row} {verdict}");
        assert_eq!(verdict["url"], row["url"]);
    }
}
