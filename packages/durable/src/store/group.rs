//! Group commit: one task holds the writer, and commits for everyone who asked meanwhile.

use std::panic::AssertUnwindSafe;

use data_ops::database::{Database, DatabaseError};
use futures_util::{FutureExt as _, future::BoxFuture};
use sea_orm::{DatabaseTransaction, DbErr, TransactionTrait as _};
use tokio::sync::{mpsc, oneshot};
use tokio_util::task::TaskTracker;

/// Work that may wait; callers beyond it wait to be let in.
const WAITING: usize = 1_024;
/// Work committed together at most: a bound on how long the first of a group waits for the last.
const TOGETHER: usize = 512;

/// What a caller is told once it is known whether the group was committed.
type Answer = Box<dyn FnOnce(Result<(), DatabaseError>) + Send>;

/// One caller's work.
trait Work: Send {
    /// Runs it. What it answers is kept until the commit, or told at once if it is to be undone.
    fn run(self: Box<Self>, transaction: &DatabaseTransaction) -> BoxFuture<'_, Ran>;

    /// Tells the caller that it was never begun.
    fn refuse(self: Box<Self>, error: DatabaseError);
}

enum Ran {
    Keep(Answer),
    Undo(Answer),
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

#[derive(Clone)]
pub(super) struct Group(mpsc::Sender<Box<dyn Work>>);

impl Group {
    pub(super) fn start(database: Database, tasks: &TaskTracker) -> Self {
        let (sender, mut waiting) = mpsc::channel::<Box<dyn Work>>(WAITING);
        tasks.spawn(async move {
            while let Some(first) = waiting.recv().await {
                commit(&database, first, &mut waiting).await;
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
}

fn given_up() -> DatabaseError {
    DbErr::Custom("the work was given up: it panicked, or the service is stopping".to_owned()).into()
}

async fn commit(database: &Database, first: Box<dyn Work>, waiting: &mut mpsc::Receiver<Box<dyn Work>>) {
    let transaction = match database.begin().await {
        Ok(transaction) => transaction,
        Err(error) => return first.refuse(error),
    };
    let mut answers: Vec<Answer> = Vec::new();
    let mut next = Some(first);
    let mut broken = None;
    while let Some(work) = next {
        match run(&transaction, work).await {
            Ok(answer) => answers.extend(answer),
            Err(error) => {
                broken = Some(error);
                break;
            }
        }
        next = if answers.len() < TOGETHER { waiting.try_recv().ok() } else { None };
    }
    let committed = match broken {
        None => transaction.commit().await.map_err(DatabaseError::from),
        Some(error) => {
            // Whether or not the connection can still say so, nothing is committed.
            let _undone = transaction.rollback().await;
            Err(error)
        }
    };
    for answer in answers {
        answer(committed.clone());
    }
}

/// Runs one caller's work so that it can be undone alone. Answers `None` when nothing is left to tell after the commit:
/// the work failed, or it panicked, which the caller learns by its answer being dropped.
///
/// # Errors
/// The work could not be kept apart from the others': nothing of the group may be committed.
async fn run(transaction: &DatabaseTransaction, work: Box<dyn Work>) -> Result<Option<Answer>, DatabaseError> {
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
        Err(_panic) => {
            tracing::error!("work inside a transaction panicked; it is undone");
            apart.rollback().await?;
            Ok(None)
        }
    }
}
