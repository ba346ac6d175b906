//! Works on one queue: claims what is due, starts an attempt at it, keeps its lease.

use std::{
    marker::PhantomData,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use data_ops::database::DatabaseError;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    Consume, Job, Jobs, QueueOptions,
    claims::{self, Row},
    in_flight::{Claim, InFlight, Working},
    metrics::QueueMetrics,
};
use crate::{
    backoff::Backoff,
    clock_seen::ClockSeen,
    failure,
    recent::Recent,
    store::{Dialect, Store},
};

/// How often a queue is looked at when nobody says that there is something: jobs that become due, and on PostgreSQL those
/// that other nodes put down.
const fn look(dialect: Dialect) -> Duration {
    match dialect {
        Dialect::Sqlite => Duration::from_secs(1),
        Dialect::Postgres => Duration::from_millis(250),
    }
}

/// Between attempts to reach a database that fails.
pub(super) const DATABASE_BACKOFF: Backoff =
    Backoff { first: Duration::from_millis(50), factor: 2.0, longest: Duration::from_secs(2), jitter: 0.5 };

/// Works on the queue of `J`. Nothing happens before [`Self::run`] or [`Self::run_due`].
pub struct Worker<J, C> {
    core: Arc<Core<J, C>>,
    woken: watch::Receiver<u64>,
}

/// What a worker's tasks share.
pub(super) struct Core<J, C> {
    jobs: Jobs,
    pub consumer: C,
    pub options: QueueOptions,
    pub in_flight: Arc<InFlight>,
    random: Mutex<StdRng>,
    clock_seen: ClockSeen,
    pub metrics: QueueMetrics,
    finished: Arc<Recent>,
    job: PhantomData<fn() -> J>,
}

/// What looking for work came to.
struct Looked {
    started: usize,
    /// When looking again makes sense, as far as known.
    next: Option<Duration>,
}

impl<J: Job, C: Consume<J>> Worker<J, C> {
    pub(super) fn new(jobs: Jobs, consumer: C, options: QueueOptions) -> Self {
        let (woken, finished) = jobs.work_on(J::QUEUE);
        let (high, low) = Uuid::new_v4().as_u64_pair();
        let core = Core {
            jobs,
            consumer,
            options,
            in_flight: Arc::default(),
            random: Mutex::new(StdRng::seed_from_u64(high ^ low)),
            clock_seen: ClockSeen::new(),
            metrics: QueueMetrics::new(J::QUEUE),
            finished,
            job: PhantomData,
        };
        Self { core: Arc::new(core), woken }
    }

    /// Does all that is due now, and what becomes due by it. Answers how many attempts that were.
    ///
    /// # Errors
    /// The database failed. Attempts under way are cut off, and their jobs free when their leases end.
    pub async fn run_due(&self) -> Result<usize, DatabaseError> {
        let core = &self.core;
        drop(core.in_flight.take_cut_off());
        let mut running = JoinSet::new();
        let work = async {
            let mut started = 0;
            loop {
                let looked = core.start_due(&mut running).await?;
                started += looked.started;
                if looked.started == 0 && running.join_next().await.is_none() {
                    return Ok(started);
                }
            }
        };
        tokio::select! {
            done = work => done,
            never = core.keep_leases() => match never {},
        }
    }

    /// Works until `stop`. Then claims nothing more, lets attempts under way end, and gives back what does not end in time.
    /// Dropping the future instead cuts them off at once, and leaves the jobs to their leases.
    pub async fn run(self, stop: CancellationToken) {
        let Self { core, mut woken } = self;
        let mut running = JoinSet::new();
        let work = async {
            core.work(&mut running, &mut woken, &stop).await;
            core.drain(&mut running).await;
        };
        tokio::select! {
            () = work => {}
            never = core.keep_leases() => match never {},
        }
    }
}

impl<J: Job, C: Consume<J>> Core<J, C> {
    pub(super) fn store(&self) -> &Store {
        self.jobs.store()
    }

    /// A job was done.
    pub(super) fn finished(&self) {
        self.metrics.done.increment(1);
        self.finished.add(self.store().now().as_millis().div_euclid(1_000), 1);
    }

    pub(super) fn wait_after(&self, backoff: &Backoff, failures: u32) -> Duration {
        backoff.after(failures, &mut *self.random.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn look_again(&self) -> Duration {
        // Nodes that look at different times find more together.
        let mut random = self.random.lock().unwrap_or_else(PoisonError::into_inner);
        look(self.store().dialect()).mul_f64(random.random_range(0.75..=1.0))
    }

    async fn work(
        self: &Arc<Self>,
        running: &mut JoinSet<()>,
        woken: &mut watch::Receiver<u64>,
        stop: &CancellationToken,
    ) {
        let mut failures = 0;
        while !stop.is_cancelled() {
            woken.mark_unchanged();
            let wait = match self.start_due(running).await {
                Ok(looked) => {
                    failures = 0;
                    looked.next.map_or_else(|| self.look_again(), |next| next.min(self.look_again()))
                }
                Err(error) => {
                    failures += 1;
                    self.database_failed(&error, failures);
                    self.wait_after(&DATABASE_BACKOFF, failures)
                }
            };
            let free = running.len() < self.options.concurrency;
            tokio::select! {
                biased;
                () = stop.cancelled() => {}
                Some(ended) = running.join_next() => {
                    report(ended);
                    while let Some(ended) = running.try_join_next() {
                        report(ended);
                    }
                }
                // Not after a failure: whoever puts jobs down fast would have the database asked as fast.
                Ok(()) = woken.changed(), if free && failures == 0 => {}
                () = sleep(wait), if free => {}
            }
        }
    }

    async fn drain(&self, running: &mut JoinSet<()>) {
        let ended = async {
            while let Some(ended) = running.join_next().await {
                report(ended);
            }
        };
        if timeout(self.options.drain, ended).await.is_ok() {
            return;
        }
        running.shutdown().await;
        let cut_off = self.in_flight.take_cut_off();
        let count = cut_off.len();
        tracing::warn!(queue = J::QUEUE, jobs = count, "jobs did not end in time; they are given back and begin anew");
        self.metrics.released.increment(count as u64);
        if let Err(error) = claims::release(self.store(), cut_off).await {
            let error = failure::chain(&error);
            tracing::warn!(
                queue = J::QUEUE,
                error,
                "jobs could not be given back; they are free when their leases end"
            );
        }
    }

    /// Claims as much as may run beside what is running, and starts it.
    async fn start_due(self: &Arc<Self>, running: &mut JoinSet<()>) -> Result<Looked, DatabaseError> {
        let (size, max_wait) = self.consumer.collected();
        let mut started = 0;
        self.mend_due_times().await?;
        loop {
            let slots = self.options.concurrency.saturating_sub(running.len());
            if slots == 0 {
                return Ok(Looked { started, next: None });
            }
            let due = claims::due_times(self.store(), J::QUEUE, size).await?;
            let now = self.store().now();
            let Some(oldest) = due.first() else {
                self.metrics.delay_seconds.set(0.0);
                return Ok(Looked { started, next: None });
            };
            self.metrics.delay_seconds.set(now.since(*oldest).as_secs_f64());
            let full = due.len() == size && due.iter().all(|due| *due <= now);
            let from = if full { now } else { oldest.plus(max_wait) };
            if from > now {
                return Ok(Looked { started, next: Some(from.since(now)) });
            }
            let limit = if size == 1 { slots } else { size };
            let asked_at = Instant::now();
            let rows = claims::claim(self.store(), J::QUEUE, limit, self.options.lease).await?;
            if rows.is_empty() {
                return Ok(Looked { started, next: None });
            }
            let rows = rows.into_iter().filter_map(|row| {
                let attempt = u32::try_from(row.attempts).unwrap_or(u32::MAX);
                let claim = self.in_flight.begin(row.id, attempt, row.epoch, asked_at)?;
                Some((claim, row))
            });
            let rows: Vec<_> = rows.collect();
            started += rows.len();
            if size == 1 {
                rows.into_iter().for_each(|row| self.start(running, vec![row]));
            } else if !rows.is_empty() {
                self.start(running, rows);
            }
        }
    }

    /// Jobs that were put down, or failed, under a clock that was put back since are not to wait until it is there again.
    async fn mend_due_times(&self) -> Result<(), DatabaseError> {
        let now = self.store().now();
        if !self.clock_seen.went_back(now) {
            return Ok(());
        }
        let mended = claims::mend_due_times(self.store(), J::QUEUE, now, self.options.backoff.longest).await;
        match mended {
            Ok(0) => Ok(()),
            Ok(jobs) => {
                tracing::warn!(
                    queue = J::QUEUE,
                    jobs,
                    "the clock was put back: jobs are due as far ahead as they were"
                );
                Ok(())
            }
            Err(error) => {
                self.clock_seen.forget();
                Err(error)
            }
        }
    }

    fn start(self: &Arc<Self>, running: &mut JoinSet<()>, rows: Vec<(Arc<Claim>, Row)>) {
        let claims = rows.iter().map(|(claim, _)| claim.clone()).collect();
        let working = Working::new(self.in_flight.clone(), claims, self.metrics.in_flight.clone());
        let core = self.clone();
        running.spawn(async move {
            core.attempt_all(rows).await;
            drop(working);
        });
    }

    async fn keep_leases(&self) -> std::convert::Infallible {
        let lease = self.options.lease;
        loop {
            sleep(lease / 3).await;
            let held: Vec<_> = self
                .in_flight
                .all()
                .into_iter()
                .map(|claim| {
                    let epoch = claim.epoch();
                    (claim, epoch)
                })
                .collect();
            if held.is_empty() {
                continue;
            }
            let asked_at = Instant::now();
            // A renewal that hangs must not keep the others from being given up.
            match timeout(lease / 3, claims::renew(self.store(), &held, lease)).await {
                Ok(Ok(renewed)) => self.in_flight.renewed(&held, &renewed, asked_at),
                Ok(Err(error)) => self.database_failed(&error, 1),
                Err(_elapsed) => tracing::warn!(queue = J::QUEUE, "leases could not be renewed in time"),
            }
            // Embedded nobody else can take them.
            if self.store().dialect() == Dialect::Postgres {
                self.in_flight.give_up_after(lease);
            }
        }
    }

    /// Reports the first of several failures in a row.
    pub(super) fn database_failed(&self, error: &DatabaseError, failures: u32) {
        self.metrics.failures.increment(1);
        let error = failure::chain(error);
        if failures == 1 {
            tracing::warn!(
                queue = J::QUEUE,
                error,
                "a queue cannot reach its database and will try again until it can"
            );
        } else {
            tracing::debug!(queue = J::QUEUE, error, failures, "a queue still cannot reach its database");
        }
    }
}

fn report(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!(error = &error as &dyn std::error::Error, "a task that works on jobs ended badly");
    }
}

impl<J: Job, C> std::fmt::Debug for Worker<J, C> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Worker").field("queue", &J::QUEUE).finish_non_exhaustive()
    }
}
