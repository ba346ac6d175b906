//! Storing a check.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait};

use super::{Evaluation, entity, write_json};
use crate::database::DatabaseError;

/// Stores a check, once: `false` when it was stored before.
pub async fn insert_evaluation(
    connection: &impl ConnectionTrait,
    evaluation: &Evaluation,
) -> Result<bool, DatabaseError> {
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let ai = evaluation.ai.as_ref().map(|ai| write_json("use of a model", ai)).transpose()?;
    let judged = evaluation.judged.as_ref().map(|judged| write_json("verdict before", judged)).transpose()?;
    let row = entity::ActiveModel {
        id: Set(evaluation.id.as_uuid()),
        workspace_id: Set(evaluation.workspace_id.as_uuid()),
        destination_id: Set(evaluation.destination_id.as_uuid()),
        link_id: Set(evaluation.link_id.map(|id| id.as_uuid())),
        url: Set(evaluation.url.clone()),
        trigger: Set(evaluation.trigger.as_str().to_owned()),
        attempt: Set(evaluation.attempt.into()),
        started_at: Set(evaluation.started_at.as_millis()),
        finished_at: Set(evaluation.finished_at.as_millis()),
        verdict: Set(evaluation.verdict.as_str().to_owned()),
        failure: Set(evaluation.failure.map(|failure| failure.as_str().to_owned())),
        reason: Set(evaluation.reason.clone()),
        confidence: Set(evaluation.confidence),
        decided_by: Set(evaluation.decided_by.as_str().to_owned()),
        evidence: Set(write_json("evidence", &evaluation.evidence)?),
        http_status: Set(evaluation.http_status.map(i64::from)),
        final_url: Set(evaluation.final_url.clone()),
        redirects: Set(write_json("redirects", &evaluation.redirects)?),
        nav_error: Set(evaluation.nav_error.clone()),
        guard_denied: Set(evaluation.guard_denied.clone()),
        title: Set(evaluation.title.clone()),
        lang: Set(evaluation.lang.clone()),
        content_hash: Set(evaluation.content_hash.clone()),
        requests: Set(number(evaluation.requests)),
        bytes: Set(number(evaluation.bytes)),
        timings: Set(write_json("timings", &evaluation.timings)?),
        browser_version: Set(evaluation.browser_version.clone()),
        rules_version: Set(evaluation.rules_version.clone()),
        ai: Set(ai),
        artifacts: Set(write_json("artefacts", &evaluation.artifacts)?),
        judged: Set(judged),
        overridden_by: Set(evaluation.overridden_by.map(|id| id.as_uuid())),
        overridden_at: Set(evaluation.overridden_at.map(|at| at.as_millis())),
    };
    let inserted = entity::Entity::insert(row)
        .on_conflict(OnConflict::column(entity::Column::Id).do_nothing().to_owned())
        .exec_without_returning(connection)
        .await?;
    Ok(inserted > 0)
}
