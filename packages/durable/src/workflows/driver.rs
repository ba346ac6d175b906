//! One execution of a run, from its claim until the function ends or nothing of it can go on now.

use std::{pin::Pin, sync::Arc, task::Poll};

use data_ops::database::DatabaseErrorKind;
use futures_util::future::{BoxFuture, poll_fn};
use tokio::time::Sleep;

use super::{
    claim::Claimed,
    context::Context,
    engine::{Engine, Registered, Retries},
    error::Parked,
    journal::{self, End, JournalError},
    run::{Next, Run},
    seam::Point,
    status::RunState,
    workflow::Returned,
};
use crate::failure;

/// Executes a claimed run. Dropping the future in the middle is as good as a crash: nothing that is stored is lost, and
/// the lease ends some time.
pub(super) async fn execute(engine: &Arc<Engine>, registered: &Registered, run: &Arc<Run>, claimed: Claimed) {
    let ended = match run_to_end(engine, registered, run, claimed).await {
        Ok(end) => finish(engine, run, &end).await.map(|()| end),
        Err(error) => Err(error),
    };
    let ended = match ended {
        // What the database refuses once it refuses always: so much is said in place of it.
        Err(JournalError::Database(error)) => {
            run.take_unsaved();
            let end = End::Park(Parked::Refused { reason: failure::stored(&error) });
            finish(engine, run, &end).await.map(|()| end)
        }
        ended => ended,
    };
    let metrics = &registered.metrics;
    let counter = match &ended {
        Ok(End::Suspend { .. }) => &metrics.suspended,
        Ok(End::Succeed(_)) => &metrics.succeeded,
        Ok(End::Fail(error)) => {
            tracing::warn!(workflow.id = run.id, error, "the run failed");
            &metrics.failed
        }
        Ok(End::Park(parked)) => {
            tracing::error!(workflow.id = run.id, error = %parked, "the run is set aside");
            &metrics.parked
        }
        Err(JournalError::Lost) => {
            tracing::debug!(workflow.id = run.id, run.epoch, "the run belongs to somebody else by now");
            &metrics.lost
        }
        Err(JournalError::Database(error)) => {
            tracing::error!(
                workflow.id = run.id,
                error = error as &dyn std::error::Error,
                "the run can neither go on nor be set aside; it is taken up again"
            );
            &metrics.lost
        }
    };
    counter.increment(1);
}

/// What came of polling.
enum Turn {
    Returned(Returned),
    Saved(Result<RunState, JournalError>),
    Next(Next),
}

async fn run_to_end(
    engine: &Arc<Engine>,
    registered: &Registered,
    run: &Arc<Run>,
    claimed: Claimed,
) -> Result<End, JournalError> {
    if claimed.interruptions >= engine.options.interruptions {
        return Ok(End::Park(Parked::Interrupted { times: claimed.interruptions }));
    }
    match claimed.rows {
        Ok(rows) => run.load(rows, claimed.events, claimed.events_seen, claimed.interruptions > 0),
        Err(reason) => return Ok(End::Park(Parked::Refused { reason })),
    }
    let context = Context::new(engine.clone(), run.clone(), registered.metrics.clone());
    let mut function = registered.workflow.clone().execute(context, claimed.version, claimed.input);
    let mut saving: Option<BoxFuture<'_, Result<RunState, JournalError>>> = None;
    let mut alarm: Option<Pin<Box<Sleep>>> = None;
    loop {
        let turn = poll_fn(|context| {
            if alarm.as_mut().is_some_and(|alarm| alarm.as_mut().poll(context).is_ready()) {
                alarm = None;
                run.wake();
            }
            if !run.is_lost()
                && let Poll::Ready(returned) = function.as_mut().poll(context)
            {
                return Poll::Ready(Turn::Returned(returned));
            }
            match (run.next(context.waker()), &mut saving) {
                (Next::Lost, _) => Poll::Ready(Turn::Next(Next::Lost)),
                (_, Some(saving)) => saving.as_mut().poll(context).map(Turn::Saved),
                (Next::Wait(due), None) => {
                    let wait = due.map(|due| due.since(engine.store.now())).filter(|wait| !wait.is_zero());
                    alarm = wait.map(|wait| Box::pin(tokio::time::sleep(wait)));
                    let rung = alarm.as_mut().is_some_and(|alarm| alarm.as_mut().poll(context).is_ready());
                    if rung { Poll::Ready(Turn::Next(Next::Wait(None))) } else { Poll::Pending }
                }
                (next, None) => Poll::Ready(Turn::Next(next)),
            }
        })
        .await;
        match turn {
            Turn::Returned(returned) => {
                if let Some(saving) = saving.take() {
                    saving.await?;
                }
                return Ok(match returned {
                    Returned::Output(output) => End::Succeed(output),
                    Returned::Failed(error) => End::Fail(error),
                    Returned::Parked(parked) => End::Park(parked),
                });
            }
            Turn::Saved(state) => {
                saving = None;
                run.pause(!state?.runs());
                run.saved();
            }
            Turn::Next(Next::Save) => saving = Some(Box::pin(save(engine, run))),
            Turn::Next(Next::Suspend(due)) => return Ok(End::Suspend { due, events_seen: run.events_seen() }),
            Turn::Next(Next::Park(parked)) => return Ok(End::Park(parked)),
            Turn::Next(Next::Lost) => return Err(JournalError::Lost),
            Turn::Next(Next::Wait(_)) => {}
        }
    }
}

async fn save(engine: &Engine, run: &Run) -> Result<RunState, JournalError> {
    let rows = run.take_unsaved();
    engine.reach(Point::BeforeCommit, &run.id).await;
    let state = persist(run, || journal::save(&engine.store, &run.id, run.epoch, rows.clone())).await?;
    got_on(engine, run).await;
    engine.reach(Point::AfterCommit, &run.id).await;
    Ok(state)
}

/// A result was stored: what takes nodes down is not this run, or not what it does before its next step. In a transaction
/// of its own: that of the result shares the row with those of other branches.
pub(super) async fn got_on(engine: &Engine, run: &Run) {
    if run.take_interrupted()
        && let Err(error) = journal::forget_interruptions(&engine.store, &run.id, run.epoch).await
    {
        tracing::debug!(
            workflow.id = run.id,
            error = &error as &dyn std::error::Error,
            "its interruptions go on counting"
        );
    }
}

async fn finish(engine: &Engine, run: &Run, end: &End) -> Result<(), JournalError> {
    let rows = run.take_unsaved();
    engine.reach(Point::BeforeCommit, &run.id).await;
    persist(run, || journal::end(&engine.store, &run.id, run.epoch, rows.clone(), end.clone())).await?;
    engine.reach(Point::AfterCommit, &run.id).await;
    Ok(())
}

/// Writes as often as it takes while the database is away: what is to be written has happened.
async fn persist<T, W>(run: &Run, mut write: impl FnMut() -> W) -> Result<T, JournalError>
where
    W: Future<Output = Result<T, JournalError>>,
{
    let mut retries = Retries::default();
    loop {
        match write().await {
            Err(JournalError::Database(error)) if error.kind() != DatabaseErrorKind::Other => {
                retries.wait(&error).await
            }
            result => return result,
        }
        if run.is_lost() {
            return Err(JournalError::Lost);
        }
    }
}
