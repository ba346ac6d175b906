//! Finding destinations. What belongs to another workspace is as absent as what never was.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, Select, Statement, Value};

use super::attach::{key_column, url_key};
use super::{Destination, entity};
use crate::database::{Database, DatabaseError};
use crate::types::{DestinationId, DestinationUrl, LinkId, WorkspaceId};

/// The destinations of a workspace.
pub(super) fn owned_by(workspace_id: WorkspaceId) -> Select<entity::Entity> {
    entity::Entity::find().filter(entity::Column::WorkspaceId.eq(workspace_id.as_uuid()))
}

/// By id.
pub async fn find_destination(
    db: &Database,
    workspace_id: WorkspaceId,
    id: DestinationId,
) -> Result<Option<Destination>, DatabaseError> {
    let row = owned_by(workspace_id).filter(entity::Column::Id.eq(id.as_uuid())).one(db.read()).await?;
    row.map(Destination::try_from).transpose()
}

/// Several by id, in no particular order; those the workspace does not have are left out.
pub async fn find_destinations(
    db: &Database,
    workspace_id: WorkspaceId,
    ids: &[DestinationId],
) -> Result<Vec<Destination>, DatabaseError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let wanted = entity::Column::Id.is_in(ids.iter().map(DestinationId::as_uuid));
    let rows = owned_by(workspace_id).filter(wanted).all(db.read()).await?;
    rows.into_iter().map(Destination::try_from).collect()
}

/// By its URL.
pub async fn find_destination_by_url(
    db: &Database,
    workspace_id: WorkspaceId,
    url: &DestinationUrl,
) -> Result<Option<Destination>, DatabaseError> {
    let connection = db.read();
    let backend = connection.get_database_backend();
    let (mark, value) = url_key(backend, 2, url.as_str());
    let sql = format!("SELECT * FROM destinations WHERE workspace_id = $1 AND {} = {mark}", key_column(backend));
    let statement = Statement::from_sql_and_values(backend, sql, [workspace_id.as_uuid().into(), value]);
    let row = entity::Model::find_by_statement(statement).one(connection).await?;
    row.map(Destination::try_from).transpose()
}

/// A destination of a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkDestination {
    /// The destination.
    pub destination: Destination,
    /// Whether the link leads there as long as all is well, in some place; otherwise it is only a backup.
    pub is_primary: bool,
}

/// Where these links lead, each with its backups; links of other workspaces are left out.
pub async fn destinations_of_links(
    db: &Database,
    workspace_id: WorkspaceId,
    links: &[LinkId],
) -> Result<HashMap<LinkId, Vec<LinkDestination>>, DatabaseError> {
    const LINKS: usize = 1_000;
    let connection = db.read();
    let mut all: HashMap<LinkId, Vec<LinkDestination>> = HashMap::with_capacity(links.len());
    for links in links.chunks(LINKS) {
        let marks: Vec<String> = (0..links.len()).map(|number| format!("${}", number + 2)).collect();
        let sql = format!(
            "SELECT used.link_id, used.is_primary, destinations.* FROM link_destinations AS used \
             JOIN destinations ON destinations.id = used.destination_id \
             WHERE destinations.workspace_id = $1 AND used.link_id IN ({})",
            marks.join(", ")
        );
        let values = links.iter().map(|link| Value::from(link.as_uuid()));
        let values: Vec<Value> = std::iter::once(workspace_id.as_uuid().into()).chain(values).collect();
        let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
        for row in connection.query_all_raw(statement).await? {
            let link = LinkId::from_uuid(row.try_get("", "link_id")?);
            let destination = entity::Model::from_query_result(&row, "")?.try_into()?;
            let is_primary = row.try_get("", "is_primary")?;
            all.entry(link).or_default().push(LinkDestination { destination, is_primary });
        }
    }
    Ok(all)
}
