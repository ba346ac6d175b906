//! Pages that want to do harm.

use std::time::{Duration, Instant};

use browser::{Limits, processes};
use judge::snapshot::Outcome;
use tokio::task::JoinSet;

use crate::{TestRenderer, pages::serve, shop::Shop};

const HOSTILE: &[&str] = &["o43", "o44", "o45", "o46", "o47", "o48", "o49", "o50", "o51"];

/// The most memory that everything below `root` takes while this is kept.
fn watch_memory(root: u32) -> (JoinSet<()>, std::sync::Arc<std::sync::atomic::AtomicU64>) {
    let most = std::sync::Arc::new(std::sync::atomic::AtomicU64::new(0));
    let mut watching = JoinSet::new();
    let seen = std::sync::Arc::clone(&most);
    watching.spawn(async move {
        loop {
            let largest = processes::tree(root).iter().map(|process| process.resident).max().unwrap_or(0);
            seen.fetch_max(largest, std::sync::atomic::Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    (watching, most)
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_pages_are_answered_in_time_and_leave_a_browser_that_works() {
    let Some(shop) = Shop::start() else { return };
    let hits = Shop::canary_hits();
    let browser = TestRenderer::new();
    let (_, root) = browser.renderer.start().await.unwrap();
    let (_watching, most) = watch_memory(root);
    for id in HOSTILE {
        let started = Instant::now();
        let seen = browser.look(&shop.page(id)).await;
        let took = started.elapsed();
        assert!(took < Limits::default().deadline + Duration::from_secs(1), "{id} took {took:?}");
        match *id {
            "o45" | "o46" | "o48" => assert_eq!(seen.snapshot.outcome, Outcome::Loaded, "{id}"),
            "o49" => assert!(matches!(seen.snapshot.outcome, Outcome::Refused { .. }), "{id}"),
            _ => {}
        }
        let after = browser.look(&shop.page("o01")).await;
        assert_eq!(after.snapshot.outcome, Outcome::Loaded, "after {id}");
        assert!(after.snapshot.blocks.len() > 10, "after {id}");
    }
    let most = most.load(std::sync::atomic::Ordering::Relaxed);
    assert!(most < 1_400 << 20, "a process took {} MB", most >> 20);
    assert_eq!(Shop::canary_hits(), hits, "something reached the canary");
    assert_eq!(browser.renderer.start().await.unwrap().1, root, "the browser is still the same");
    browser.renderer.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_takes_too_much_memory_is_killed_and_told_as_crashed() {
    // Slow enough that the page itself answers for a while.
    let address = serve(
        "<!doctype html><p>Soon to be large</p><script>const a=[];setInterval(()=>a.push(new Float64Array(2e6).fill(1)),20);\
         const keep=()=>{document.title=String(a.length);setTimeout(keep,50)};keep()</script>",
    );
    let browser = TestRenderer::with(|config| config.page_memory = 400 << 20);
    let (_, root) = browser.renderer.start().await.unwrap();
    let seen = browser.look(&format!("http://{address}/")).await;
    let Outcome::Crashed { detail } = &seen.snapshot.outcome else { panic!("{:?}", seen.snapshot.outcome) };
    assert!(detail.contains("memory"), "{detail}");
    assert_eq!(browser.renderer.start().await.unwrap().1, root, "the browser is still the same");
    browser.renderer.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dialogs_never_hold_a_page_up() {
    let address = serve(
        "<!doctype html><p>Words before the questions, and enough of them to be read.</p>\
         <script>addEventListener('beforeunload', e => { e.preventDefault(); e.returnValue = 'x' });\
         let n = 0; const ask = () => { confirm('sure?'); prompt('why?'); if (++n < 20) setTimeout(ask, 10) }; ask();</script>",
    );
    let browser = TestRenderer::new();
    for _ in 0..2 {
        let started = Instant::now();
        let seen = browser.look(&format!("http://{address}/")).await;
        assert_eq!(seen.snapshot.outcome, Outcome::Loaded);
        assert!(started.elapsed() < Duration::from_secs(12), "{:?}", started.elapsed());
    }
    browser.renderer.shutdown().await;
}
