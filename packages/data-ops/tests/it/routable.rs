//! What the redirect path reads.

use data_ops::database::Database;
use data_ops::links::{
    Link, LinkChange, create_links, delete_link, find_routable, routable_changed_since, stream_routable, update_link,
};
use data_ops::routing::Visitor;
use data_ops::types::{LinkId, Timestamp};
use futures_util::TryStreamExt;

use crate::support::{Fixture, NOW, domain_id, later, link, new_link, on_both_databases, slug, tenant, url};

on_both_databases!(
    a_link_is_compiled_for_the_redirect,
    every_link_is_streamed_once,
    changes_and_deletions_are_reported,
    a_former_slug_is_reported_until_it_is_taken_back,
    every_edit_is_later_than_the_one_before,
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

/// What is reported from there on, without the time: link, slug, version.
async fn changed_since(db: &Database, since: Timestamp) -> Vec<(LinkId, String, i64)> {
    let changed = routable_changed_since(db, since).await.unwrap();
    assert!(changed.iter().all(|change| change.changed_at >= since), "{changed:?}");
    assert!(changed.is_sorted_by_key(|change| change.changed_at), "{changed:?}");
    changed.into_iter().map(|change| (change.link_id, change.slug, change.version)).collect()
}

/// The moment after everything reported so far, on the scale of the database.
async fn after_all(db: &Database) -> Timestamp {
    let changed = routable_changed_since(db, Timestamp::from_millis(0)).await.unwrap();
    Timestamp::from_millis(changed.last().unwrap().changed_at.as_millis() + 1)
}

async fn rename(db: &Database, link: &Link, to: &str, at: Timestamp) {
    let change = LinkChange { slug: Some(slug(to)), ..LinkChange::default() };
    update_link(db, link.workspace_id, link.id, &change, at).await.unwrap().unwrap();
}

async fn changes_and_deletions_are_reported(fixture: Fixture) {
    let db = fixture.control();
    let (_, acme) = tenant(db, "acme").await;
    let second = link(db, &acme, "second").await;
    let first = link(db, &acme, "first").await;
    let since = after_all(db).await;
    assert!(changed_since(db, since).await.is_empty());
    let change = LinkChange { url: Some(url("https://example.com/new")), ..LinkChange::default() };
    update_link(db, acme.id, first.id, &change, later(10)).await.unwrap();
    assert_eq!(changed_since(db, since).await, [(first.id, "first".to_owned(), 2)]);
    let since = after_all(db).await;
    // Later than any change before it by the clock of the test; on PostgreSQL the database sees to that.
    delete_link(db, acme.id, second.id, later(20)).await.unwrap();
    let changed = changed_since(db, Timestamp::from_millis(since.as_millis() - 1)).await;
    assert_eq!(changed.last(), Some(&(second.id, "second".to_owned(), 2)));
    assert!(changed_since(db, after_all(db).await).await.is_empty());
}

async fn a_former_slug_is_reported_until_it_is_taken_back(fixture: Fixture) {
    let db = fixture.control();
    let (_, acme) = tenant(db, "acme").await;
    let made = link(db, &acme, "first").await;
    let since = after_all(db).await;
    rename(db, &made, "second", later(10)).await;
    let mut changed = changed_since(db, since).await;
    changed.sort();
    assert_eq!(changed, [(made.id, "first".to_owned(), 2), (made.id, "second".to_owned(), 2)]);
    assert!(find_routable(db, made.domain_id, "first").await.unwrap().is_none());
    let since = after_all(db).await;
    rename(db, &made, "first", later(20)).await;
    let mut changed = changed_since(db, since).await;
    changed.sort();
    assert_eq!(changed, [(made.id, "first".to_owned(), 3), (made.id, "second".to_owned(), 3)]);
}

async fn every_edit_is_later_than_the_one_before(fixture: Fixture) {
    let db = fixture.control();
    let (_, acme) = tenant(db, "acme").await;
    let made = link(db, &acme, "first").await;
    for number in 0_i64..3 {
        let since = after_all(db).await;
        // As if by a node whose clock is behind.
        rename(db, &made, &format!("slug-{number}"), later(-1_000 * number)).await;
        let changed = changed_since(db, since).await;
        assert!(changed.contains(&(made.id, format!("slug-{number}"), number + 2)), "{changed:?}");
    }
}
