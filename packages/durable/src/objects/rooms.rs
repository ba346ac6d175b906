//! Fan-out: who on this node listens to which object, and how they hear of commits made on any node.
//!
//! # Properties
//! * After a commit that published something, everybody who subscribed to the object hears it, on every node: as deltas, or
//!   as a new snapshot of the state where deltas were missed.
//! * Nobody waits for a listener. One that is slow misses frames, knows it, and is given a snapshot instead.
//! * An object nobody listens to costs a look into a map.
//!
//! # Design
//! A room is opened when the first on this node subscribes to an object, and closed when the last leaves. What is committed
//! here is handed to the room at once; other nodes hear it through a [`Relay`], which is subscribed to for open rooms only.
//! A frame says which version it leads to and since which version nothing else was published. So a listener that knows a
//! version in between can apply it, one that knows a later version ignores it, and one that knows an earlier one has missed
//! something and reads the state again.
//!
//! # Races
//! * **Commit between subscribing and the snapshot.** The room is entered first, so its frame waits there, and is ignored
//!   because the snapshot knows it already.
//! * **Frames out of order** (two nodes, or an alarm and a message): the later one is a gap for its listeners, who read the
//!   state, and then ignore the earlier one.
//! * **Own frames come back by the relay.** They lead to a version that is known.
//! * **Relay away.** Its frames are lost. While a room is open on PostgreSQL, the database is asked now and then which version
//!   was last published; if the room has not heard of it, everybody reads the state.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use data_ops::database::DatabaseError;
use futures_util::{
    StreamExt as _,
    stream::{self, BoxStream},
};
use sea_orm::ConnectionTrait as _;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::{sync::broadcast, time::sleep};
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::TaskTracker,
};

use super::apply::Told;
use crate::store::{Dialect, Store};

/// Frames a listener may be behind before it is given a snapshot instead.
const BEHIND: usize = 64;
/// A larger frame is sent without its deltas: brokers have limits, and a snapshot costs no more.
const FRAME_BYTES: usize = 512 * 1024;
/// The format of a frame between nodes; fields may be added without a new one.
const FORMAT: u32 = 1;

/// Carries frames between nodes. Frames may be lost, doubled or out of order.
pub trait Relay: Send + Sync + 'static {
    /// Sends a frame to whoever listens to the subject on other nodes. Never waits: what cannot be sent now is dropped.
    fn publish(&self, subject: String, frame: Bytes);

    /// The frames of a subject from now on, until the stream is dropped. They may include this node's own.
    fn subscribe(&self, subject: String) -> BoxStream<'static, Bytes>;
}

/// What was published at one commit.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Frame {
    pub since: i64,
    pub version: i64,
    /// `None`: too large to tell, or not known.
    pub deltas: Option<Arc<[Value]>>,
}

/// A frame as it is sent.
#[derive(Serialize, Deserialize)]
struct Sent {
    v: u32,
    since: i64,
    version: i64,
    deltas: Option<Vec<Value>>,
}

impl Frame {
    fn to_bytes(&self) -> Bytes {
        let sent = Sent {
            v: FORMAT,
            since: self.since,
            version: self.version,
            deltas: self.deltas.as_deref().map(<[_]>::to_vec),
        };
        let bytes = serde_json::to_vec(&sent).unwrap_or_default();
        if bytes.len() <= FRAME_BYTES {
            return bytes.into();
        }
        serde_json::to_vec(&Sent { deltas: None, ..sent }).unwrap_or_default().into()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let sent: Sent = serde_json::from_slice(bytes).ok()?;
        let deltas = sent.deltas.map(Into::into);
        (sent.v == FORMAT).then_some(Self { since: sent.since, version: sent.version, deltas })
    }
}

struct Room {
    frames: broadcast::Sender<Arc<Frame>>,
    seats: usize,
    /// The latest version its listeners were told of.
    heard: i64,
    /// Ends what keeps the room up to date.
    _open: DropGuard,
}

/// The rooms of this node.
pub(super) struct Rooms {
    open: Mutex<HashMap<(&'static str, String), Room>>,
    relay: Option<Arc<dyn Relay>>,
    store: Store,
    tasks: TaskTracker,
    stop: CancellationToken,
    catch_up: Duration,
}

impl Rooms {
    pub fn new(
        store: Store,
        relay: Option<Arc<dyn Relay>>,
        tasks: TaskTracker,
        stop: CancellationToken,
        catch_up: Duration,
    ) -> Self {
        Self { open: Mutex::default(), relay, store, tasks, stop, catch_up }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(&'static str, String), Room>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A commit on this node published something.
    pub fn tell(&self, class: &'static str, name: &str, told: Told) {
        let frame = Frame { since: told.since, version: told.version, deltas: Some(told.deltas.into()) };
        if let Some(relay) = &self.relay {
            relay.publish(subject(class, name), frame.to_bytes());
        }
        self.deliver(class, name, frame);
    }

    fn deliver(&self, class: &'static str, name: &str, frame: Frame) {
        let mut open = self.lock();
        if open.is_empty() {
            return;
        }
        if let Some(room) = open.get_mut(&(class, name.to_owned())) {
            room.heard = room.heard.max(frame.version);
            // There is somebody, or the room would not be open.
            let _heard_by = room.frames.send(Arc::new(frame));
        }
    }

    /// The database knows this version as the one last published.
    fn catch_up_with(&self, class: &'static str, name: &str, version: i64) {
        let behind = self.lock().get(&(class, name.to_owned())).is_some_and(|room| room.heard < version);
        if behind {
            self.deliver(class, name, Frame { since: version, version, deltas: None });
        }
    }

    /// Begins to listen.
    pub fn enter(self: &Arc<Self>, class: &'static str, name: &str) -> Seat {
        let mut open = self.lock();
        let room = open.entry((class, name.to_owned())).or_insert_with(|| {
            let stop = self.stop.child_token();
            // Embedded there is nobody else to hear from.
            if self.relay.is_some() || self.store.dialect() == Dialect::Postgres {
                let (rooms, name, stop) = (self.clone(), name.to_owned(), stop.clone());
                self.tasks.spawn(async move { stop.run_until_cancelled(rooms.keep_up(class, &name)).await });
            }
            metrics::gauge!("hashroute_objects_rooms").increment(1.0);
            Room { frames: broadcast::Sender::new(BEHIND), seats: 0, heard: 0, _open: stop.drop_guard() }
        });
        room.seats += 1;
        Seat { rooms: self.clone(), class, name: name.to_owned(), frames: room.frames.subscribe() }
    }

    /// Brings the room what other nodes publish, until it is closed.
    async fn keep_up(&self, class: &'static str, name: &str) {
        let mut frames = match &self.relay {
            // When it ends, the database is still there.
            Some(relay) => relay.subscribe(subject(class, name)).chain(stream::pending()).boxed(),
            None => stream::pending().boxed(),
        };
        loop {
            tokio::select! {
                Some(bytes) = frames.next() => match Frame::from_bytes(&bytes) {
                    Some(frame) => self.deliver(class, name, frame),
                    None => metrics::counter!("hashroute_objects_malformed_frames_total", "class" => class).increment(1),
                },
                () = sleep(self.catch_up) => match self.published(class, name).await {
                    Ok(version) => self.catch_up_with(class, name, version),
                    Err(error) => {
                        tracing::debug!(error = &error as &dyn std::error::Error, "what was published is not known");
                    }
                },
            }
        }
    }

    async fn published(&self, class: &'static str, name: &str) -> Result<i64, DatabaseError> {
        let sql = "SELECT published_version FROM objects WHERE class = $1 AND name = $2";
        let statement = self.store.dialect().statement(sql, [class.into(), name.into()]);
        let row = self.store.database().read().query_one_raw(statement).await?;
        Ok(row.map(|row| row.try_get("", "published_version")).transpose()?.unwrap_or(0))
    }

    pub fn open(&self) -> usize {
        self.lock().len()
    }
}

/// A place in a room; left when dropped.
pub(super) struct Seat {
    rooms: Arc<Rooms>,
    class: &'static str,
    name: String,
    pub frames: broadcast::Receiver<Arc<Frame>>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut open = self.rooms.lock();
        let key = (self.class, std::mem::take(&mut self.name));
        let Some(room) = open.get_mut(&key) else { return };
        room.seats -= 1;
        if room.seats == 0 {
            open.remove(&key);
            metrics::gauge!("hashroute_objects_rooms").decrement(1.0);
        }
    }
}

/// The subject of an object's frames. Names may hold what subjects may not.
fn subject(class: &str, name: &str) -> String {
    let mut subject = format!("hashroute.objects.{class}.");
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-' {
            subject.push(char::from(byte));
        } else {
            subject.push_str(&format!("={byte:02x}"));
        }
    }
    subject
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn subjects_are_one_token_per_name_and_differ_where_names_do() {
        assert_eq!(subject("tally", "ws_1-A"), "hashroute.objects.tally.ws_1-A");
        assert_eq!(subject("tally", "a.b *>="), "hashroute.objects.tally.a=2eb=20=2a=3e=3d");
        assert_eq!(subject("tally", "ä"), "hashroute.objects.tally.=c3=a4");
    }

    #[test]
    fn a_frame_is_read_as_it_was_sent_and_says_more_in_the_same_format() {
        let frame = Frame { since: 1, version: 3, deltas: Some([json!({"a": 1}), json!(2)].into()) };
        assert_eq!(&frame.to_bytes()[..], br#"{"v":1,"since":1,"version":3,"deltas":[{"a":1},2]}"#);
        assert_eq!(Frame::from_bytes(&frame.to_bytes()), Some(frame));
        assert!(Frame::from_bytes(br#"{"v":1,"since":1,"version":3,"deltas":null,"later":true}"#).is_some());
        for malformed in ["", "1", r#"{"v":2,"since":1,"version":3,"deltas":[]}"#, r#"{"v":1,"since":1}"#] {
            assert_eq!(Frame::from_bytes(malformed.as_bytes()), None, "{malformed}");
        }
    }

    #[test]
    fn a_frame_too_large_for_a_broker_says_only_that_there_is_something_new() {
        let frame = Frame { since: 1, version: 3, deltas: Some([json!("x".repeat(FRAME_BYTES))].into()) };
        assert_eq!(Frame::from_bytes(&frame.to_bytes()), Some(Frame { deltas: None, ..frame }));
    }
}
