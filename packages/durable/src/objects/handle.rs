//! One object, as its callers see it.

use std::sync::Arc;

use data_ops::{database::DatabaseError, types::Timestamp};
use sea_orm::{ConnectionTrait as _, Value};

use super::{
    NAME_LIMIT, Object, ObjectError, SendError, Subscription,
    apply::{read_state, write_state},
    class::Class,
    row::Row,
};
use crate::store::Transaction;

/// An object by its name; it need not exist. Cheap to make and to clone.
pub struct ObjectHandle<O: Object> {
    class: Result<Arc<Class<O>>, ObjectError>,
    name: String,
}

impl<O: Object> Clone for ObjectHandle<O> {
    fn clone(&self) -> Self {
        Self { class: self.class.clone(), name: self.name.clone() }
    }
}

/// What an object was at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot<S> {
    /// How many messages and alarms had been handled.
    pub version: u64,
    /// What it remembered.
    pub state: S,
}

impl<O: Object> ObjectHandle<O> {
    pub(super) fn new(class: Option<Arc<Class<O>>>, name: String) -> Self {
        let class = match class {
            None => Err(ObjectError::UnknownClass { class: O::CLASS }),
            Some(_) if name.is_empty() || name.len() > NAME_LIMIT || name.contains('\0') => {
                Err(ObjectError::Name { bytes: name.len(), limit: NAME_LIMIT })
            }
            Some(class) => Ok(class),
        };
        Self { class, name }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    fn class(&self) -> Result<&Arc<Class<O>>, ObjectError> {
        self.class.as_ref().map_err(ObjectError::clone)
    }

    /// Says something to the object, and answers its reply once the new state is committed. Messages are handled one at a
    /// time, on whichever node they are sent. Dropping the future takes nothing back.
    ///
    /// # Errors
    /// It refused, or could not be reached. See [`ObjectError`] for when the message may have been handled all the same.
    pub async fn send(&self, message: O::Message) -> Result<O::Reply, SendError<O::Error>> {
        self.class()?.send(&self.name, message).await
    }

    /// When its alarm rings next.
    ///
    /// # Errors
    /// The database failed, or the name or class cannot be.
    pub async fn get_alarm(&self) -> Result<Option<Timestamp>, ObjectError> {
        Ok(self.find().await?.and_then(|row| row.alarm_at).map(Timestamp::from_millis))
    }

    /// Has the alarm ring then, and not when it would have.
    ///
    /// # Errors
    /// The database failed, or the name or class cannot be.
    pub async fn set_alarm(&self, at: Timestamp) -> Result<(), ObjectError> {
        self.write_alarm(Some(at)).await
    }

    /// Has the alarm not ring.
    ///
    /// # Errors
    /// The database failed, or the name or class cannot be.
    pub async fn delete_alarm(&self) -> Result<(), ObjectError> {
        self.write_alarm(None).await
    }

    /// What it remembers now, also while it is parked.
    ///
    /// # Errors
    /// The database failed, or the state cannot be read.
    pub async fn snapshot(&self) -> Result<Snapshot<O::State>, ObjectError> {
        Self::snapshot_of(self.find().await?)
    }

    /// What it remembers, which stays so until the transaction ends: messages wait for that. For whoever brings other rows to
    /// what an object says; one that nobody has written to is not held.
    ///
    /// # Errors
    /// The database failed, or the state cannot be read.
    pub async fn hold(&self, transaction: &Transaction) -> Result<Snapshot<O::State>, ObjectError> {
        let dialect = self.class()?.shared.store.dialect();
        Self::snapshot_of(Row::hold(transaction, dialect, O::CLASS, &self.name).await?)
    }

    fn snapshot_of(row: Option<Row>) -> Result<Snapshot<O::State>, ObjectError> {
        match row {
            None => Ok(Snapshot { version: 0, state: O::State::default() }),
            Some(row) => {
                Ok(Snapshot { version: u64::try_from(row.version).unwrap_or(0), state: read_state::<O>(&row)? })
            }
        }
    }

    /// Follows what it publishes, on whichever node that happens. The first update is a snapshot.
    ///
    /// # Errors
    /// The name or class cannot be.
    pub fn subscribe(&self) -> Result<Subscription<O>, ObjectError> {
        let seat = self.class()?.shared.rooms.enter(O::CLASS, &self.name);
        Ok(Subscription::new(self.clone(), seat))
    }

    /// Lets a parked object take messages again, and its alarm ring. Answers whether it was parked.
    ///
    /// # Errors
    /// The database failed, or the name or class cannot be.
    pub async fn resume(&self) -> Result<bool, ObjectError> {
        let resumed = self.class()?.shared.resume(O::CLASS.to_owned(), self.name.clone()).await?;
        Ok(resumed)
    }

    async fn find(&self) -> Result<Option<Row>, ObjectError> {
        let store = &self.class()?.shared.store;
        Ok(Row::find(store.database().read(), store.dialect(), O::CLASS, &self.name).await?)
    }

    async fn write_alarm(&self, at: Option<Timestamp>) -> Result<(), ObjectError> {
        let shared = &self.class()?.shared;
        let (dialect, now, name) = (shared.store.dialect(), shared.store.now().as_millis(), self.name.clone());
        let at = at.map(Timestamp::as_millis);
        shared
            .store
            .write(move |transaction| {
                Box::pin(async move {
                    let statement = match at {
                        Some(at) => {
                            let state = write_state(&O::State::default()).unwrap_or_else(|_| "null".to_owned());
                            let sql = "INSERT INTO objects (class, name, state, state_version, version, published_version, \
                                       alarm_at, alarm_set_at, alarm_attempts, updated_at) \
                                       VALUES ($1, $2, $3, $4, 0, 0, $5, $6, 0, $6) \
                                       ON CONFLICT (class, name) DO UPDATE SET alarm_at = $5, alarm_set_at = $6, \
                                       alarm_attempts = 0, updated_at = $6";
                            let values: [Value; 6] =
                                [O::CLASS.into(), name.into(), state.into(), i64::from(O::VERSION).into(), at.into(), now.into()];
                            dialect.statement(sql, values)
                        }
                        None => {
                            let sql = "UPDATE objects SET alarm_at = NULL, alarm_set_at = NULL, alarm_attempts = 0, \
                                       updated_at = $3 WHERE class = $1 AND name = $2";
                            dialect.statement(sql, [O::CLASS.into(), name.into(), now.into()])
                        }
                    };
                    transaction.execute_raw(statement).await?;
                    Ok::<_, DatabaseError>(())
                })
            })
            .await?;
        if let Some(at) = at {
            shared.bell.expect(at);
        }
        Ok(())
    }
}
