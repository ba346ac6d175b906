//! One attempt: reads the payload, hands the job over, writes what became of it.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::FutureExt as _;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::{
    Consume, Job, JobError,
    claims::{self, Outcome, Row},
    in_flight::Claim,
    worker::{Core, DATABASE_BACKOFF},
};
use crate::{
    failure,
    payload::{self, UnreadablePayload},
    store::Dialect,
};

#[derive(Debug, thiserror::Error)]
#[error("the attempt took longer than {0:?}")]
struct TimedOut(Duration);

#[derive(Debug, thiserror::Error)]
#[error("the handler panicked: {0}")]
struct Panicked(String);

#[derive(Debug, thiserror::Error)]
#[error("none of the attempts came to an end: the process was killed, or cut off from the database, each time")]
struct NeverEnded;

impl<J: Job, C: Consume<J>> Core<J, C> {
    /// What comes for the first time together, everything else alone: who spoils a batch, spoils it once.
    pub(super) async fn attempt_all(&self, rows: Vec<(Arc<Claim>, Row)>) {
        let (mut together, mut alone, mut unreadable) = (Vec::new(), Vec::new(), Vec::new());
        for (claim, row) in rows {
            if claim.attempt > self.options.attempts {
                unreadable.push((claim, Outcome::Dead { error: NeverEnded.to_string() }));
                continue;
            }
            match payload::read(&row.payload, row.version, J::VERSION, J::upgrade) {
                Ok(job) if claim.attempt == 1 => together.push((claim, job)),
                Ok(job) => alone.push((claim, job)),
                Err(error) => {
                    let outcome = self.cannot_read(&claim, &error);
                    unreadable.push((claim, outcome));
                }
            }
        }
        self.settle(unreadable).await;
        if !together.is_empty() {
            self.attempt(together).await;
        }
        for job in alone {
            self.attempt(vec![job]).await;
        }
    }

    fn cannot_read(&self, claim: &Claim, error: &UnreadablePayload) -> Outcome {
        let other_nodes = self.store().dialect() == Dialect::Postgres;
        match error {
            UnreadablePayload::Newer { .. } if other_nodes => self.failed(claim, error),
            _ => Outcome::Dead { error: failure::stored(error) },
        }
    }

    fn failed(&self, claim: &Claim, error: &dyn std::error::Error) -> Outcome {
        let error = failure::stored(error);
        if claim.attempt >= self.options.attempts {
            return Outcome::Dead { error };
        }
        Outcome::Again { wait: self.wait_after(&self.options.backoff, claim.attempt), error }
    }

    async fn attempt(&self, jobs: Vec<(Arc<Claim>, J)>) {
        let (claims, jobs): (Vec<_>, Vec<_>) = jobs.into_iter().unzip();
        // Of a batch the others go on; whether one is lost is told when it is completed.
        let lost = match claims.as_slice() {
            [claim] => claim.lost.clone(),
            _ => CancellationToken::new(),
        };
        let began = Instant::now();
        let (handed, dialect) = (claims.clone(), self.store().dialect());
        let run = AssertUnwindSafe(async { self.consumer.hand_over(jobs, handed, dialect).await }).catch_unwind();
        let Some(ended) = lost.run_until_cancelled(timeout(self.options.time_out, run)).await else {
            self.metrics.lost.increment(1);
            tracing::warn!(queue = J::QUEUE, "a job was taken over by another worker: its attempt here is cut off");
            self.in_flight.end(&claims);
            return;
        };
        self.metrics.attempt_seconds.record(began.elapsed().as_secs_f64());
        let result = match ended {
            Ok(Ok(result)) => result,
            Ok(Err(panic)) => Err(JobError::retry(Panicked(failure::panic_text(&*panic).to_owned()))),
            Err(_elapsed) => Err(JobError::retry(TimedOut(self.options.time_out))),
        };
        let several = claims.len() > 1;
        let mut outcomes = Vec::with_capacity(claims.len());
        for claim in claims {
            let outcome = match &result {
                Ok(()) if claim.is_completed() => {
                    self.finished();
                    self.in_flight.end(&[claim]);
                    continue;
                }
                Ok(()) => Outcome::Done,
                Err(JobError::Fail(error)) if !several => Outcome::Dead { error: failure::stored(&**error) },
                Err(JobError::Retry(error) | JobError::Fail(error)) => self.failed(&claim, &**error),
            };
            outcomes.push((claim, outcome));
        }
        self.settle(outcomes).await;
    }

    /// Writes what became of the jobs, however long the database is away, as long as they are ours.
    async fn settle(&self, outcomes: Vec<(Arc<Claim>, Outcome)>) {
        if outcomes.is_empty() {
            return;
        }
        let mut failures = 0;
        loop {
            match claims::settle(self.store(), outcomes.clone()).await {
                Ok(settled) => {
                    let completed = outcomes.iter().filter(|(claim, _)| claim.is_completed()).count() as u64;
                    let ours = settled.saturating_add(completed);
                    self.metrics.lost.increment((outcomes.len() as u64).saturating_sub(ours));
                    break;
                }
                Err(error) => {
                    failures += 1;
                    self.database_failed(&error, failures);
                    if outcomes.iter().all(|(claim, _)| claim.lost.is_cancelled()) {
                        self.metrics.lost.increment(outcomes.len() as u64);
                        break;
                    }
                    sleep(self.wait_after(&DATABASE_BACKOFF, failures)).await;
                }
            }
        }
        for (claim, outcome) in &outcomes {
            let (queue, job, attempt) = (J::QUEUE, claim.id, claim.attempt);
            match outcome {
                Outcome::Done => self.finished(),
                Outcome::Again { wait, error } => {
                    self.metrics.retried.increment(1);
                    tracing::warn!(queue, %job, attempt, error, ?wait, "a job failed and will be tried again");
                }
                Outcome::Dead { error } => {
                    self.metrics.dead.increment(1);
                    tracing::error!(queue, %job, attempt, error, "a job is set aside: see to it, then replay or delete it");
                }
            }
        }
        let claims: Vec<_> = outcomes.into_iter().map(|(claim, _)| claim).collect();
        self.in_flight.end(&claims);
    }
}
