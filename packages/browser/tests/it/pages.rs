//! What is seen of pages.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener},
};

use browser::{Limits, Renderer as _};
use judge::snapshot::{Block, BlockKind, Outcome, StructuredSource, Zone};

use crate::{TestRenderer, shop::Shop, words};

/// Serves one page for every path, until the test ends.
pub fn serve(page: &'static str) -> SocketAddr {
    serve_raw(format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{page}",
        page.len()
    ))
}

/// Serves one answer for every path, until the test ends.
pub fn serve_raw(answer: String) -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let answer = answer.clone();
            std::thread::spawn(move || {
                let mut head = [0; 4096];
                let _length = stream.read(&mut head);
                let _given_up = stream.write_all(answer.as_bytes());
            });
        }
    });
    address
}

fn find<'a>(blocks: &'a [Block], text: &str) -> &'a Block {
    blocks.iter().find(|block| block.text.contains(text)).unwrap_or_else(|| panic!("{text:?} is not in {blocks:#?}"))
}

#[tokio::test]
async fn a_page_is_told_with_its_zones_its_controls_and_a_picture() {
    let Some(shop) = Shop::start() else { return };
    let browser = TestRenderer::new();
    let seen = browser.look(&shop.page("o01")).await;

    let snapshot = &seen.snapshot;
    assert_eq!(snapshot.outcome, Outcome::Loaded);
    assert_eq!(snapshot.http_status, Some(200));
    assert_eq!(snapshot.content_type.as_deref(), Some("text/html"));
    assert_eq!(snapshot.title, "Trail Runner 2 | NordShop");
    assert_eq!(snapshot.lang.as_deref(), Some("en"));
    assert!(snapshot.browser.as_deref().is_some_and(|version| version.starts_with("Chrome/")));
    assert!(snapshot.requests >= 3 && snapshot.bytes > 5_000, "{snapshot:?}");
    assert!(!snapshot.truncated);
    assert!(snapshot.blocks.iter().zip(1..).all(|(block, id)| block.id == id));

    let buy = find(&snapshot.blocks, "Add to cart");
    assert_eq!((buy.kind, buy.zone, buy.visible, buy.disabled), (BlockKind::Button, Zone::Main, true, false));
    assert!(buy.rect.is_some_and(|rect| rect.width > 50.0 && rect.y > 50.0), "{buy:?}");
    assert_eq!(find(&snapshot.blocks, "Sold out").zone, Zone::Related);
    assert_eq!(find(&snapshot.blocks, "was out of stock for weeks").zone, Zone::Review);
    assert_eq!(find(&snapshot.blocks, "Cart (0)").zone, Zone::Nav);
    assert_eq!(find(&snapshot.blocks, "Free returns").zone, Zone::Footer);
    let offer = snapshot.structured.iter().find(|fact| fact.kind == "Offer").unwrap();
    assert_eq!((offer.source, offer.availability.as_deref()), (StructuredSource::JsonLd, Some("InStock")));

    let picture = seen.screenshot.unwrap();
    assert!(picture.starts_with(b"RIFF") && &picture[8..12] == b"WEBP");
    assert!(seen.html.contains("Trail Runner 2"));
    browser.renderer.shutdown().await;
}

#[tokio::test]
async fn a_page_made_by_scripts_is_waited_for() {
    let Some(shop) = Shop::start() else { return };
    let browser = TestRenderer::new();
    for (id, expected) in [("o09", "Available now"), ("o10", "Currently unavailable")] {
        let seen = browser.look(&shop.page(id)).await;
        assert!(words(&seen).contains(expected), "{id}: {}", words(&seen));
    }
    browser.renderer.shutdown().await;
}

#[tokio::test]
async fn whoever_judges_can_say_that_it_is_enough() {
    let Some(shop) = Shop::start() else { return };
    let browser = TestRenderer::new();
    let enough = |snapshot: &judge::snapshot::PageSnapshot| snapshot.title == "Sign in";
    let seen = browser.renderer.render(&shop.page("o31"), &Limits::default(), Some(&enough)).await.unwrap();
    let timings = seen.snapshot.timings;
    let waited = timings.settled_ms.unwrap() - timings.content_loaded_ms.unwrap();
    assert!(waited < 2_500, "a short page is waited for three seconds otherwise: {timings:?}");
    assert_eq!(seen.snapshot.redirects.len(), 1);
    assert_eq!(seen.snapshot.redirects[0].status, Some(302));
    assert!(seen.snapshot.final_url.contains("/login"));
    browser.renderer.shutdown().await;
}

#[tokio::test]
async fn variants_are_told_from_the_product() {
    let Some(shop) = Shop::start() else { return };
    let browser = TestRenderer::new();
    let seen = browser.look(&shop.page("o21")).await;
    let blocks = &seen.snapshot.blocks;
    let small = find(blocks, "S – sold out");
    assert!(small.variant && small.disabled, "{small:?}");
    let buy = find(blocks, "Add to cart");
    assert!(!buy.variant && !buy.disabled, "{buy:?}");
    browser.renderer.shutdown().await;
}

#[tokio::test]
async fn what_nobody_sees_is_told_as_such() {
    const PAGE: &str = r#"<!doctype html><html lang="de-AT"><title>Kanne</title><body style="background:#fff">
        <main><h1>Kanne</h1><p id="plain">Auf Lager und sofort lieferbar.</p>
        <p style="color:#fff">white on white</p>
        <p style="font-size:1px">too small</p>
        <p style="opacity:0">transparent</p>
        <p style="position:absolute;left:-9999px">off the page</p>
        <p style="position:absolute;width:1px;height:1px;overflow:hidden;clip:rect(0,0,0,0)">for screen readers</p>
        <div style="height:0;overflow:hidden"><p>clipped away</p></div>
        <div style="position:relative;height:40px"><p style="margin:0">underneath</p>
          <div style="position:absolute;inset:0;background:#eee">on top</div></div>
        <p style="display:none">not displayed</p><p hidden>hidden by attribute</p><p style="visibility:hidden">not shown</p>
        <p style="color:#fff;background:#000">white on black</p>
        <button style="pointer-events:none">In den Warenkorb</button>
        <p>Sentence with <a href="/x">a link</a> in it.</p></main>
        <div style="position:fixed;inset:0;background:rgba(0,0,0,.5)"><div style="background:#fff;margin:20vh 40vw">Accept cookies?</div></div>
        </body></html>"#;
    let address = serve(PAGE);
    let browser = TestRenderer::new();
    let seen = browser.look(&format!("http://{address}/")).await;
    let blocks = &seen.snapshot.blocks;
    assert_eq!(seen.snapshot.lang.as_deref(), Some("de-AT"));
    for text in [
        "white on white",
        "too small",
        "transparent",
        "off the page",
        "for screen readers",
        "clipped away",
        "underneath",
    ] {
        let block = find(blocks, text);
        assert!(block.camouflaged && !block.visible, "{block:?}");
    }
    for text in ["not displayed", "hidden by attribute", "not shown"] {
        let block = find(blocks, text);
        assert!(!block.camouflaged && !block.visible, "{block:?}");
    }
    for text in ["Auf Lager", "white on black", "on top", "Sentence with a link in it."] {
        let block = find(blocks, text);
        assert!(!block.camouflaged && block.visible, "{block:?}");
    }
    assert!(find(blocks, "In den Warenkorb").disabled);
    assert_eq!(find(blocks, "Accept cookies?").zone, Zone::Overlay);
    let link = blocks.iter().find(|block| block.kind == BlockKind::Link).unwrap();
    assert_eq!(link.text, "a link");
    browser.renderer.shutdown().await;
}

#[tokio::test]
async fn frames_of_the_same_site_and_open_shadow_roots_are_read() {
    const PAGE: &str = r#"<!doctype html><title>Parts</title><main><h1>Parts</h1><x-stock></x-stock>
        <iframe srcdoc="&lt;p&gt;Words in a frame&lt;/p&gt;" width="300" height="100"></iframe></main>
        <script>const root = document.querySelector('x-stock').attachShadow({ mode: 'open' });
        root.innerHTML = '<p>Words in a shadow</p><button disabled>Buy</button>';
        Object.prototype.toJSON = () => 'meddled with'; Array.prototype.push = () => 0; String.prototype.trim = () => 'meddled with';</script>"#;
    let address = serve(PAGE);
    let browser = TestRenderer::new();
    let seen = browser.look(&format!("http://{address}/")).await;
    let blocks = &seen.snapshot.blocks;
    assert!(find(blocks, "Words in a frame").visible);
    assert!(find(blocks, "Words in a shadow").visible);
    assert!(find(blocks, "Buy").disabled);
    assert!(!words(&seen).contains("meddled"));
    browser.renderer.shutdown().await;
}

#[tokio::test]
async fn fields_that_hide_the_properties_of_their_form_hide_nothing_else() {
    const PAGE: &str = r#"<!doctype html><title>Travel</title><img name="title"><img name="body"><main><h1>Travel</h1>
        <form class="search-form"><p>Rooms are available</p><input name="children"><input name="parentElement"><input name="childNodes">
        <input name="getAttribute"><input name="querySelector"><input name="localName"><input name="id"><button>Book now</button></form>
        <p>After the form</p></main>"#;
    let address = serve(PAGE);
    let browser = TestRenderer::new();
    let seen = browser.look(&format!("http://{address}/")).await;
    let blocks = &seen.snapshot.blocks;
    assert_eq!(seen.snapshot.title, "Travel");
    assert!(!seen.snapshot.truncated);
    for text in ["Rooms are available", "Book now", "After the form"] {
        assert_eq!(find(blocks, text).zone, Zone::Main, "{text}");
    }
    browser.renderer.shutdown().await;
}

#[tokio::test]
async fn a_large_page_is_cut_and_says_so() {
    let Some(shop) = Shop::start() else { return };
    let browser = TestRenderer::new();
    let seen = browser.look(&shop.page("o36")).await;
    assert_eq!(seen.snapshot.outcome, Outcome::Loaded);
    assert!(seen.snapshot.truncated);
    assert!(seen.html.len() <= Limits::default().html_bytes);
    assert!(words(&seen).contains("Encyclopedia Set"));
    browser.renderer.shutdown().await;
}
