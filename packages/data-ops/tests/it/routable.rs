//! What the redirect path reads.

use data_ops::links::{create_links, delete_link, find_routable, stream_routable};
use data_ops::routing::Visitor;
use futures_util::TryStreamExt;

use crate::support::{Fixture, NOW, domain_id, later, link, new_link, on_both_databases, tenant};

on_both_databases!(a_link_is_compiled_for_the_redirect, every_link_is_streamed_once);

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
