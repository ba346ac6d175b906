//! Finding and listing checks, newest first.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use super::{Evaluation, entity};
use crate::database::{Database, DatabaseError};
use crate::types::{DestinationId, EvaluationId, LinkId, Timestamp, Verdict, WorkspaceId};

/// Which checks.
#[derive(Clone, Debug, Default)]
pub struct EvaluationFilter {
    /// Of this destination.
    pub destination_id: Option<DestinationId>,
    /// Of all destinations this link has now.
    pub link_id: Option<LinkId>,
    /// With one of these verdicts; none is any.
    pub verdicts: Vec<Verdict>,
    /// Made at or after.
    pub from: Option<Timestamp>,
    /// Made before.
    pub before: Option<Timestamp>,
}

pub(super) fn owned_by(workspace_id: WorkspaceId) -> Select<entity::Entity> {
    entity::Entity::find().filter(entity::Column::WorkspaceId.eq(workspace_id.as_uuid()))
}

/// By id.
pub async fn find_evaluation(
    db: &Database,
    workspace_id: WorkspaceId,
    id: EvaluationId,
) -> Result<Option<Evaluation>, DatabaseError> {
    let row = owned_by(workspace_id).filter(entity::Column::Id.eq(id.as_uuid())).one(db.read()).await?;
    row.map(Evaluation::try_from).transpose()
}

/// Several by id, in no particular order; those the workspace does not have are left out.
pub async fn find_evaluations(
    db: &Database,
    workspace_id: WorkspaceId,
    ids: &[EvaluationId],
) -> Result<Vec<Evaluation>, DatabaseError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let wanted = entity::Column::Id.is_in(ids.iter().map(EvaluationId::as_uuid));
    let rows = owned_by(workspace_id).filter(wanted).all(db.read()).await?;
    rows.into_iter().map(Evaluation::try_from).collect()
}

/// At most `limit` checks, newest first; those that were made before the one `after`.
pub async fn list_evaluations(
    db: &Database,
    workspace_id: WorkspaceId,
    filter: &EvaluationFilter,
    after: Option<EvaluationId>,
    limit: u64,
) -> Result<Vec<Evaluation>, DatabaseError> {
    let mut query = owned_by(workspace_id);
    if let Some(id) = filter.destination_id {
        query = query.filter(entity::Column::DestinationId.eq(id.as_uuid()));
    }
    if let Some(id) = filter.link_id {
        let used = sea_orm::sea_query::Query::select()
            .column("destination_id")
            .from("link_destinations")
            .and_where(sea_orm::ExprTrait::eq(sea_orm::sea_query::Expr::col("link_id"), id.as_uuid()))
            .to_owned();
        query = query.filter(entity::Column::DestinationId.in_subquery(used));
    }
    if !filter.verdicts.is_empty() {
        query = query.filter(entity::Column::Verdict.is_in(filter.verdicts.iter().map(|verdict| verdict.as_str())));
    }
    if let Some(from) = filter.from {
        query = query.filter(entity::Column::StartedAt.gte(from.as_millis()));
    }
    if let Some(before) = filter.before {
        query = query.filter(entity::Column::StartedAt.lt(before.as_millis()));
    }
    if let Some(after) = after {
        query = query.filter(entity::Column::Id.lt(after.as_uuid()));
    }
    let rows = query.order_by_desc(entity::Column::Id).limit(limit).all(db.read()).await?;
    rows.into_iter().map(Evaluation::try_from).collect()
}

/// The last check of a destination that found it well, made before another one where that is given.
pub async fn last_good_evaluation(
    db: &Database,
    workspace_id: WorkspaceId,
    destination_id: DestinationId,
    before: Option<EvaluationId>,
) -> Result<Option<Evaluation>, DatabaseError> {
    let mut query = owned_by(workspace_id)
        .filter(entity::Column::DestinationId.eq(destination_id.as_uuid()))
        // As the index has it.
        .filter(sea_orm::sea_query::Expr::cust("verdict = 'AVAILABLE'"));
    if let Some(before) = before {
        query = query.filter(entity::Column::Id.lt(before.as_uuid()));
    }
    let row = query.order_by_desc(entity::Column::Id).one(db.read()).await?;
    row.map(Evaluation::try_from).transpose()
}
