//! Empty databases, and the rows tests start from.

use data_ops::accounts::{NewUser, User, create_user};
use data_ops::clicks::Click;
use data_ops::database::{Database, DatabaseConfig, Databases};
use data_ops::domains::{Domain, ensure_instance_domain};
use data_ops::links::{Link, NewLink, create_link};
use data_ops::types::{
    ClickId, DestinationUrl, DomainId, Email, GeoBackups, GeoTargets, Host, LinkId, Monitor, Slug, Timestamp,
    WorkspaceId, WorkspaceName,
};
use data_ops::workspaces::{NewWorkspace, Workspace, create_workspace};
use sqlx::postgres::PgConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection};
use tempfile::TempDir;
use test_postgres::TestDatabase;

/// Runs each of the named tests of a room on both databases.
macro_rules! on_both_databases {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                super::$test(crate::support::Fixture::sqlite().await).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                super::$test(crate::support::Fixture::postgres().await).await;
            })+
        }
    };
}
pub(crate) use on_both_databases;

/// 2026-03-01T12:00:00Z.
pub const NOW: Timestamp = Timestamp::from_millis(1_772_366_400_000);

/// `NOW` and so many milliseconds.
pub fn later(millis: i64) -> Timestamp {
    Timestamp::from_millis(NOW.as_millis() + millis)
}

/// What has to stay while the databases are in use.
enum Home {
    Directory(#[expect(dead_code, reason = "removed when dropped")] TempDir),
    Server(#[expect(dead_code, reason = "dropped with its server's database")] TestDatabase),
}

/// Databases of one test.
pub struct Fixture {
    pub databases: Databases,
    pub config: DatabaseConfig,
    _home: Home,
}

impl Fixture {
    pub async fn sqlite() -> Self {
        let fixture = Self::empty_sqlite().await;
        fixture.databases.migrate().await.unwrap();
        fixture
    }

    pub async fn postgres() -> Self {
        let fixture = Self::empty_postgres().await;
        fixture.databases.migrate().await.unwrap();
        fixture
    }

    pub async fn empty_sqlite() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let config = DatabaseConfig::Sqlite { directory: directory.path().join("data") };
        Self::connect(config, Home::Directory(directory)).await
    }

    pub async fn empty_postgres() -> Self {
        let database = TestDatabase::create().await.unwrap_or_else(|error| panic!("{error}"));
        let config = DatabaseConfig::Postgres { url: database.url().to_owned(), max_connections: 8 };
        Self::connect(config, Home::Server(database)).await
    }

    async fn connect(config: DatabaseConfig, home: Home) -> Self {
        let databases = Databases::connect(&config).await.unwrap();
        Self { databases, config, _home: home }
    }

    pub fn control(&self) -> &Database {
        &self.databases.control
    }

    pub fn clicks(&self) -> &Database {
        &self.databases.clicks
    }

    /// Runs SQL on the database of clicks, past the crate's own connections.
    pub async fn execute_on_clicks(&self, sql: String) {
        self.execute("clicks.db", sql).await;
    }

    /// Runs SQL on the database of control data, past the crate's own connections.
    pub async fn execute_on_control(&self, sql: String) {
        self.execute("control.db", sql).await;
    }

    async fn execute(&self, file: &str, sql: String) {
        match &self.config {
            DatabaseConfig::Sqlite { directory } => {
                let options = SqliteConnectOptions::new().filename(directory.join(file));
                let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
                sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
                connection.close().await.unwrap();
            }
            DatabaseConfig::Postgres { url, .. } => {
                let mut connection = PgConnection::connect(url).await.unwrap();
                sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
                connection.close().await.unwrap();
            }
        }
    }

    /// One number, read from the database of clicks.
    pub async fn number_of_clicks_database(&self, sql: &'static str) -> i64 {
        self.number("clicks.db", sql).await
    }

    /// One number, read from the database of control data.
    pub async fn number_of_control_database(&self, sql: &'static str) -> i64 {
        self.number("control.db", sql).await
    }

    async fn number(&self, file: &str, sql: &'static str) -> i64 {
        match &self.config {
            DatabaseConfig::Sqlite { directory } => {
                let options = SqliteConnectOptions::new().filename(directory.join(file));
                let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
                sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap()
            }
            DatabaseConfig::Postgres { url, .. } => {
                let mut connection = PgConnection::connect(url).await.unwrap();
                sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap()
            }
        }
    }

    /// Bytes as a literal of the database's SQL; `cast` is the type PostgreSQL is to read them as.
    pub fn literal(&self, bytes: &[u8], cast: &str) -> String {
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        match (&self.config, cast) {
            (DatabaseConfig::Sqlite { .. }, _) => format!("x'{hex}'"),
            (DatabaseConfig::Postgres { .. }, "bytea") => format!("'\\x{hex}'::bytea"),
            (DatabaseConfig::Postgres { .. }, _) => format!("'{hex}'::{cast}"),
        }
    }

    /// A second process with the same databases.
    pub async fn connect_again(&self) -> Databases {
        Databases::connect(&self.config).await.unwrap()
    }
}

pub fn host(text: &str) -> Host {
    Host::parse(text).unwrap()
}

pub fn slug(text: &str) -> Slug {
    Slug::parse(text).unwrap()
}

pub fn url(text: &str) -> DestinationUrl {
    DestinationUrl::parse(text).unwrap()
}

pub async fn user(db: &Database, email: &str) -> User {
    let new = NewUser {
        email: Email::parse(email).unwrap(),
        name: String::new(),
        password_hash: Some("hash".to_owned()),
        is_instance_admin: false,
    };
    create_user(db, &new, NOW).await.unwrap()
}

pub async fn workspace(db: &Database, owner: &User, name: &str) -> Workspace {
    let new = NewWorkspace { name: WorkspaceName::parse(name).unwrap(), slug: None };
    create_workspace(db, &new, owner.id, NOW).await.unwrap()
}

pub async fn instance_domain(db: &Database) -> Domain {
    ensure_instance_domain(db, &host("go.example.com"), NOW).await.unwrap()
}

/// A user, a workspace of theirs and the instance's domain.
pub async fn tenant(db: &Database, name: &str) -> (User, Workspace) {
    instance_domain(db).await;
    let user = user(db, &format!("{name}@example.com")).await;
    let workspace = workspace(db, &user, name).await;
    (user, workspace)
}

/// A link to be made, with a slug or a random one.
pub fn new_link(text: &str) -> NewLink {
    NewLink {
        domain: None,
        slug: (!text.is_empty()).then(|| slug(text)),
        url: url("https://example.com/"),
        geo: GeoTargets::default(),
        rules: Vec::new(),
        backup_urls: Vec::new(),
        geo_backup_urls: GeoBackups::default(),
        monitor: Monitor::default(),
        click_value: None,
        external_id: None,
        title: String::new(),
        comments: None,
        archived: false,
        created_by: None,
    }
}

pub async fn link(db: &Database, workspace: &Workspace, slug: &str) -> Link {
    create_link(db, workspace.id, &new_link(slug), NOW).await.unwrap()
}

/// Like real ones, no two ids are the same, whatever their kind.
fn id_bytes(number: u8, kind: u8) -> [u8; 16] {
    let mut bytes = [kind; 16];
    bytes[0] = number;
    bytes
}

pub fn link_id(number: u8) -> LinkId {
    LinkId::from_bytes(id_bytes(number, 1))
}

pub fn workspace_id(number: u8) -> WorkspaceId {
    WorkspaceId::from_bytes(id_bytes(number, 2))
}

pub fn domain_id(number: u8) -> DomainId {
    DomainId::from_bytes(id_bytes(number, 3))
}

/// A person's click on a link, at a time; `number` is its identity.
pub fn click(number: u32, workspace_id: WorkspaceId, link_id: LinkId, at: Timestamp) -> Click {
    let mut id = [0; 10];
    id[6..].copy_from_slice(&number.to_be_bytes());
    Click {
        id: ClickId::from_parts(at, id),
        workspace_id,
        link_id,
        at,
        country: None,
        device: "Desktop".into(),
        browser: "Firefox".into(),
        os: "Linux".into(),
        referer: "(direct)".into(),
        destination: "https://example.com/".into(),
        decided_by: "default".into(),
        served_backup: None,
        served_reason: None,
        bot: false,
    }
}
