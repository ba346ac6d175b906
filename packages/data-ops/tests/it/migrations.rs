//! The schema.

use data_ops::accounts::count_users;
use data_ops::database::{Databases, MigrateError};
use sqlx::Connection;

use crate::support::{Fixture, on_both_databases, user};

on_both_databases!(migrating_twice_changes_nothing, two_processes_may_migrate_at_once, a_newer_schema_is_refused,);

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
