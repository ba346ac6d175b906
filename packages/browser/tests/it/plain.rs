//! Pages without a browser.

use browser::{Limits, PlainRenderer, Renderer as _};
use judge::snapshot::Outcome;

use crate::{
    guard,
    shop::{Shop, free_port},
    words,
};

#[tokio::test]
async fn a_page_is_read_from_its_html() {
    let Some(shop) = Shop::start() else { return };
    let plain = PlainRenderer::new(guard(), None);
    let limits = Limits::default();
    let seen = plain.render(&shop.page("o08"), &limits, None).await.unwrap();
    assert_eq!(seen.snapshot.outcome, Outcome::Loaded);
    assert_eq!(seen.snapshot.browser, None);
    assert_eq!(seen.snapshot.http_status, Some(200));
    assert_eq!(seen.snapshot.redirects.len(), 1);
    assert!(seen.snapshot.final_url.ends_with("/p/o01"));
    assert!(words(&seen).contains("In stock – ships today"));
    assert!(seen.screenshot.is_none() && seen.html.contains("Trail Runner 2"));

    for (id, expected) in
        [("o35", Outcome::RedirectLoop), ("o49", Outcome::Refused { reason: "loopback_address".to_owned() })]
    {
        assert_eq!(plain.render(&shop.page(id), &limits, None).await.unwrap().snapshot.outcome, expected, "{id}");
    }
    let huge = plain.render(&shop.page("o36"), &limits, None).await.unwrap();
    assert!(huge.snapshot.truncated && words(&huge).contains("Encyclopedia Set"));
    let bomb = plain.render(&shop.page("o51"), &limits, None).await.unwrap();
    assert!(bomb.snapshot.truncated && bomb.html.len() <= limits.html_bytes);
    let dead = plain.render(&format!("http://127.0.0.1:{}/", free_port()), &limits, None).await.unwrap();
    assert!(matches!(dead.snapshot.outcome, Outcome::Unreachable { .. }));
}
