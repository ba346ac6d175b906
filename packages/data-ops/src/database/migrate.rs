//! Migrations: plain SQL files, one per database under the same name, each applied in a transaction.

use std::fs::File;

use sea_orm::sea_query::IntoIden;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, DynIden};
use sea_orm_migration::{MigrationName, MigrationTrait, MigratorTraitSelf, SchemaManager, async_trait::async_trait};
use sqlx::Connection;
use sqlx::postgres::PgConnection;

use super::{DatabaseError, Databases, Pools};

/// Why the schema could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The database knows migrations this program does not.
    #[error(
        "the database was last used by a newer version of hashroute (it has the migrations {}); \
         start that version or newer, or restore a backup made before the upgrade",
        unknown.join(", ")
    )]
    NewerSchema {
        /// The migrations found that this version does not know.
        unknown: Vec<String>,
    },
    /// The database lacks migrations, and it is not for the caller to apply them.
    #[error(
        "the database is not there yet, or was last used by an older version of hashroute: start the service of this version, or run \
         `hashroute migrate`, first"
    )]
    OlderSchema,
    /// The file that keeps two processes from migrating at once cannot be locked.
    #[error("cannot lock the database for its migrations")]
    Lock(#[source] std::io::Error),
    /// A statement failed; the migration it belongs to has been rolled back.
    #[error("the database schema could not be brought up to date")]
    Database(#[from] DatabaseError),
}

impl From<DbErr> for MigrateError {
    fn from(error: DbErr) -> Self {
        Self::Database(error.into())
    }
}

impl From<sqlx::Error> for MigrateError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

struct SqlMigration {
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

macro_rules! migrations {
    ($folder:literal: $($name:literal),+ $(,)?) => {
        &[$(SqlMigration {
            name: $name,
            sqlite: include_str!(concat!("../../migrations/sqlite/", $folder, "/", $name, ".sql")),
            postgres: include_str!(concat!("../../migrations/postgres/", $folder, "/", $name, ".sql")),
        }),+]
    };
}

/// In the order they are applied. Never edit one that has been released: add the next.
const CONTROL: &[SqlMigration] =
    migrations!["control": "0001_accounts", "0002_links", "0003_former_slugs", "0004_durable", "0005_destinations"];
const CLICKS: &[SqlMigration] = migrations!["clicks": "0001_clicks", "0002_link_days", "0003_served_backups"];

/// The number under which replicas agree who migrates a PostgreSQL database.
const ADVISORY_LOCK: i64 = 0x6861_7368_726f_7574;

impl MigrationName for &'static SqlMigration {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait]
impl MigrationTrait for &'static SqlMigration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sql = match manager.get_database_backend() {
            DbBackend::Postgres => self.postgres,
            _ => self.sqlite,
        };
        manager.get_connection().execute_unprepared(sql).await?;
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

struct Migrator {
    migrations: &'static [SqlMigration],
    table: &'static str,
}

const MIGRATORS: [Migrator; 2] = [
    Migrator { migrations: CONTROL, table: "control_migrations" },
    Migrator { migrations: CLICKS, table: "click_migrations" },
];

#[async_trait]
impl MigratorTraitSelf for Migrator {
    fn migrations(&self) -> Vec<Box<dyn MigrationTrait>> {
        self.migrations.iter().map(|migration| Box::new(migration) as Box<dyn MigrationTrait>).collect()
    }

    fn migration_table_name(&self) -> DynIden {
        self.table.into_iden()
    }
}

impl Migrator {
    /// Applies what is missing, after making sure that nothing is there which this program does not know.
    async fn run(&self, connection: &DatabaseConnection) -> Result<(), MigrateError> {
        self.refuse_newer(connection).await?;
        self.up(connection, None).await?;
        Ok(())
    }

    /// Makes sure that there is all this program knows, and nothing else.
    async fn check(&self, connection: &DatabaseConnection) -> Result<(), MigrateError> {
        self.refuse_newer(connection).await?;
        if self.get_pending_migrations(connection).await?.is_empty() { Ok(()) } else { Err(MigrateError::OlderSchema) }
    }

    async fn refuse_newer(&self, connection: &DatabaseConnection) -> Result<(), MigrateError> {
        let unknown: Vec<String> = self
            .get_migration_models(connection)
            .await?
            .into_iter()
            .map(|applied| applied.version)
            .filter(|version| self.migrations.iter().all(|known| known.name != version))
            .collect();
        if !unknown.is_empty() {
            return Err(MigrateError::NewerSchema { unknown });
        }
        Ok(())
    }
}

pub(super) async fn check(databases: &Databases) -> Result<(), MigrateError> {
    let [control, clicks] = MIGRATORS;
    control.check(databases.control.write()).await?;
    clicks.check(databases.clicks.write()).await
}

pub(super) async fn migrate(databases: &Databases) -> Result<(), MigrateError> {
    let [control, clicks] = MIGRATORS;
    let lock = lock(databases).await?;
    let migrated = async {
        control.run(databases.control.write()).await?;
        clicks.run(databases.clicks.write()).await
    }
    .await;
    if let Lock::Session(connection) = lock {
        // Ending the session gives the lock back, whatever became of the migrations.
        connection.close().await?;
    }
    migrated
}

/// What keeps others from migrating until it is dropped or closed.
enum Lock {
    File(#[expect(dead_code, reason = "unlocked when dropped")] File),
    Session(PgConnection),
}

/// Processes that start together must not migrate together. On PostgreSQL the lock lives on a connection of its own,
/// because locks of this kind belong to the session and a pool hands sessions around; on SQLite it is a file beside the
/// database.
async fn lock(databases: &Databases) -> Result<Lock, MigrateError> {
    match databases.control.pools() {
        Pools::Sqlite { write, .. } => {
            let path = write.connect_options().get_filename().with_extension("migrating");
            let locked = tokio::task::spawn_blocking(move || {
                let file = File::create(path)?;
                file.lock()?;
                Ok(file)
            });
            let locked = locked.await.unwrap_or_else(|error| Err(std::io::Error::other(error)));
            locked.map(Lock::File).map_err(MigrateError::Lock)
        }
        Pools::Postgres(pool) => {
            let mut connection = PgConnection::connect_with(&pool.connect_options()).await?;
            sqlx::query("SET lock_timeout = 0").execute(&mut connection).await?;
            sqlx::query("SELECT pg_advisory_lock($1)").bind(ADVISORY_LOCK).execute(&mut connection).await?;
            Ok(Lock::Session(connection))
        }
    }
}
