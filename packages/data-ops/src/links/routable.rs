//! What the redirect path needs of a link. It serves every workspace, so these queries take none.

use std::panic::resume_unwind;

use futures_util::stream::{self, Stream};
use tokio::task::spawn_blocking;
use uuid::Uuid;

use super::{parse_geo, parse_rules, parse_url};
use crate::database::{Database, DatabaseError, Pools};
use crate::routing::Program;
use crate::types::{DomainId, LinkId, WorkspaceId};

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
type Row = (Uuid, Uuid, Uuid, String, i64, String, Option<String>, Option<String>);

fn compile(row: Row) -> Result<RoutableLink, DatabaseError> {
    let (id, workspace_id, domain_id, slug, version, url, geo, rules) = row;
    let url = parse_url(&url)?;
    let geo = parse_geo(geo.as_deref())?;
    let rules = parse_rules(rules.as_deref())?;
    Ok(RoutableLink {
        link_id: LinkId::from_uuid(id),
        workspace_id: WorkspaceId::from_uuid(workspace_id),
        domain_id: DomainId::from_uuid(domain_id),
        slug,
        version,
        program: Program::compile(&url, &geo, &rules),
    })
}

macro_rules! routable {
    ($condition:literal) => {
        concat!(
            "SELECT id, workspace_id, domain_id, slug, version, url, geo, rules FROM links \
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
    row.map(compile).transpose()
}

/// How far the stream of all links is.
enum Next {
    /// Nothing is read yet.
    First,
    /// Read, not compiled.
    Batch(Result<Vec<Row>, DatabaseError>),
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
            let rows = match batch {
                Ok(rows) => rows,
                Err(error) => return Some((stream::iter(vec![Err(error)]), Next::End)),
            };
            let is_full = rows.len() >= usize::try_from(BATCH).unwrap_or(usize::MAX);
            let last = rows.last().map(|row| row.0).filter(|_| is_full);
            let compiled = spawn_blocking(|| rows.into_iter().map(compile).collect::<Vec<_>>());
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

async fn batch_after(db: &Database, after: Uuid) -> Result<Vec<Row>, DatabaseError> {
    const QUERY: &str = routable!("id > $1 ORDER BY id LIMIT $2");
    Ok(match db.pools() {
        Pools::Sqlite { read, .. } => sqlx::query_as(QUERY).bind(after).bind(BATCH).fetch_all(read).await?,
        Pools::Postgres(pool) => sqlx::query_as(QUERY).bind(after).bind(BATCH).fetch_all(pool).await?,
    })
}
