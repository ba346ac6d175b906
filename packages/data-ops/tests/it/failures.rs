//! What a database in trouble is told as.

use data_ops::database::{DatabaseConfig, DatabaseError, DatabaseErrorKind};
use data_ops::links::{CreateLinkError, create_link, find_link};
use sqlx::postgres::PgConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection, Executor};

use crate::support::{Fixture, NOW, link, new_link, on_both_databases, tenant};

on_both_databases!(a_locked_database_is_unavailable_and_still_read, a_full_disk_is_told_as_such);

/// Holds a lock that keeps everyone else from writing links.
enum Blocker {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

async fn block(config: &DatabaseConfig) -> Blocker {
    match config {
        DatabaseConfig::Sqlite { directory } => {
            let options = SqliteConnectOptions::new().filename(directory.join("control.db"));
            let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
            connection.execute("BEGIN EXCLUSIVE").await.unwrap();
            Blocker::Sqlite(connection)
        }
        DatabaseConfig::Postgres { url, .. } => {
            let mut connection = PgConnection::connect(url).await.unwrap();
            connection.execute("BEGIN; LOCK TABLE links IN EXCLUSIVE MODE").await.unwrap();
            Blocker::Postgres(connection)
        }
    }
}

async fn a_locked_database_is_unavailable_and_still_read(fixture: Fixture) {
    let db = fixture.control();
    let (_, acme) = tenant(db, "acme").await;
    let made = link(db, &acme, "before").await;
    let blocker = block(&fixture.config).await;
    let new = new_link("during");
    let (during, read) = tokio::join!(create_link(db, acme.id, &new, NOW), find_link(db, acme.id, made.id));
    let Err(CreateLinkError::Database(error)) = during else { panic!("{during:?}") };
    assert_eq!(error.kind(), DatabaseErrorKind::Unavailable, "{error:?}");
    assert_eq!(read.unwrap(), Some(made));
    match blocker {
        Blocker::Sqlite(connection) => connection.close().await.unwrap(),
        Blocker::Postgres(connection) => connection.close().await.unwrap(),
    }
    create_link(db, acme.id, &new, NOW).await.unwrap();
}

async fn a_full_disk_is_told_as_such(fixture: Fixture) {
    let error = match &fixture.config {
        DatabaseConfig::Sqlite { directory } => {
            let options = SqliteConnectOptions::new().filename(directory.join("control.db"));
            let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
            // As if the disk ended where the file does.
            connection.execute("PRAGMA max_page_count = 1").await.unwrap();
            // More than any pages that are free inside it.
            connection.execute("CREATE TABLE more AS SELECT randomblob(4000000) AS bytes").await.unwrap_err()
        }
        DatabaseConfig::Postgres { url, .. } => {
            let mut connection = PgConnection::connect(url).await.unwrap();
            let full = "DO $$ BEGIN RAISE EXCEPTION 'full' USING ERRCODE = 'disk_full'; END $$";
            connection.execute(full).await.unwrap_err()
        }
    };
    let error = DatabaseError::from(error);
    assert_eq!(error.kind(), DatabaseErrorKind::StorageFull, "{error:?}");
}
