//! Which runs a node may execute: rows are taken by a lease, kept by renewing it, and taken over when it ends.

use std::collections::HashMap;

use data_ops::{database::DatabaseError, types::Timestamp};
use sea_orm::{ConnectionTrait as _, QueryResult, Statement, Value};

use super::{error::Parked, journal::StepRow};
use crate::{
    failure,
    store::{Dialect, Store, Transaction},
};

/// A run this node may execute.
pub(super) struct Claimed {
    pub id: String,
    pub version: i64,
    pub input: String,
    pub epoch: i64,
    pub created_at: Timestamp,
    pub events_seen: i64,
    pub interruptions: i64,
    /// What the journal has of its steps, or why that cannot be read.
    pub rows: Result<Vec<StepRow>, String>,
    pub events: Vec<(String, String)>,
}

/// What is wanted of one kind.
pub(super) struct Wanted {
    pub kind: &'static str,
    /// The newest input that can be read.
    pub version: u16,
    /// How many at most.
    pub runs: u64,
    /// How many may be leased at once, by all nodes.
    pub limit: Option<u32>,
    pub lease_millis: i64,
    pub node: String,
}

/// The run of a kind that is due first, and not leased.
pub(super) struct Front {
    pub due_at: Timestamp,
    pub version: i64,
}

pub(super) async fn front(store: &Store, kind: &str) -> Result<Option<Front>, DatabaseError> {
    let sql = "SELECT due_at, version FROM workflows \
         WHERE kind = $1 AND status = 'running' AND lease_until IS NULL ORDER BY due_at LIMIT 1";
    let statement = store.dialect().statement(sql, [Value::from(kind)]);
    let Some(row) = store.database().read().query_one_raw(statement).await? else { return Ok(None) };
    let due_at = Timestamp::from_millis(row.try_get("", "due_at")?);
    Ok(Some(Front { due_at, version: row.try_get("", "version")? }))
}

/// Takes runs that are due.
pub(super) async fn claim(store: &Store, wanted: Wanted) -> Result<Vec<Claimed>, DatabaseError> {
    let (dialect, now) = (store.dialect(), store.now());
    if wanted.limit.is_none() {
        let rows = store.write_one(take_statement(dialect, wanted.runs, wanted, now)).await?;
        return rows.iter().map(read).collect();
    }
    store.write(move |transaction| Box::pin(take_limited(dialect, transaction, wanted, now))).await
}

/// Reads what is known of claimed runs: under the new epoch nobody else writes about them any more. First executions have no
/// past.
pub(super) async fn load(store: &Store, claimed: &mut [Claimed]) -> Result<(), DatabaseError> {
    let again = claimed.iter().filter(|run| run.epoch > 1).map(|run| run.id.clone()).collect();
    let mut rows = steps(store, again).await?;
    let told = claimed.iter().filter(|run| run.events_seen > 0).map(|run| run.id.clone()).collect();
    let mut events = events(store, told).await?;
    for run in claimed {
        run.rows = rows.remove(&run.id).unwrap_or(Ok(Vec::new()));
        run.events = events.remove(&run.id).unwrap_or_default();
    }
    Ok(())
}

async fn take_limited(
    dialect: Dialect,
    transaction: &Transaction,
    wanted: Wanted,
    now: Timestamp,
) -> Result<Vec<Claimed>, DatabaseError> {
    let mut runs = wanted.runs;
    if let Some(limit) = wanted.limit {
        let leased = leased(dialect, transaction, wanted.kind).await?;
        runs = runs.min(u64::from(limit).saturating_sub(u64::try_from(leased).unwrap_or(0)));
        if runs == 0 {
            return Ok(Vec::new());
        }
    }
    let rows = transaction.query_all_raw(take_statement(dialect, runs, wanted, now)).await?;
    rows.iter().map(read).collect()
}

fn take_statement(dialect: Dialect, runs: u64, wanted: Wanted, now: Timestamp) -> Statement {
    let sql = format!(
        "WITH due AS MATERIALIZED (SELECT id AS due_id FROM workflows \
             WHERE kind = $1 AND status = 'running' AND lease_until IS NULL AND due_at <= $2 AND version <= $3 \
             ORDER BY due_at LIMIT $4{}) \
         UPDATE workflows SET lease_until = {} + $5, node = $6, epoch = epoch + 1 FROM due WHERE id = due_id \
         RETURNING id, version, input, epoch, created_at, events, interruptions",
        dialect.skip_locked(),
        dialect.lease_clock()
    );
    let values = [
        Value::from(wanted.kind),
        now.as_millis().into(),
        i64::from(wanted.version).into(),
        i64::try_from(runs).unwrap_or(i64::MAX).into(),
        wanted.lease_millis.into(),
        wanted.node.into(),
    ];
    dialect.statement(sql, values)
}

/// How many runs of the kind are leased; nobody else claims any until the transaction ends.
async fn leased(dialect: Dialect, transaction: &Transaction, kind: &str) -> Result<i64, DatabaseError> {
    let kind = || [Value::from(kind)];
    if dialect == Dialect::Postgres {
        let sql = "INSERT INTO workflow_limits (kind) VALUES ($1) ON CONFLICT DO NOTHING";
        transaction.execute_raw(dialect.statement(sql, kind())).await?;
        let sql = format!("SELECT kind FROM workflow_limits WHERE kind = $1{}", dialect.for_update());
        transaction.query_one_raw(dialect.statement(sql, kind())).await?;
    }
    let sql = "SELECT COUNT(*) AS runs FROM workflows WHERE kind = $1 AND lease_until IS NOT NULL";
    let row = transaction.query_one_raw(dialect.statement(sql, kind())).await?;
    Ok(row.map(|row| row.try_get("", "runs")).transpose()?.unwrap_or(0))
}

fn read(row: &QueryResult) -> Result<Claimed, DatabaseError> {
    Ok(Claimed {
        id: row.try_get("", "id")?,
        version: row.try_get("", "version")?,
        input: row.try_get("", "input")?,
        epoch: row.try_get("", "epoch")?,
        created_at: Timestamp::from_millis(row.try_get("", "created_at")?),
        events_seen: row.try_get("", "events")?,
        interruptions: row.try_get("", "interruptions")?,
        rows: Ok(Vec::new()),
        events: Vec::new(),
    })
}

async fn steps(
    store: &Store,
    ids: Vec<String>,
) -> Result<HashMap<String, Result<Vec<StepRow>, String>>, DatabaseError> {
    let mut found: HashMap<String, Result<Vec<StepRow>, String>> = HashMap::new();
    let columns = StepRow::COLUMNS;
    for row in of_runs(store, &format!("SELECT workflow_id, {columns} FROM workflow_steps"), ids).await? {
        let rows = found.entry(row.try_get("", "workflow_id")?).or_insert(Ok(Vec::new()));
        match StepRow::read(&row) {
            Ok(row) => rows.iter_mut().for_each(|rows| rows.push(row.clone())),
            // One run that cannot be read stands in nobody else's way.
            Err(error) => *rows = Err(failure::stored(&error)),
        }
    }
    Ok(found)
}

/// Names and payloads of what was sent to runs.
pub(super) async fn events(
    store: &Store,
    ids: Vec<String>,
) -> Result<HashMap<String, Vec<(String, String)>>, DatabaseError> {
    let mut found: HashMap<String, Vec<_>> = HashMap::new();
    for row in of_runs(store, "SELECT workflow_id, name, payload FROM workflow_events", ids).await? {
        let event = (row.try_get("", "name")?, row.try_get("", "payload")?);
        found.entry(row.try_get("", "workflow_id")?).or_default().push(event);
    }
    Ok(found)
}

/// The rows that belong to these runs. The number of ids is filled up to a power of two, so that there are few statements
/// to be prepared.
async fn of_runs(store: &Store, select: &str, mut ids: Vec<String>) -> Result<Vec<QueryResult>, DatabaseError> {
    let Some(last) = ids.last().cloned() else { return Ok(Vec::new()) };
    ids.resize(ids.len().next_power_of_two(), last);
    let places = (1..=ids.len()).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ");
    let sql = format!("{select} WHERE workflow_id IN ({places})");
    let statement = store.dialect().statement(sql, ids.into_iter().map(Value::from));
    Ok(store.database().read().query_all_raw(statement).await?)
}

/// Frees the runs of nodes that are gone: those whose lease has ended; embedded all, because their process has. They were
/// under way, so they are due, whatever the clock showed when they became so. Answers how many.
pub(super) async fn free(store: &Store) -> Result<u64, DatabaseError> {
    let (dialect, now) = (store.dialect(), store.now().as_millis());
    let ended = match dialect {
        Dialect::Sqlite => "lease_until IS NOT NULL".to_owned(),
        Dialect::Postgres => format!("lease_until < {}", dialect.lease_clock()),
    };
    let sql = format!(
        "WITH gone AS MATERIALIZED (SELECT id AS gone_id FROM workflows WHERE {ended}{}) \
         UPDATE workflows SET lease_until = NULL, node = NULL, interruptions = interruptions + 1, \
         due_at = CASE WHEN due_at > $1 THEN $1 ELSE due_at END FROM gone WHERE id = gone_id",
        dialect.skip_locked()
    );
    store
        .write(move |transaction| {
            Box::pin(
                async move { Ok(transaction.execute_raw(dialect.statement(sql, [now.into()])).await?.rows_affected()) },
            )
        })
        .await
}

/// Sets runs aside whose input nobody seems to read.
pub(super) async fn park_newer(
    store: &Store,
    kind: &'static str,
    version: u16,
    due_before: Timestamp,
) -> Result<(), DatabaseError> {
    let dialect = store.dialect();
    // Each version says its own number.
    let find = "SELECT DISTINCT version FROM workflows WHERE kind = $1 AND version > $2 AND status = 'running' \
         AND lease_until IS NULL AND due_at <= $3";
    let park = "UPDATE workflows SET status = 'parked', error = $5 WHERE kind = $1 AND version > $2 AND status = 'running' \
         AND lease_until IS NULL AND due_at <= $3 AND version = $4";
    store
        .write(move |transaction| {
            Box::pin(async move {
                let values = [Value::from(kind), i64::from(version).into(), due_before.as_millis().into()];
                for row in transaction.query_all_raw(dialect.statement(find, values.clone())).await? {
                    let found: i64 = row.try_get("", "version")?;
                    let parked = Parked::NewerInput { found, known: version };
                    tracing::error!(kind, error = %parked, "runs are set aside");
                    let values = values.clone().into_iter().chain([found.into(), parked.to_json().into()]);
                    transaction.execute_raw(dialect.statement(park, values)).await?;
                }
                Ok(())
            })
        })
        .await
}
