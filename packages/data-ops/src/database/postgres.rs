//! PostgreSQL: one pool, shared by control data and clicks.

use std::str::FromStr;
use std::time::Duration;

use sea_orm::SqlxPostgresConnector;
use sqlx::ConnectOptions;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::{ConnectError, Database, DatabaseError, Databases};

const PATIENCE: Duration = Duration::from_secs(5);

pub(super) async fn connect(url: &str, max_connections: u32) -> Result<Databases, ConnectError> {
    let options = PgConnectOptions::from_str(url)
        .map_err(ConnectError::Url)?
        .application_name("hashroute")
        // A row locked by someone else is reported as unavailable, as it is on SQLite, rather than waited for without end.
        // A node that is frozen or cut off within a transaction must not hold its locks, for which all others wait.
        .options([("lock_timeout", "5s"), ("idle_in_transaction_session_timeout", "10s")])
        .disable_statement_logging();
    let pool = PgPoolOptions::new()
        .max_connections(max_connections.max(2))
        .acquire_timeout(PATIENCE)
        .connect_with(options)
        .await
        .map_err(DatabaseError::from)?;
    let connection = SqlxPostgresConnector::from_sqlx_postgres_pool(pool);
    let database = Database { write: connection.clone(), read: connection };
    Ok(Databases { control: database.clone(), clicks: database })
}
