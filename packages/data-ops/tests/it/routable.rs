//! What the redirect path reads.

use data_ops::destinations::{HealthUpdate, find_destination_by_url, set_health, set_pin};
use data_ops::links::{NewLink, create_link, create_links, delete_link, find_routable, stream_routable};
use data_ops::routing::{DownReason, Visitor};
use data_ops::types::{HealthState, Pin};
use futures_util::TryStreamExt;

use crate::support::{Fixture, NOW, domain_id, later, link, new_link, on_both_databases, tenant, url};

on_both_databases!(
    a_link_is_compiled_for_the_redirect,
    every_link_is_streamed_once,
    a_link_leads_to_its_backup_while_its_destination_is_down,
);

async fn a_link_is_compiled_for_the_redirect(fixture: Fixture) {
    let db = fixture.control();
    let (_, acme) = tenant(db, "acme").await;
    let made = link(db, &acme, "spring").await;
    let found = find_routable(db, made.domain_id, "spring").await.unwrap().unwrap();
    assert_eq!((found.link_id, found.workspace_id, found.version), (made.id, acme.id, 1));
    let decision = found.program.decide(&Visitor::default());
    assert_eq!(decision.destination, "https://example.com/");
    assert!(find_routable(db, made.domain_id, "Spring").await.unwrap().is_none());
    assert!(find_routable(db, domain_id(1), "spring").await.unwrap().is_none());
    delete_link(db, acme.id, made.id, later(1)).await.unwrap();
    assert!(find_routable(db, made.domain_id, "spring").await.unwrap().is_none());
}

async fn every_link_is_streamed_once(fixture: Fixture) {
    let db = fixture.control();
    let (_, acme) = tenant(db, "acme").await;
    // More than one batch of the stream, and a deleted one.
    let new = vec![new_link(""); 4_100];
    let made = create_links(db, acme.id, &new, NOW).await.unwrap();
    let mut expected: Vec<_> = made.into_iter().map(|link| link.unwrap().id).collect();
    delete_link(db, acme.id, expected.remove(17), NOW).await.unwrap();
    let streamed: Vec<_> = stream_routable(db).try_collect().await.unwrap();
    let mut streamed: Vec<_> = streamed.into_iter().map(|link| link.link_id).collect();
    expected.sort();
    streamed.sort();
    assert!(streamed == expected, "{} streamed of {}", streamed.len(), expected.len());
}

async fn a_link_leads_to_its_backup_while_its_destination_is_down(fixture: Fixture) {
    let db = fixture.control();
    let (_, acme) = tenant(db, "acme").await;
    let backup = "https://example.com/backup";
    let new = NewLink { backup_urls: vec![url(backup)], ..new_link("spring") };
    let made = create_link(db, acme.id, &new, NOW).await.unwrap();
    link(db, &acme, "without-backup").await;
    let home = find_destination_by_url(db, acme.id, &made.url).await.unwrap().unwrap();
    let seen = async |version| {
        let found = find_routable(db, made.domain_id, "spring").await.unwrap().unwrap();
        let streamed: Vec<_> = stream_routable(db).try_collect().await.unwrap();
        let streamed = streamed.into_iter().find(|link| link.slug == "spring").unwrap();
        assert_eq!((found.version, streamed.version, &found.program), (version, version, &streamed.program));
        let decision = found.program.decide(&Visitor::default());
        let other = find_routable(db, made.domain_id, "without-backup").await.unwrap().unwrap();
        assert_eq!(other.program.decide(&Visitor::default()).destination, "https://example.com/");
        (decision.destination.to_owned(), decision.backup, decision.down)
    };
    let at_home = ("https://example.com/".to_owned(), None, None);
    assert_eq!(seen(1).await, at_home);

    let set = async |state| {
        let update = HealthUpdate { state, reason: None, held: false, evaluation_id: None, at: later(1) };
        let transaction = db.begin().await.unwrap();
        set_health(&transaction, acme.id, home.id, &update).await.unwrap().unwrap();
        transaction.commit().await.unwrap();
    };
    set(HealthState::Broken).await;
    assert_eq!(seen(2).await, (backup.to_owned(), Some(0), Some(DownReason::Broken)));
    set(HealthState::Ok).await;
    assert_eq!(seen(3).await, at_home);
    let transaction = db.begin().await.unwrap();
    set_pin(&transaction, acme.id, home.id, Some(Pin::Backup), None, later(2)).await.unwrap().unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(seen(4).await, (backup.to_owned(), Some(0), Some(DownReason::Pinned)));
}
