//! From a look at a page to where visitors go: with a renderer that shows what it is told to, on both databases.

mod fixture;

use std::time::Duration;

use data_ops::{
    destinations::{latest_freeze, list_health_changes},
    evaluations::{EvaluationFilter, find_evaluation, list_evaluations},
    types::{EvaluationTrigger, HealthChangeKind, HealthState, Pin, Verdict},
};
use data_service::{
    clicks::ClickObserver as _,
    evaluation::{EvaluationSettings, Retention},
    health::Said,
};
use tokio_util::sync::CancellationToken;

use fixture::{Fixture, on_both_databases, settings};

on_both_databases!(
    two_agreeing_failures_send_the_next_visitor_to_the_backup,
    what_cannot_be_told_changes_nothing,
    a_pin_wins_and_marking_wrong_brings_visitors_back,
    many_failures_at_once_are_held_back_until_somebody_says_so,
    many_failures_at_once_are_let_go_when_the_share_falls,
    ten_clicks_have_a_page_looked_at_once,
    a_page_that_was_stored_is_not_rendered_again,
    a_renderer_that_fails_ends_in_a_verdict,
    the_budget_of_a_day_is_kept,
    what_the_guard_refuses_is_not_looked_at,
    a_destination_without_a_link_is_forgotten,
    the_schedule_looks_at_what_was_never_looked_at,
    old_artefacts_go_and_those_still_needed_stay,
);

const SHOP: &str = "https://shop.example/thing";
const BACKUP: &str = "https://backup.example/thing";
const MINUTE: Duration = Duration::from_secs(60);

async fn two_agreeing_failures_send_the_next_visitor_to_the_backup(fixture: Fixture) {
    fixture.link("sale", SHOP, &[BACKUP]).await;
    let shop = fixture.destination(SHOP).await;
    fixture.shows(SHOP, "available");
    fixture.check(shop).await;
    assert_eq!((fixture.where_to("sale").await, fixture.state(SHOP).await), (SHOP.to_owned(), HealthState::Ok));

    fixture.pass(MINUTE).await;
    fixture.shows(SHOP, "sold out");
    fixture.check(shop).await;
    assert_eq!((fixture.where_to("sale").await, fixture.state(SHOP).await), (SHOP.to_owned(), HealthState::Suspect));
    // The second look comes by itself, at the moment that can confirm it.
    fixture.pass(10 * MINUTE).await;
    assert_eq!((fixture.where_to("sale").await, fixture.state(SHOP).await), (BACKUP.to_owned(), HealthState::Broken));

    // So do those that find it well again.
    fixture.shows(SHOP, "available");
    fixture.pass(10 * MINUTE).await;
    assert_eq!(fixture.where_to("sale").await, BACKUP);
    fixture.pass(10 * MINUTE).await;
    assert_eq!((fixture.where_to("sale").await, fixture.state(SHOP).await), (SHOP.to_owned(), HealthState::Ok));

    let control = fixture.control();
    let evaluations =
        list_evaluations(control, fixture.workspace, &EvaluationFilter::default(), None, 10).await.unwrap();
    let verdicts: Vec<_> =
        evaluations.iter().rev().map(|evaluation| (evaluation.verdict, evaluation.trigger)).collect();
    let (manual, confirmation) = (EvaluationTrigger::Manual, EvaluationTrigger::Confirmation);
    let (good, bad) = (Verdict::Available, Verdict::NotAvailable);
    assert_eq!(
        verdicts,
        [(good, manual), (bad, manual), (bad, confirmation), (good, confirmation), (good, confirmation)]
    );
    let changes = list_health_changes(control, fixture.workspace, shop, None, 10).await.unwrap();
    let kinds: Vec<_> = changes.iter().rev().map(|change| (change.kind, change.links)).collect();
    let kind = |kind, links| (kind, links);
    assert_eq!(
        kinds,
        [kind(HealthChangeKind::Suspect, 0), kind(HealthChangeKind::Broken, 1), kind(HealthChangeKind::Recovered, 1)]
    );
    // What shows it is kept.
    let broken = &evaluations[2];
    assert_eq!(broken.artifacts.len(), 3);
    for artifact in &broken.artifacts {
        assert!(fixture.artifacts.get(&artifact.key).await.unwrap().is_some(), "{}", artifact.key);
    }
}

async fn what_cannot_be_told_changes_nothing(fixture: Fixture) {
    fixture.link("sale", SHOP, &[BACKUP]).await;
    let shop = fixture.destination(SHOP).await;
    fixture.shows(SHOP, "unsure");
    for _ in 0..5 {
        fixture.check(shop).await;
        fixture.pass(30 * MINUTE).await;
    }
    assert_eq!((fixture.where_to("sale").await, fixture.state(SHOP).await), (SHOP.to_owned(), HealthState::Unknown));
    assert_eq!(fixture.looks(SHOP), 5);
}

async fn break_it(fixture: &Fixture, url: &str) {
    let destination = fixture.destination(url).await;
    fixture.shows(url, "sold out");
    fixture.check(destination).await;
    fixture.pass(10 * MINUTE).await;
    assert_eq!(fixture.state(url).await, HealthState::Broken);
}

async fn a_pin_wins_and_marking_wrong_brings_visitors_back(fixture: Fixture) {
    fixture.link("sale", SHOP, &[BACKUP]).await;
    break_it(&fixture, SHOP).await;
    assert_eq!(fixture.where_to("sale").await, BACKUP);
    fixture.say(SHOP, Said::Pin { pin: Some(Pin::Primary), by: fixture.user }).await;
    assert_eq!(fixture.where_to("sale").await, SHOP);
    fixture.say(SHOP, Said::Pin { pin: None, by: fixture.user }).await;
    assert_eq!(fixture.where_to("sale").await, BACKUP);

    let evaluation = fixture.found(SHOP).await.last_evaluation_id.unwrap();
    fixture.say(SHOP, Said::MarkWrong { evaluation, is_good: true, by: fixture.user }).await;
    assert_eq!((fixture.where_to("sale").await, fixture.state(SHOP).await), (SHOP.to_owned(), HealthState::Ok));
    // The same words do not break it again.
    for _ in 0..3 {
        fixture.check(fixture.destination(SHOP).await).await;
        fixture.pass(20 * MINUTE).await;
    }
    assert_eq!(fixture.state(SHOP).await, HealthState::Ok);
    fixture.say(SHOP, Said::Pin { pin: Some(Pin::Backup), by: fixture.user }).await;
    assert_eq!(fixture.where_to("sale").await, BACKUP);
}

/// Five of six break within the window.
async fn break_most(fixture: &Fixture) -> Vec<String> {
    let urls: Vec<String> = (0..6).map(|number| format!("https://shop.example/{number}")).collect();
    for (number, url) in urls.iter().enumerate() {
        fixture.link(&format!("sale{number}"), url, &[BACKUP]).await;
        fixture.shows(url, if number == 0 { "available" } else { "sold out" });
        let destination = fixture.destination(url).await;
        fixture.check(destination).await;
    }
    fixture.pass(10 * MINUTE).await;
    for url in &urls[1..] {
        assert_eq!(fixture.state(url).await, HealthState::Broken, "{url}");
        assert!(fixture.found(url).await.held, "{url}");
    }
    for (number, url) in urls.iter().enumerate() {
        assert_eq!(fixture.where_to(&format!("sale{number}")).await, *url);
    }
    assert!(latest_freeze(fixture.control()).await.unwrap().unwrap().lifted_at.is_none());
    urls
}

async fn many_failures_at_once_are_held_back_until_somebody_says_so(fixture: Fixture) {
    let urls = break_most(&fixture).await;
    fixture.changes.review().await.unwrap();
    assert_eq!(fixture.where_to("sale1").await, urls[1]);
    assert!(fixture.changes.lift(fixture.user).await.unwrap());
    for number in 1..6 {
        assert_eq!(fixture.where_to(&format!("sale{number}")).await, BACKUP);
    }
    // What led to it leads to no other.
    fixture.changes.review().await.unwrap();
    assert_eq!(fixture.where_to("sale1").await, BACKUP);
    assert!(!fixture.changes.lift(fixture.user).await.unwrap());
}

async fn many_failures_at_once_are_let_go_when_the_share_falls(fixture: Fixture) {
    let urls = break_most(&fixture).await;
    for url in &urls[2..] {
        fixture.say(url, Said::Restore { by: fixture.user }).await;
    }
    fixture.changes.review().await.unwrap();
    assert!(latest_freeze(fixture.control()).await.unwrap().unwrap().lifted_at.is_some());
    assert_eq!(fixture.where_to("sale1").await, BACKUP);
    assert_eq!(fixture.where_to("sale2").await, urls[2]);
}

async fn ten_clicks_have_a_page_looked_at_once(fixture: Fixture) {
    let link = fixture.link("sale", SHOP, &[BACKUP]).await;
    fixture.shows(SHOP, "available");
    let never = CancellationToken::new();
    for _ in 0..10 {
        fixture.trigger.recorded(&[fixture.click(&link, SHOP, false)]);
        fixture.trigger.tell_all(&never).await;
    }
    fixture.settle().await;
    assert_eq!(fixture.looks(SHOP), 1);
    // Not again within the hour, and then again; programs do not count.
    fixture.pass(59 * MINUTE).await;
    fixture.trigger.recorded(&[fixture.click(&link, SHOP, false)]);
    fixture.trigger.tell_all(&never).await;
    fixture.settle().await;
    assert_eq!(fixture.looks(SHOP), 1);
    fixture.pass(10 * MINUTE).await;
    fixture.trigger.recorded(&[fixture.click(&link, SHOP, true)]);
    fixture.trigger.tell_all(&never).await;
    fixture.settle().await;
    assert_eq!(fixture.looks(SHOP), 1);
    fixture.trigger.recorded(&[fixture.click(&link, SHOP, false)]);
    fixture.trigger.tell_all(&never).await;
    fixture.settle().await;
    assert_eq!(fixture.looks(SHOP), 2);
}

/// As where a node dies after the page was stored and before that was noted.
async fn a_page_that_was_stored_is_not_rendered_again(fixture: Fixture) {
    fixture.link("sale", SHOP, &[]).await;
    fixture.shows(SHOP, "sold out");
    let shop = fixture.destination(SHOP).await;
    fixture.check(shop).await;
    let first = fixture.found(SHOP).await.last_evaluation_id.unwrap();
    let evaluation = find_evaluation(fixture.control(), fixture.workspace, first).await.unwrap().unwrap();
    fixture.shows(SHOP, "available");
    fixture.workflows.restart_from(&format!("evaluation:{shop}:1"), "render").await.unwrap();
    fixture.settle().await;
    assert_eq!(fixture.looks(SHOP), 1);
    let all = list_evaluations(fixture.control(), fixture.workspace, &EvaluationFilter::default(), None, 10).await;
    assert_eq!(all.unwrap().as_slice(), std::slice::from_ref(&evaluation));
    assert_eq!((evaluation.artifacts.len(), evaluation.title.as_deref()), (3, Some("sold out")));
    assert_eq!(fixture.health(shop).await.hard.count, 1);
}

async fn a_renderer_that_fails_ends_in_a_verdict(fixture: Fixture) {
    fixture.link("sale", SHOP, &[]).await;
    let shop = fixture.destination(SHOP).await;
    fixture.shows(SHOP, "fails");
    fixture.check(shop).await;
    // It is tried three times.
    for _ in 0..2 {
        assert_eq!(fixture.found(SHOP).await.last_verdict, None);
        fixture.pass(MINUTE).await;
    }
    assert_eq!(fixture.looks(SHOP), 3);
    let found = fixture.found(SHOP).await;
    assert_eq!((found.last_verdict, found.last_reason.as_deref()), (Some(Verdict::Unknown), Some("check_failed")));
    assert_eq!(found.state, HealthState::Unknown);
    // And the next look is not kept from beginning.
    fixture.shows(SHOP, "available");
    fixture.check(shop).await;
    assert_eq!(fixture.state(SHOP).await, HealthState::Ok);
}

async fn the_budget_of_a_day_is_kept(fixture: Fixture) {
    let fixture = fixture.with_settings(EvaluationSettings { checks_per_day: 2, ..settings() }).await;
    fixture.link("sale", SHOP, &[]).await;
    fixture.shows(SHOP, "available");
    let shop = fixture.destination(SHOP).await;
    for _ in 0..4 {
        fixture.check(shop).await;
    }
    assert_eq!(fixture.looks(SHOP), 2);
    let found = fixture.found(SHOP).await;
    assert_eq!((found.last_reason.as_deref(), found.state), (Some("budget_spent"), HealthState::Ok));
    fixture.pass(24 * 60 * MINUTE).await;
    fixture.check(shop).await;
    assert_eq!(fixture.looks(SHOP), 3);
}

async fn what_the_guard_refuses_is_not_looked_at(fixture: Fixture) {
    let metadata = "http://169.254.169.254/latest";
    fixture.link("sale", metadata, &[]).await;
    fixture.check(fixture.destination(metadata).await).await;
    let found = fixture.found(metadata).await;
    assert_eq!((found.last_verdict, found.last_reason.as_deref()), (Some(Verdict::Unknown), Some("refused_by_guard")));
    assert_eq!(fixture.looks(metadata), 0);
}

async fn a_destination_without_a_link_is_forgotten(fixture: Fixture) {
    let link = fixture.link("sale", SHOP, &[]).await;
    fixture.shows(SHOP, "sold out");
    let shop = fixture.destination(SHOP).await;
    fixture.check(shop).await;
    assert!(fixture.next_alarm(shop).await.is_some());
    fixture.delete(&link).await;
    fixture.pass(10 * MINUTE).await;
    assert_eq!((fixture.looks(SHOP), fixture.next_alarm(shop).await), (1, None));
}

async fn the_schedule_looks_at_what_was_never_looked_at(fixture: Fixture) {
    fixture.link("sale", SHOP, &[BACKUP]).await;
    for url in [SHOP, BACKUP] {
        fixture.shows(url, "available");
    }
    fixture.regular.check_due().await.unwrap();
    fixture.settle().await;
    assert_eq!((fixture.looks(SHOP), fixture.looks(BACKUP)), (1, 1));
    fixture.pass(60 * MINUTE).await;
    fixture.regular.check_due().await.unwrap();
    fixture.settle().await;
    assert_eq!(fixture.looks(SHOP), 1);
    fixture.pass(5 * 60 * MINUTE).await;
    fixture.regular.check_due().await.unwrap();
    fixture.settle().await;
    assert_eq!(fixture.looks(SHOP), 2);
}

async fn old_artefacts_go_and_those_still_needed_stay(fixture: Fixture) {
    fixture.link("sale", SHOP, &[]).await;
    let shop = fixture.destination(SHOP).await;
    for title in ["available", "available", "sold out", "sold out"] {
        fixture.shows(SHOP, title);
        fixture.check(shop).await;
        fixture.pass(MINUTE).await;
    }
    let retention = Retention {
        store: fixture.store.clone(),
        artifacts: fixture.artifacts.clone(),
        clock: fixture.clock.clone(),
        keep: Duration::from_secs(30 * 86_400),
    };
    assert_eq!(retention.prune().await.unwrap(), 0);
    let before = list_evaluations(fixture.control(), fixture.workspace, &EvaluationFilter::default(), None, 10).await;
    fixture.clock.advance(Duration::from_secs(31 * 86_400));
    assert_eq!(retention.prune().await.unwrap(), 2);
    let mut kept = Vec::new();
    for evaluation in before.unwrap().iter().rev() {
        let found = find_evaluation(fixture.control(), fixture.workspace, evaluation.id).await.unwrap().unwrap();
        let there = fixture.artifacts.get(&evaluation.artifacts[0].key).await.unwrap().is_some();
        assert_eq!(there, !found.artifacts.is_empty());
        kept.push(there);
    }
    // The last that found it well, and the last one.
    assert_eq!(kept, [false, true, false, true]);
}
