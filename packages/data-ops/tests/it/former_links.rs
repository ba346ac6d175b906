//! Slugs that links had before.

use data_ops::database::Database;
use data_ops::links::{
    CreateLinkError, Link, LinkChange, NewLink, UpdateLinkError, create_link, create_links, find_link, is_slug_free,
    update_link,
};
use data_ops::types::{DomainId, Host, WorkspaceId};
use futures_util::future::join_all;

use crate::support::{Fixture, NOW, host, later, link, new_link, on_both_databases, slug, tenant};

on_both_databases!(
    links_keep_their_former_slugs,
    links_take_their_former_slugs_back,
    links_that_move_to_another_domain_keep_their_slug_on_the_first,
    links_being_renamed_do_not_lose_their_slug_to_a_race,
    links_taking_a_slug_back_do_not_lose_it_to_a_race,
);

fn to_slug(text: &str) -> LinkChange {
    LinkChange { slug: Some(slug(text)), ..LinkChange::default() }
}

async fn rename(db: &Database, link: &Link, text: &str) -> Result<Link, UpdateLinkError> {
    let changed = update_link(db, link.workspace_id, link.id, &to_slug(text), later(1)).await?;
    Ok(changed.unwrap().1)
}

async fn is_free(db: &Database, workspace: WorkspaceId, text: &str) -> bool {
    is_slug_free(db, workspace, &host("go.example.com"), &slug(text)).await.unwrap().unwrap()
}

async fn links_keep_their_former_slugs(fixture: Fixture) {
    let db = fixture.control();
    let (_, acme) = tenant(db, "acme").await;
    let (_, other) = tenant(db, "other").await;
    let made = link(db, &acme, "first").await;
    rename(db, &made, "second").await.unwrap();
    rename(db, &made, "third").await.unwrap();
    for (workspace, suffix) in [(&acme, "a"), (&other, "b")] {
        let rival = link(db, workspace, &format!("rival-{suffix}")).await;
        for text in ["first", "second"] {
            assert!(!is_free(db, workspace.id, text).await);
            let refused = create_link(db, workspace.id, &new_link(text), later(2)).await;
            assert!(matches!(refused, Err(CreateLinkError::SlugRetired)), "{refused:?}");
            let refused = rename(db, &rival, text).await;
            assert!(matches!(refused, Err(UpdateLinkError::SlugRetired)), "{refused:?}");
        }
        assert_eq!(find_link(db, workspace.id, rival.id).await.unwrap(), Some(rival));
        // The good ones of a bulk are made all the same.
        let good = format!("good-{suffix}");
        let bulk = [new_link("first"), new_link(&good), new_link("second")];
        let results = create_links(db, workspace.id, &bulk, later(2)).await.unwrap();
        assert!(
            matches!(&results[..], [Err(CreateLinkError::SlugRetired), Ok(_), Err(CreateLinkError::SlugRetired)]),
            "{results:?}"
        );
    }
}

async fn links_take_their_former_slugs_back(fixture: Fixture) {
    let db = fixture.control();
    let (_, acme) = tenant(db, "acme").await;
    let (_, other) = tenant(db, "other").await;
    let made = link(db, &acme, "first").await;
    rename(db, &made, "second").await.unwrap();
    let back = rename(db, &made, "first").await.unwrap();
    assert_eq!((back.slug.as_str(), back.version), ("first", 3));
    let refused = create_link(db, other.id, &new_link("first"), later(2)).await;
    assert!(matches!(refused, Err(CreateLinkError::SlugTaken)), "{refused:?}");
    let refused = create_link(db, other.id, &new_link("second"), later(2)).await;
    assert!(matches!(refused, Err(CreateLinkError::SlugRetired)), "{refused:?}");
    // And again: what was taken back is kept anew when the link leaves it.
    rename(db, &made, "second").await.unwrap();
    let refused = create_link(db, other.id, &new_link("first"), later(2)).await;
    assert!(matches!(refused, Err(CreateLinkError::SlugRetired)), "{refused:?}");
}

/// Nothing adds a second domain yet; the schema has them.
async fn add_domain(fixture: &Fixture, workspace: WorkspaceId, domain: &Host) {
    const ADD: &str = "INSERT INTO domains (id, workspace_id, host, created_at) VALUES ($1, $2, $3, $4)";
    let (id, workspace) = (DomainId::from_bytes([9; 16]).as_uuid(), workspace.as_uuid());
    match &fixture.config {
        data_ops::database::DatabaseConfig::Sqlite { directory } => {
            let options = sqlx::sqlite::SqliteConnectOptions::new().filename(directory.join("control.db"));
            let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
            let insert = sqlx::query(ADD).bind(id).bind(workspace).bind(domain.as_str()).bind(NOW.as_millis());
            insert.execute(&pool).await.unwrap();
        }
        data_ops::database::DatabaseConfig::Postgres { url, .. } => {
            let pool = sqlx::PgPool::connect(url).await.unwrap();
            let insert = sqlx::query(ADD).bind(id).bind(workspace).bind(domain.as_str()).bind(NOW.as_millis());
            insert.execute(&pool).await.unwrap();
        }
    }
}

async fn links_that_move_to_another_domain_keep_their_slug_on_the_first(fixture: Fixture) {
    let db = fixture.control();
    let (_, acme) = tenant(db, "acme").await;
    let (_, other) = tenant(db, "other").await;
    let elsewhere = host("acme.example.com");
    add_domain(&fixture, acme.id, &elsewhere).await;
    let made = link(db, &acme, "first").await;
    let moved = LinkChange { domain: Some(elsewhere.clone()), ..LinkChange::default() };
    update_link(db, acme.id, made.id, &moved, later(1)).await.unwrap().unwrap();
    let refused = create_link(db, other.id, &new_link("first"), later(2)).await;
    assert!(matches!(refused, Err(CreateLinkError::SlugRetired)), "{refused:?}");
    let back = LinkChange { domain: Some(made.domain.clone()), ..LinkChange::default() };
    update_link(db, acme.id, made.id, &back, later(3)).await.unwrap().unwrap();
    let there = NewLink { domain: Some(elsewhere), ..new_link("first") };
    let refused = create_link(db, acme.id, &there, later(4)).await;
    assert!(matches!(refused, Err(CreateLinkError::SlugRetired)), "{refused:?}");
}

async fn links_being_renamed_do_not_lose_their_slug_to_a_race(fixture: Fixture) {
    let db = fixture.control();
    let (_, acme) = tenant(db, "acme").await;
    let (_, other) = tenant(db, "other").await;
    for round in 0..20 {
        let (old, new) = (format!("old-{round}"), format!("new-{round}"));
        let made = link(db, &acme, &old).await;
        let mover = link(db, &other, &format!("mover-{round}")).await;
        let wanted = new_link(&old);
        let creates = join_all((0..4).map(|_| create_link(db, other.id, &wanted, later(1))));
        let (renamed, moved, created) = tokio::join!(rename(db, &made, &new), rename(db, &mover, &old), creates);
        renamed.unwrap();
        assert!(matches!(moved, Err(UpdateLinkError::SlugTaken | UpdateLinkError::SlugRetired)), "{moved:?}");
        for result in created {
            assert!(
                matches!(result, Err(CreateLinkError::SlugTaken | CreateLinkError::SlugRetired)),
                "round {round}: {result:?}"
            );
        }
        assert_eq!(rename(db, &made, &old).await.unwrap().slug.as_str(), old);
    }
}

async fn links_taking_a_slug_back_do_not_lose_it_to_a_race(fixture: Fixture) {
    let db = fixture.control();
    let (_, acme) = tenant(db, "acme").await;
    let (_, other) = tenant(db, "other").await;
    let made = link(db, &acme, "old").await;
    let wanted = new_link("old");
    for round in 0..20 {
        rename(db, &made, &format!("new-{round}")).await.unwrap();
        let creates = join_all((0..4).map(|_| create_link(db, other.id, &wanted, later(1))));
        let (back, created) = tokio::join!(rename(db, &made, "old"), creates);
        assert_eq!(back.unwrap().slug.as_str(), "old");
        assert!(created.iter().all(Result::is_err), "round {round}: {created:?}");
    }
}

/// The order that decides: the slug is still its link's when another link asks for it, and vacated before that is answered.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn links_wait_for_a_rename_under_way_and_are_refused_its_slug() {
    const WAITING: &str = "SELECT count(*) FROM pg_stat_activity \
        WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'INSERT INTO \"links\"%'";
    let fixture = Fixture::postgres().await;
    let db = fixture.control();
    let (_, acme) = tenant(db, "acme").await;
    let (_, other) = tenant(db, "other").await;
    let made = link(db, &acme, "old").await;
    let data_ops::database::DatabaseConfig::Postgres { url, .. } = &fixture.config else { panic!("not PostgreSQL") };
    let pool = sqlx::PgPool::connect(url).await.unwrap();
    let mut renaming = pool.begin().await.unwrap();
    for statement in [
        "UPDATE links SET slug = 'new' WHERE id = $1",
        "INSERT INTO former_slugs SELECT domain_id, 'old', id, workspace_id, changed_at FROM links WHERE id = $1",
    ] {
        sqlx::query(statement).bind(made.id.as_uuid()).execute(&mut *renaming).await.unwrap();
    }
    let wanted = new_link("old");
    let create = create_link(db, other.id, &wanted, later(1));
    let rename = async {
        while sqlx::query_scalar::<_, i64>(WAITING).fetch_one(&pool).await.unwrap() == 0 {
            tokio::task::yield_now().await;
        }
        renaming.commit().await.unwrap();
    };
    let (created, ()) = tokio::join!(create, rename);
    assert!(matches!(created, Err(CreateLinkError::SlugRetired)), "{created:?}");
    assert!(!is_free(db, other.id, "old").await);
    assert_eq!(find_link(db, acme.id, made.id).await.unwrap().unwrap().slug.as_str(), "new");
}
