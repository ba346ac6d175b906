//! The schema.

use data_ops::accounts::count_users;
use data_ops::database::{Databases, MigrateError};
use sqlx::Connection;

use crate::support::{Fixture, on_both_databases, user};

on_both_databases!(
    migrating_twice_changes_nothing,
    two_processes_may_migrate_at_once,
    a_newer_schema_is_refused,
    links_of_an_older_version_get_their_destinations,
);

#[tokio::test]
async fn every_migration_exists_for_both_databases() {
    let names = |database: &str| {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(database);
        let mut names = Vec::new();
        for folder in ["control", "clicks"] {
            for entry in std::fs::read_dir(root.join(folder)).unwrap() {
                names.push(format!("{folder}/{}", entry.unwrap().file_name().into_string().unwrap()));
            }
        }
        names.sort();
        names
    };
    assert_eq!(names("sqlite"), names("postgres"));
}

async fn migrating_twice_changes_nothing(fixture: Fixture) {
    user(fixture.control(), "ada@example.com").await;
    fixture.databases.migrate().await.unwrap();
    assert_eq!(count_users(fixture.control()).await.unwrap(), 1);
}

async fn two_processes_may_migrate_at_once(fixture: Fixture) {
    drop(fixture);
    for fixture in [Fixture::empty_sqlite().await, Fixture::empty_postgres().await] {
        let second = fixture.connect_again().await;
        let (first, second) = tokio::join!(fixture.databases.migrate(), second.migrate());
        first.unwrap();
        second.unwrap();
    }
}

async fn a_newer_schema_is_refused(fixture: Fixture) {
    let note = "INSERT INTO control_migrations (version, applied_at) VALUES ('9999_from_the_future', 0)";
    fixture.execute_on_control(note.to_owned()).await;
    let error = fixture.databases.migrate().await.unwrap_err();
    let MigrateError::NewerSchema { unknown } = &error else { panic!("{error:?}") };
    assert_eq!(unknown, &["9999_from_the_future"]);
    assert!(error.to_string().contains("newer version"));
}

/// The links of an older version, as SQL: a workspace with one of each kind, and a URL with a backslash in two of them.
const OLDER_LINKS: &str = "
    INSERT INTO workspaces VALUES (ID1, 'acme', 'Acme', 5, 5);
    INSERT INTO domains VALUES (ID2, NULL, 'go.example.com', 5);
    INSERT INTO links (id, workspace_id, domain_id, slug, url, geo, rules, created_at, updated_at, deleted_at) VALUES
        (ID3, ID1, ID2, 'plain', 'https://example.com/?a\\b', NULL, NULL, 1772366400000, 1772366400000, NULL),
        (ID4, ID1, ID2, 'gone', 'https://example.com/gone', NULL, NULL, 1, 1, 2),
        (ID5, ID1, ID2, 'full', 'https://example.com/?a\\b', '{\"DE\":\"https://example.com/de\"}',
         '[{\"when\":{\"type\":\"country\",\"op\":\"in\",\"value\":[\"US\"]},
            \"destinations\":[{\"url\":\"https://example.com/a\",\"weight\":1},{\"url\":\"https://example.com/de\",\"weight\":2}]}]',
         1772366400001, 1772366400001, NULL);";

async fn links_of_an_older_version_get_their_destinations(fixture: Fixture) {
    let (older, backend) = match fixture.config {
        data_ops::database::DatabaseConfig::Sqlite { .. } => (Fixture::empty_sqlite().await, "sqlite"),
        data_ops::database::DatabaseConfig::Postgres { .. } => (Fixture::empty_postgres().await, "postgres"),
    };
    drop(fixture);
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(backend).join("control");
    let kind = if backend == "sqlite" { "INTEGER" } else { "BIGINT" };
    let ledger = format!("CREATE TABLE control_migrations (version VARCHAR PRIMARY KEY, applied_at {kind} NOT NULL);");
    older.execute_on_control(ledger).await;
    for name in ["0001_accounts", "0002_links", "0003_former_slugs", "0004_durable"] {
        let sql = std::fs::read_to_string(folder.join(format!("{name}.sql"))).unwrap();
        older.execute_on_control(sql).await;
        older.execute_on_control(format!("INSERT INTO control_migrations VALUES ('{name}', 0);")).await;
    }
    let mut links = OLDER_LINKS.to_owned();
    for number in 1..=5 {
        links = links.replace(&format!("ID{number}"), &older.literal(&[number; 16], "uuid"));
    }
    older.execute_on_control(links).await;

    older.databases.migrate().await.unwrap();
    for (sql, expected) in [
        ("SELECT count(*) FROM destinations", 3),
        ("SELECT count(*) FROM destinations WHERE down", 0),
        ("SELECT count(*) FROM destinations WHERE state = 'unknown' AND state_since >= 1772366400000", 3),
        ("SELECT count(*) FROM link_destinations WHERE is_primary", 4),
        ("SELECT count(DISTINCT link_id) FROM link_destinations", 2),
        ("SELECT count(*) FROM links WHERE changed_at >= updated_at AND monitor_enabled", 3),
    ] {
        assert_eq!(older.number_of_control_database(sql).await, expected, "{sql}");
    }
}

#[tokio::test]
async fn sqlite_keeps_its_promises() {
    let fixture = Fixture::sqlite().await;
    let data_ops::database::DatabaseConfig::Sqlite { directory } = &fixture.config else { panic!("not SQLite") };
    for file in ["control.db", "clicks.db"] {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(directory.join(file));
        let mut connection = sqlx::sqlite::SqliteConnection::connect_with(&options).await.unwrap();
        let mode: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut connection).await.unwrap();
        assert_eq!(mode, "wal", "{file}");
    }
}

#[tokio::test]
async fn the_password_of_the_database_is_not_printed() {
    let config = data_ops::database::DatabaseConfig::Postgres {
        url: "postgres://user:hunter2@db/hashroute".to_owned(),
        max_connections: 1,
    };
    assert!(!format!("{config:?}").contains("hunter2"));
    let wrong = data_ops::database::DatabaseConfig::Postgres { url: "nonsense".to_owned(), max_connections: 1 };
    assert!(Databases::connect(&wrong).await.is_err());
}
