//! The loop of a node: claims what is due, executes it, and keeps the leases.

use std::{sync::Arc, time::Duration};

use data_ops::{
    database::{DatabaseError, DatabaseErrorKind},
    types::Timestamp,
};
use futures_util::future::{BoxFuture, join_all};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use tokio::{task::JoinSet, time::Instant};
use tokio_util::sync::CancellationToken;

use super::{
    Workflows,
    claim::{self, Wanted},
    driver, due_times,
    engine::{Engine, Held, Registered, Retries},
    heartbeat, metrics, retention,
    run::Run,
    seam::Point,
};
use crate::store::Dialect;

/// The longest a node sleeps although nothing seems to be due.
const IDLE: Duration = Duration::from_secs(1);

impl Workflows {
    /// Executes runs as they become due, until `stop`: then steps that have begun are ended and stored, and the rest is
    /// left to other nodes, or to the next start. To be called once in each process; dropping it is as good as a crash.
    pub async fn run(&self, stop: CancellationToken) {
        let engine = self.engine();
        // Leases are renewed until the last step has ended.
        let ended = CancellationToken::new();
        let executing = async {
            let mut running = JoinSet::new();
            let mut round = Round::new(engine);
            while !stop.is_cancelled() {
                round.run(engine, &stop, &mut running).await;
            }
            // Those that were claimed meanwhile.
            leave(engine);
            while running.join_next().await.is_some() {}
            ended.cancel();
        };
        // At once, although a look at the database may be under way.
        let leaving = async {
            stop.cancelled().await;
            leave(engine);
        };
        tokio::join!(executing, leaving, heartbeat::beat(engine, &ended), retention::tidy(engine, &stop));
    }

    /// Executes all that is due now and what becomes due by that, and answers how many executions that were. What
    /// [`Workflows::run`] does all the time, for tests that move the clock.
    ///
    /// # Errors
    /// The database's.
    pub async fn run_due(&self) -> Result<usize, DatabaseError> {
        let mut executions = 0;
        loop {
            free(self.engine()).await?;
            due_times::mend(self.engine()).await?;
            let (due, _) = take_due(self.engine(), self.engine().options.at_once, executions).await?;
            if due.is_empty() {
                return Ok(executions);
            }
            executions += due.len();
            join_all(due).await;
        }
    }
}

/// Has the runs executed here stop before their next steps.
fn leave(engine: &Engine) {
    engine.held().values().for_each(|run| run.leave());
}

/// The background loop's memory.
struct Round {
    jitter: StdRng,
    rounds: usize,
    /// When the leases of others were looked at.
    freed: Option<Instant>,
}

impl Round {
    fn new(engine: &Engine) -> Self {
        let seed = engine.node.bytes().fold(0_u64, |seed, byte| seed.wrapping_mul(31).wrapping_add(u64::from(byte)));
        Self { jitter: StdRng::seed_from_u64(seed), rounds: 0, freed: None }
    }

    /// Takes what is due and begins it, or waits until something may be.
    async fn run(&mut self, engine: &Arc<Engine>, stop: &CancellationToken, running: &mut JoinSet<()>) {
        while running.try_join_next().is_some() {}
        self.rounds = self.rounds.wrapping_add(1);
        let room = engine.options.at_once.saturating_sub(running.len());
        let (due, next) = self.take(engine, room).await.unwrap_or_else(|error| {
            tracing::warn!(error = &error as &dyn std::error::Error, "runs that are due cannot be claimed");
            (Vec::new(), None)
        });
        if !due.is_empty() {
            for execution in due {
                running.spawn(execution);
            }
            return;
        }
        let wait = self.wait(engine, next);
        tokio::select! {
            () = stop.cancelled() => {}
            () = engine.wake.notified() => {}
            Some(_) = running.join_next() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }

    async fn take(&mut self, engine: &Arc<Engine>, room: usize) -> Result<Due, DatabaseError> {
        if self.freed.is_none_or(|freed| freed.elapsed() >= engine.options.poll) {
            free(engine).await?;
            self.freed = Some(Instant::now());
        }
        due_times::mend(engine).await?;
        if room == 0 { Ok((Vec::new(), None)) } else { take_due(engine, room, self.rounds).await }
    }

    fn wait(&mut self, engine: &Engine, next: Option<Timestamp>) -> Duration {
        let longest = match engine.store.dialect() {
            Dialect::Sqlite => IDLE,
            // Others may start runs and end leases.
            Dialect::Postgres => engine.options.poll.mul_f64(self.jitter.random_range(0.75..1.25)),
        };
        next.map_or(longest, |next| next.since(engine.store.now()).min(longest))
    }
}

/// Executions, not begun, and when the next will be due.
type Due = (Vec<BoxFuture<'static, ()>>, Option<Timestamp>);

/// Claims what is due, at most `room`. Another kind is asked first each time, so that none has to wait for the others.
async fn take_due(engine: &Arc<Engine>, room: usize, first: usize) -> Result<Due, DatabaseError> {
    let (mut due, mut next) = (Vec::new(), None::<Timestamp>);
    let kinds = engine.registry.len();
    for registered in engine.registry.values().cycle().skip(first % kinds.max(1)).take(kinds) {
        match take_kind(engine, registered, room - due.len(), &mut due).await {
            Ok(Some(front)) => next = Some(next.map_or(front, |next| next.min(front))),
            Ok(None) => {}
            // What is claimed already is executed all the same.
            Err(error) if !due.is_empty() => {
                tracing::warn!(error = &error as &dyn std::error::Error, "runs that are due cannot be claimed");
                break;
            }
            Err(error) => return Err(error),
        }
    }
    Ok((due, next))
}

/// The same for one kind; answers when its next run will be due, unless that is now.
async fn take_kind(
    engine: &Arc<Engine>,
    registered: &Registered,
    room: usize,
    due: &mut Vec<BoxFuture<'static, ()>>,
) -> Result<Option<Timestamp>, DatabaseError> {
    let Some(front) = claim::front(&engine.store, registered.kind).await? else { return Ok(None) };
    let now = engine.store.now();
    if front.due_at > now || room == 0 {
        return Ok(Some(front.due_at));
    }
    let version = registered.workflow.version();
    if front.version > i64::from(version) {
        claim::park_newer(&engine.store, registered.kind, version, now.minus(grace(engine))).await?;
    }
    let wanted = Wanted {
        kind: registered.kind,
        version,
        runs: u64::try_from(room).unwrap_or(u64::MAX),
        limit: registered.limit,
        lease_millis: i64::try_from(engine.options.lease.as_millis()).unwrap_or(i64::MAX),
        node: engine.node.clone(),
    };
    let mut claimed = claim::claim(&engine.store, wanted).await?;
    let mut retries = Retries::default();
    while let Err(error) = claim::load(&engine.store, &mut claimed).await {
        if error.kind() == DatabaseErrorKind::Other {
            return Err(error);
        }
        retries.wait(&error).await;
    }
    for claimed in claimed {
        let run = Run::new(claimed.id.clone(), claimed.epoch, claimed.created_at);
        let held = Held::new(engine.clone(), run, registered.metrics.clone());
        let (engine, registered) = (engine.clone(), registered.clone());
        due.push(Box::pin(async move {
            let began = Instant::now();
            engine.reach(Point::Claimed, &held.run.id).await;
            driver::execute(&engine, &registered, &held.run, claimed).await;
            registered.metrics.seconds.record(began.elapsed());
        }));
    }
    Ok(None)
}

/// How long an input that only a newer program reads is left to nodes that may read it. Embedded there are none.
fn grace(engine: &Engine) -> Duration {
    match engine.store.dialect() {
        Dialect::Sqlite => Duration::ZERO,
        Dialect::Postgres => engine.options.newer_input_grace,
    }
}

/// Frees the runs of nodes that are gone: on PostgreSQL each time, embedded once, when the process begins.
async fn free(engine: &Engine) -> Result<(), DatabaseError> {
    match engine.store.dialect() {
        Dialect::Sqlite => {
            let free = || async { claim::free(&engine.store).await.map(report) };
            engine.freed.get_or_try_init(free).await?;
        }
        Dialect::Postgres => report(claim::free(&engine.store).await?),
    }
    Ok(())
}

fn report(freed: u64) {
    if freed > 0 {
        metrics::taken_over(freed);
        tracing::info!(runs = freed, "runs of a node that is gone are taken up again");
    }
}
