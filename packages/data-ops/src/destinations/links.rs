//! The links that lead to a destination.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder, QuerySelect, Statement, Value};

use crate::database::{Database, DatabaseError};
use crate::domains::entity as domains_entity;
use crate::links::{Link, entity as links_entity, find_links, owned_by};
use crate::types::{ClickValue, DestinationId, DestinationUrl, LinkId, MonitorPhrases, Rule, WorkspaceId};

/// How a destination is to be watched: what the owners of its links said, taken together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Watch {
    /// How many links lead there, watched or not.
    pub links: u64,
    /// Whether one of them wants it watched. The rest is what these say.
    pub enabled: bool,
    /// The shortest interval between checks that is asked for, in seconds.
    pub interval: Option<u32>,
    /// All phrases.
    pub phrases: MonitorPhrases,
    /// One of the links, the oldest: an evaluation names it.
    pub link_id: Option<LinkId>,
}

/// How a destination is to be watched.
pub async fn watch_of(
    connection: &impl ConnectionTrait,
    workspace_id: WorkspaceId,
    id: DestinationId,
) -> Result<Watch, DatabaseError> {
    // Many links that say the same are one row.
    const WATCH: &str = "SELECT count(*) AS links, monitor_enabled, \
        monitor_interval_s, monitor_phrases \
        FROM link_destinations AS used JOIN links ON links.id = used.link_id \
        WHERE used.destination_id = $2 AND links.workspace_id = $1 AND links.deleted_at IS NULL \
        GROUP BY monitor_enabled, monitor_interval_s, monitor_phrases";
    const OLDEST: &str = "SELECT links.id FROM link_destinations AS used JOIN links ON links.id = used.link_id \
        WHERE used.destination_id = $2 AND links.workspace_id = $1 AND links.deleted_at IS NULL \
        ORDER BY links.monitor_enabled DESC, links.id LIMIT 1";
    let values: [Value; 2] = [workspace_id.as_uuid().into(), id.as_uuid().into()];
    let backend = connection.get_database_backend();
    let mut watch = Watch::default();
    for row in connection.query_all_raw(Statement::from_sql_and_values(backend, WATCH, values.clone())).await? {
        let links: i64 = row.try_get("", "links")?;
        watch.links += u64::try_from(links).unwrap_or(0);
        if !row.try_get::<bool>("", "monitor_enabled")? {
            continue;
        }
        watch.enabled = true;
        let interval: Option<i64> = row.try_get("", "monitor_interval_s")?;
        let interval = interval.and_then(|seconds| u32::try_from(seconds).ok());
        watch.interval = watch.interval.into_iter().chain(interval).min();
        if let Some(json) = row.try_get::<Option<String>>("", "monitor_phrases")? {
            let more: MonitorPhrases =
                serde_json::from_str(&json).map_err(|error| DatabaseError::stored("phrases", error))?;
            add(&mut watch.phrases.available, more.available);
            add(&mut watch.phrases.unavailable, more.unavailable);
        }
    }
    let oldest = connection.query_one_raw(Statement::from_sql_and_values(backend, OLDEST, values)).await?;
    watch.link_id = oldest.map(|row| row.try_get("", "id")).transpose()?.map(LinkId::from_uuid);
    Ok(watch)
}

fn add(all: &mut Vec<String>, more: Vec<String>) {
    for phrase in more {
        if !all.contains(&phrase) {
            all.push(phrase);
        }
    }
}

/// Links that lead to a destination, oldest first; those after `after`.
pub async fn links_of_destination(
    db: &Database,
    workspace_id: WorkspaceId,
    id: DestinationId,
    after: Option<LinkId>,
    limit: u64,
) -> Result<Vec<Link>, DatabaseError> {
    let connection = db.read();
    let used = sea_orm::sea_query::Query::select()
        .column("link_id")
        .from("link_destinations")
        .and_where(sea_orm::sea_query::ExprTrait::eq(sea_orm::sea_query::Expr::col("destination_id"), id.as_uuid()))
        .to_owned();
    let mut query = owned_by(workspace_id).filter(links_entity::Column::Id.in_subquery(used));
    if let Some(after) = after {
        query = query.filter(links_entity::Column::Id.gt(after.as_uuid()));
    }
    let rows = query
        .order_by_asc(links_entity::Column::Id)
        .limit(limit)
        .find_also_related(domains_entity::Entity)
        .all(connection)
        .await?;
    rows.into_iter().map(Link::try_from).collect()
}

/// The first links that lead to each of these destinations, at most `each`, oldest first.
pub async fn links_of_destinations(
    db: &Database,
    workspace_id: WorkspaceId,
    ids: &[DestinationId],
    each: u32,
) -> Result<HashMap<DestinationId, Vec<Link>>, DatabaseError> {
    /// Parts of one statement: databases take some hundreds.
    const PARTS: usize = 100;
    let connection = db.read();
    let backend = connection.get_database_backend();
    let mut used: Vec<(DestinationId, LinkId)> = Vec::new();
    for ids in ids.chunks(PARTS) {
        let part = |number: usize| {
            format!(
                "SELECT * FROM (SELECT destination_id, link_id FROM link_destinations WHERE destination_id = ${} \
                 ORDER BY link_id LIMIT $1) AS part{number}",
                number + 2
            )
        };
        let sql = (0..ids.len()).map(part).collect::<Vec<_>>().join(" UNION ALL ");
        let mut values: Vec<Value> = vec![i64::from(each).into()];
        values.extend(ids.iter().map(|id| Value::from(id.as_uuid())));
        for row in connection.query_all_raw(Statement::from_sql_and_values(backend, sql, values)).await? {
            let destination = DestinationId::from_uuid(row.try_get("", "destination_id")?);
            used.push((destination, LinkId::from_uuid(row.try_get("", "link_id")?)));
        }
    }
    let links: Vec<LinkId> = used.iter().map(|(_, link)| *link).collect();
    // Links of other workspaces are not found.
    let links = find_links(db, workspace_id, &links).await?;
    let links: HashMap<LinkId, Link> = links.into_iter().map(|link| (link.id, link)).collect();
    let mut all: HashMap<DestinationId, Vec<Link>> = HashMap::with_capacity(ids.len());
    for (destination, link) in used {
        if let Some(link) = links.get(&link) {
            all.entry(destination).or_default().push(link.clone());
        }
    }
    Ok(all)
}

/// Whether visitors of the link who belong to `url`, which is down, are led to a backup: there is one in its place that is not down.
#[must_use]
pub fn leads_away_from(link: &Link, url: &DestinationUrl, is_down: impl Fn(&DestinationUrl) -> bool) -> bool {
    let any_up = |backups: &[DestinationUrl]| backups.iter().any(|backup| !is_down(backup));
    let in_country = |(country, to): (_, &DestinationUrl)| to == url && any_up(link.geo_backup_urls.get(country));
    let in_rule = |rule: &Rule| rule.destinations.iter().any(|to| to.url == *url) && any_up(&rule.backups);
    (link.url == *url && any_up(&link.backup_urls)) || link.geo.iter().any(in_country) || link.rules.iter().any(in_rule)
}

/// The links to a destination whose clicks are worth something to their owner, at most so many.
pub async fn valued_links(
    db: &Database,
    workspace_id: WorkspaceId,
    ids: &[DestinationId],
    limit: u64,
) -> Result<Vec<(DestinationId, LinkId, ClickValue)>, DatabaseError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let connection = db.read();
    let marks: Vec<String> = (0..ids.len()).map(|number| format!("${}", number + 3)).collect();
    let sql = format!(
        "SELECT used.destination_id, links.id, click_value_minor, click_value_currency \
         FROM link_destinations AS used JOIN links ON links.id = used.link_id \
         WHERE links.workspace_id = $1 AND links.deleted_at IS NULL AND used.is_primary \
         AND click_value_minor IS NOT NULL AND used.destination_id IN ({}) LIMIT $2",
        marks.join(", ")
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut values: Vec<Value> = vec![workspace_id.as_uuid().into(), limit.into()];
    values.extend(ids.iter().map(|id| Value::from(id.as_uuid())));
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    let rows = connection.query_all_raw(statement).await?;
    let valued = rows.into_iter().map(|row| {
        let minor: i64 = row.try_get("", "click_value_minor")?;
        let value = ClickValue {
            minor: u32::try_from(minor).unwrap_or(ClickValue::MAX_MINOR),
            currency: row.try_get("", "click_value_currency")?,
        };
        let destination = DestinationId::from_uuid(row.try_get("", "destination_id")?);
        Ok((destination, LinkId::from_uuid(row.try_get("", "id")?), value))
    });
    valued.collect()
}
