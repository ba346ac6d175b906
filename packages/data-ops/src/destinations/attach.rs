//! Which links lead where: rows made and given up in the transaction that stores the link.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};
use uuid::Uuid;

use crate::database::{DatabaseError, row_ids};
use crate::types::{Timestamp, WorkspaceId};

/// URLs per statement, which has up to five values for each.
const URLS: usize = 1_000;
/// Rows of links per statement, with three values each.
const ROWS: usize = 5_000;

/// Whether rows are held until the transaction ends: those a link is about to be attached to. See the module above.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hold {
    Shared,
    Not,
}

/// The ids of these URLs; new ones are made for those the workspace did not have.
pub(crate) async fn ensure(
    connection: &impl ConnectionTrait,
    workspace_id: WorkspaceId,
    urls: &BTreeSet<&str>,
    hold: Hold,
    now: Timestamp,
) -> Result<HashMap<String, Uuid>, DatabaseError> {
    let mut ids = HashMap::with_capacity(urls.len());
    // A row found may be given up, and one made by somebody else may not be visible at first: look again.
    for _ in 0..3 {
        let missing: Vec<&str> = urls.iter().copied().filter(|url| !ids.contains_key(*url)).collect();
        if missing.is_empty() {
            return Ok(ids);
        }
        find(connection, workspace_id, &missing, hold, &mut ids).await?;
        let missing: Vec<&str> = missing.into_iter().filter(|url| !ids.contains_key(*url)).collect();
        make(connection, workspace_id, &missing, now).await?;
    }
    find(connection, workspace_id, &urls.iter().copied().collect::<Vec<_>>(), hold, &mut ids).await?;
    Ok(ids)
}

async fn find(
    connection: &impl ConnectionTrait,
    workspace_id: WorkspaceId,
    urls: &[&str],
    hold: Hold,
    ids: &mut HashMap<String, Uuid>,
) -> Result<(), DatabaseError> {
    let backend = connection.get_database_backend();
    for urls in urls.chunks(URLS) {
        let mut values: Vec<Value> = vec![workspace_id.as_uuid().into()];
        let mut marks = Vec::with_capacity(urls.len());
        for (number, url) in urls.iter().enumerate() {
            let (mark, value) = url_key(backend, number + 2, url);
            marks.push(mark);
            values.push(value);
        }
        let column = key_column(backend);
        let hold = if hold == Hold::Shared && backend == DbBackend::Postgres { " ORDER BY id FOR SHARE" } else { "" };
        let marks = marks.join(", ");
        let sql = format!("SELECT id, url FROM destinations WHERE workspace_id = $1 AND {column} IN ({marks}){hold}");
        for row in connection.query_all_raw(Statement::from_sql_and_values(backend, sql, values)).await? {
            ids.insert(row.try_get("", "url")?, row.try_get("", "id")?);
        }
    }
    Ok(())
}

/// The column by which a URL is found.
pub(super) fn key_column(backend: DbBackend) -> &'static str {
    if backend == DbBackend::Postgres { "url_key" } else { "url" }
}

/// What that column is compared with.
pub(super) fn url_key(backend: DbBackend, number: usize, url: &str) -> (String, Value) {
    match backend {
        DbBackend::Postgres => (format!("sha256(${number})"), url.as_bytes().to_vec().into()),
        _ => (format!("${number}"), url.into()),
    }
}

async fn make(
    connection: &impl ConnectionTrait,
    workspace_id: WorkspaceId,
    urls: &[&str],
    now: Timestamp,
) -> Result<(), DatabaseError> {
    let backend = connection.get_database_backend();
    for urls in urls.chunks(URLS) {
        let mut values: Vec<Value> = vec![workspace_id.as_uuid().into(), now.as_millis().into()];
        let mut rows = Vec::with_capacity(urls.len());
        for (id, url) in row_ids(now, urls.len()).into_iter().zip(urls) {
            let number = values.len();
            rows.push(format!("(${}, $1, ${}, $2, $2, $2)", number + 1, number + 2));
            values.push(id.into());
            values.push((*url).into());
        }
        let rows = rows.join(", ");
        let sql = format!(
            "INSERT INTO destinations (id, workspace_id, url, state_since, created_at, updated_at) VALUES {rows} \
             ON CONFLICT DO NOTHING"
        );
        connection.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    }
    Ok(())
}

/// Notes where links lead, which were attached to nothing so far: each with its URLs, and whether one is more than a backup.
pub(crate) async fn attach(
    connection: &impl ConnectionTrait,
    links: &[(Uuid, BTreeMap<&str, bool>)],
    ids: &HashMap<String, Uuid>,
) -> Result<(), DatabaseError> {
    let backend = connection.get_database_backend();
    let rows: Vec<(Uuid, Uuid, bool)> = links
        .iter()
        .flat_map(|(link, urls)| {
            urls.iter().filter_map(|(url, is_primary)| Some((*link, *ids.get(*url)?, *is_primary)))
        })
        .collect();
    for rows in rows.chunks(ROWS) {
        let mut values: Vec<Value> = Vec::with_capacity(3 * rows.len());
        let mut marks = Vec::with_capacity(rows.len());
        for (link, destination, is_primary) in rows {
            let number = values.len();
            marks.push(format!("(${}, ${}, ${})", number + 1, number + 2, number + 3));
            values.extend([Value::from(*link), Value::from(*destination), Value::from(*is_primary)]);
        }
        let marks = marks.join(", ");
        let sql = format!("INSERT INTO link_destinations (link_id, destination_id, is_primary) VALUES {marks}");
        connection.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    }
    Ok(())
}

/// Forgets where a link leads.
pub(crate) async fn detach(connection: &impl ConnectionTrait, link_id: Uuid) -> Result<(), DatabaseError> {
    const DETACH: &str = "DELETE FROM link_destinations WHERE link_id = $1";
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), DETACH, [link_id.into()]);
    connection.execute_raw(statement).await?;
    Ok(())
}
