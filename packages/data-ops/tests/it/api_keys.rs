//! API keys.

use data_ops::api_keys::{
    CreateApiKeyError, NewApiKey, create_api_key, find_api_key_by_prefix, list_api_keys, revoke_api_key, touch_api_key,
};
use data_ops::types::{ApiKeyName, Scope, UserId};

use crate::support::{Fixture, NOW, later, on_both_databases, tenant};

on_both_databases!(
    a_key_is_found_by_its_prefix,
    a_prefix_is_used_once,
    a_revoked_key_is_not_usable,
    use_is_noted_once_a_minute,
);

fn new_key(created_by: UserId, prefix: &str) -> NewApiKey {
    NewApiKey {
        created_by,
        name: ApiKeyName::parse("Import").unwrap(),
        prefix: prefix.to_owned(),
        key_hash: [9; 32],
        scopes: vec![Scope::LinksRead, Scope::AnalyticsRead],
        expires_at: Some(later(1000)),
    }
}

async fn a_key_is_found_by_its_prefix(fixture: Fixture) {
    let db = fixture.control();
    let (ada, acme) = tenant(db, "acme").await;
    let key = create_api_key(db, acme.id, &new_key(ada.id, "abc"), NOW).await.unwrap();
    let (found, hash) = find_api_key_by_prefix(db, "abc").await.unwrap().unwrap();
    assert_eq!((&found, hash), (&key, [9; 32]));
    assert!(found.is_usable(NOW));
    assert!(!found.is_usable(later(1000)), "expired");
    assert!(find_api_key_by_prefix(db, "abd").await.unwrap().is_none());
    assert_eq!(list_api_keys(db, acme.id).await.unwrap(), [key]);
}

async fn a_prefix_is_used_once(fixture: Fixture) {
    let db = fixture.control();
    let (ada, acme) = tenant(db, "acme").await;
    create_api_key(db, acme.id, &new_key(ada.id, "abc"), NOW).await.unwrap();
    let second = create_api_key(db, acme.id, &new_key(ada.id, "abc"), NOW).await;
    assert!(matches!(second, Err(CreateApiKeyError::PrefixTaken)));
}

async fn a_revoked_key_is_not_usable(fixture: Fixture) {
    let db = fixture.control();
    let (ada, acme) = tenant(db, "acme").await;
    let key = create_api_key(db, acme.id, &new_key(ada.id, "abc"), NOW).await.unwrap();
    assert!(revoke_api_key(db, acme.id, key.id, NOW).await.unwrap());
    assert!(!revoke_api_key(db, acme.id, key.id, NOW).await.unwrap());
    let (found, _) = find_api_key_by_prefix(db, "abc").await.unwrap().unwrap();
    assert!(!found.is_usable(NOW));
    assert!(list_api_keys(db, acme.id).await.unwrap().is_empty());
}

async fn use_is_noted_once_a_minute(fixture: Fixture) {
    let db = fixture.control();
    let (ada, acme) = tenant(db, "acme").await;
    let key = create_api_key(db, acme.id, &new_key(ada.id, "abc"), NOW).await.unwrap();
    for (at, expected) in [(0, 0), (59_999, 0), (60_000, 60_000)] {
        touch_api_key(db, acme.id, key.id, later(at)).await.unwrap();
        let (found, _) = find_api_key_by_prefix(db, "abc").await.unwrap().unwrap();
        assert_eq!(found.last_used_at, Some(later(expected)));
    }
}
