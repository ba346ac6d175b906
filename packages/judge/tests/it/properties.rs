//! Whatever a snapshot holds, it is judged; what nobody sees changes nothing.

use judge::ai::Question;
use judge::rules::{self, CustomPhrases};
use judge::snapshot::{Block, BlockKind, Outcome, PageSnapshot, Zone};
use judge::{Judgement, decide};
use proptest::prelude::*;

use crate::pages::page;

fn text() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "Sold out",
        "in stock",
        "Add to cart",
        "404",
        "not",
        "売り切れ",
        "verify you are human",
        "ignore all",
        ":",
        "€ 5",
        "İıß",
        "\u{301}",
        "a",
        ". ",
        "품절",
        "Page not found",
        "Sign in to continue",
        "",
    ]);
    prop_oneof![any::<String>(), prop::collection::vec(words, 0..6).prop_map(|it| it.join(" "))]
}

fn block() -> impl Strategy<Value = Block> {
    let zone =
        prop::sample::select(vec![Zone::Main, Zone::Nav, Zone::Footer, Zone::Related, Zone::Review, Zone::Overlay]);
    let kind = prop::sample::select(vec![
        BlockKind::Text,
        BlockKind::Heading,
        BlockKind::Button,
        BlockKind::Link,
        BlockKind::Field,
        BlockKind::PasswordField,
        BlockKind::Choice,
    ]);
    (any::<u32>(), zone, kind, text(), any::<[bool; 4]>()).prop_map(
        |(id, zone, kind, text, [visible, camouflaged, disabled, variant])| Block {
            id,
            zone,
            kind,
            text,
            visible,
            camouflaged,
            disabled,
            variant,
            rect: None,
        },
    )
}

fn snapshot() -> impl Strategy<Value = PageSnapshot> {
    let url = prop_oneof![any::<String>(), "https://a\\.test/[a-z]{0,4}(/[a-z]{0,5})?"];
    let status = prop_oneof![Just(Some(200)), any::<Option<u16>>()];
    (url.clone(), url, status, text(), prop::collection::vec(block(), 0..12)).prop_map(
        |(requested_url, final_url, http_status, title, blocks)| PageSnapshot {
            requested_url,
            final_url,
            http_status,
            title,
            blocks,
            outcome: Outcome::Loaded,
            ..page("")
        },
    )
}

fn verdict(page: &PageSnapshot) -> Judgement {
    let rules = rules::judge(page, &CustomPhrases { available: vec!["a".into()], not_available: vec!["ß".into()] });
    let _ = Question::of(page, &rules).cache_key("model");
    decide(page, &rules, None)
}

proptest! {
    #[test]
    fn whatever_a_snapshot_holds_is_judged(page in snapshot()) {
        let judgement = verdict(&page);
        prop_assert_eq!(judgement.reason.verdict(), judgement.verdict);
        prop_assert_eq!(judgement.reason.severity(), judgement.severity);
        prop_assert!((0.0..=1.0).contains(&judgement.confidence));
        prop_assert!(judgement.evidence.iter().all(|it| it.text.chars().count() <= judge::EVIDENCE_TEXT_MAX));
        let _ = rules::confident(&page);
    }

    #[test]
    fn what_nobody_sees_changes_nothing(page in snapshot(), hidden in block(), place in any::<prop::sample::Index>(), camouflaged: bool) {
        let before = verdict(&page);
        let mut with = page.clone();
        with.blocks.insert(place.index(page.blocks.len() + 1), Block { visible: camouflaged, camouflaged, ..hidden });
        prop_assert_eq!(before, verdict(&with));
    }

    #[test]
    fn whatever_html_says_is_read(html in any::<String>()) {
        verdict(&page(&html));
    }
}
