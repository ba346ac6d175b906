//! The messages that wait for an object on this node, and who hands them over.

use std::{
    collections::{HashMap, VecDeque, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use data_ops::database::DatabaseError;
use tokio::sync::oneshot;

use super::{
    Object, ObjectError, SendError,
    apply::{Applied, apply_messages, write_state},
    class::{Class, put_down},
    row::Row,
};

type Answer<O> = oneshot::Sender<Result<<O as Object>::Reply, SendError<<O as Object>::Error>>>;

struct Letter<O: Object> {
    message: O::Message,
    answer: Answer<O>,
}

/// The mailboxes of a class: there is one while messages wait for an object or are being handled, and one task that
/// empties it.
pub(super) struct Mailboxes<O: Object>(Mutex<HashMap<String, VecDeque<Letter<O>>>>);

impl<O: Object> Default for Mailboxes<O> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<O: Object> Mailboxes<O> {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, VecDeque<Letter<O>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// At most `limit` letters. `None`, and the mailbox is gone: nothing waits.
    fn take(&self, name: &str, limit: usize) -> Option<Vec<Letter<O>>> {
        let mut open = self.lock();
        let letters = open.get_mut(name)?;
        if letters.is_empty() {
            open.remove(name);
            return None;
        }
        let count = letters.len().min(limit);
        Some(letters.drain(..count).collect())
    }

    fn put_back(&self, name: &str, left: impl DoubleEndedIterator<Item = Letter<O>>) {
        if let Some(letters) = self.lock().get_mut(name) {
            left.rev().for_each(|letter| letters.push_front(letter));
        }
    }
}

/// Removes the mailbox if handing over panics, so that the next message opens another.
struct Open<'a, O: Object> {
    mailboxes: &'a Mailboxes<O>,
    name: &'a str,
}

impl<O: Object> Drop for Open<'_, O> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.mailboxes.lock().remove(self.name);
        }
    }
}

impl<O: Object> Class<O> {
    /// Puts the message into the object's mailbox and waits for the answer, which comes after the commit.
    pub(super) async fn send(
        self: &Arc<Self>,
        name: &str,
        message: O::Message,
    ) -> Result<O::Reply, SendError<O::Error>> {
        let (answer, answered) = oneshot::channel();
        let letter = Letter { message, answer };
        match self.mailboxes.lock().entry(name.to_owned()) {
            Entry::Occupied(mut open) => {
                let waiting = open.get().len();
                if waiting >= self.shared.options.waiting {
                    return Err(ObjectError::Overloaded { class: O::CLASS, name: name.to_owned(), waiting }.into());
                }
                open.get_mut().push_back(letter);
            }
            Entry::Vacant(closed) => {
                closed.insert(VecDeque::from([letter]));
                let (class, name) = (self.clone(), name.to_owned());
                self.shared.tasks.spawn(async move { class.hand_over_all(&name).await });
            }
        }
        answered.await.unwrap_or(Err(SendError::Object(ObjectError::Stopped)))
    }

    async fn hand_over_all(&self, name: &str) {
        let _open = Open { mailboxes: &self.mailboxes, name };
        loop {
            // Waited for before the letters are taken: who comes meanwhile goes along.
            let Ok(_permit) = self.shared.permits.acquire().await else { return };
            let Some(letters) = self.mailboxes.take(name, self.shared.options.together) else { return };
            self.hand_over(name, letters).await;
        }
    }

    async fn hand_over(&self, name: &str, letters: Vec<Letter<O>>) {
        let began = std::time::Instant::now();
        let (messages, answers): (Vec<_>, Vec<_>) =
            letters.into_iter().map(|letter| (letter.message, letter.answer)).unzip();
        let mut answers = answers.into_iter();
        match self.commit(name, messages).await {
            Ok(applied) => {
                self.metrics.batch(&applied, began.elapsed());
                for (answer, reply) in answers.by_ref().take(applied.answers.len()).zip(applied.answers) {
                    // Who no longer waits wants no answer.
                    let _gone = answer.send(reply);
                }
                let left = applied.left.into_iter().zip(answers);
                self.mailboxes.put_back(name, left.map(|(message, answer)| Letter { message, answer }));
            }
            Err(error) => {
                for answer in answers {
                    let _gone = answer.send(Err(SendError::Object(error.clone().into())));
                }
            }
        }
    }

    /// One transaction. Afterwards everybody else is told.
    async fn commit(&self, name: &str, messages: Vec<O::Message>) -> Result<Applied<O>, DatabaseError> {
        let store = self.shared.store.clone();
        let (dialect, now, new_name) = (store.dialect(), store.now(), name.to_owned());
        let committed = self
            .shared
            .store
            .write(move |transaction| {
                Box::pin(async move {
                    let state = write_state(&O::State::default()).unwrap_or_else(|_| "null".to_owned());
                    let new = Row::new(&new_name, state, O::VERSION.into());
                    let mut row = Row::take(transaction, dialect, O::CLASS, now, new).await?;
                    let mut applied = apply_messages::<O>(&mut row, messages, now);
                    if !applied.changed {
                        return Err(Undone::Unchanged(applied));
                    }
                    row.store(transaction, dialect, O::CLASS, now).await?;
                    let queues = put_down(&store, transaction, std::mem::take(&mut applied.jobs)).await?;
                    // Only to be looked at.
                    row.state = String::new();
                    Ok((applied, row, queues))
                })
            })
            .await;
        match committed {
            Ok((mut applied, row, queues)) => {
                self.committed(&row, applied.told.take(), queues);
                Ok(applied)
            }
            Err(Undone::Unchanged(applied)) => Ok(applied),
            Err(Undone::Database(error)) => Err(error),
        }
    }
}

/// A transaction that is not committed.
enum Undone<O: Object> {
    /// No message was handled; so an object that did not exist goes on not to.
    Unchanged(Applied<O>),
    Database(DatabaseError),
}

impl<O: Object> From<DatabaseError> for Undone<O> {
    fn from(error: DatabaseError) -> Self {
        Self::Database(error)
    }
}
