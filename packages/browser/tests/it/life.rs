//! Browsers come and go, and nothing of them stays.

use std::{
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use browser::processes;
use judge::snapshot::Outcome;

use crate::{TestRenderer, pages::serve};

const PAGE: &str = "<!doctype html><h1>A page</h1><p>With enough words on it that nobody waits for more of them: this sentence goes on and on, \
                    until there are more than a hundred and fifty characters to be read.</p>";

fn leftovers(directory: &std::path::Path) -> usize {
    std::fs::read_dir(directory).unwrap().count()
}

async fn gone(processes: &[u32]) {
    let until = Instant::now() + Duration::from_secs(5);
    let alive = |id: &&u32| {
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
    };
    while processes.iter().any(|id| alive(&id)) {
        assert!(Instant::now() < until, "still there: {:?}", processes.iter().filter(alive).collect::<Vec<_>>());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn ids(root: u32) -> Vec<u32> {
    processes::tree(root).iter().map(|process| process.id).collect()
}

#[tokio::test]
async fn nothing_stays_after_shutdown() {
    let address = serve(PAGE);
    let browser = TestRenderer::new();
    let (_, root) = browser.renderer.start().await.unwrap();
    browser.look(&format!("http://{address}/")).await;
    let all = ids(root);
    assert!(all.len() > 2, "{all:?}");
    browser.renderer.shutdown().await;
    gone(&all).await;
    assert_eq!(leftovers(browser.directory.path()), 0);
}

#[tokio::test]
async fn nothing_stays_when_the_parent_is_killed() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::set_permissions(directory.path(), std::os::unix::fs::PermissionsExt::from_mode(0o711)).unwrap();
    let mut parent = Command::new(env!("CARGO_BIN_EXE_browser_probe"))
        .arg("hold")
        .arg(directory.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut root = String::new();
    BufReader::new(parent.stdout.take().unwrap()).read_line(&mut root).unwrap();
    let all = ids(root.trim().parse().unwrap());
    assert!(all.len() > 2, "{all:?}");
    parent.kill().unwrap();
    parent.wait().unwrap();
    gone(&all).await;

    // Its directory is swept by the next.
    assert_eq!(leftovers(directory.path()), 1);
    let next = TestRenderer::with(|config| config.directory = directory.path().to_owned());
    assert_eq!(leftovers(directory.path()), 0);
    next.renderer.shutdown().await;
}

#[tokio::test]
async fn a_worn_out_browser_is_replaced() {
    let address = serve(PAGE);
    let browser = TestRenderer::with(|config| config.recycle_after = 2);
    let url = format!("http://{address}/");
    let (_, first) = browser.renderer.start().await.unwrap();
    let all = ids(first);
    browser.look(&url).await;
    assert_eq!(browser.renderer.start().await.unwrap().1, first);
    browser.look(&url).await;
    let (_, second) = browser.renderer.start().await.unwrap();
    assert_ne!(first, second);
    assert_eq!(browser.look(&url).await.snapshot.outcome, Outcome::Loaded);
    gone(&all).await;
    browser.renderer.shutdown().await;
}

#[tokio::test]
async fn a_browser_that_was_killed_or_hangs_is_replaced() {
    let address = serve(PAGE);
    let browser = TestRenderer::new();
    let url = format!("http://{address}/");
    for signal in ["KILL", "STOP"] {
        let (_, root) = browser.renderer.start().await.unwrap();
        let tree = processes::tree(root);
        let own = tree.iter().find(|process| process.parent == root).unwrap();
        let sent = Command::new("sh").arg("-c").arg(format!("kill -{signal} {}", own.id)).status().unwrap();
        assert!(sent.success());
        let seen = browser.look(&url).await;
        assert_eq!(seen.snapshot.outcome, Outcome::Loaded, "after {signal}");
        gone(&tree.iter().map(|process| process.id).collect::<Vec<_>>()).await;
    }
    browser.renderer.shutdown().await;
}

#[tokio::test]
async fn an_abandoned_look_leaves_nothing_behind() {
    let address = serve("<!doctype html><p>short</p><script>setInterval(() => document.title += 'x', 50)</script>");
    let browser = TestRenderer::new();
    let (_, root) = browser.renderer.start().await.unwrap();
    let before = ids(root).len();
    let url = format!("http://{address}/");
    assert!(tokio::time::timeout(Duration::from_millis(1500), browser.look(&url)).await.is_err());
    let until = Instant::now() + Duration::from_secs(5);
    while processes::tree(root).iter().filter(|process| process.is_renderer).count() > 1 || ids(root).len() > before + 1
    {
        assert!(Instant::now() < until, "{:?}", processes::tree(root));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(browser.renderer.start().await.unwrap().1, root);
    browser.renderer.shutdown().await;
}
