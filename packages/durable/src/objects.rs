//! Durable objects: addressed by class and name, one message at a time, private state, one alarm.
//!
//! # Needs
//! * Something of which there is exactly one in the whole installation decides in order: what to check next, which clicks
//!   a live view shows. On one node or on many, and through the death of any of them.
//! * A hot object takes hundreds of messages a second on PostgreSQL, although each commit takes milliseconds.
//! * State outlives the program that wrote it: older states are read by [`Object::upgrade`], newer ones are left alone.
//!
//! # Properties
//! * Messages to one object are handled one after the other, across all nodes; the reply is given after the commit.
//! * A message that is refused, or panics, changes nothing, and disturbs none that is committed with it.
//! * An alarm that was set rings once, if not before it is set anew or cleared: clearing it and what it does are one
//!   transaction. At a due time that passed while no node ran, it rings at the next start.
//! * A state is never thrown away. One that cannot be read, or that would grow too large, parks the object as it is: it
//!   refuses messages with an error that says what to do, until it is resumed or a newer version of its class comes. A
//!   state newer than the node's class is refused by that node and left to newer ones.
//!
//! # Design
//! An object is a row. A message goes into the object's mailbox on the node where it was sent (`mailbox`); one task per
//! mailbox takes what waits, up to a bound, into one transaction: the row is locked, the messages are applied one after
//! the other (`apply`, pure), the row is written. So the rate of messages is that of commits times how many wait, and
//! nothing has to know on which node an object "is": the row lock decides whose turn it is. Effects are values; those for
//! the database are committed with the state, those for others follow the commit.
//!
//! Alarms are a column. Every node looks for due ones of the classes it knows and rings them in transactions of their own,
//! leaving out rows somebody else holds (`alarms`).
//!
//! What an object publishes reaches those who follow it, on all nodes: see `rooms`.
//!
//! # Races
//! * **Two nodes begin an object at once.** The second's insert waits for the first's commit and does nothing.
//! * **Two nodes find one alarm due.** The second does not get the row, or gets it after the first's commit, and then it
//!   is not due any more.
//! * **Alarm against message.** Either comes first. A message that sets the alarm anew while it rings moves the next one.
//! * **Alarm set while the node sleeps.** A commit that sets an alarm before the next one planned wakes the node it was
//!   made on; others find it within a poll.
//! * **Node frozen inside its transaction.** It holds the row until PostgreSQL ends its connection, after ten seconds; others
//!   wait for the lock for at most five, and their senders are told.
//! * **Caller gone.** The message is handled all the same, or never begun.
//!
//! # Clocks
//! Alarms go by the service's clock. One that jumps ahead has alarms ring early, once. When it is put back, alarms that were
//! set meanwhile would be late by as much: they are set to ring as far ahead as when they were set (`mend_alarms`).
//!
//! # Accepted
//! * A commit whose answer is lost with the connection leaves the sender not knowing. Messages that must not be doubled
//!   carry an id the state remembers.
//! * An object on one node is written by one transaction at a time, so a message waits for a commit or two.
//! * Messages that wait in a mailbox when the process dies were not answered, and are gone.

mod alarms;
mod apply;
mod bell;
mod class;
mod error;
mod handle;
mod inspect;
mod mailbox;
mod metrics;
mod object;
mod rooms;
mod row;
mod subscription;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use tokio::sync::Semaphore;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::{
    bell::Bell,
    class::{AnyClass, Class, Shared},
    rooms::Rooms,
};
pub use self::{
    error::{ObjectError, SendError},
    handle::{ObjectHandle, Snapshot},
    inspect::{ClassStatus, ObjectDetail, ObjectSummary, ParkedObject},
    object::{Alarm, Effects, Object, ObjectContext, UnreadableState},
    rooms::Relay,
    subscription::{Subscription, Update},
};
use crate::{
    backoff::Backoff,
    clock_seen::ClockSeen,
    jobs::Jobs,
    store::{Dialect, Store},
};

/// The largest state, in bytes of JSON.
pub const STATE_LIMIT: usize = 1024 * 1024;
/// The longest name, in bytes.
const NAME_LIMIT: usize = 256;

/// How objects run on this node.
#[derive(Debug, Clone)]
pub struct ObjectOptions {
    /// Messages that may wait for one object.
    pub waiting: usize,
    /// Messages to one object in one transaction, at most.
    pub together: usize,
    /// Transactions of objects at once: the rest of the connections is for others.
    pub transactions: usize,
    /// How often an alarm may fail in a row before its object is parked.
    pub alarm_attempts: u32,
    /// The wait before an alarm that failed rings again.
    pub alarm_backoff: Backoff,
    /// How often due alarms are looked for at least.
    pub poll: Duration,
    /// On PostgreSQL: how often somebody who follows an object finds out at the latest that frames of other nodes were lost.
    pub catch_up: Duration,
}

impl ObjectOptions {
    /// 4,096 messages may wait, 256 go together; an alarm is tried 8 times. On PostgreSQL 8 transactions at once and a look every 250 ms, for alarms set on other nodes.
    #[must_use]
    pub fn new(dialect: Dialect) -> Self {
        let (transactions, poll) = match dialect {
            // They are committed together.
            Dialect::Sqlite => (512, Duration::from_secs(1)),
            Dialect::Postgres => (8, Duration::from_millis(250)),
        };
        Self {
            waiting: 4_096,
            together: 256,
            transactions,
            alarm_attempts: 8,
            alarm_backoff: Backoff::default(),
            poll,
            catch_up: Duration::from_secs(1),
        }
    }
}

type MakeClass = fn(Arc<Shared>) -> (&'static str, Arc<dyn AnyClass>);

/// The classes a node knows: [`Classes::with`] each of them.
#[derive(Default)]
pub struct Classes(Vec<MakeClass>);

impl Classes {
    /// Also this one.
    #[must_use]
    pub fn with<O: Object>(mut self) -> Self {
        self.0.push(|shared| (O::CLASS, Arc::new(Class::<O>::new(shared))));
        self
    }
}

/// All objects of the installation, as this node reaches them. Cheap to clone.
#[derive(Clone)]
pub struct Objects {
    shared: Arc<Shared>,
    classes: Arc<BTreeMap<&'static str, Arc<dyn AnyClass>>>,
    clock_seen: Arc<ClockSeen>,
}

/// What objects are made of.
pub struct ObjectParts {
    /// Where they are kept.
    pub store: Store,
    /// Which there are.
    pub classes: Classes,
    /// How they run.
    pub options: ObjectOptions,
    /// Whose workers are woken for the jobs objects put down; without, those are found at the workers' next look.
    pub jobs: Option<Jobs>,
    /// What tells other nodes what objects publish; without, they find out from the database.
    pub relay: Option<Arc<dyn Relay>>,
    /// Where messages are handed over, until none waits.
    pub tasks: TaskTracker,
    /// Ends ringing and following, not the handing over of messages.
    pub stop: CancellationToken,
}

impl ObjectParts {
    /// These classes with the defaults, on this node alone.
    #[must_use]
    pub fn new(store: Store, classes: Classes, tasks: &TaskTracker) -> Self {
        let options = ObjectOptions::new(store.dialect());
        let (tasks, stop) = (tasks.clone(), CancellationToken::new());
        Self { store, classes, options, jobs: None, relay: None, tasks, stop }
    }
}

impl Objects {
    /// Objects made of this. Alarms ring where somebody runs [`Objects::run`].
    #[must_use]
    pub fn new(parts: ObjectParts) -> Self {
        let ObjectParts { store, classes, options, jobs, relay, tasks, stop } = parts;
        let permits = Semaphore::new(options.transactions.max(1));
        let rooms = Arc::new(Rooms::new(store.clone(), relay, tasks.clone(), stop.clone(), options.catch_up));
        let shared = Arc::new(Shared { store, jobs, options, tasks, stop, rooms, bell: Bell::new(), permits });
        let classes = classes.0.into_iter().map(|make| make(shared.clone())).collect();
        Self { shared, classes: Arc::new(classes), clock_seen: Arc::new(ClockSeen::new()) }
    }

    /// The object of this name, which need not exist: one nobody has written to has the default state.
    #[must_use]
    pub fn get<O: Object>(&self, name: impl Into<String>) -> ObjectHandle<O> {
        let class = self.classes.get(O::CLASS).and_then(|class| class.clone().as_any().downcast().ok());
        ObjectHandle::new(class, name.into())
    }
}
