//! What changed on the redirect side since it was last read: for replicas that missed a notification. It serves every
//! workspace, so these queries take none.
//!
//! Changes are read in the order of their stamps, each once. Transactions do not commit in that order, so behind the last
//! change read there may appear another. The cursor therefore knows how many changes it read of each tenth of a second,
//! and the sum of their fingerprints. Where the database counts otherwise, somebody committed late or edited again what was
//! just edited, and reading goes on from there. This costs one query that answers with a line for each tenth of a second,
//! however many changes it counts, and it needs no memory of single changes.
//!
//! Accepted: a late change is passed over if, between two looks, a change of the same fingerprint (slug and stamp) left the
//! same tenth of a second. Fingerprints are 32 bits wide on PostgreSQL.

use std::collections::BTreeMap;
use std::time::Duration;

use uuid::Uuid;

use crate::database::{Database, DatabaseError, Pools};
use crate::types::{DomainId, LinkId, Timestamp};

/// Milliseconds whose changes are counted together, as the queries below do: also what is read again, at least, when one
/// appears late.
const BUCKET: i64 = 100;

/// A slug whose link changed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ChangedSlug {
    /// Where it is, or was, served.
    pub domain_id: DomainId,
    /// The path: the link's present one, one it had before, or that of a deleted link.
    pub slug: String,
    /// The link.
    pub link_id: LinkId,
    /// The link's present version; under a former slug only older ones were served.
    pub version: i64,
    /// When: by the database's clock on PostgreSQL, by the one clock of the machine on SQLite. Not the link's `updated_at`.
    pub changed_at: Timestamp,
}

/// The order in which changes are read; no two have the same.
#[derive(Clone, Debug)]
struct Position {
    changed_at: i64,
    domain_id: Uuid,
    slug: String,
}

impl Position {
    /// Before all changes of this millisecond.
    fn before(changed_at: i64) -> Self {
        Self { changed_at, domain_id: Uuid::nil(), slug: String::new() }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Count {
    changes: i64,
    fingerprints: i64,
}

/// How far the changes were read.
#[derive(Clone, Debug)]
pub struct ChangeCursor {
    /// The last one read.
    last: Position,
    /// The first bucket that is still compared.
    settled: i64,
    /// What was read from there to the last, by bucket.
    read: BTreeMap<i64, Count>,
}

/// The changes, below a condition for each of the two tables they are in.
macro_rules! counted {
    ($fingerprint:literal) => {
        concat!(
            "SELECT changed_at / 100, count(*), CAST(sum(",
            $fingerprint,
            ") AS BIGINT) FROM ( \
             SELECT changed_at, slug FROM links \
             WHERE changed_at >= $1 AND changed_at <= $2 AND (changed_at, domain_id, slug) <= ($2, $3, $4) \
             UNION ALL \
             SELECT updated_at, slug FROM former_slugs \
             WHERE updated_at >= $1 AND updated_at <= $2 AND (updated_at, domain_id, slug) <= ($2, $3, $4) \
             ) AS changes GROUP BY 1"
        )
    };
}

macro_rules! page {
    ($fingerprint:literal) => {
        concat!(
            "SELECT changed_at, domain_id, slug, link_id, version, ",
            $fingerprint,
            " FROM ( \
             SELECT * FROM (SELECT changed_at, domain_id, slug, id AS link_id, version FROM links \
             WHERE changed_at >= $1 AND (changed_at, domain_id, slug) > ($1, $2, $3) \
             ORDER BY changed_at, domain_id, slug LIMIT $4) AS present \
             UNION ALL \
             SELECT * FROM (SELECT former_slugs.updated_at, former_slugs.domain_id, former_slugs.slug, links.id, links.version \
             FROM former_slugs JOIN links ON links.id = former_slugs.link_id WHERE former_slugs.updated_at >= $1 \
             AND (former_slugs.updated_at, former_slugs.domain_id, former_slugs.slug) > ($1, $2, $3) \
             ORDER BY former_slugs.updated_at, former_slugs.domain_id, former_slugs.slug LIMIT $4) AS former \
             ) AS changes ORDER BY changed_at, domain_id, slug LIMIT $4"
        )
    };
}

/// Fingerprints tell changes of one bucket apart; their sum over some billion changes does not overflow. SQLite has one
/// writer and hardly anything late, so a coarse one does.
mod sql {
    pub(super) const COUNTED_SQLITE: &str = counted!("(changed_at % 100000 * 1000 + unicode(slug))");
    pub(super) const COUNTED_POSTGRES: &str = counted!("(hashtextextended(slug, changed_at) >> 32)");
    pub(super) const PAGE_SQLITE: &str = page!("(changed_at % 100000 * 1000 + unicode(slug))");
    pub(super) const PAGE_POSTGRES: &str = page!("(hashtextextended(slug, changed_at) >> 32)");
}

/// The columns in the order selected above.
type Row = (i64, Uuid, String, Uuid, i64, i64);

impl ChangeCursor {
    /// Begins so long before the newest change there is, by the clock that stamps changes.
    pub async fn begin(db: &Database, overlap: Duration) -> Result<Self, DatabaseError> {
        const NEWEST: &str = "SELECT max(changed_at) FROM links";
        let newest: Option<i64> = match db.pools() {
            Pools::Sqlite { read, .. } => sqlx::query_scalar(NEWEST).fetch_one(read).await?,
            Pools::Postgres(pool) => sqlx::query_scalar(NEWEST).fetch_one(pool).await?,
        };
        let overlap = i64::try_from(overlap.as_millis()).unwrap_or(i64::MAX);
        // Not from 0, where rows are that are older than the stamps.
        let settled = (newest.unwrap_or_default().saturating_sub(overlap) / BUCKET).max(1);
        Ok(Self { last: Position::before(settled * BUCKET), settled, read: BTreeMap::new() })
    }

    /// The stamp up to which changes were read.
    #[must_use]
    pub fn reached(&self) -> Timestamp {
        Timestamp::from_millis(self.last.changed_at)
    }

    /// Says that nothing older than `before` is expected any more: [`ChangeCursor::recheck`] no longer looks there.
    pub fn settle(&mut self, before: Timestamp) {
        let settled = before.as_millis().min(self.last.changed_at) / BUCKET;
        if settled > self.settled {
            self.settled = settled;
            self.read = self.read.split_off(&settled);
        }
    }

    /// Goes back to the first change that appeared behind the cursor, if any did. What follows it is read again.
    pub async fn recheck(&mut self, db: &Database) -> Result<bool, DatabaseError> {
        let (from, last) = (self.settled * BUCKET, &self.last);
        let counted: Vec<(i64, i64, i64)> = match db.pools() {
            Pools::Sqlite { read, .. } => {
                let query = sqlx::query_as(sql::COUNTED_SQLITE).bind(from).bind(last.changed_at);
                query.bind(last.domain_id).bind(&last.slug).fetch_all(read).await?
            }
            Pools::Postgres(pool) => {
                let query = sqlx::query_as(sql::COUNTED_POSTGRES).bind(from).bind(last.changed_at);
                query.bind(last.domain_id).bind(&last.slug).fetch_all(pool).await?
            }
        };
        let counted =
            counted.into_iter().map(|(bucket, changes, fingerprints)| (bucket, Count { changes, fingerprints }));
        let counted: BTreeMap<i64, Count> = counted.collect();
        let differs = |bucket: &&i64| counted.get(bucket) != self.read.get(bucket);
        let Some(first) = counted.keys().chain(self.read.keys()).filter(differs).min().copied() else {
            return Ok(false);
        };
        self.last = Position::before(first * BUCKET);
        self.read.split_off(&first);
        Ok(true)
    }

    /// At most so many changes after those read so far, in order. Fewer: these are all.
    pub async fn next(&mut self, db: &Database, limit: usize) -> Result<Vec<ChangedSlug>, DatabaseError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let last = &self.last;
        let rows: Vec<Row> = match db.pools() {
            Pools::Sqlite { read, .. } => {
                let query = sqlx::query_as(sql::PAGE_SQLITE).bind(last.changed_at).bind(last.domain_id);
                query.bind(&last.slug).bind(limit).fetch_all(read).await?
            }
            Pools::Postgres(pool) => {
                let query = sqlx::query_as(sql::PAGE_POSTGRES).bind(last.changed_at).bind(last.domain_id);
                query.bind(&last.slug).bind(limit).fetch_all(pool).await?
            }
        };
        for (changed_at, .., fingerprint) in &rows {
            let count = self.read.entry(changed_at / BUCKET).or_default();
            count.changes += 1;
            count.fingerprints += fingerprint;
        }
        if let Some((changed_at, domain_id, slug, ..)) = rows.last() {
            self.last = Position { changed_at: *changed_at, domain_id: *domain_id, slug: slug.clone() };
        }
        let changes = rows.into_iter().map(|(changed_at, domain_id, slug, link_id, version, _)| ChangedSlug {
            domain_id: DomainId::from_uuid(domain_id),
            slug,
            link_id: LinkId::from_uuid(link_id),
            version,
            changed_at: Timestamp::from_millis(changed_at),
        });
        Ok(changes.collect())
    }
}
