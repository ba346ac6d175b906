//! Group commit: one task holds the writer, and commits for everyone who asked meanwhile.
//!
//! A commit waits for the disk, so what a slow disk carries in a second is told by how many are committed together. Those
//! who were answered by the last commit mostly come back at once with what they do next, but only a few are there when the
//! next group is begun: it waits for as many as were answered, for a small part of the time a commit takes.

use std::{
    panic::AssertUnwindSafe,
    time::{Duration, Instant},
};

use data_ops::database::{Database, DatabaseError, DatabaseErrorKind};
use futures_util::{FutureExt as _, future::BoxFuture};
use sea_orm::{ConnectionTrait as _, DatabaseTransaction, DbErr, QueryResult, Statement, TransactionTrait as _};
use tokio::sync::{mpsc, oneshot};
use tokio_util::task::TaskTracker;

/// Work that may wait; callers beyond it wait to be let in.
const WAITING: usize = 1_024;
/// Work committed together at most: a bound on how long the first of a group waits for the last.
const TOGETHER: usize = 512;
/// The part of a commit's time that the next group waits for those who are about to come back.
const PATIENCE: u32 = 4;
/// Timers are not finer than this, and a disk so fast needs no patience.
const SHORTEST_WAIT: Duration = Duration::from_millis(1);

/// What a caller is told once it is known whether the group was committed.
type Answer = Box<dyn FnOnce(Result<(), DatabaseError>) + Send>;

/// One caller's work.
trait Work: Send {
    /// Whether it needs to be undone alone when it fails. A single statement that fails has done nothing.
    fn needs_savepoint(&self) -> bool;

    /// Runs it. What it answers is kept until the commit, or told at once if it is to be undone.
    fn run(self: Box<Self>, transaction: &DatabaseTransaction) -> BoxFuture<'_, Ran>;

    /// Tells the caller that it was never begun.
    fn refuse(self: Box<Self>, error: DatabaseError);
}

enum Ran {
    Keep(Answer),
    Undo(Answer),
    /// The statement failed, and so may what it stands in: some failures of the disk end the transaction.
    Broken(Answer, DatabaseError),
}

struct Asked<F, T, E> {
    work: F,
    answer: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Work for Asked<F, T, E>
where
    F: for<'t> FnOnce(&'t DatabaseTransaction) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    T: Send + 'static,
    E: From<DatabaseError> + Send + 'static,
{
    fn needs_savepoint(&self) -> bool {
        true
    }

    fn run(self: Box<Self>, transaction: &DatabaseTransaction) -> BoxFuture<'_, Ran> {
        let Self { work, answer } = *self;
        Box::pin(async move {
            let result = work(transaction).await;
            let keep = result.is_ok();
            let answer: Answer = Box::new(move |committed: Result<(), DatabaseError>| {
                // A caller that is gone wants no answer.
                let _gone = answer.send(result.and_then(|done| committed.map(|()| done).map_err(E::from)));
            });
            if keep { Ran::Keep(answer) } else { Ran::Undo(answer) }
        })
    }

    fn refuse(self: Box<Self>, error: DatabaseError) {
        let _gone = self.answer.send(Err(error.into()));
    }
}

/// One statement.
struct Single {
    statement: Statement,
    answer: oneshot::Sender<Result<Vec<QueryResult>, DatabaseError>>,
}

impl Work for Single {
    fn needs_savepoint(&self) -> bool {
        false
    }

    fn run(self: Box<Self>, transaction: &DatabaseTransaction) -> BoxFuture<'_, Ran> {
        let Self { statement, answer } = *self;
        Box::pin(async move {
            let result = transaction.query_all_raw(statement).await.map_err(DatabaseError::from);
            let failed = result.as_ref().err().cloned();
            let answer: Answer = Box::new(move |committed: Result<(), DatabaseError>| {
                // A caller that is gone wants no answer.
                let _gone = answer.send(result.and_then(|rows| committed.map(|()| rows)));
            });
            match failed {
                None => Ran::Keep(answer),
                Some(error) if error.kind() == DatabaseErrorKind::Other => Ran::Undo(answer),
                Some(error) => Ran::Broken(answer, error),
            }
        })
    }

    fn refuse(self: Box<Self>, error: DatabaseError) {
        let _gone = self.answer.send(Err(error));
    }
}

#[derive(Clone)]
pub(super) struct Group(mpsc::Sender<Box<dyn Work>>);

impl Group {
    pub(super) fn start(database: Database, tasks: &TaskTracker) -> Self {
        let (sender, mut waiting) = mpsc::channel::<Box<dyn Work>>(WAITING);
        tasks.spawn(async move {
            let mut last = Last::default();
            while let Some(first) = waiting.recv().await {
                last = commit(&database, first, &mut waiting, last).await;
            }
        });
        Self(sender)
    }

    pub(super) async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t DatabaseTransaction) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<DatabaseError> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        if self.0.send(Box::new(Asked { work, answer })).await.is_err() {
            return Err(given_up().into());
        }
        answered.await.unwrap_or_else(|_| Err(given_up().into()))
    }

    pub(super) async fn write_one(&self, statement: Statement) -> Result<Vec<QueryResult>, DatabaseError> {
        let (answer, answered) = oneshot::channel();
        if self.0.send(Box::new(Single { statement, answer })).await.is_err() {
            return Err(given_up());
        }
        answered.await.unwrap_or_else(|_| Err(given_up()))
    }
}

fn given_up() -> DatabaseError {
    DbErr::Custom("the work was given up: it panicked, or the service is stopping".to_owned()).into()
}

/// What the last group was like, by which the next one tells how long to wait for whom.
#[derive(Default, Clone, Copy)]
struct Last {
    answered: usize,
    commit: Duration,
}

async fn commit(
    database: &Database,
    first: Box<dyn Work>,
    waiting: &mut mpsc::Receiver<Box<dyn Work>>,
    last: Last,
) -> Last {
    let transaction = match database.begin().await {
        Ok(transaction) => transaction,
        Err(error) => {
            first.refuse(error);
            return Last::default();
        }
    };
    let mut answers: Vec<Answer> = Vec::new();
    let mut next = Some(first);
    let mut broken = None;
    let mut patience = Patience::new(last);
    while let Some(work) = next {
        match run(&transaction, work).await {
            Ok(answer) => answers.extend(answer),
            Err(error) => {
                broken = Some(error);
                break;
            }
        }
        next = if answers.len() < TOGETHER { patience.next(waiting, answers.len()).await } else { None };
    }
    let began = Instant::now();
    let committed = match broken {
        None => transaction.commit().await.map_err(DatabaseError::from),
        Some(error) => {
            // Whether or not the connection can still say so, nothing is committed.
            let _undone = transaction.rollback().await;
            Err(error)
        }
    };
    let last = Last { answered: answers.len(), commit: began.elapsed() };
    for answer in answers {
        answer(committed.clone());
    }
    last
}

/// Waits for those who are about to come back.
struct Patience {
    expected: usize,
    until: Option<Instant>,
}

impl Patience {
    fn new(last: Last) -> Self {
        let wait = last.commit / PATIENCE;
        Self { expected: last.answered, until: (wait >= SHORTEST_WAIT).then(|| Instant::now() + wait) }
    }

    /// What waits, or comes in time; `gathered` are there.
    async fn next(&mut self, waiting: &mut mpsc::Receiver<Box<dyn Work>>, gathered: usize) -> Option<Box<dyn Work>> {
        if let Ok(work) = waiting.try_recv() {
            return Some(work);
        }
        let left = self.until?.saturating_duration_since(Instant::now());
        if gathered >= self.expected || left.is_zero() {
            return None;
        }
        tokio::time::timeout(left, waiting.recv()).await.ok().flatten()
    }
}

/// Runs one caller's work so that it can be undone alone. Answers `None` when nothing is left to tell after the commit:
/// the work failed, or it panicked, which the caller learns by its answer being dropped.
///
/// # Errors
/// The work could not be kept apart from the others': nothing of the group may be committed.
async fn run(transaction: &DatabaseTransaction, work: Box<dyn Work>) -> Result<Option<Answer>, DatabaseError> {
    if !work.needs_savepoint() {
        return match work.run(transaction).await {
            Ran::Keep(answer) => Ok(Some(answer)),
            Ran::Undo(answer) => {
                answer(Ok(()));
                Ok(None)
            }
            Ran::Broken(answer, error) => {
                answer(Ok(()));
                Err(error)
            }
        };
    }
    let apart = match transaction.begin().await {
        Ok(apart) => apart,
        Err(error) => {
            let error = DatabaseError::from(error);
            work.refuse(error.clone());
            return Err(error);
        }
    };
    match AssertUnwindSafe(work.run(&apart)).catch_unwind().await {
        Ok(Ran::Keep(answer)) => match apart.commit().await {
            Ok(()) => Ok(Some(answer)),
            Err(error) => {
                let error = DatabaseError::from(error);
                answer(Err(error.clone()));
                Err(error)
            }
        },
        Ok(Ran::Undo(answer)) => {
            answer(Ok(()));
            apart.rollback().await?;
            Ok(None)
        }
        Ok(Ran::Broken(answer, error)) => {
            answer(Ok(()));
            Err(error)
        }
        Err(_panic) => {
            tracing::error!("work inside a transaction panicked; it is undone");
            apart.rollback().await?;
            Ok(None)
        }
    }
}
