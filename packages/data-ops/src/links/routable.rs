//! What the redirect path needs of a link. It serves every workspace, so these queries take none.

use std::collections::HashMap;
use std::panic::resume_unwind;

use futures_util::stream::{self, Stream};
use tokio::task::spawn_blocking;
use uuid::Uuid;

use super::{parse_geo, parse_json, parse_rules, parse_url};
use crate::database::{Database, DatabaseError, Pools};
use crate::routing::{Down, DownReason, Places, Program};
use crate::types::{DestinationUrl, DomainId, GeoBackups, LinkId, WorkspaceId};

/// Rows per round trip while the whole map is loaded.
const BATCH: i64 = 4096;

/// A link, compiled.
#[derive(Clone, Debug)]
pub struct RoutableLink {
    /// Its id.
    pub link_id: LinkId,
    /// Whose clicks these are.
    pub workspace_id: WorkspaceId,
    /// Where it is served.
    pub domain_id: DomainId,
    /// Its path.
    pub slug: String,
    /// Counts the changes: of two, the higher one is right.
    pub version: i64,
    /// Where it leads.
    pub program: Program,
}

/// The columns in the order selected below.
type Row = (Uuid, Uuid, Uuid, String, i64, String, Option<String>, Option<String>, Option<String>, Option<String>);

/// A link, its destination that is down, and what somebody decided about that.
type DownRow = (Uuid, String, Option<String>);

/// What is down, by link. Most have nothing, and of most instances nothing has.
type DownByLink = HashMap<Uuid, Down>;

fn by_link(rows: Vec<DownRow>) -> DownByLink {
    let mut down = DownByLink::new();
    for (link, url, pin) in rows {
        let why = if pin.is_some() { DownReason::Pinned } else { DownReason::Broken };
        down.entry(link).or_default().insert(url.into(), why);
    }
    down
}

fn compile(row: Row, down: &DownByLink) -> Result<RoutableLink, DatabaseError> {
    let (id, workspace_id, domain_id, slug, version, url, geo, rules, backups, geo_backups) = row;
    let url = parse_url(&url)?;
    let geo = parse_geo(geo.as_deref())?;
    let rules = parse_rules(rules.as_deref())?;
    let program = match down.get(&id) {
        None => Program::compile(&url, &geo, &rules),
        Some(down) => {
            let backups: Vec<DestinationUrl> = parse_json("backups", backups.as_deref())?;
            let geo_backups: GeoBackups = parse_json("backups by country", geo_backups.as_deref())?;
            let places = Places { url: &url, geo: &geo, rules: &rules, backups: &backups, geo_backups: &geo_backups };
            Program::compile_with(&places, down)
        }
    };
    Ok(RoutableLink {
        link_id: LinkId::from_uuid(id),
        workspace_id: WorkspaceId::from_uuid(workspace_id),
        domain_id: DomainId::from_uuid(domain_id),
        slug,
        version,
        program,
    })
}

/// What is down is read after the links: so it is never older than the version they say they have, and a change of health that comes
/// between is told once more.
macro_rules! down {
    ($condition:literal) => {
        concat!(
            "SELECT used.link_id, destinations.url, destinations.pin FROM destinations \
             JOIN link_destinations AS used ON used.destination_id = destinations.id \
             WHERE destinations.down AND ",
            $condition
        )
    };
}

macro_rules! routable {
    ($condition:literal) => {
        concat!(
            "SELECT id, workspace_id, domain_id, slug, version, url, geo, rules, backup_urls, geo_backup_urls FROM links \
             WHERE deleted_at IS NULL AND ",
            $condition
        )
    };
}

/// The link served under this slug.
pub async fn find_routable(
    db: &Database,
    domain_id: DomainId,
    slug: &str,
) -> Result<Option<RoutableLink>, DatabaseError> {
    const QUERY: &str = routable!("domain_id = $1 AND slug = $2");
    let domain_id = domain_id.as_uuid();
    let row: Option<Row> = match db.pools() {
        Pools::Sqlite { read, .. } => sqlx::query_as(QUERY).bind(domain_id).bind(slug).fetch_optional(read).await?,
        Pools::Postgres(pool) => sqlx::query_as(QUERY).bind(domain_id).bind(slug).fetch_optional(pool).await?,
    };
    let Some(row) = row else {
        return Ok(None);
    };
    const DOWN: &str = down!("used.link_id = $1");
    let down: Vec<DownRow> = match db.pools() {
        Pools::Sqlite { read, .. } => sqlx::query_as(DOWN).bind(row.0).fetch_all(read).await?,
        Pools::Postgres(pool) => sqlx::query_as(DOWN).bind(row.0).fetch_all(pool).await?,
    };
    compile(row, &by_link(down)).map(Some)
}

/// How far the stream of all links is.
enum Next {
    /// Nothing is read yet.
    First,
    /// Read, not compiled.
    Batch(Result<Batch, DatabaseError>),
    /// There are no more.
    End,
}

/// Every link there is, in batches, without holding a transaction open: each is compiled while the next is read. A link that
/// cannot be read is an error of its own and does not end the stream; an error of the database does.
pub fn stream_routable(db: &Database) -> impl Stream<Item = Result<RoutableLink, DatabaseError>> + Send + 'static {
    let db = db.clone();
    let batches = stream::unfold(Next::First, move |next| {
        let db = db.clone();
        async move {
            let batch = match next {
                Next::First => batch_after(&db, Uuid::nil()).await,
                Next::Batch(batch) => batch,
                Next::End => return None,
            };
            let Batch { rows, down } = match batch {
                Ok(batch) => batch,
                Err(error) => return Some((stream::iter(vec![Err(error)]), Next::End)),
            };
            let is_full = rows.len() >= usize::try_from(BATCH).unwrap_or(usize::MAX);
            let last = rows.last().map(|row| row.0).filter(|_| is_full);
            let compiled = spawn_blocking(move || rows.into_iter().map(|row| compile(row, &down)).collect::<Vec<_>>());
            let next = match last {
                Some(last) => Next::Batch(batch_after(&db, last).await),
                None => Next::End,
            };
            match compiled.await {
                Ok(links) => Some((stream::iter(links), next)),
                Err(error) if error.is_panic() => resume_unwind(error.into_panic()),
                // The runtime is ending.
                Err(_) => None,
            }
        }
    });
    futures_util::StreamExt::flatten(batches)
}

/// Links, and what is down of theirs.
struct Batch {
    rows: Vec<Row>,
    down: DownByLink,
}

async fn batch_after(db: &Database, after: Uuid) -> Result<Batch, DatabaseError> {
    const QUERY: &str = routable!("id > $1 ORDER BY id LIMIT $2");
    const DOWN: &str = down!("used.link_id > $1 AND used.link_id <= $2");
    let rows: Vec<Row> = match db.pools() {
        Pools::Sqlite { read, .. } => sqlx::query_as(QUERY).bind(after).bind(BATCH).fetch_all(read).await?,
        Pools::Postgres(pool) => sqlx::query_as(QUERY).bind(after).bind(BATCH).fetch_all(pool).await?,
    };
    let Some(last) = rows.last().map(|row| row.0) else {
        return Ok(Batch { rows, down: DownByLink::new() });
    };
    let down = match db.pools() {
        Pools::Sqlite { read, .. } => sqlx::query_as(DOWN).bind(after).bind(last).fetch_all(read).await?,
        Pools::Postgres(pool) => sqlx::query_as(DOWN).bind(after).bind(last).fetch_all(pool).await?,
    };
    Ok(Batch { rows, down: by_link(down) })
}
