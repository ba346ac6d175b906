//! Lists of links, newest first unless asked otherwise: ids sort by creation time, so they are the cursor too.

use sea_orm::sea_query::{Expr, LikeExpr, SimpleExpr, extension::postgres::PgExpr};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, Order, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};

use super::find::owned_by;
use super::{Link, entity};
use crate::database::{Database, DatabaseError};
use crate::domains::entity as domains_entity;
use crate::types::{Host, LinkId, Timestamp, WorkspaceId};

/// Which links.
#[derive(Clone, Debug, Default)]
pub struct LinkFilter {
    /// Slug, destination or title contain this; capitals do not matter.
    pub search: Option<String>,
    /// Only on this domain.
    pub domain: Option<Host>,
    /// Only archived ones, or only others; `None` is both.
    pub archived: Option<bool>,
    /// Made at or after.
    pub created_from: Option<Timestamp>,
    /// Made before.
    pub created_before: Option<Timestamp>,
}

/// In which order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortOrder {
    /// Newest first.
    #[default]
    Descending,
    /// Oldest first.
    Ascending,
}

/// Which part of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// How many at most.
    pub size: u32,
    /// The page, from 1; only without a cursor.
    pub number: u32,
    /// Those that follow this link in the order asked for.
    pub after: Option<LinkId>,
    /// Those that come right before this link in the order asked for.
    pub before: Option<LinkId>,
    /// In which order.
    pub order: SortOrder,
}

impl Default for Page {
    fn default() -> Self {
        Self { size: 50, number: 1, after: None, before: None, order: SortOrder::Descending }
    }
}

/// A part of the workspace's links.
pub async fn list_links(
    db: &Database,
    workspace_id: WorkspaceId,
    filter: &LinkFilter,
    page: &Page,
) -> Result<Vec<Link>, DatabaseError> {
    let mut query = filtered(db, workspace_id, filter);
    let descending = page.order == SortOrder::Descending;
    for (cursor, forwards) in [(page.after, true), (page.before, false)] {
        let Some(id) = cursor else { continue };
        let id = id.as_uuid();
        query =
            query.filter(if forwards == descending { entity::Column::Id.lt(id) } else { entity::Column::Id.gt(id) });
    }
    // The links right before a cursor are the first ones when the list is read backwards.
    let backwards = page.before.is_some() && page.after.is_none();
    let order = if descending == backwards { Order::Asc } else { Order::Desc };
    if page.after.is_none() && page.before.is_none() {
        let skipped = u64::from(page.size) * u64::from(page.number.saturating_sub(1));
        query = query.offset(skipped);
    }
    let mut rows = query
        .order_by(entity::Column::Id, order)
        .limit(u64::from(page.size))
        .find_also_related(domains_entity::Entity)
        .all(db.read())
        .await?;
    if backwards {
        rows.reverse();
    }
    rows.into_iter().map(Link::try_from).collect()
}

/// How many links the filter lets through.
pub async fn count_links(db: &Database, workspace_id: WorkspaceId, filter: &LinkFilter) -> Result<u64, DatabaseError> {
    Ok(filtered(db, workspace_id, filter).count(db.read()).await?)
}

fn filtered(db: &Database, workspace_id: WorkspaceId, filter: &LinkFilter) -> Select<entity::Entity> {
    let mut query = owned_by(workspace_id);
    if let Some(search) = filter.search.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        let columns = [entity::Column::Slug, entity::Column::Url, entity::Column::Title];
        query = query
            .filter(columns.into_iter().fold(Condition::any(), |any, column| any.add(contains(db, column, search))));
    }
    if let Some(host) = &filter.domain {
        let domain = domains_entity::Entity::find()
            .select_only()
            .column(domains_entity::Column::Id)
            .filter(domains_entity::Column::Host.eq(host.as_str()));
        query = query.filter(entity::Column::DomainId.in_subquery(sea_orm::QueryTrait::into_query(domain)));
    }
    if let Some(archived) = filter.archived {
        query = query.filter(entity::Column::Archived.eq(archived));
    }
    if let Some(from) = filter.created_from {
        query = query.filter(entity::Column::CreatedAt.gte(from.as_millis()));
    }
    if let Some(before) = filter.created_before {
        query = query.filter(entity::Column::CreatedAt.lt(before.as_millis()));
    }
    query
}

/// `LIKE` in which the text stands for itself. SQLite's ignores the case of ASCII letters and has no escape character unless
/// told; PostgreSQL's has the backslash, and needs `ILIKE`.
fn contains(db: &Database, column: entity::Column, text: &str) -> SimpleExpr {
    let column = Expr::col((entity::Entity, column));
    if db.is_sqlite() { column.like(contains_pattern(text)) } else { column.ilike(containing(text)) }
}

/// What `LIKE` compares with, so that the text stands for itself.
pub(crate) fn contains_pattern(text: &str) -> LikeExpr {
    containing(text).escape('\\')
}

fn containing(text: &str) -> LikeExpr {
    LikeExpr::new(format!("%{}%", escape_like(text)))
}

fn escape_like(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '\\' | '%' | '_') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escape_like;

    #[test]
    fn wildcards_stand_for_themselves() {
        assert_eq!(escape_like(r"50%_a\b"), r"50\%\_a\\b");
    }
}
