//! Domains.

use data_ops::domains::{all_domains, ensure_instance_domain, find_domain, list_domains};
use futures_util::future::join_all;

use crate::support::{Fixture, NOW, host, on_both_databases, tenant};

on_both_databases!(the_instance_has_one_domain_that_follows_its_url, every_workspace_may_use_the_instance_domain,);

async fn the_instance_has_one_domain_that_follows_its_url(fixture: Fixture) {
    let db = fixture.control();
    let old = host("go.example.com");
    let made = join_all((0..6).map(|_| ensure_instance_domain(db, &old, NOW))).await;
    let first = made.into_iter().map(Result::unwrap).reduce(|first, other| {
        assert_eq!(first, other);
        first
    });
    let new = host("localhost:8080");
    let moved = ensure_instance_domain(db, &new, NOW).await.unwrap();
    assert_eq!(moved.id, first.unwrap().id);
    assert_eq!(moved.host, new);
    assert_eq!(all_domains(db).await.unwrap(), [moved]);
}

async fn every_workspace_may_use_the_instance_domain(fixture: Fixture) {
    let db = fixture.control();
    let (_, acme) = tenant(db, "acme").await;
    let (_, other) = tenant(db, "other").await;
    let shared = ensure_instance_domain(db, &host("go.example.com"), NOW).await.unwrap();
    for workspace in [acme.id, other.id] {
        assert_eq!(list_domains(db, workspace).await.unwrap(), std::slice::from_ref(&shared));
        let found = find_domain(db, workspace, &shared.host).await.unwrap();
        assert_eq!(found.as_ref(), Some(&shared));
    }
    assert!(find_domain(db, acme.id, &host("else.example.com")).await.unwrap().is_none());
}
