//! The jail is one.

use std::{fs, path::PathBuf};

use browser::{Sandbox, jail, processes};
use tokio_util::task::TaskTracker;

use crate::{TestRenderer, config, pages::serve};

fn namespace(process: u32, kind: &str) -> PathBuf {
    fs::read_link(format!("/proc/{process}/ns/{kind}")).unwrap()
}

fn status(process: u32, key: &str) -> String {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    status.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default().trim().to_owned()
}

#[tokio::test]
async fn a_jail_can_be_made_here() {
    let home = tempfile::tempdir().unwrap();
    jail::probe(&config().jailer, home.path(), &TaskTracker::new()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_of_the_browser_is_in_a_network_of_its_own_and_pages_are_in_its_sandbox() {
    let address =
        serve("<!doctype html><p>Busy for a while</p><script>setTimeout(() => document.title = 'x', 5000)</script>");
    let browser = TestRenderer::new();
    let (_, root) = browser.renderer.start().await.unwrap();
    let url = format!("http://{address}/");
    let mut renderers = 0;
    tokio::join!(browser.look(&url), async {
        for _ in 0..30 {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            for process in processes::tree(root) {
                // One that ends meanwhile is none to look at.
                let Ok(network) = fs::read_link(format!("/proc/{}/ns/net", process.id)) else { continue };
                assert_ne!(network, namespace(std::process::id(), "net"), "{process:?}");
                assert_eq!(status(process.id, "NoNewPrivs:"), "1", "{process:?}");
                if jail::is_root() {
                    assert!(!status(process.id, "Uid:").split_whitespace().any(|user| user == "0"), "{process:?}");
                }
                if process.is_renderer && status(process.id, "Seccomp:") == "2" {
                    assert_ne!(namespace(process.id, "user"), namespace(std::process::id(), "user"), "{process:?}");
                    assert_ne!(namespace(process.id, "pid"), namespace(std::process::id(), "pid"), "{process:?}");
                    renderers += 1;
                }
            }
        }
    });
    assert!(renderers > 0, "no page was seen in the browser's own sandbox");
    browser.renderer.shutdown().await;
}

#[tokio::test]
async fn pages_can_be_looked_at_without_a_jail_where_the_operator_says_so() {
    let address = serve("<!doctype html><p>Words that can be read without a jail</p>");
    let browser = TestRenderer::with(|config| config.sandbox = Sandbox::Off);
    let seen = browser.look(&format!("http://{address}/")).await;
    assert!(crate::words(&seen).contains("without a jail"));
    browser.renderer.shutdown().await;
}
