//! The pages of the kit's shop that say what they say without scripts, by their HTML alone. Most of the others need a
//! browser; here they must at least not lead away from a page that is all right.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use judge::rules::{self, CustomPhrases};
use judge::snapshot::html::{self, Document};
use judge::snapshot::{NetworkFailure, Outcome, PageSnapshot};
use serde_json::Value;
use ureq::ResponseExt as _;

struct Shop {
    child: Child,
    address: String,
}

impl Drop for Shop {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The directory of a kit, or `None` where the kits are not there; on CI they have to be.
pub fn kit(name: &str) -> Option<PathBuf> {
    let kits = std::env::var_os("HASHROUTE_KITS")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/kits"), PathBuf::from);
    let directory = kits.join(name);
    if directory.exists() {
        return Some(directory);
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "the kit {name} is missing at {}", directory.display());
    println!("skipped: there is no kit {name} at {}", directory.display());
    None
}

pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn start(directory: &Path) -> Shop {
    let port = free_port();
    let mut child = Command::new("python3")
        .arg("-u")
        .arg(directory.join("shop.py"))
        .args(["--port", &port.to_string(), "--canary-port", &free_port().to_string()])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // It says a line, and listens a moment later.
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(child.try_wait().unwrap().is_none(), "the shop has ended");
        std::thread::yield_now();
    }
    let address = format!("http://127.0.0.1:{port}");
    Shop { child, address }
}

fn look(agent: &ureq::Agent, url: &str) -> PageSnapshot {
    let document = |final_url, status, content_type| Document {
        requested_url: url,
        final_url,
        status,
        content_type,
        ..Document::default()
    };
    let broken = |outcome| PageSnapshot { outcome, ..html::snapshot("", &document(url, None, None)) };
    match agent.get(url).call() {
        Ok(mut response) => {
            let final_url = response.get_uri().to_string();
            let status = Some(response.status().as_u16());
            let content_type =
                response.headers().get("content-type").and_then(|it| it.to_str().ok()).map(str::to_owned);
            let mut body = Vec::new();
            let read = response.body_mut().as_reader().take(5_000_000).read_to_end(&mut body);
            if read.is_err() && body.is_empty() {
                return broken(Outcome::Unreachable {
                    failure: NetworkFailure::InvalidResponse,
                    detail: String::new(),
                });
            }
            html::snapshot(&String::from_utf8_lossy(&body), &document(&final_url, status, content_type.as_deref()))
        }
        Err(ureq::Error::TooManyRedirects) => broken(Outcome::RedirectLoop),
        Err(ureq::Error::Timeout(_)) => {
            broken(Outcome::Unreachable { failure: NetworkFailure::TimedOut, detail: String::new() })
        }
        Err(error) => broken(Outcome::Unreachable { failure: NetworkFailure::Other, detail: error.to_string() }),
    }
}

#[test]
fn pages_of_the_shop_are_judged_by_their_html() {
    let Some(directory) = kit("shop") else { return };
    let shop = start(&directory);
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(10)
        .timeout_global(Some(Duration::from_secs(8)))
        .build()
        .into();
    let truth: Vec<Value> = serde_json::from_slice(&std::fs::read(directory.join("truth_open.json")).unwrap()).unwrap();

    let mut missed = Vec::new();
    let mut false_failovers = Vec::new();
    for entry in &truth {
        let id = entry["id"].as_str().unwrap();
        let category = entry["category"].as_str().unwrap();
        let page = look(&agent, &format!("{}{}", shop.address, entry["path"].as_str().unwrap()));
        let verdict = rules::judge(&page, &CustomPhrases::default());
        let accepted = entry["accept"].as_array().unwrap().iter().any(|it| it == verdict.verdict.code());
        let line =
            format!("{id} {category}: {} {} {:?}", verdict.verdict.code(), verdict.reason.code(), verdict.evidence);
        println!("{line}");
        if !accepted && entry["needs_js"] == Value::Bool(false) {
            missed.push(line.clone());
        }
        if entry["should_failover"] == Value::Bool(false)
            && matches!(verdict.verdict.code(), "NOT_AVAILABLE" | "BROKEN")
        {
            false_failovers.push(line);
        }
    }
    assert!(false_failovers.is_empty(), "{false_failovers:#?}");
    assert!(missed.len() <= 1, "{missed:#?}");
}

/// Snapshots of the same pages that a browser took, where somebody put them: `HASHROUTE_SNAPSHOTS` names the directory.
#[test]
fn pages_of_the_shop_are_judged_as_a_browser_shows_them() {
    let (Some(kit), Some(snapshots)) = (kit("shop"), std::env::var_os("HASHROUTE_SNAPSHOTS").map(PathBuf::from)) else {
        println!("skipped: HASHROUTE_SNAPSHOTS names no directory");
        return;
    };
    let truth: Vec<Value> = serde_json::from_slice(&std::fs::read(kit.join("truth_open.json")).unwrap()).unwrap();
    let mut missed = Vec::new();
    let mut false_failovers = Vec::new();
    for entry in &truth {
        let id = entry["id"].as_str().unwrap();
        let page: PageSnapshot =
            serde_json::from_slice(&std::fs::read(snapshots.join(format!("{id}.json"))).unwrap()).unwrap();
        let verdict = rules::judge(&page, &CustomPhrases::default());
        let line = format!(
            "{id} {}: {} {} {:?}",
            entry["category"],
            verdict.verdict.code(),
            verdict.reason.code(),
            verdict.evidence
        );
        println!("{line}");
        if !entry["accept"].as_array().unwrap().iter().any(|it| it == verdict.verdict.code()) {
            missed.push(line.clone());
        }
        if entry["should_failover"] == Value::Bool(false)
            && matches!(verdict.verdict.code(), "NOT_AVAILABLE" | "BROKEN")
        {
            false_failovers.push(line);
        }
    }
    assert!(false_failovers.is_empty(), "{false_failovers:#?}");
    assert!(missed.len() <= 1, "{missed:#?}");
}
