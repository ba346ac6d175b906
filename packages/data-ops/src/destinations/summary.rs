//! How many of a workspace's destinations are in which state.

use sea_orm::{ConnectionTrait, Statement};

use crate::database::{Database, DatabaseError};
use crate::types::{HealthState, WorkspaceId};

/// How many destinations that links lead to are how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HealthSummary {
    /// Nothing is known of them.
    pub unknown: u64,
    /// They are well.
    pub ok: u64,
    /// A check failed, and is to be confirmed.
    pub suspect: u64,
    /// They are broken.
    pub broken: u64,
    /// Those of the broken ones whose links are left as they are, because so many broke at once.
    pub held: u64,
    /// Somebody decided where their links lead.
    pub pinned: u64,
    /// Their links lead to backups, as far as they have any.
    pub down: u64,
    /// Suspect, broken or pinned.
    pub attention: u64,
}

/// Counts the destinations of a workspace; those no link leads to any more are left out.
pub async fn summarize_destinations(db: &Database, workspace_id: WorkspaceId) -> Result<HealthSummary, DatabaseError> {
    const COUNT: &str = "SELECT state, pin IS NOT NULL AS pinned, held, down, count(*) AS destinations \
        FROM destinations WHERE workspace_id = $1 \
        AND EXISTS (SELECT 1 FROM link_destinations WHERE destination_id = destinations.id) \
        GROUP BY state, pin IS NOT NULL, held, down";
    let connection = db.read();
    let values = [workspace_id.as_uuid().into()];
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), COUNT, values);
    let mut summary = HealthSummary::default();
    for row in connection.query_all_raw(statement).await? {
        let state: String = row.try_get("", "state")?;
        let state = HealthState::parse(&state).map_err(|error| DatabaseError::stored("health", error))?;
        let count = u64::try_from(row.try_get::<i64>("", "destinations")?).unwrap_or(0);
        let is = |column| row.try_get::<bool>("", column);
        let pinned = is("pinned")?;
        match state {
            HealthState::Unknown => summary.unknown += count,
            HealthState::Ok => summary.ok += count,
            HealthState::Suspect => summary.suspect += count,
            HealthState::Broken => summary.broken += count,
        }
        let wants_attention = pinned || matches!(state, HealthState::Suspect | HealthState::Broken);
        for (holds, number) in [
            (is("held")?, &mut summary.held),
            (pinned, &mut summary.pinned),
            (is("down")?, &mut summary.down),
            (wants_attention, &mut summary.attention),
        ] {
            *number += if holds { count } else { 0 };
        }
    }
    Ok(summary)
}
