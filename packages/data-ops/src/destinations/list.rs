//! Lists of destinations: those that want attention first, as an inbox shows them.

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, QueryFilter, QueryOrder, QuerySelect, Select, Statement, Value,
};

use super::find::owned_by;
use super::{Destination, entity};
use crate::database::{Database, DatabaseError};
use crate::types::{DestinationId, HealthState, Timestamp, WorkspaceId};

/// Which destinations. Those no link leads to any more are left out.
#[derive(Clone, Debug, Default)]
pub struct DestinationFilter {
    /// In one of these states; none is any.
    pub states: Vec<HealthState>,
    /// Only those that want attention: suspect, broken or pinned.
    pub attention: bool,
    /// Only those somebody pinned, or only others.
    pub pinned: Option<bool>,
    /// Only those that are down, so that their links lead to their backups, or only others.
    pub down: Option<bool>,
    /// The URL contains this; capitals do not matter.
    pub search: Option<String>,
}

/// Which part of the list. In it are first those whose state changed last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DestinationPage {
    /// How many at most.
    pub size: u32,
    /// Those that follow this one: the time of its change of state, and its id.
    pub after: Option<(Timestamp, DestinationId)>,
}

/// A destination with its links counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedDestination {
    /// The destination.
    pub destination: Destination,
    /// How many links lead there, as long as all is well.
    pub links: u64,
    /// For how many links it is only a backup.
    pub backup_for: u64,
}

fn filtered(workspace_id: WorkspaceId, filter: &DestinationFilter) -> Select<entity::Entity> {
    let used = Expr::cust("EXISTS (SELECT 1 FROM link_destinations WHERE destination_id = destinations.id)");
    let mut query = owned_by(workspace_id).filter(used);
    if filter.attention {
        // The condition of an index, word by word.
        query = query.filter(Expr::cust("(state IN ('suspect', 'broken') OR pin IS NOT NULL)"));
    }
    if !filter.states.is_empty() {
        query = query.filter(entity::Column::State.is_in(filter.states.iter().map(|state| state.as_str())));
    }
    if let Some(pinned) = filter.pinned {
        let column = entity::Column::Pin;
        query = query.filter(if pinned { column.is_not_null() } else { column.is_null() });
    }
    if let Some(down) = filter.down {
        query = query.filter(Expr::cust(if down { "down" } else { "NOT down" }));
    }
    if let Some(search) = filter.search.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        let column = Expr::expr(sea_orm::sea_query::Func::lower(Expr::col(entity::Column::Url)));
        query = query.filter(column.like(crate::links::contains_pattern(&search.to_lowercase())));
    }
    query
}

/// A part of the workspace's destinations.
pub async fn list_destinations(
    db: &Database,
    workspace_id: WorkspaceId,
    filter: &DestinationFilter,
    page: &DestinationPage,
) -> Result<Vec<ListedDestination>, DatabaseError> {
    let mut query = filtered(workspace_id, filter);
    if let Some((since, id)) = page.after {
        let since = since.as_millis();
        query =
            query.filter(Condition::any().add(entity::Column::StateSince.lt(since)).add(
                Condition::all().add(entity::Column::StateSince.eq(since)).add(entity::Column::Id.lt(id.as_uuid())),
            ));
    }
    let rows = query
        .order_by_desc(entity::Column::StateSince)
        .order_by_desc(entity::Column::Id)
        .limit(u64::from(page.size))
        .all(db.read())
        .await?;
    let mut listed = Vec::with_capacity(rows.len());
    for row in rows {
        listed.push(ListedDestination { destination: row.try_into()?, links: 0, backup_for: 0 });
    }
    count_links_of(db, &mut listed).await?;
    Ok(listed)
}

/// How many destinations the filter lets through.
pub async fn count_destinations(
    db: &Database,
    workspace_id: WorkspaceId,
    filter: &DestinationFilter,
) -> Result<u64, DatabaseError> {
    Ok(sea_orm::PaginatorTrait::count(filtered(workspace_id, filter), db.read()).await?)
}

/// Counts the links of each, however they were found.
pub async fn count_links_of(db: &Database, listed: &mut [ListedDestination]) -> Result<(), DatabaseError> {
    if listed.is_empty() {
        return Ok(());
    }
    let connection = db.read();
    let marks: Vec<String> = (1..=listed.len()).map(|number| format!("${number}")).collect();
    let sql = format!(
        "SELECT destination_id, is_primary, count(*) AS links FROM link_destinations \
         WHERE destination_id IN ({}) GROUP BY destination_id, is_primary",
        marks.join(", ")
    );
    let values: Vec<Value> = listed.iter().map(|listed| listed.destination.id.as_uuid().into()).collect();
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    for row in connection.query_all_raw(statement).await? {
        let id = DestinationId::from_uuid(row.try_get("", "destination_id")?);
        let links: i64 = row.try_get("", "links")?;
        let links = u64::try_from(links).unwrap_or(0);
        let Some(listed) = listed.iter_mut().find(|listed| listed.destination.id == id) else { continue };
        if row.try_get::<bool>("", "is_primary")? {
            listed.links = links;
        } else {
            listed.backup_for = links;
        }
    }
    Ok(())
}
