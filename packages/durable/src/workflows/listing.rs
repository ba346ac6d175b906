//! Looking at many runs.

use std::collections::BTreeMap;

use data_ops::{database::DatabaseError, types::Timestamp};
use sea_orm::{ConnectionTrait as _, Value};

use super::{
    Workflows,
    status::{RunState, RunStatus},
};

/// The runs of one kind that have not ended, at this moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KindStatus {
    /// The kind.
    pub kind: String,
    /// Whether this node knows it. Runs of a kind that no node knows stay as they are.
    pub known: bool,
    /// Runs that wait for a node to execute them.
    pub due: u64,
    /// Runs that sleep, or wait for events or further attempts.
    pub asleep: u64,
    /// Runs some node executes.
    pub in_flight: u64,
    /// Runs somebody paused.
    pub paused: u64,
    /// Runs that were set aside.
    pub parked: u64,
    /// When the first of those that wait for a node was due.
    pub oldest_due_at: Option<Timestamp>,
}

/// Where a list of runs goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunCursor {
    /// Of the last one listed.
    pub created_at: Timestamp,
    /// Of the last one listed.
    pub id: String,
}

impl RunStatus {
    /// Lists go on behind this one.
    #[must_use]
    pub fn cursor(&self) -> RunCursor {
        RunCursor { created_at: self.created_at, id: self.id.clone() }
    }
}

impl Workflows {
    /// All kinds that are known here or have runs that have not ended, by name.
    ///
    /// # Errors
    /// The database's.
    pub async fn kinds(&self) -> Result<Vec<KindStatus>, DatabaseError> {
        let dialect = self.store().dialect();
        let sql = "SELECT kind, status, COUNT(*) AS runs, COUNT(lease_until) AS in_flight, \
             COUNT(*) FILTER (WHERE lease_until IS NULL AND due_at <= $1) AS due, \
             MIN(due_at) FILTER (WHERE lease_until IS NULL AND due_at <= $1) AS oldest \
             FROM workflows WHERE finished_at IS NULL GROUP BY kind, status";
        let known = |kind: &str| self.engine().registry.contains_key(kind);
        let mut kinds: BTreeMap<String, KindStatus> =
            self.engine().registry.keys().map(|kind| ((*kind).to_owned(), KindStatus::default())).collect();
        let now = Value::from(self.store().now().as_millis());
        for row in self.store().database().read().query_all_raw(dialect.statement(sql, [now])).await? {
            let status = kinds.entry(row.try_get("", "kind")?).or_default();
            let count = |column| Ok::<_, DatabaseError>(row.try_get::<i64>("", column)?.unsigned_abs());
            let runs = count("runs")?;
            match RunState::read(&row, "status")? {
                RunState::Paused => status.paused = runs,
                RunState::Parked => status.parked = runs,
                _ => {
                    (status.due, status.in_flight) = (count("due")?, count("in_flight")?);
                    status.asleep = runs.saturating_sub(status.due + status.in_flight);
                    status.oldest_due_at = row.try_get::<Option<i64>>("", "oldest")?.map(Timestamp::from_millis);
                }
            }
        }
        Ok(kinds.into_iter().map(|(kind, status)| KindStatus { known: known(&kind), kind, ..status }).collect())
    }

    /// Runs of a kind, or of all, the latest first, without their steps: those in a state, or all; from behind a cursor on.
    ///
    /// # Errors
    /// The database's.
    pub async fn list<'a>(
        &self,
        kind: impl Into<Option<&'a str>>,
        state: Option<RunState>,
        after: Option<&RunCursor>,
        limit: u32,
    ) -> Result<Vec<RunStatus>, DatabaseError> {
        if let Some(kind) = kind.into() {
            return self.list_kind(kind, state, after, limit).await;
        }
        // Kinds are few and each has its index: better than to sort all runs there are.
        let mut runs = Vec::new();
        for kind in self.kinds_with_runs().await? {
            runs.extend(self.list_kind(&kind, state, after, limit).await?);
        }
        runs.sort_by(|one, other| (other.created_at, &other.id).cmp(&(one.created_at, &one.id)));
        runs.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(runs)
    }

    /// All kinds there are runs of, ended ones too. Looks each up in the index instead of reading every row.
    async fn kinds_with_runs(&self) -> Result<Vec<String>, DatabaseError> {
        let sql = "WITH RECURSIVE known (kind) AS ( \
             SELECT MIN(kind) FROM workflows \
             UNION ALL \
             SELECT (SELECT MIN(kind) FROM workflows WHERE workflows.kind > known.kind) FROM known WHERE known.kind IS NOT NULL) \
             SELECT kind FROM known WHERE kind IS NOT NULL";
        let statement = self.store().dialect().statement(sql, []);
        let rows = self.store().database().read().query_all_raw(statement).await?;
        rows.iter().map(|row| Ok(row.try_get("", "kind")?)).collect()
    }

    async fn list_kind(
        &self,
        kind: &str,
        state: Option<RunState>,
        after: Option<&RunCursor>,
        limit: u32,
    ) -> Result<Vec<RunStatus>, DatabaseError> {
        let (created_at, id) =
            after.map_or((i64::MAX, ""), |cursor| (cursor.created_at.as_millis(), cursor.id.as_str()));
        let id_by_bytes = self.store().dialect().by_bytes("id");
        let mut sql = format!(
            "SELECT {} FROM workflows WHERE kind = $1 AND (created_at < $2 OR (created_at = $2 AND {id_by_bytes} < $3))",
            RunStatus::COLUMNS
        );
        let mut values = vec![Value::from(kind), created_at.into(), id.into(), i64::from(limit).into()];
        if let Some(state) = state {
            sql.push_str(" AND status = $5");
            values.push(state.as_str().into());
        }
        sql.push_str(&format!(" ORDER BY created_at DESC, {id_by_bytes} DESC LIMIT $4"));
        let statement = self.store().dialect().statement(sql, values);
        let rows = self.store().database().read().query_all_raw(statement).await?;
        rows.iter().map(RunStatus::read).collect()
    }
}
