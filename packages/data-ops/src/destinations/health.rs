//! Changes of a destination's health, with all links that lead there: to be done in one transaction, after which the caller
//! tells the [`LinkObserver`](crate::links::LinkObserver) what changed.

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, FromQueryResult, Statement, Value};

use super::history::{HealthChange, record};
use super::{Destination, entity};
use crate::database::DatabaseError;
use crate::links::ChangedSlug;
use crate::types::{
    DestinationId, DomainId, EvaluationId, HealthChangeKind, HealthState, LinkId, Pin, Timestamp, UserId, Verdict,
    WorkspaceId,
};

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The check.
    pub evaluation_id: EvaluationId,
    /// When it ended.
    pub at: Timestamp,
    /// What it found.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
}

/// How a destination is from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthUpdate {
    /// How it is.
    pub state: HealthState,
    /// The code of why it is so.
    pub reason: Option<String>,
    /// Broken like so many others at once that its links are left as they are.
    pub held: bool,
    /// The check that led to this.
    pub evaluation_id: Option<EvaluationId>,
    /// When.
    pub at: Timestamp,
}

/// What a change of health brought about.
#[derive(Clone, Debug, PartialEq)]
pub struct HealthChanged {
    /// The destination before.
    pub before: Destination,
    /// The destination now.
    pub after: Destination,
    /// The line in its history; `None` when there is nothing worth one.
    pub change: Option<HealthChange>,
    /// The links that may lead elsewhere now: for the link observer, after the commit.
    pub links: Vec<ChangedSlug>,
}

/// Notes the last check of a destination. Older ones than the one noted are passed over.
pub async fn record_check(
    connection: &impl ConnectionTrait,
    workspace_id: WorkspaceId,
    id: DestinationId,
    check: &Check,
) -> Result<(), DatabaseError> {
    const RECORD: &str = "UPDATE destinations SET last_evaluation_id = $3, last_checked_at = $4, last_verdict = $5, \
        last_reason = $6 WHERE id = $1 AND workspace_id = $2 AND (last_checked_at IS NULL OR last_checked_at <= $4)";
    let values: [Value; 6] = [
        id.as_uuid().into(),
        workspace_id.as_uuid().into(),
        check.evaluation_id.as_uuid().into(),
        check.at.as_millis().into(),
        check.verdict.as_str().into(),
        check.reason.as_str().into(),
    ];
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), RECORD, values);
    connection.execute_raw(statement).await?;
    Ok(())
}

/// Changes how a destination is. `None`: the workspace has no such destination.
pub async fn set_health(
    transaction: &DatabaseTransaction,
    workspace_id: WorkspaceId,
    id: DestinationId,
    update: &HealthUpdate,
) -> Result<Option<HealthChanged>, DatabaseError> {
    const SET: &str = "UPDATE destinations SET state = $3, state_since = $4, reason = $5, held = $6, updated_at = $7 \
        WHERE id = $1 AND workspace_id = $2 RETURNING *";
    let Some(before) = hold_destination(transaction, workspace_id, id).await? else {
        return Ok(None);
    };
    let since = if before.state == update.state { before.state_since } else { update.at };
    let values: [Value; 7] = [
        id.as_uuid().into(),
        workspace_id.as_uuid().into(),
        update.state.as_str().into(),
        since.as_millis().into(),
        update.reason.clone().into(),
        update.held.into(),
        update.at.as_millis().into(),
    ];
    let after = one(transaction, SET, values).await?;
    let kind = after.as_ref().and_then(|after| kind_of(&before, after));
    finish(transaction, before, after, kind, update.evaluation_id, None, update.at).await
}

/// Holds a broken destination back, or lets it go: see [`HealthUpdate::held`]. Changes nothing else.
pub async fn set_held(
    transaction: &DatabaseTransaction,
    workspace_id: WorkspaceId,
    id: DestinationId,
    held: bool,
    at: Timestamp,
) -> Result<Option<HealthChanged>, DatabaseError> {
    let Some(before) = hold_destination(transaction, workspace_id, id).await? else {
        return Ok(None);
    };
    let evaluation_id = before.last_evaluation_id;
    let update = HealthUpdate { state: before.state, reason: before.reason, held, evaluation_id, at };
    set_health(transaction, workspace_id, id, &update).await
}

/// Decides for the owner where the links of a destination lead; `None` leaves it to the checks again.
pub async fn set_pin(
    transaction: &DatabaseTransaction,
    workspace_id: WorkspaceId,
    id: DestinationId,
    pin: Option<Pin>,
    by: Option<UserId>,
    at: Timestamp,
) -> Result<Option<HealthChanged>, DatabaseError> {
    const SET: &str = "UPDATE destinations SET pin = $3, pinned_by = $4, pinned_at = $5, updated_at = $6 \
        WHERE id = $1 AND workspace_id = $2 RETURNING *";
    let Some(before) = hold_destination(transaction, workspace_id, id).await? else {
        return Ok(None);
    };
    let values: [Value; 6] = [
        id.as_uuid().into(),
        workspace_id.as_uuid().into(),
        pin.map(Pin::as_str).into(),
        pin.and(by).map(|by| by.as_uuid()).into(),
        pin.map(|_| at.as_millis()).into(),
        at.as_millis().into(),
    ];
    let after = one(transaction, SET, values).await?;
    let kind = match (before.pin, pin) {
        (before, after) if before == after => None,
        (_, Some(_)) => Some(HealthChangeKind::Pinned),
        (_, None) => Some(HealthChangeKind::Unpinned),
    };
    finish(transaction, before, after, kind, None, by, at).await
}

/// The destination, held against other changes and against links being attached, until the transaction ends.
pub async fn hold_destination(
    transaction: &DatabaseTransaction,
    workspace_id: WorkspaceId,
    id: DestinationId,
) -> Result<Option<Destination>, DatabaseError> {
    let lock = if transaction.get_database_backend() == DbBackend::Postgres { " FOR NO KEY UPDATE" } else { "" };
    let sql = format!("SELECT * FROM destinations WHERE id = $1 AND workspace_id = $2{lock}");
    one(transaction, &sql, [id.as_uuid().into(), workspace_id.as_uuid().into()]).await
}

async fn one(
    transaction: &DatabaseTransaction,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Option<Destination>, DatabaseError> {
    let statement = Statement::from_sql_and_values(transaction.get_database_backend(), sql, values);
    let row = entity::Model::find_by_statement(statement).one(transaction).await?;
    row.map(Destination::try_from).transpose()
}

/// What a change is called. What recovers was broken: a suspicion that was not confirmed is no news.
fn kind_of(before: &Destination, after: &Destination) -> Option<HealthChangeKind> {
    let was_broken = before.state == HealthState::Broken;
    match after.state {
        HealthState::Broken if after.held && !(was_broken && before.held) => Some(HealthChangeKind::Held),
        HealthState::Broken if was_broken && before.held && !after.held => Some(HealthChangeKind::Released),
        HealthState::Broken if !was_broken => Some(HealthChangeKind::Broken),
        HealthState::Suspect if before.state != HealthState::Suspect => Some(HealthChangeKind::Suspect),
        HealthState::Ok | HealthState::Unknown if was_broken => Some(HealthChangeKind::Recovered),
        _ => None,
    }
}

async fn finish(
    transaction: &DatabaseTransaction,
    before: Destination,
    after: Option<Destination>,
    kind: Option<HealthChangeKind>,
    evaluation_id: Option<EvaluationId>,
    by: Option<UserId>,
    at: Timestamp,
) -> Result<Option<HealthChanged>, DatabaseError> {
    let Some(after) = after else {
        return Ok(None);
    };
    let links = if before.is_down() == after.is_down() { Vec::new() } else { touch(transaction, after.id, at).await? };
    let change = match kind {
        Some(kind) => Some(record(transaction, &after, kind, evaluation_id, by, links.len(), at).await?),
        None => None,
    };
    Ok(Some(HealthChanged { before, after, change, links }))
}

/// Makes whoever redirects look the links of a destination up again. To their owners they are what they were: `updated_at`
/// stays.
async fn touch(
    transaction: &DatabaseTransaction,
    id: DestinationId,
    at: Timestamp,
) -> Result<Vec<ChangedSlug>, DatabaseError> {
    const SQLITE: &str = "UPDATE links SET version = version + 1, routed_at = max(changed_at + 1, $2) \
        WHERE deleted_at IS NULL AND id IN (SELECT link_id FROM link_destinations WHERE destination_id = $1) \
        RETURNING id, domain_id, slug, version, max(updated_at, routed_at) AS changed_at";
    // In one order, so that two destinations of the same links do not wait for each other.
    const POSTGRES: &str = "UPDATE links SET version = version + 1, routed_at = greatest(routed_at + 1, $2) \
        WHERE id IN (SELECT links.id FROM links JOIN link_destinations AS used ON used.link_id = links.id \
        WHERE used.destination_id = $1 AND links.deleted_at IS NULL ORDER BY links.id FOR NO KEY UPDATE OF links) \
        RETURNING id, domain_id, slug, version, changed_at";
    let backend = transaction.get_database_backend();
    let sql = if backend == DbBackend::Postgres { POSTGRES } else { SQLITE };
    let values = [id.as_uuid().into(), at.as_millis().into()];
    let rows = transaction.query_all_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    let links = rows.into_iter().map(|row| {
        Ok(ChangedSlug {
            domain_id: DomainId::from_uuid(row.try_get("", "domain_id")?),
            slug: row.try_get("", "slug")?,
            link_id: LinkId::from_uuid(row.try_get("", "id")?),
            version: row.try_get("", "version")?,
            changed_at: Timestamp::from_millis(row.try_get("", "changed_at")?),
        })
    });
    links.collect()
}
