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
    driver,
    engine::{Engine, Held, Retries},
    heartbeat, metrics,
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
        let beating = stop.child_token();
        let executing = async {
            let mut running = JoinSet::new();
            let mut round = Round::new(engine);
            while !stop.is_cancelled() {
                round.run(engine, &stop, &mut running).await;
            }
            engine.held().values().for_each(|run| run.leave());
            while running.join_next().await.is_some() {}
            beating.cancel();
        };
        // Leases are renewed until the last step has ended.
        let stopped = CancellationToken::new();
        let heart = heartbeat::beat(engine, stopped.clone());
        tokio::join!(
            async {
                executing.await;
                stopped.cancel();
            },
            heart
        );
    }

    /// Executes all that is due now and what becomes due by that, and answers how many executions that were. What
    /// [`Workflows::run`] does all the time, for tests that move the clock.
    ///
    /// # Errors
    /// The database's.
    pub async fn run_due(&self) -> Result<usize, DatabaseError> {
        let mut executions = 0;
        loop {
            let (due, _) = take_due(self.engine(), self.engine().options.at_once, executions).await?;
            if due.is_empty() {
                return Ok(executions);
            }
            executions += due.len();
            join_all(due).await;
        }
    }
}

/// The background loop's memory.
struct Round {
    jitter: StdRng,
    /// Leases of others are looked at no earlier than this.
    rounds: usize,
}

impl Round {
    fn new(engine: &Engine) -> Self {
        let seed = engine.node.bytes().fold(0_u64, |seed, byte| seed.wrapping_mul(31).wrapping_add(u64::from(byte)));
        Self { jitter: StdRng::seed_from_u64(seed), rounds: 0 }
    }

    /// Takes what is due and begins it, or waits until something may be.
    async fn run(&mut self, engine: &Arc<Engine>, stop: &CancellationToken, running: &mut JoinSet<()>) {
        while running.try_join_next().is_some() {}
        let room = engine.options.at_once.saturating_sub(running.len());
        self.rounds = self.rounds.wrapping_add(1);
        let next = if room == 0 {
            None
        } else {
            match take_due(engine, room, self.rounds).await {
                Ok((due, next)) => {
                    let some = !due.is_empty();
                    for execution in due {
                        running.spawn(execution);
                    }
                    if some {
                        return;
                    }
                    next
                }
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "runs that are due cannot be claimed");
                    None
                }
            }
        };
        let wait = self.wait(engine, next);
        tokio::select! {
            () = stop.cancelled() => {}
            () = engine.wake.notified() => {}
            Some(_) = running.join_next() => {}
            () = tokio::time::sleep(wait) => {}
        }
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

/// Claims what is due, at most `room`, and answers the executions, not begun; and when the next will be due.
async fn take_due(
    engine: &Arc<Engine>,
    room: usize,
    first: usize,
) -> Result<(Vec<BoxFuture<'static, ()>>, Option<Timestamp>), DatabaseError> {
    free(engine).await?;
    let (mut due, mut next) = (Vec::new(), None::<Timestamp>);
    // Another kind is asked first each time, so that none has to wait for the others.
    let kinds = engine.registry.len().max(1);
    for registered in engine.registry.values().cycle().skip(first % kinds).take(engine.registry.len()) {
        let room = room - due.len();
        let Some(front) = claim::front(&engine.store, registered.kind).await? else { continue };
        let now = engine.store.now();
        if front.due_at > now || room == 0 {
            next = Some(next.map_or(front.due_at, |next| next.min(front.due_at)));
            continue;
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
            }) as BoxFuture<'static, ()>);
        }
    }
    Ok((due, next))
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
