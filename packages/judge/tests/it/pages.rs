//! Small pages of many kinds and languages, written after the rules were.

use judge::rules::{self, CustomPhrases, RulesVerdict};
use judge::snapshot::PageSnapshot;
use judge::snapshot::html::{self, Document};
use judge::{Reason, Verdict};

const URL: &str = "https://shop.test/products/thing";

pub fn page(html: &str) -> PageSnapshot {
    html::snapshot(
        html,
        &Document {
            requested_url: URL,
            final_url: URL,
            status: Some(200),
            content_type: Some("text/html"),
            ..Document::default()
        },
    )
}

pub fn judge(page: &PageSnapshot) -> RulesVerdict {
    rules::judge(page, &CustomPhrases::default())
}

#[test]
fn pages_of_many_kinds_and_languages_are_judged() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for entry in include_str!("../pages/pages.txt").split("=== ").skip(1) {
        let (head, html) = entry.split_once('\n').unwrap();
        let (name, expected) = head.split_once(" | ").unwrap();
        let verdict = judge(&page(html));
        count += 1;
        if verdict.verdict.code() != expected {
            wrong.push(format!("{name}: {} {} {:?}", verdict.verdict.code(), verdict.reason.code(), verdict.evidence));
        }
    }
    assert!(count >= 60, "{count}");
    assert!(wrong.is_empty(), "{} of {count}: {wrong:#?}", wrong.len());
}

fn redirected(from: &str, to: &str, html: &str) -> RulesVerdict {
    judge(&html::snapshot(
        html,
        &Document { requested_url: from, final_url: to, status: Some(200), ..Document::default() },
    ))
}

#[test]
fn redirects_are_judged_by_where_they_lead() {
    let home = "<title>Shop</title><main><h1>Welcome</h1><p>Everything for your home, from our workshop in the valley: lamps, chairs and tables, made by hand from local wood since 1962.</p><a href=/a>Lamps</a></main>";
    let list = "<title>Lamps</title><main><h1>Lamps</h1><ul><li><a href=/a>Opal</a> $20<li><a href=/b>Onyx</a> $30</ul></main>";
    let product = "<title>Opal lamp 2</title><main><h1>Opal lamp 2</h1><p>$20</p><button>Add to cart</button></main>";
    for (from, to, html, reason) in [
        ("https://a.test/p/opal-lamp", "https://a.test/", home, Reason::RedirectedHome),
        ("https://a.test/p/opal-lamp", "https://www.a.test/en/?ref=x", home, Reason::RedirectedHome),
        ("https://a.test/p/opal-lamp", "https://a.test/collections/lamps", list, Reason::RedirectedListing),
        ("https://a.test/lamps/opal-lamp", "https://a.test/lamps", list, Reason::RedirectedListing),
        ("https://a.test/p/opal-lamp", "https://a.test/p/opal-lamp-2", product, Reason::BuyControl),
        ("https://a.test/go/xyz", "https://b.test/", home, Reason::RedirectedElsewhere),
        ("https://a.test/", "https://a.test/en", home, Reason::Content),
        (
            "https://a.test/p/opal-lamp",
            "https://a.test/login?next=/p",
            "<h1>Hello</h1><input type=password>",
            Reason::LoginWall,
        ),
    ] {
        let verdict = redirected(from, to, html);
        assert_eq!(verdict.reason, reason, "{from} -> {to}: {verdict:?}");
    }
}

#[test]
fn statuses_and_failures_have_their_verdicts() {
    for (status, verdict, reason) in [
        (404, Verdict::Broken, Reason::NotFound),
        (410, Verdict::Broken, Reason::Gone),
        (500, Verdict::Broken, Reason::ServerError),
        (503, Verdict::Broken, Reason::ServerError),
        (401, Verdict::Unknown, Reason::LoginWall),
        (403, Verdict::Unknown, Reason::Forbidden),
        (429, Verdict::Unknown, Reason::RateLimited),
        (451, Verdict::Unknown, Reason::LegalBlock),
        (418, Verdict::Unknown, Reason::UnexpectedStatus),
    ] {
        let said = judge(&PageSnapshot { http_status: Some(status), ..page("<h1>Sorry</h1>") });
        assert_eq!((said.verdict, said.reason), (verdict, reason), "{status}");
        assert_eq!(said.severity, reason.severity());
    }
}

#[test]
fn phrases_of_the_owner_come_first() {
    let own = |available: &[&str], not_available: &[&str]| CustomPhrases {
        available: available.iter().map(|it| (*it).to_owned()).collect(),
        not_available: not_available.iter().map(|it| (*it).to_owned()).collect(),
    };
    let page = page(
        "<title>Club</title><main><h1>Club</h1><p>Tonight: doors are SHUT</p><button>Buy</button><p hidden>doors open</p></main>",
    );
    assert_eq!(rules::judge(&page, &own(&[], &["Doors are shut"])).reason, Reason::CustomNotAvailable);
    assert_eq!(rules::judge(&page, &own(&["tonight"], &[])).reason, Reason::CustomAvailable);
    assert_eq!(rules::judge(&page, &own(&["tonight"], &["shut"])).reason, Reason::Conflict);
    assert_eq!(
        rules::judge(&page, &own(&["doors open"], &["hut", ""])).reason,
        Reason::BuyControl,
        "hidden, and part of a word"
    );
}
