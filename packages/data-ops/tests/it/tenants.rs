//! Tenants are sealed: through every query that takes a workspace, what is another's is as absent as what never was.

use data_ops::analytics::{self, Dimension, Range, Scope};
use data_ops::api_keys::{
    NewApiKey, create_api_key, find_api_key_by_prefix, list_api_keys, revoke_api_key, touch_api_key,
};
use data_ops::clicks::record_clicks;
use data_ops::links::{
    LinkChange, LinkFilter, NewLink, Page, count_links, create_link, delete_link, find_link, find_link_by_external_id,
    find_link_by_slug, find_links, list_links, update_link,
};
use data_ops::types::ApiKeyName;
use uuid::Uuid;

use crate::support::{Fixture, NOW, click, later, new_link, on_both_databases, tenant};

on_both_databases!(links_of_others_are_absent, api_keys_of_others_are_absent, clicks_of_others_are_absent);

async fn links_of_others_are_absent(fixture: Fixture) {
    let db = fixture.control();
    let (_, acme) = tenant(db, "acme").await;
    let (_, other) = tenant(db, "other").await;
    let new = NewLink { external_id: Some("7".to_owned()), ..new_link("secret") };
    let theirs = create_link(db, other.id, &new, NOW).await.unwrap();
    let me = acme.id;
    assert_eq!(find_link(db, me, theirs.id).await.unwrap(), None);
    assert_eq!(find_links(db, me, &[theirs.id]).await.unwrap(), []);
    let by_slug = find_link_by_slug(db, me, &theirs.domain, &theirs.slug).await.unwrap();
    assert_eq!(by_slug, None);
    assert_eq!(find_link_by_external_id(db, me, "7").await.unwrap(), None);
    let change = LinkChange { title: Some("mine now".to_owned()), ..LinkChange::default() };
    assert_eq!(update_link(db, me, theirs.id, &change, NOW).await.unwrap(), None);
    assert_eq!(delete_link(db, me, theirs.id, NOW).await.unwrap(), None);
    let filter = LinkFilter { search: Some("secret".to_owned()), ..LinkFilter::default() };
    for filter in [LinkFilter::default(), filter] {
        assert_eq!(list_links(db, me, &filter, &Page::default()).await.unwrap(), []);
        assert_eq!(count_links(db, me, &filter).await.unwrap(), 0);
    }
    assert_eq!(find_link(db, other.id, theirs.id).await.unwrap(), Some(theirs));
}

async fn api_keys_of_others_are_absent(fixture: Fixture) {
    let db = fixture.control();
    let (_, acme) = tenant(db, "acme").await;
    let (bob, other) = tenant(db, "other").await;
    let new = NewApiKey {
        created_by: bob.id,
        name: ApiKeyName::parse("Theirs").unwrap(),
        prefix: "abc".to_owned(),
        key_hash: [1; 32],
        scopes: Vec::new(),
        expires_at: None,
    };
    let theirs = create_api_key(db, other.id, &new, NOW).await.unwrap();
    assert_eq!(list_api_keys(db, acme.id).await.unwrap(), []);
    assert!(!revoke_api_key(db, acme.id, theirs.id, NOW).await.unwrap());
    touch_api_key(db, acme.id, theirs.id, NOW).await.unwrap();
    let (found, _) = find_api_key_by_prefix(db, "abc").await.unwrap().unwrap();
    assert_eq!(found, theirs, "neither revoked nor touched");
}

async fn clicks_of_others_are_absent(fixture: Fixture) {
    let db = fixture.control();
    let (_, acme) = tenant(db, "acme").await;
    let (_, other) = tenant(db, "other").await;
    let theirs = create_link(db, other.id, &new_link("secret"), NOW).await.unwrap();
    let clicks = [click(1, other.id, theirs.id, NOW)];
    record_clicks(fixture.clicks(), Uuid::nil(), "test", &clicks, (0, 1)).await.unwrap();
    let range = Range { start: later(-3_600_000), end: later(3_600_000) };
    let db = fixture.clicks();
    for scope in [Scope::Workspace(acme.id), Scope::Link(acme.id, theirs.id)] {
        assert_eq!(analytics::count(db, scope, range).await.unwrap(), 0);
        let values = analytics::breakdown(db, scope, range, Dimension::Os, 10).await.unwrap();
        assert_eq!(values, []);
        let zone = jiff::tz::TimeZone::UTC;
        let hour = analytics::Granularity::Hour;
        let series = analytics::timeseries(db, scope, range, hour, zone).await.unwrap();
        assert!(series.iter().all(|bucket| bucket.clicks == 0));
    }
    assert_eq!(analytics::top_links(db, acme.id, range, 10).await.unwrap(), []);
    let own = Scope::Link(other.id, theirs.id);
    assert_eq!(analytics::count(db, own, range).await.unwrap(), 1);
}
