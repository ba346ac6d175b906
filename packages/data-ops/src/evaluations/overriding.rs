//! Saying that a verdict is wrong.

use sea_orm::ActiveValue::{Set, Unchanged};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait, QueryFilter, QuerySelect};

use super::find::owned_by;
use super::{Evaluation, Judged, entity, write_json};
use crate::database::{Database, DatabaseError};
use crate::destinations::{Check, record_check};
use crate::types::{EvaluationId, FailureKind, Timestamp, UserId, Verdict, VerdictSource, WorkspaceId};

/// Puts a person's verdict in the place of what was found, which stays beside it. `None`: the workspace has no such check.
/// What this means for the destination is decided by its health, not here.
pub async fn override_evaluation(
    transaction: &DatabaseTransaction,
    workspace_id: WorkspaceId,
    id: EvaluationId,
    verdict: Verdict,
    by: Option<UserId>,
    now: Timestamp,
) -> Result<Option<Evaluation>, DatabaseError> {
    const REASON: &str = "marked_by_hand";
    let wanted = owned_by(workspace_id).filter(entity::Column::Id.eq(id.as_uuid()));
    let is_postgres = transaction.get_database_backend() == DbBackend::Postgres;
    let wanted = if is_postgres { wanted.lock_exclusive() } else { wanted };
    let Some(row) = wanted.one(transaction).await? else {
        return Ok(None);
    };
    let mut evaluation = Evaluation::try_from(row)?;
    // Whoever changes their mind changes only their own word.
    let judged = evaluation.judged.take().unwrap_or_else(|| Judged {
        verdict: evaluation.verdict,
        reason: std::mem::take(&mut evaluation.reason),
        confidence: evaluation.confidence,
        decided_by: evaluation.decided_by,
        failure: evaluation.failure,
    });
    evaluation.verdict = verdict;
    evaluation.failure = (verdict == Verdict::Broken).then_some(FailureKind::Hard);
    evaluation.reason = REASON.to_owned();
    evaluation.confidence = 1.0;
    evaluation.decided_by = VerdictSource::Override;
    evaluation.overridden_by = by;
    evaluation.overridden_at = Some(now);
    let changed = entity::ActiveModel {
        id: Unchanged(id.as_uuid()),
        verdict: Set(verdict.as_str().to_owned()),
        failure: Set(evaluation.failure.map(|failure| failure.as_str().to_owned())),
        reason: Set(evaluation.reason.clone()),
        confidence: Set(evaluation.confidence),
        decided_by: Set(evaluation.decided_by.as_str().to_owned()),
        judged: Set(Some(write_json("verdict before", &judged)?)),
        overridden_by: Set(by.map(|by| by.as_uuid())),
        overridden_at: Set(Some(now.as_millis())),
        ..Default::default()
    };
    entity::Entity::update(changed).exec(transaction).await?;
    evaluation.judged = Some(judged);
    Ok(Some(evaluation))
}

/// The same in a transaction of its own; where it is the last check of its destination, that is told too.
pub async fn correct_evaluation(
    db: &Database,
    workspace_id: WorkspaceId,
    id: EvaluationId,
    verdict: Verdict,
    by: Option<UserId>,
    now: Timestamp,
) -> Result<Option<Evaluation>, DatabaseError> {
    let transaction = db.begin().await?;
    let corrected = override_evaluation(&transaction, workspace_id, id, verdict, by, now).await?;
    if let Some(evaluation) = &corrected {
        let check = Check { evaluation_id: id, at: evaluation.finished_at, verdict, reason: evaluation.reason.clone() };
        record_check(&transaction, workspace_id, evaluation.destination_id, &check).await?;
    }
    transaction.commit().await?;
    Ok(corrected)
}
