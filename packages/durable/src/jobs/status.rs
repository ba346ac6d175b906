//! What the queues look like, and stopping them.

use std::collections::BTreeMap;

use data_ops::{database::DatabaseError, types::Timestamp};
use sea_orm::{ConnectionTrait as _, Value};

use super::Jobs;

/// One queue, at this moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct QueueStatus {
    /// Its name.
    pub queue: String,
    /// Jobs that are due and wait for a worker.
    pub ready: u64,
    /// Jobs that are not due yet.
    pub delayed: u64,
    /// Jobs somebody is working on.
    pub in_flight: u64,
    /// Jobs set aside.
    pub dead: u64,
    /// When the first of those that wait for a worker was due.
    pub oldest_due_at: Option<Timestamp>,
    /// Whether workers leave it alone.
    pub paused: bool,
    /// Jobs this process did within the last minute.
    pub finished_per_minute: u64,
}

impl Jobs {
    /// All queues that have jobs, workers here, or are paused, by name.
    ///
    /// # Errors
    /// The database failed.
    pub async fn queues(&self) -> Result<Vec<QueueStatus>, DatabaseError> {
        let dialect = self.store().dialect();
        let leased = format!("lease_until >= {}", dialect.lease_clock());
        let sql = format!(
            "SELECT queue, COUNT(*) AS jobs, COUNT(*) FILTER (WHERE {leased}) AS in_flight, \
             COUNT(*) FILTER (WHERE due_at > $1 AND ({leased}) IS NOT TRUE) AS delayed, \
             MIN(due_at) FILTER (WHERE due_at <= $1 AND ({leased}) IS NOT TRUE) AS oldest FROM jobs GROUP BY queue"
        );
        let second = self.store().now().as_millis().div_euclid(1_000);
        let here = |finished_per_minute| QueueStatus { finished_per_minute, ..QueueStatus::default() };
        let mut queues: BTreeMap<String, QueueStatus> = self
            .worked()
            .iter()
            .map(|(queue, worked)| ((*queue).to_owned(), here(worked.finished.within_a_minute(second))))
            .collect();
        let read = self.store().database().read();
        for row in read.query_all_raw(dialect.statement(sql, [Value::from(self.store().now().as_millis())])).await? {
            let status = queues.entry(row.try_get("", "queue")?).or_default();
            let count = |column| Ok::<_, DatabaseError>(row.try_get::<i64>("", column)?.unsigned_abs());
            (status.in_flight, status.delayed) = (count("in_flight")?, count("delayed")?);
            status.ready = count("jobs")?.saturating_sub(status.in_flight + status.delayed);
            status.oldest_due_at = row.try_get::<Option<i64>>("", "oldest")?.map(Timestamp::from_millis);
        }
        let sql = "SELECT queue, COUNT(*) AS dead FROM dead_jobs GROUP BY queue";
        for row in read.query_all_raw(dialect.statement(sql, [])).await? {
            let status = queues.entry(row.try_get("", "queue")?).or_default();
            status.dead = row.try_get::<i64>("", "dead")?.unsigned_abs();
        }
        for row in read.query_all_raw(dialect.statement("SELECT queue FROM paused_queues", [])).await? {
            queues.entry(row.try_get("", "queue")?).or_default().paused = true;
        }
        Ok(queues.into_iter().map(|(queue, status)| QueueStatus { queue, ..status }).collect())
    }

    /// Lets the jobs of a queue lie, on all nodes, until it is resumed. Attempts under way go on. Jobs can be put down.
    ///
    /// # Errors
    /// The database failed.
    pub async fn pause(&self, queue: &str) -> Result<(), DatabaseError> {
        let sql = "INSERT INTO paused_queues (queue, paused_at) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        self.execute(sql, vec![Value::from(queue), Value::from(self.store().now().as_millis())]).await
    }

    /// Ends a pause.
    ///
    /// # Errors
    /// The database failed.
    pub async fn resume(&self, queue: &str) -> Result<(), DatabaseError> {
        self.execute("DELETE FROM paused_queues WHERE queue = $1", vec![Value::from(queue)]).await?;
        self.wake(queue);
        Ok(())
    }

    async fn execute(&self, sql: &'static str, values: Vec<Value>) -> Result<(), DatabaseError> {
        let statement = self.store().dialect().statement(sql, values);
        self.store()
            .write(move |transaction| {
                Box::pin(async move {
                    transaction.execute_raw(statement).await?;
                    Ok(())
                })
            })
            .await
    }
}
