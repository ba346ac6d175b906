//! One error for everything a database can say, sorted into what the caller can do about it.

use std::sync::Arc;

use sea_orm::{DbErr, RuntimeErr};

/// What the caller can do about a [`DatabaseError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DatabaseErrorKind {
    /// No space is left: writes fail until someone frees some; reads still work.
    StorageFull,
    /// Locked, restarting, out of connections or not reachable: the same request may succeed later.
    Unavailable,
    /// Anything else: trying again gives the same answer.
    Other,
}

/// A statement failed, or a stored value could not be read back.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DatabaseError {
    /// See [`DatabaseErrorKind::StorageFull`].
    #[error("the database has no space left")]
    StorageFull(#[source] Arc<sqlx::Error>),
    /// See [`DatabaseErrorKind::Unavailable`].
    #[error("the database is not available")]
    Unavailable(#[source] Arc<sqlx::Error>),
    /// The database refused the statement.
    #[error("the database refused a statement")]
    Statement(#[source] Arc<sqlx::Error>),
    /// The layer above the driver failed.
    #[error("a query could not be carried out")]
    Query(#[source] DbErr),
    /// A column holds what its type no longer accepts.
    #[error("the stored {what} cannot be read: {reason}")]
    Stored {
        /// Which column.
        what: &'static str,
        /// What is wrong with its value.
        reason: String,
    },
}

impl DatabaseError {
    /// What the caller can do about it.
    pub fn kind(&self) -> DatabaseErrorKind {
        match self {
            Self::StorageFull(_) => DatabaseErrorKind::StorageFull,
            Self::Unavailable(_) => DatabaseErrorKind::Unavailable,
            Self::Statement(_) | Self::Query(_) | Self::Stored { .. } => DatabaseErrorKind::Other,
        }
    }

    /// For a column whose value no longer parses.
    pub(crate) fn stored(what: &'static str, reason: impl std::fmt::Display) -> Self {
        Self::Stored { what, reason: reason.to_string() }
    }

    fn driver(error: Arc<sqlx::Error>) -> Self {
        match classify(&error) {
            DatabaseErrorKind::StorageFull => Self::StorageFull(error),
            DatabaseErrorKind::Unavailable => Self::Unavailable(error),
            DatabaseErrorKind::Other => Self::Statement(error),
        }
    }
}

impl From<sqlx::Error> for DatabaseError {
    fn from(error: sqlx::Error) -> Self {
        Self::driver(Arc::new(error))
    }
}

impl From<DbErr> for DatabaseError {
    fn from(error: DbErr) -> Self {
        match error {
            DbErr::Conn(RuntimeErr::SqlxError(error))
            | DbErr::Exec(RuntimeErr::SqlxError(error))
            | DbErr::Query(RuntimeErr::SqlxError(error)) => Self::driver(error),
            DbErr::ConnectionAcquire(sea_orm::ConnAcquireErr::Timeout) => {
                Self::Unavailable(Arc::new(sqlx::Error::PoolTimedOut))
            }
            DbErr::ConnectionAcquire(sea_orm::ConnAcquireErr::ConnectionClosed) => {
                Self::Unavailable(Arc::new(sqlx::Error::PoolClosed))
            }
            other => Self::Query(other),
        }
    }
}

fn classify(error: &sqlx::Error) -> DatabaseErrorKind {
    match error {
        sqlx::Error::Io(error) if error.kind() == std::io::ErrorKind::StorageFull => DatabaseErrorKind::StorageFull,
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => DatabaseErrorKind::Unavailable,
        sqlx::Error::Database(error) => match error.code().as_deref() {
            None => DatabaseErrorKind::Other,
            Some(code) if error.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some() => classify_sqlite(code),
            Some(code) => classify_postgres(code),
        },
        _ => DatabaseErrorKind::Other,
    }
}

/// SQLite's extended result codes: the low byte is the family.
fn classify_sqlite(code: &str) -> DatabaseErrorKind {
    const BUSY: i32 = 5;
    const LOCKED: i32 = 6;
    const READ_ONLY: i32 = 8;
    const IO: i32 = 10;
    const FULL: i32 = 13;
    const CANNOT_OPEN: i32 = 14;
    /// Growing the shared-memory index failed, which on a full disk comes before FULL.
    const IO_SHARED_MEMORY_SIZE: i32 = 4874;
    let Ok(code) = code.parse::<i32>() else {
        return DatabaseErrorKind::Other;
    };
    match (code, code & 0xff) {
        (IO_SHARED_MEMORY_SIZE, _) | (_, FULL) => DatabaseErrorKind::StorageFull,
        (_, BUSY | LOCKED | READ_ONLY | IO | CANNOT_OPEN) => DatabaseErrorKind::Unavailable,
        _ => DatabaseErrorKind::Other,
    }
}

/// PostgreSQL's SQLSTATE: the first two characters are the class.
fn classify_postgres(code: &str) -> DatabaseErrorKind {
    match code {
        "53100" => DatabaseErrorKind::StorageFull,
        // Serialisation failure, deadlock, lock time-out, cancelled, read-only (a standby just before its promotion), ended
        // because this process did nothing for too long within a transaction.
        "40001" | "40P01" | "55P03" | "57014" | "25006" | "25P03" => DatabaseErrorKind::Unavailable,
        // Connection exceptions, lack of resources, operator intervention, system errors.
        _ if ["08", "53", "57", "58"].iter().any(|class| code.starts_with(class)) => DatabaseErrorKind::Unavailable,
        _ => DatabaseErrorKind::Other,
    }
}

/// The unique constraints a caller can do something about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unique {
    Email,
    WorkspaceSlug,
    LinkSlug,
    LinkExternalId,
    DomainHost,
}

/// Which of the constraints above a failed statement broke. PostgreSQL names the constraint, SQLite the columns or index.
pub(crate) fn unique_violation(error: &DatabaseError) -> Option<Unique> {
    let DatabaseError::Statement(error) = error else {
        return None;
    };
    let sqlx::Error::Database(error) = error.as_ref() else {
        return None;
    };
    if !error.is_unique_violation() {
        return None;
    }
    let text = error.constraint().unwrap_or_else(|| error.message());
    let names: [(&[&str], Unique); 5] = [
        (&["email_normalised"], Unique::Email),
        (&["workspaces.slug", "workspaces_slug"], Unique::WorkspaceSlug),
        (&["links.domain_id, links.slug", "links_domain_slug"], Unique::LinkSlug),
        (&["external_id"], Unique::LinkExternalId),
        (&["domains.host", "domains_host"], Unique::DomainHost),
    ];
    names.into_iter().find(|(needles, _)| needles.iter().any(|needle| text.contains(needle))).map(|(_, unique)| unique)
}

#[cfg(test)]
mod tests {
    use super::{DatabaseErrorKind, classify_postgres, classify_sqlite};

    #[test]
    fn a_full_disk_is_told_from_a_locked_file() {
        assert_eq!(classify_sqlite("13"), DatabaseErrorKind::StorageFull);
        assert_eq!(classify_sqlite("4874"), DatabaseErrorKind::StorageFull);
        assert_eq!(classify_sqlite("5"), DatabaseErrorKind::Unavailable);
        assert_eq!(classify_sqlite("517"), DatabaseErrorKind::Unavailable);
        assert_eq!(classify_sqlite("2067"), DatabaseErrorKind::Other);
        assert_eq!(classify_postgres("53100"), DatabaseErrorKind::StorageFull);
        assert_eq!(classify_postgres("57P01"), DatabaseErrorKind::Unavailable);
        assert_eq!(classify_postgres("53300"), DatabaseErrorKind::Unavailable);
        assert_eq!(classify_postgres("25P03"), DatabaseErrorKind::Unavailable);
        assert_eq!(classify_postgres("23505"), DatabaseErrorKind::Other);
    }
}
