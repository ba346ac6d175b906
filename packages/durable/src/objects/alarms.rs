//! Ringing what is due.

use std::{any::Any, sync::Arc, time::Duration};

use data_ops::{database::DatabaseError, types::Timestamp};
use futures_util::future::BoxFuture;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use sea_orm::ConnectionTrait as _;
use tokio::time::sleep;
use uuid::Uuid;

use super::{
    Object, Objects,
    apply::{AlarmRetry, Rung, ring},
    class::{AnyClass, Class, Due, put_down},
    row::{MAY_RING, Row},
};
use crate::clock_seen::CLOCKS_AGREE;

/// Alarms in one transaction.
const TOGETHER: u32 = 32;
/// How long to leave an alarm that is due but whose object is being written to.
const HELD: Duration = Duration::from_millis(20);

impl Objects {
    /// Rings everything that is due now and says how many objects rang. On PostgreSQL objects somebody else holds are left
    /// out: they ring there, or the next time.
    ///
    /// # Errors
    /// The database failed. What rang until then has rung.
    pub async fn run_due(&self) -> Result<usize, DatabaseError> {
        Ok(self.ring_due().await?.rung)
    }

    /// Rings what is due, until the service stops.
    pub async fn run(self) {
        let stop = &self.shared.stop;
        let mut jitter = StdRng::seed_from_u64(Uuid::new_v4().as_u64_pair().0);
        let (bell, longest) = (&self.shared.bell, self.shared.options.poll);
        while !stop.is_cancelled() {
            bell.forget();
            let wait = match self.ring_due().await {
                Ok(due) => {
                    bell.plan(due.next);
                    // Nodes that poll are not to do so in step.
                    let poll = longest.mul_f64(jitter.random_range(0.8..=1.0));
                    let now = self.shared.store.now();
                    due.next.map_or(poll, |next| Timestamp::from_millis(next).since(now).clamp(HELD.min(poll), poll))
                }
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "alarms cannot be rung; trying again");
                    Duration::from_secs(1)
                }
            };
            tokio::select! {
                () = stop.cancelled() => {}
                () = bell.earlier() => {}
                () = sleep(wait) => {}
            }
        }
    }

    async fn ring_due(&self) -> Result<Due, DatabaseError> {
        let now = self.shared.store.now();
        self.mend_alarms(now).await?;
        let mut all = Due::default();
        for class in self.classes.values() {
            all = all.and(class.ring_due(now).await?);
        }
        Ok(all)
    }

    /// Alarms that were set under a clock that was put back since would ring too late by as much: they ring as far ahead as
    /// they were set.
    async fn mend_alarms(&self, now: Timestamp) -> Result<(), DatabaseError> {
        if !self.clock_seen.went_back(now) {
            return Ok(());
        }
        let dialect = self.shared.store.dialect();
        let mended = self
            .shared
            .store
            .write(move |transaction| {
                Box::pin(async move {
                    let sql = "UPDATE objects SET alarm_at = alarm_at - alarm_set_at + $1, alarm_set_at = $1 \
                               WHERE alarm_at IS NOT NULL AND alarm_set_at > $2";
                    let values = [now.as_millis().into(), now.plus(CLOCKS_AGREE).as_millis().into()];
                    let done = transaction.execute_raw(dialect.statement(sql, values)).await?;
                    Ok::<_, DatabaseError>(done.rows_affected())
                })
            })
            .await;
        match mended {
            Ok(0) => Ok(()),
            Ok(alarms) => {
                tracing::warn!(alarms, "the clock was put back: alarms ring as far ahead as they were set");
                Ok(())
            }
            Err(error) => {
                self.clock_seen.forget();
                Err(error)
            }
        }
    }
}

impl<O: Object> AnyClass for Class<O> {
    fn version(&self) -> u16 {
        O::VERSION
    }

    fn ring_due(&self, now: Timestamp) -> BoxFuture<'_, Result<Due, DatabaseError>> {
        Box::pin(async move {
            let mut due = Due::default();
            loop {
                // Looking costs no transaction; most of the time there is nothing.
                due.next = self.next_alarm().await?;
                if due.next.is_none_or(|next| next > now.as_millis()) {
                    return Ok(due);
                }
                let rung = self.ring_some(now).await?;
                due.rung += rung;
                if rung == 0 {
                    // Somebody else holds what is due.
                    return Ok(due);
                }
            }
        })
    }

    fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}

impl<O: Object> Class<O> {
    async fn next_alarm(&self) -> Result<Option<i64>, DatabaseError> {
        let store = &self.shared.store;
        let sql = format!(
            "SELECT alarm_at FROM objects WHERE class = $1 AND alarm_at >= $2 AND {MAY_RING} ORDER BY alarm_at LIMIT 1"
        );
        let values = [O::CLASS.into(), i64::MIN.into(), i64::from(O::VERSION).into()];
        let next = store.database().read().query_one_raw(store.dialect().statement(sql, values)).await?;
        Ok(next.map(|row| row.try_get("", "alarm_at")).transpose()?)
    }

    /// One transaction; answers how many it rang. That an alarm is cleared and what it does are committed together.
    async fn ring_some(&self, now: Timestamp) -> Result<usize, DatabaseError> {
        // Never closed.
        let _permit = self.shared.permits.acquire().await;
        let (store, options) = (&self.shared.store, &self.shared.options);
        let (dialect, within) = (store.dialect(), store.clone());
        let retry = AlarmRetry { attempts: options.alarm_attempts, backoff: options.alarm_backoff };
        let mut random = StdRng::seed_from_u64(Uuid::new_v4().as_u64_pair().0);
        let rung = store
            .write(move |transaction| {
                Box::pin(async move {
                    let rows = Row::take_due(transaction, dialect, O::CLASS, O::VERSION, now, TOGETHER).await?;
                    let mut rung = Vec::with_capacity(rows.len());
                    for mut row in rows {
                        let due_at = row.alarm_at;
                        let mut what = ring::<O>(&mut row, retry, now, &mut random);
                        row.store(transaction, dialect, O::CLASS, now).await?;
                        let queues = match &mut what {
                            Rung::Done { jobs, .. } => put_down(&within, transaction, std::mem::take(jobs)).await?,
                            Rung::Failed(_) => Vec::new(),
                        };
                        // The state can be large, and is not needed any more.
                        row.state = String::new();
                        rung.push((due_at, row, what, queues));
                    }
                    Ok::<_, DatabaseError>(rung)
                })
            })
            .await?;
        let count = rung.len();
        for (due_at, row, what, queues) in rung {
            let late = due_at.map_or(Duration::ZERO, |at| now.since(Timestamp::from_millis(at)));
            self.metrics.alarm_delay_seconds.record(late);
            self.metrics.alarms.increment(1);
            let told = match what {
                Rung::Done { told, .. } => told,
                Rung::Failed(failure) => {
                    self.metrics.failed_alarms.increment(1);
                    tracing::warn!(class = O::CLASS, object = row.name, failure, "an alarm failed");
                    None
                }
            };
            self.committed(&row, told, queues);
        }
        Ok(count)
    }
}
