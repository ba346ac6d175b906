//! What became of destinations, and when.

use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, DatabaseTransaction, QueryOrder, QuerySelect};

use super::Destination;
use crate::database::{Database, DatabaseError, row_id};
use crate::types::{DestinationId, EvaluationId, HealthChangeId, HealthChangeKind, Timestamp, UserId, WorkspaceId};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "health_changes")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub workspace_id: Uuid,
    pub destination_id: Uuid,
    pub evaluation_id: Option<Uuid>,
    pub kind: String,
    pub reason: Option<String>,
    pub links: i64,
    pub user_id: Option<Uuid>,
    pub at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What became of a destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthChange {
    /// Its id.
    pub id: HealthChangeId,
    /// Whose destination.
    pub workspace_id: WorkspaceId,
    /// Which.
    pub destination_id: DestinationId,
    /// The check that led to it.
    pub evaluation_id: Option<EvaluationId>,
    /// What happened.
    pub kind: HealthChangeKind,
    /// The code of why.
    pub reason: Option<String>,
    /// How many links lead elsewhere because of it.
    pub links: u64,
    /// Who decided it, if somebody did.
    pub user_id: Option<UserId>,
    /// When.
    pub at: Timestamp,
}

impl TryFrom<Model> for HealthChange {
    type Error = DatabaseError;

    fn try_from(row: Model) -> Result<Self, DatabaseError> {
        let kind = HealthChangeKind::parse(&row.kind).map_err(|error| DatabaseError::stored("health change", error))?;
        Ok(Self {
            id: HealthChangeId::from_uuid(row.id),
            workspace_id: WorkspaceId::from_uuid(row.workspace_id),
            destination_id: DestinationId::from_uuid(row.destination_id),
            evaluation_id: row.evaluation_id.map(EvaluationId::from_uuid),
            kind,
            reason: row.reason,
            links: u64::try_from(row.links).unwrap_or(0),
            user_id: row.user_id.map(UserId::from_uuid),
            at: Timestamp::from_millis(row.at),
        })
    }
}

/// Writes down what became of a destination.
pub(super) async fn record(
    transaction: &DatabaseTransaction,
    destination: &Destination,
    kind: HealthChangeKind,
    evaluation_id: Option<EvaluationId>,
    user_id: Option<UserId>,
    links: usize,
    at: Timestamp,
) -> Result<HealthChange, DatabaseError> {
    let row = Model {
        id: row_id(at),
        workspace_id: destination.workspace_id.as_uuid(),
        destination_id: destination.id.as_uuid(),
        evaluation_id: evaluation_id.map(|id| id.as_uuid()),
        kind: kind.as_str().to_owned(),
        reason: destination.reason.clone(),
        links: i64::try_from(links).unwrap_or(i64::MAX),
        user_id: user_id.map(|id| id.as_uuid()),
        at: at.as_millis(),
    };
    let active = ActiveModel {
        id: Set(row.id),
        workspace_id: Set(row.workspace_id),
        destination_id: Set(row.destination_id),
        evaluation_id: Set(row.evaluation_id),
        kind: Set(row.kind.clone()),
        reason: Set(row.reason.clone()),
        links: Set(row.links),
        user_id: Set(row.user_id),
        at: Set(row.at),
    };
    Entity::insert(active).exec_without_returning(transaction).await?;
    row.try_into()
}

/// What became of a destination, newest first; those before `before`.
pub async fn list_health_changes(
    db: &Database,
    workspace_id: WorkspaceId,
    destination_id: DestinationId,
    before: Option<HealthChangeId>,
    limit: u64,
) -> Result<Vec<HealthChange>, DatabaseError> {
    let mut query = Entity::find()
        .filter(Column::WorkspaceId.eq(workspace_id.as_uuid()))
        .filter(Column::DestinationId.eq(destination_id.as_uuid()));
    if let Some(before) = before {
        query = query.filter(Column::Id.lt(before.as_uuid()));
    }
    let rows = query.order_by_desc(Column::Id).limit(limit).all(db.read()).await?;
    rows.into_iter().map(HealthChange::try_from).collect()
}

/// What became of a workspace's destinations at or after a time, oldest first: for digests.
pub async fn list_workspace_health_changes(
    db: &Database,
    workspace_id: WorkspaceId,
    from: Timestamp,
    before: Timestamp,
    limit: u64,
) -> Result<Vec<HealthChange>, DatabaseError> {
    let rows = Entity::find()
        .filter(Column::WorkspaceId.eq(workspace_id.as_uuid()))
        .filter(Column::At.gte(from.as_millis()))
        .filter(Column::At.lt(before.as_millis()))
        .order_by_asc(Column::Id)
        .limit(limit)
        .all(db.read())
        .await?;
    rows.into_iter().map(HealthChange::try_from).collect()
}
