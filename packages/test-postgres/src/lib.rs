//! A private PostgreSQL server for tests, and a fresh database on it for each test that asks.
//!
//! Test runners start a process per test, so the server belongs to none of them. The first test starts it, holding a lock
//! file, below the temporary directory; later ones find it there. A small shell script watches it and stops it, and removes
//! everything, once nobody has been connected for a while. Nothing listens on the network: the server is reached through a
//! Unix socket. It does not sync its files, since nothing in it has to survive; measurements get one of their own that does.
//!
//! `HASHROUTE_TEST_POSTGRES_URL` names a server to use instead; its user must be allowed to create databases.
//!
//! A machine without PostgreSQL is an error with a message that says what to install, never a test skipped in silence.

mod binaries;
mod database;
mod server;

pub use database::TestDatabase;

/// Why there is no test database.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// PostgreSQL is not installed, or not where it is looked for.
    #[error(
        "PostgreSQL's server programs (initdb, postgres) were not found in PATH, `pg_config --bindir` or \
         /usr/lib/postgresql/*/bin. These tests need them: install them with `apt-get install postgresql` \
         (Debian, Ubuntu) or `brew install postgresql` (macOS), or set HASHROUTE_TEST_POSTGRES_URL to a server \
         whose user may create databases"
    )]
    NotInstalled,
    /// PostgreSQL refuses to run as root and there is nobody else to run it as.
    #[error("PostgreSQL does not run as root, and this machine has neither a user \"postgres\" nor a user \"nobody\"")]
    NoUser,
    /// A program of PostgreSQL failed.
    #[error("{program} failed:\n{output}")]
    Program {
        /// Which.
        program: &'static str,
        /// What it printed.
        output: String,
    },
    /// The server was started but does not answer.
    #[error("the PostgreSQL server for tests does not answer; its log ends with:\n{log}")]
    Silent {
        /// The end of its log.
        log: String,
    },
    /// The operating system refused something.
    #[error("cannot {what}")]
    Io {
        /// What was tried.
        what: &'static str,
        /// What it said.
        source: std::io::Error,
    },
    /// The server answered with an error.
    #[error("the PostgreSQL server for tests refused a statement")]
    Sql(#[from] sqlx::Error),
}

/// For `map_err`.
fn io(what: &'static str) -> impl FnOnce(std::io::Error) -> Error {
    move |source| Error::Io { what, source }
}
