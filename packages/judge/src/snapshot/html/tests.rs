use super::*;
use crate::snapshot::{Block, BlockKind, StructuredSource, Zone};

fn page(html: &str) -> PageSnapshot {
    snapshot(
        html,
        &Document { status: Some(200), content_type: Some("text/html; charset=utf-8"), ..Document::default() },
    )
}

fn block<'a>(page: &'a PageSnapshot, text: &str) -> &'a Block {
    page.blocks.iter().find(|it| it.text == text).unwrap_or_else(|| panic!("no block {text:?} in {:#?}", page.blocks))
}

#[test]
fn parts_of_a_page_are_told_apart() {
    let page = page(
        "<html lang=de-AT><title> A \n shop </title><body><header><nav><a href=/>Home</a></nav></header>
         <main><h1>Chair</h1><p>Nice <b>and</b> round</p><section class='product-reviews'><p>Great</p></section>
         <div class=relatedProducts><p>Table</p></div><article><header><p>Intro</p></header></article></main>
         <div id=cookie-banner>We use cookies <button>Accept</button></div><footer><p>Imprint</p></footer>",
    );
    assert_eq!((page.title.as_str(), page.lang.as_deref()), ("A shop", Some("de-AT")));
    for (text, zone, kind) in [
        ("Home", Zone::Nav, BlockKind::Link),
        ("Chair", Zone::Main, BlockKind::Heading),
        ("Nice and round", Zone::Main, BlockKind::Text),
        ("Great", Zone::Review, BlockKind::Text),
        ("Table", Zone::Related, BlockKind::Text),
        ("Intro", Zone::Main, BlockKind::Text),
        ("We use cookies", Zone::Overlay, BlockKind::Text),
        ("Accept", Zone::Overlay, BlockKind::Button),
        ("Imprint", Zone::Footer, BlockKind::Text),
    ] {
        let block = block(&page, text);
        assert_eq!((block.zone, block.kind, block.visible), (zone, kind, true), "{text}");
    }
    assert_eq!(page.blocks.iter().map(|it| it.id).collect::<Vec<_>>(), (1..=9).collect::<Vec<u32>>());
}

#[test]
fn what_is_hidden_is_not_visible() {
    let page = page(
        "<style>.secret{display:none}</style><p hidden>a1</p><p style='display:none'>a2</p><div aria-hidden=true><p>a3</p></div>
         <p class=secret>a4</p><template><p>a5</p></template><noscript><p>a6</p></noscript><p style='font-size:0'>b1</p>
         <div style='position:absolute;left:-9999px'><p>b2</p></div><script>a7</script><p>c1</p>",
    );
    let seen: Vec<&str> = page.blocks.iter().filter(|it| it.visible).map(|it| it.text.as_str()).collect();
    assert_eq!(seen, ["c1"]);
    let camouflaged: Vec<&str> = page.blocks.iter().filter(|it| it.camouflaged).map(|it| it.text.as_str()).collect();
    assert_eq!(camouflaged, ["b1", "b2"]);
    assert!(page.blocks.iter().all(|it| !["a5", "a6", "a7"].contains(&it.text.as_str())));
}

#[test]
fn controls_keep_their_state_and_label() {
    let page = page(
        "<form><button disabled>Buy</button><input type=submit value='Order now'><a class='btn btn-primary' href=/x>Book</a>
         <div role=button aria-disabled=true>Rent</div><button><img alt='Add to cart'></button><button aria-label='Close'></button>
         <input type=password name=pw><input type=email placeholder='Your mail'>
         <fieldset disabled><button>Send</button></fieldset></form>",
    );
    for (text, kind, disabled) in [
        ("Buy", BlockKind::Button, true),
        ("Order now", BlockKind::Button, false),
        ("Book", BlockKind::Button, false),
        ("Rent", BlockKind::Button, true),
        ("Add to cart", BlockKind::Button, false),
        ("Close", BlockKind::Button, false),
        ("pw", BlockKind::PasswordField, false),
        ("Your mail", BlockKind::Field, false),
        ("Send", BlockKind::Button, true),
    ] {
        let block = block(&page, text);
        assert_eq!((block.kind, block.disabled), (kind, disabled), "{text}");
    }
}

#[test]
fn variants_are_choices_and_other_lists_are_not() {
    let page = page(
        "<main><select name=size><option value=''>Choose a size</option><option>S</option><option disabled>M</option></select>
         <select name=quantity><option>1</option></select><ul class=swatches><li class=disabled>Red</li><li>Blue</li></ul></main>",
    );
    assert!(page.blocks.iter().all(|it| it.text != "Choose a size"));
    for (text, variant, disabled) in
        [("S", true, false), ("M", true, true), ("1", false, false), ("Red", true, true), ("Blue", true, false)]
    {
        let block = block(&page, text);
        assert_eq!((block.kind, block.variant, block.disabled), (BlockKind::Choice, variant, disabled), "{text}");
    }
}

#[test]
fn data_for_machines_is_read() {
    let page = page(
        r#"<meta property=og:type content=product><meta property="product:availability" content="out of stock">
        <script type="application/ld+json">{"@context":"https://schema.org","@graph":[{"@type":"Product","name":"Chair",
          "offers":{"@type":"Offer","price":12.5,"availability":"https://schema.org/InStock"},
          "isSimilarTo":{"@type":"Product","name":"Table"}}]}</script>
        <script type="application/ld+json">{broken</script>
        <div itemscope itemtype="https://schema.org/Product"><span itemprop=name>Lamp</span>
          <div itemprop=offers itemscope itemtype="https://schema.org/Offer"><link itemprop=availability href="https://schema.org/SoldOut"></div></div>"#,
    );
    let facts: Vec<(StructuredSource, &str, Option<&str>, Option<&str>)> = page
        .structured
        .iter()
        .map(|it| (it.source, it.kind.as_str(), it.availability.as_deref(), it.name.as_deref()))
        .collect();
    assert_eq!(
        facts,
        [
            (StructuredSource::JsonLd, "Product", None, Some("Chair")),
            (StructuredSource::JsonLd, "Offer", Some("InStock"), Some("Chair")),
            (StructuredSource::Microdata, "Product", None, Some("Lamp")),
            (StructuredSource::Microdata, "Offer", Some("SoldOut"), None),
            (StructuredSource::Meta, "product", None, None),
            (StructuredSource::Meta, "Offer", Some("out of stock"), None),
        ]
    );
    assert_eq!(page.structured[1].price.as_deref(), Some("12.5"));
}

#[test]
fn long_and_deep_documents_are_cut_and_not_feared() {
    let deep = |depth| format!("first<p>{}deep{}", "<div>".repeat(depth), "</div>".repeat(depth));
    assert_eq!(page(&deep(500)).blocks[1].text, "deep");
    for hostile in [
        deep(500_000),
        format!("first<a {}>", "b=c ".repeat(500_000)),
        format!("first{}", "<a><table>".repeat(100_000)),
    ] {
        let page = page(&hostile);
        assert!(page.truncated && page.blocks[0].text == "first");
    }
    let long = page(&format!("<p>{}</p>", "A sentence of words. ".repeat(200)));
    assert!(
        long.blocks.len() > 5 && long.blocks.iter().all(|it| it.text.chars().count() <= 600 && it.text.ends_with('.'))
    );
    let many = page(&"<p>x</p>".repeat(5_000));
    assert!(many.truncated && many.blocks.len() == 4_000);
}

#[test]
fn what_is_no_page_has_no_blocks() {
    let file =
        snapshot("%PDF", &Document { content_type: Some("application/pdf"), status: Some(200), ..Document::default() });
    assert_eq!((file.outcome, file.blocks.len()), (Outcome::NotAPage, 0));
}
