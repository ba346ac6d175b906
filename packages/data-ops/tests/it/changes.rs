//! What a replica reads of the changes that others made.

use std::time::Duration;

use data_ops::database::{Database, DatabaseConfig};
use data_ops::links::{ChangeCursor, Link, LinkChange, create_links, delete_link, find_routable, update_link};
use data_ops::types::{LinkId, Timestamp};

use crate::support::{Fixture, NOW, later, link, new_link, on_both_databases, slug, tenant, url};

on_both_databases!(
    changes_and_deletions_are_reported,
    a_former_slug_is_reported_until_it_is_taken_back,
    every_edit_is_later_than_the_one_before,
    a_bulk_of_changes_is_read_once_and_in_pages,
    a_change_that_commits_late_is_read,
    what_is_settled_is_not_compared,
);

const OVERLAP: Duration = Duration::from_secs(5);

async fn begin(db: &Database) -> ChangeCursor {
    ChangeCursor::begin(db, OVERLAP).await.unwrap()
}

/// What changed since, sorted: link, slug, version.
async fn read(db: &Database, cursor: &mut ChangeCursor) -> Vec<(LinkId, String, i64)> {
    cursor.recheck(db).await.unwrap();
    let changed = cursor.next(db, 1_000).await.unwrap();
    assert!(changed.is_sorted_by_key(|change| change.changed_at), "{changed:?}");
    assert!(changed.last().is_none_or(|last| last.changed_at == cursor.reached()), "{changed:?}");
    let mut changed: Vec<_> = changed.into_iter().map(|change| (change.link_id, change.slug, change.version)).collect();
    changed.sort();
    changed
}

async fn rename(db: &Database, link: &Link, to: &str, at: Timestamp) {
    let change = LinkChange { slug: Some(slug(to)), ..LinkChange::default() };
    update_link(db, link.workspace_id, link.id, &change, at).await.unwrap().unwrap();
}

async fn changes_and_deletions_are_reported(fixture: Fixture) {
    let db = fixture.control();
    let (_, acme) = tenant(db, "acme").await;
    let second = link(db, &acme, "second").await;
    let mut cursor = begin(db).await;
    // From within the overlap, since it may have committed after a scan that began before.
    assert_eq!(read(db, &mut cursor).await, [(second.id, "second".to_owned(), 1)]);
    let first = link(db, &acme, "first").await;
    assert!(read(db, &mut cursor).await.contains(&(first.id, "first".to_owned(), 1)));
    assert_eq!(read(db, &mut cursor).await, []);
    let change = LinkChange { url: Some(url("https://example.com/new")), ..LinkChange::default() };
    update_link(db, acme.id, first.id, &change, later(1_000)).await.unwrap();
    assert!(read(db, &mut cursor).await.contains(&(first.id, "first".to_owned(), 2)));
    delete_link(db, acme.id, second.id, later(2_000)).await.unwrap();
    assert!(read(db, &mut cursor).await.contains(&(second.id, "second".to_owned(), 2)));
    assert_eq!(read(db, &mut cursor).await, []);
}

async fn a_former_slug_is_reported_until_it_is_taken_back(fixture: Fixture) {
    let db = fixture.control();
    let (_, acme) = tenant(db, "acme").await;
    let made = link(db, &acme, "first").await;
    let mut cursor = begin(db).await;
    rename(db, &made, "second", later(1_000)).await;
    let expected = [(made.id, "first".to_owned(), 2), (made.id, "second".to_owned(), 2)];
    assert_eq!(read(db, &mut cursor).await, expected);
    assert!(find_routable(db, made.domain_id, "first").await.unwrap().is_none());
    rename(db, &made, "first", later(2_000)).await;
    let expected = [(made.id, "first".to_owned(), 3), (made.id, "second".to_owned(), 3)];
    assert_eq!(read(db, &mut cursor).await, expected);
    assert_eq!(read(db, &mut cursor).await, []);
}

async fn every_edit_is_later_than_the_one_before(fixture: Fixture) {
    let db = fixture.control();
    let (_, acme) = tenant(db, "acme").await;
    let made = link(db, &acme, "first").await;
    let mut cursor = begin(db).await;
    read(db, &mut cursor).await;
    for number in 0_i64..3 {
        let before = cursor.reached();
        // As if by a node whose clock is behind.
        rename(db, &made, &format!("slug-{number}"), later(-1_000 * number)).await;
        let changed = read(db, &mut cursor).await;
        assert!(changed.contains(&(made.id, format!("slug-{number}"), number + 2)), "{changed:?}");
        assert!(cursor.reached() > before);
    }
}

async fn a_bulk_of_changes_is_read_once_and_in_pages(fixture: Fixture) {
    let db = fixture.control();
    let (_, acme) = tenant(db, "acme").await;
    let mut cursor = begin(db).await;
    let made = create_links(db, acme.id, &vec![new_link(""); 250], NOW).await.unwrap();
    let mut expected: Vec<_> = made.into_iter().map(|link| link.unwrap().id).collect();
    let mut read = Vec::new();
    for length in [100, 100, 50, 0] {
        assert!(!cursor.recheck(db).await.unwrap());
        let page = cursor.next(db, 100).await.unwrap();
        assert_eq!(page.len(), length);
        read.extend(page.into_iter().map(|change| change.link_id));
    }
    read.sort();
    expected.sort();
    assert!(read == expected, "{} read of {}", read.len(), expected.len());
    assert!(!cursor.recheck(db).await.unwrap());
}

/// Edits `early`, then `late`, and has the later edit visible first. Returns what was read at that moment.
async fn edit_out_of_order(
    fixture: &Fixture,
    cursor: &mut ChangeCursor,
    early: &Link,
    late: &Link,
) -> Vec<(LinkId, String, i64)> {
    let db = fixture.control();
    let edit = async |link: &Link, at| {
        let change = LinkChange { title: Some("edited".to_owned()), ..LinkChange::default() };
        update_link(db, link.workspace_id, link.id, &change, at).await.unwrap().unwrap();
    };
    match &fixture.config {
        DatabaseConfig::Sqlite { .. } => {
            edit(late, later(2_000)).await;
            let seen = read(db, cursor).await;
            edit(early, later(1_000)).await;
            seen
        }
        DatabaseConfig::Postgres { url, .. } => {
            let pool = sqlx::PgPool::connect(url).await.unwrap();
            let mut open = pool.begin().await.unwrap();
            let update = sqlx::query("UPDATE links SET version = version + 1 WHERE id = $1").bind(early.id.as_uuid());
            update.execute(&mut *open).await.unwrap();
            edit(late, later(2_000)).await;
            let seen = read(db, cursor).await;
            open.commit().await.unwrap();
            seen
        }
    }
}

async fn a_change_that_commits_late_is_read(fixture: Fixture) {
    let db = fixture.control();
    let (_, acme) = tenant(db, "acme").await;
    let (early, late) = (link(db, &acme, "early").await, link(db, &acme, "late").await);
    let mut cursor = begin(db).await;
    assert_eq!(read(db, &mut cursor).await.len(), 2);
    let seen = edit_out_of_order(&fixture, &mut cursor, &early, &late).await;
    assert!(seen.contains(&(late.id, "late".to_owned(), 2)), "{seen:?}");
    assert!(!seen.contains(&(early.id, "early".to_owned(), 2)), "{seen:?}");
    let seen = read(db, &mut cursor).await;
    assert!(seen.contains(&(early.id, "early".to_owned(), 2)), "{seen:?}");
    assert_eq!(read(db, &mut cursor).await, []);
}

async fn what_is_settled_is_not_compared(fixture: Fixture) {
    let db = fixture.control();
    let (_, acme) = tenant(db, "acme").await;
    let made = link(db, &acme, "first").await;
    let mut cursor = begin(db).await;
    assert_eq!(read(db, &mut cursor).await.len(), 1);
    cursor.settle(cursor.reached());
    // The link leaves the moment it was made, which is the last one read and stays compared.
    delete_link(db, acme.id, made.id, later(1_000)).await.unwrap();
    assert!(cursor.recheck(db).await.unwrap());
    assert_eq!(read(db, &mut cursor).await, [(made.id, "first".to_owned(), 2)]);
    let other = link(db, &acme, "other").await;
    rename(db, &other, "another", later(3_000)).await;
    assert_eq!(read(db, &mut cursor).await.len(), 2);
    cursor.settle(Timestamp::from_millis(i64::MAX));
    if db.is_sqlite() {
        link(db, &acme, "too-late").await;
        assert_eq!(read(db, &mut cursor).await, []);
    }
}
