//! Destinations, their health, and the links that follow it.

use std::time::Duration;

use data_ops::clicks::record_clicks_without_position;
use data_ops::database::Database;
use data_ops::destinations::{
    Check, Destination, DestinationFilter, DestinationPage, HealthChanged, HealthUpdate, WindowCounts, begin_freeze,
    count_checked, count_destinations, destinations_of_links, due_destinations, find_destination,
    find_destination_by_url, latest_freeze, lift_freeze, links_of_destination, list_destinations, list_health_changes,
    record_check, set_health, set_pin, valued_links, watch_of,
};
use data_ops::links::{
    ChangeCursor, Link, LinkChange, NewLink, UpdateLinkError, create_link, create_links, delete_link, find_link,
    update_link,
};
use data_ops::types::{
    ClickValue, CountryCode, EvaluationId, GeoBackups, GeoTargets, HealthChangeKind, HealthState, Monitor,
    MonitorPhrases, Pin, Rule, Timestamp, Verdict, WorkspaceId,
};
use serde_json::json;

use crate::support::{Fixture, NOW, click, later, link, new_link, on_both_databases, tenant, url};

on_both_databases!(
    a_link_has_all_its_destinations,
    links_of_a_workspace_share_a_destination,
    an_edit_moves_a_link_to_its_new_destinations,
    backups_that_no_longer_fit_are_dropped_unless_asked_for,
    a_broken_destination_changes_every_link_once,
    an_edit_after_a_failover_is_later,
    a_pin_wins_over_the_checks,
    many_breaking_at_once_are_held_and_let_go,
    the_inbox_shows_what_wants_attention,
    destinations_are_due_by_age_and_traffic,
    what_owners_say_about_watching_is_taken_together,
);

const SHOP: &str = "https://shop.example.com/1";
const OTHER: &str = "https://other.example.com/1";

fn leading_to(text: &str) -> NewLink {
    NewLink { url: url(text), ..new_link("") }
}

async fn destination(db: &Database, workspace_id: WorkspaceId, text: &str) -> Destination {
    find_destination_by_url(db, workspace_id, &url(text)).await.unwrap().unwrap()
}

fn broken(at: Timestamp) -> HealthUpdate {
    HealthUpdate {
        state: HealthState::Broken,
        reason: Some("not_found".to_owned()),
        held: false,
        evaluation_id: None,
        at,
    }
}

async fn change(db: &Database, of: &Destination, update: &HealthUpdate) -> HealthChanged {
    let transaction = db.begin().await.unwrap();
    let changed = set_health(&transaction, of.workspace_id, of.id, update).await.unwrap().unwrap();
    transaction.commit().await.unwrap();
    changed
}

/// Where a link leads, in the order of the URLs: whether more than a backup.
async fn used(db: &Database, link: &Link) -> Vec<(String, bool)> {
    let mut all = destinations_of_links(db, link.workspace_id, &[link.id]).await.unwrap();
    let used = all.remove(&link.id).unwrap_or_default();
    let mut used: Vec<_> =
        used.into_iter().map(|used| (used.destination.url.as_str().to_owned(), used.is_primary)).collect();
    used.sort();
    used
}

fn pairs(expected: &[(&str, bool)]) -> Vec<(String, bool)> {
    expected.iter().map(|(url, is_primary)| ((*url).to_owned(), *is_primary)).collect()
}

fn germany() -> CountryCode {
    CountryCode::parse("DE").unwrap()
}

fn full_link() -> NewLink {
    let rule: Rule = serde_json::from_value(json!({
        "when": { "type": "country", "op": "in", "value": ["US"] },
        "destinations": [{ "url": "https://example.com/us", "weight": 1 }],
        "backups": ["https://example.com/us-backup"],
    }))
    .unwrap();
    NewLink {
        geo: GeoTargets::from_iter([(germany(), url("https://example.com/de"))]),
        rules: vec![rule],
        backup_urls: vec![url("https://example.com/backup"), url("https://example.com/de")],
        geo_backup_urls: GeoBackups::from_iter([(germany(), vec![url("https://example.com/de-backup")])]),
        monitor: Monitor {
            enabled: true,
            interval: Some(600),
            phrases: MonitorPhrases { available: vec!["auf Lager".to_owned()], unavailable: Vec::new() },
        },
        click_value: Some(ClickValue { minor: 250, currency: "EUR".to_owned() }),
        ..leading_to("https://example.com/")
    }
}

async fn a_link_has_all_its_destinations(fixture: Fixture) {
    let db = fixture.control();
    let (_, acme) = tenant(db, "acme").await;
    let made = create_link(db, acme.id, &full_link(), NOW).await.unwrap();
    let expected = pairs(&[
        ("https://example.com/", true),
        ("https://example.com/backup", false),
        ("https://example.com/de", true),
        ("https://example.com/de-backup", false),
        ("https://example.com/us", true),
        ("https://example.com/us-backup", false),
    ]);
    assert_eq!(used(db, &made).await, expected);
    assert_eq!(find_link(db, acme.id, made.id).await.unwrap().unwrap(), made);
    assert_eq!(made.click_value, Some(ClickValue { minor: 250, currency: "EUR".to_owned() }));
    let home = destination(db, acme.id, "https://example.com/").await;
    assert_eq!((home.state, home.state_since, home.is_down()), (HealthState::Unknown, NOW, false));
    delete_link(db, acme.id, made.id, later(1)).await.unwrap();
    assert_eq!(used(db, &made).await, []);
}

async fn links_of_a_workspace_share_a_destination(fixture: Fixture) {
    let db = fixture.control();
    let (_, acme) = tenant(db, "acme").await;
    let (_, other) = tenant(db, "other").await;
    // Longer than what fits an index of PostgreSQL, with what its escapes would take for something else.
    let mut long = format!(r"{SHOP}?a\x00='b'%5C&q=");
    for number in 0..1_200_u64 {
        long.push_str(&format!("{:06x}", number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40));
    }
    let new = [leading_to(SHOP), leading_to(SHOP), leading_to(&long), leading_to(&long)];
    let made = create_links(db, acme.id, &new, NOW).await.unwrap();
    let made: Vec<Link> = made.into_iter().map(Result::unwrap).collect();
    let elsewhere = create_link(db, other.id, &leading_to(SHOP), NOW).await.unwrap();
    let shared = destination(db, acme.id, SHOP).await;
    let links = links_of_destination(db, acme.id, shared.id, None, 10).await.unwrap();
    assert_eq!(links.iter().map(|link| link.id).collect::<Vec<_>>(), [made[0].id, made[1].id]);
    let rest = links_of_destination(db, acme.id, shared.id, Some(made[0].id), 10).await.unwrap();
    assert_eq!(rest.len(), 1);
    assert_eq!(destination(db, acme.id, &long).await.url, url(&long));
    // Of another workspace it is another one, and that workspace cannot have this one.
    let theirs = destination(db, other.id, SHOP).await;
    assert_ne!(theirs.id, shared.id);
    assert!(find_destination(db, other.id, shared.id).await.unwrap().is_none());
    assert!(destinations_of_links(db, acme.id, &[elsewhere.id]).await.unwrap().is_empty());
    assert!(links_of_destination(db, other.id, shared.id, None, 10).await.unwrap().is_empty());
    let transaction = db.begin().await.unwrap();
    assert!(set_health(&transaction, other.id, shared.id, &broken(NOW)).await.unwrap().is_none());
    assert!(set_pin(&transaction, other.id, shared.id, Some(Pin::Backup), None, NOW).await.unwrap().is_none());
    transaction.rollback().await.unwrap();
}

async fn an_edit_moves_a_link_to_its_new_destinations(fixture: Fixture) {
    let db = fixture.control();
    let (_, acme) = tenant(db, "acme").await;
    let made = create_link(db, acme.id, &leading_to(SHOP), NOW).await.unwrap();
    let change = LinkChange { url: Some(url(OTHER)), backup_urls: Some(vec![url(SHOP)]), ..LinkChange::default() };
    let (_, after) = update_link(db, acme.id, made.id, &change, later(1)).await.unwrap().unwrap();
    assert_eq!(after.backup_urls, [url(SHOP)]);
    assert_eq!(used(db, &made).await, pairs(&[(OTHER, true), (SHOP, false)]));
    // Nothing of it changes with what has nothing to do with it.
    let change = LinkChange { title: Some("x".to_owned()), click_value: Some(None), ..LinkChange::default() };
    update_link(db, acme.id, made.id, &change, later(2)).await.unwrap().unwrap();
    assert_eq!(used(db, &made).await, pairs(&[(OTHER, true), (SHOP, false)]));
    let change = LinkChange { backup_urls: Some(Vec::new()), ..LinkChange::default() };
    update_link(db, acme.id, made.id, &change, later(3)).await.unwrap().unwrap();
    assert_eq!(used(db, &made).await, pairs(&[(OTHER, true)]));
}

async fn backups_that_no_longer_fit_are_dropped_unless_asked_for(fixture: Fixture) {
    let db = fixture.control();
    let (_, acme) = tenant(db, "acme").await;
    let made = create_link(db, acme.id, &full_link(), NOW).await.unwrap();
    let own = LinkChange { backup_urls: Some(vec![url("https://example.com/")]), ..LinkChange::default() };
    let error = update_link(db, acme.id, made.id, &own, later(1)).await.unwrap_err();
    let UpdateLinkError::Backups(errors) = error else { panic!("{error:?}") };
    assert_eq!((errors[0].path.as_str(), errors[0].code), ("backupUrls[0]", "backup_is_primary"));
    let change = LinkChange {
        url: Some(url("https://example.com/backup")),
        geo: Some(GeoTargets::new()),
        ..LinkChange::default()
    };
    let (_, after) = update_link(db, acme.id, made.id, &change, later(2)).await.unwrap().unwrap();
    assert_eq!(after.backup_urls, [url("https://example.com/de")]);
    assert!(after.geo_backup_urls.is_empty());
    assert_eq!(find_link(db, acme.id, made.id).await.unwrap().unwrap(), after);
}

async fn a_broken_destination_changes_every_link_once(fixture: Fixture) {
    let db = fixture.control();
    let (_, acme) = tenant(db, "acme").await;
    let first = create_link(db, acme.id, &leading_to(SHOP), NOW).await.unwrap();
    let backup = NewLink { backup_urls: vec![url(SHOP)], ..leading_to(OTHER) };
    let second = create_link(db, acme.id, &backup, NOW).await.unwrap();
    link(db, &acme, "unconcerned").await;
    let gone = create_link(db, acme.id, &leading_to(SHOP), NOW).await.unwrap();
    delete_link(db, acme.id, gone.id, NOW).await.unwrap();
    let mut cursor = ChangeCursor::begin(db, Duration::ZERO).await.unwrap();
    cursor.next(db, 100).await.unwrap();

    let shop = destination(db, acme.id, SHOP).await;
    let suspect = HealthUpdate { state: HealthState::Suspect, ..broken(later(5)) };
    let changed = change(db, &shop, &suspect).await;
    assert_eq!((changed.links.len(), changed.change.unwrap().kind), (0, HealthChangeKind::Suspect));
    let changed = change(db, &shop, &broken(later(10))).await;
    assert!(changed.after.is_down() && !changed.before.is_down());
    let mut links: Vec<_> = changed.links.iter().map(|link| (link.link_id, link.version)).collect();
    links.sort();
    let mut expected = [(first.id, 2), (second.id, 2)];
    expected.sort();
    assert_eq!(links, expected);
    // Who follows the changes reads these.
    cursor.recheck(db).await.unwrap();
    let mut followed = cursor.next(db, 100).await.unwrap();
    followed.retain(|change| change.version == 2 && change.link_id != gone.id);
    let mut told = changed.links.clone();
    followed.sort_by_key(|change| change.link_id);
    told.sort_by_key(|change| change.link_id);
    assert_eq!(followed, told);
    // To the owner the link is as it was.
    let after = find_link(db, acme.id, first.id).await.unwrap().unwrap();
    assert_eq!((after.version, after.updated_at), (2, first.updated_at));

    assert_eq!(change(db, &shop, &broken(later(20))).await.links, []);
    let well = HealthUpdate { state: HealthState::Ok, reason: None, ..broken(later(30)) };
    let changed = change(db, &shop, &well).await;
    assert_eq!((changed.links.len(), changed.after.state_since), (2, later(30)));
    let kinds: Vec<_> = list_health_changes(db, acme.id, shop.id, None, 10).await.unwrap();
    let kinds: Vec<_> = kinds.into_iter().map(|change| (change.kind, change.links)).collect();
    let expected = [(HealthChangeKind::Recovered, 2), (HealthChangeKind::Broken, 2), (HealthChangeKind::Suspect, 0)];
    assert_eq!(kinds, expected);
}

async fn an_edit_after_a_failover_is_later(fixture: Fixture) {
    let db = fixture.control();
    let (_, acme) = tenant(db, "acme").await;
    let made = create_link(db, acme.id, &leading_to(SHOP), NOW).await.unwrap();
    let changed = change(db, &destination(db, acme.id, SHOP).await, &broken(later(5))).await;
    let failed_over = changed.links[0].changed_at;
    let mut cursor = ChangeCursor::begin(db, Duration::ZERO).await.unwrap();
    cursor.next(db, 100).await.unwrap();
    // In the same millisecond.
    let edit = LinkChange { title: Some("x".to_owned()), ..LinkChange::default() };
    update_link(db, acme.id, made.id, &edit, later(5)).await.unwrap().unwrap();
    cursor.recheck(db).await.unwrap();
    let followed = cursor.next(db, 100).await.unwrap();
    let last = followed.last().unwrap();
    assert!(last.version == 3 && last.changed_at > failed_over, "{followed:?}");
}

async fn a_pin_wins_over_the_checks(fixture: Fixture) {
    let db = fixture.control();
    let (ada, acme) = tenant(db, "acme").await;
    create_link(db, acme.id, &leading_to(SHOP), NOW).await.unwrap();
    let shop = destination(db, acme.id, SHOP).await;
    let pin = async |pin| {
        let transaction = db.begin().await.unwrap();
        let changed = set_pin(&transaction, acme.id, shop.id, pin, Some(ada.id), later(7)).await.unwrap().unwrap();
        transaction.commit().await.unwrap();
        changed
    };
    let changed = pin(Some(Pin::Backup)).await;
    assert!(changed.after.is_down() && changed.links.len() == 1);
    assert_eq!((changed.after.pinned_by, changed.after.pinned_at), (Some(ada.id), Some(later(7))));
    assert_eq!(change(db, &shop, &broken(later(8))).await.links, []);
    let changed = pin(Some(Pin::Primary)).await;
    assert!(!changed.after.is_down() && changed.links.len() == 1);
    let changed = pin(None).await;
    assert!(changed.after.is_down() && changed.after.pinned_by.is_none());
    assert_eq!(changed.change.unwrap().kind, HealthChangeKind::Unpinned);
}

async fn many_breaking_at_once_are_held_and_let_go(fixture: Fixture) {
    let db = fixture.control();
    let (ada, acme) = tenant(db, "acme").await;
    for text in [SHOP, OTHER] {
        create_link(db, acme.id, &leading_to(text), NOW).await.unwrap();
        let check = Check {
            evaluation_id: EvaluationId::from_bytes([1; 16]),
            at: later(1),
            verdict: Verdict::Broken,
            reason: "timeout".to_owned(),
        };
        let id = destination(db, acme.id, text).await.id;
        let transaction = db.begin().await.unwrap();
        record_check(&transaction, acme.id, id, &check).await.unwrap();
        record_check(&transaction, acme.id, id, &Check { at: NOW, ..check }).await.unwrap();
        transaction.commit().await.unwrap();
    }
    let shop = destination(db, acme.id, SHOP).await;
    assert_eq!((shop.last_checked_at, shop.last_verdict), (Some(later(1)), Some(Verdict::Broken)));
    let held = HealthUpdate { held: true, ..broken(later(2)) };
    let changed = change(db, &shop, &held).await;
    assert_eq!((changed.links.len(), changed.change.unwrap().kind), (0, HealthChangeKind::Held));
    let transaction = db.begin().await.unwrap();
    let counts = count_checked(&transaction, later(1)).await.unwrap();
    assert_eq!(counts, WindowCounts { checked: 2, broken: 1 });
    // What is held back counts however long ago it was checked.
    assert_eq!(count_checked(&transaction, later(2)).await.unwrap(), WindowCounts { checked: 1, broken: 1 });
    assert!(lift_freeze(&transaction, None, later(2)).await.unwrap().is_none());
    let (freeze, begun) = begin_freeze(&transaction, counts, later(2)).await.unwrap();
    assert!(begun);
    assert_eq!(begin_freeze(&transaction, counts, later(3)).await.unwrap(), (freeze.clone(), false));
    transaction.commit().await.unwrap();
    assert_eq!(latest_freeze(db).await.unwrap(), Some(freeze.clone()));

    let transaction = db.begin().await.unwrap();
    let released = lift_freeze(&transaction, Some(ada.id), later(4)).await.unwrap().unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(released.len(), 1);
    assert!(released[0].after.is_down() && released[0].links.len() == 1);
    assert_eq!(released[0].change.as_ref().unwrap().kind, HealthChangeKind::Released);
    let lifted = latest_freeze(db).await.unwrap().unwrap();
    assert_eq!((lifted.id, lifted.lifted_at, lifted.lifted_by), (freeze.id, Some(later(4)), Some(ada.id)));
}

async fn the_inbox_shows_what_wants_attention(fixture: Fixture) {
    let db = fixture.control();
    let (_, acme) = tenant(db, "acme").await;
    let valued =
        NewLink { click_value: Some(ClickValue { minor: 100, currency: "EUR".to_owned() }), ..leading_to(SHOP) };
    let valued = create_link(db, acme.id, &valued, NOW).await.unwrap();
    create_link(db, acme.id, &leading_to(SHOP), NOW).await.unwrap();
    let backup = NewLink { backup_urls: vec![url(SHOP)], ..leading_to(OTHER) };
    create_link(db, acme.id, &backup, NOW).await.unwrap();
    let pinned = create_link(db, acme.id, &leading_to("https://pinned.example.com/"), NOW).await.unwrap();
    change(db, &destination(db, acme.id, SHOP).await, &broken(later(5))).await;
    let transaction = db.begin().await.unwrap();
    let id = destination(db, acme.id, "https://pinned.example.com/").await.id;
    set_pin(&transaction, acme.id, id, Some(Pin::Primary), None, later(6)).await.unwrap();
    transaction.commit().await.unwrap();

    let page = DestinationPage { size: 10, after: None };
    let list = async |filter: &DestinationFilter, page: &DestinationPage| {
        let listed = list_destinations(db, acme.id, filter, page).await.unwrap();
        listed
            .into_iter()
            .map(|one| (one.destination.url.as_str().to_owned(), one.links, one.backup_for))
            .collect::<Vec<_>>()
    };
    let attention = DestinationFilter { attention: true, ..DestinationFilter::default() };
    let shop_row = (SHOP.to_owned(), 2, 1);
    let pinned_row = ("https://pinned.example.com/".to_owned(), 1, 0);
    assert_eq!(list(&attention, &page).await, [shop_row.clone(), pinned_row.clone()]);
    let shop = destination(db, acme.id, SHOP).await;
    let after = DestinationPage { size: 10, after: Some((shop.state_since, shop.id)) };
    assert_eq!(list(&attention, &after).await, std::slice::from_ref(&pinned_row));
    assert_eq!(count_destinations(db, acme.id, &DestinationFilter::default()).await.unwrap(), 3);
    for (filter, expected) in [
        (DestinationFilter { down: Some(true), ..DestinationFilter::default() }, &shop_row),
        (DestinationFilter { states: vec![HealthState::Broken], ..DestinationFilter::default() }, &shop_row),
        (DestinationFilter { pinned: Some(true), ..DestinationFilter::default() }, &pinned_row),
        (DestinationFilter { search: Some("PINNED.".to_owned()), ..DestinationFilter::default() }, &pinned_row),
    ] {
        assert_eq!(list(&filter, &page).await, std::slice::from_ref(expected), "{filter:?}");
    }
    let values = valued_links(db, acme.id, &[shop.id], 10).await.unwrap();
    assert_eq!(values, [(shop.id, valued.id, ClickValue { minor: 100, currency: "EUR".to_owned() })]);
    // What no link leads to any more is not listed.
    delete_link(db, acme.id, pinned.id, later(9)).await.unwrap();
    assert_eq!(list(&attention, &page).await, [shop_row]);
}

async fn destinations_are_due_by_age_and_traffic(fixture: Fixture) {
    let db = fixture.control();
    let (_, acme) = tenant(db, "acme").await;
    let hour = Duration::from_secs(3_600);
    let mut ids = Vec::new();
    let off = Monitor { enabled: false, ..Monitor::default() };
    let often = Monitor { interval: Some(60), ..Monitor::default() };
    for (text, monitor, minutes_ago) in [
        ("https://example.com/quiet", Monitor::default(), 120),
        ("https://example.com/busy", Monitor::default(), 100),
        ("https://example.com/fresh", Monitor::default(), 10),
        ("https://example.com/off", off, 500),
        ("https://example.com/often", often, 2),
    ] {
        let made = create_link(db, acme.id, &NewLink { monitor, ..leading_to(text) }, NOW).await.unwrap();
        let check = Check {
            evaluation_id: EvaluationId::from_bytes([1; 16]),
            at: later(-60_000 * minutes_ago),
            verdict: Verdict::Available,
            reason: "buy_button".to_owned(),
        };
        let id = destination(db, acme.id, text).await.id;
        let transaction = db.begin().await.unwrap();
        record_check(&transaction, acme.id, id, &check).await.unwrap();
        transaction.commit().await.unwrap();
        ids.push((id, made.id));
    }
    create_link(db, acme.id, &leading_to("https://example.com/never"), NOW).await.unwrap();
    let never = destination(db, acme.id, "https://example.com/never").await.id;
    let clicks: Vec<_> = (0..8).map(|number| click(number, acme.id, ids[1].1, later(-1_000))).collect();
    record_clicks_without_position(fixture.clicks(), &clicks).await.unwrap();

    let due = due_destinations(&fixture.databases, NOW, hour, 10).await.unwrap();
    let found: Vec<_> = due.iter().map(|due| (due.id, due.clicks)).collect();
    assert_eq!(found, [(never, 0), (ids[1].0, 8), (ids[0].0, 0), (ids[4].0, 0)]);
    let first = due_destinations(&fixture.databases, NOW, hour, 1).await.unwrap();
    assert_eq!(first.iter().map(|due| due.id).collect::<Vec<_>>(), [never]);
}

async fn what_owners_say_about_watching_is_taken_together(fixture: Fixture) {
    let db = fixture.control();
    let (_, acme) = tenant(db, "acme").await;
    let phrases =
        |text: &str| MonitorPhrases { available: vec![text.to_owned()], unavailable: vec!["gone".to_owned()] };
    let monitors = [
        Monitor { enabled: false, interval: Some(60), phrases: phrases("ignored") },
        Monitor { enabled: true, interval: Some(900), phrases: phrases("here") },
        Monitor { enabled: true, interval: Some(600), phrases: phrases("there") },
        Monitor { enabled: true, interval: None, phrases: phrases("here") },
    ];
    let new: Vec<_> = monitors.into_iter().map(|monitor| NewLink { monitor, ..leading_to(SHOP) }).collect();
    let made = create_links(db, acme.id, &new, NOW).await.unwrap();
    let id = destination(db, acme.id, SHOP).await.id;
    let mut watch = watch_of(db.read(), acme.id, id).await.unwrap();
    watch.phrases.available.sort();
    assert_eq!((watch.links, watch.enabled, watch.interval), (4, true, Some(600)));
    assert_eq!(watch.phrases.available, ["here", "there"]);
    assert_eq!(watch.phrases.unavailable, ["gone"]);
    assert_eq!(watch.link_id, Some(made[1].as_ref().unwrap().id));
    for link in made {
        delete_link(db, acme.id, link.unwrap().id, later(1)).await.unwrap();
    }
    assert_eq!(watch_of(db.read(), acme.id, id).await.unwrap(), data_ops::destinations::Watch::default());
}
