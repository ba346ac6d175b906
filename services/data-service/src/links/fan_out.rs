//! Fan-out: an edited link leaves the memory of every node at once, by core NATS.
//!
//! A node that serves an edit forgets the link itself and then announces the slugs on the subject `hashroute.links.changed`. Every
//! node listens there and forgets what others announce; its next visitor has the link looked up in PostgreSQL.
//!
//! Properties
//! - NATS makes invalidation fast, never right: every node follows the changed rows in the database too
//!   ([`ChangeFollower`](super::ChangeFollower)), with or without NATS, and an edit is everywhere within a second even if no message arrives.
//! - The API neither waits for NATS nor fails with it. Announcing puts a message into a bounded queue; where that is full, or NATS
//!   is away, the message is dropped and counted.
//! - NATS may be away when a node starts and may come back whenever it likes: the connection is tried again for ever, and the
//!   subscription comes back with it. Nothing has to be asked for after a gap, since the tail did not stop for it: whatever was
//!   announced meanwhile is a row changed meanwhile.
//! - A message says "look again", not what is to be seen. Messages may be lost, doubled or out of order.
//!
//! Races
//! - *Message before commit.* Does not happen: the API announces after its commit, and nodes look up in the same database.
//! - *Message during a look-up, or during the scan at start.* The same as an edit of one's own, see [`LinkMap`].
//! - *Message and tail.* Whichever comes second finds the link gone, or already at the new version when it is the tail.
//! - *Own messages.* NATS sends them back; the node's id, made anew at every start, tells them apart.
//! - *Nodes of different versions.* A message of another format is counted and ignored; the tail covers it.
//!
//! Accepted: what is announced while the process ends or NATS dies may be lost, and comes by the tail. A message that was under way
//! to a NATS that went away is sent when it is back, and costs a look-up. Whoever may publish on the subject can make nodes look
//! links up again, and nothing else.

use std::{borrow::Cow, sync::Arc};

use async_nats::{Client, Subscriber, connection::State};
use bytes::Bytes;
use data_ops::{
    links::LinkObserver,
    types::{DomainId, Slug},
};
use futures_util::StreamExt as _;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

use super::{LinkMap, link_map::Source};
use crate::nats::NatsError;

/// Where nodes announce changed links.
const SUBJECT: &str = "hashroute.links.changed";
/// The format of [`Announcement`]; fields may be added without a new one.
const FORMAT: u32 = 1;
/// Announcements that may wait for NATS to take them. One is some hundred bytes for an edit and at most
/// 50 kB for a hundred renamed links.
const WAITING: usize = 256;

/// Announcements not sent, because NATS was away or slow.
const DROPPED: &str = "hashroute_links_fan_out_dropped_total";
/// Messages on the subject that were no announcement in a known format.
const MALFORMED: &str = "hashroute_links_fan_out_malformed_total";

/// See the module.
pub struct FanOut {
    links: Arc<LinkMap>,
    outbox: Outbox,
}

impl FanOut {
    /// Begins to announce and to listen, on `tasks` and until `stop`. Returns at once, whether or not NATS answers.
    ///
    /// # Errors
    /// When the client has ended.
    pub async fn start(
        links: Arc<LinkMap>,
        client: Client,
        tasks: &TaskTracker,
        stop: &CancellationToken,
    ) -> Result<Arc<Self>, NatsError> {
        // Is kept by the client and told to the server whenever there is a connection.
        let subscriber = client.subscribe(SUBJECT).await.map_err(|error| NatsError::Client(error.into()))?;
        let node = Uuid::new_v4();
        let (queue, waiting) = mpsc::channel(WAITING);

        let publishing = publish(client, waiting);
        let publishing_stop = stop.clone();
        tasks.spawn(async move { publishing_stop.run_until_cancelled(publishing).await });
        let listening = listen(links.clone(), node, subscriber);
        let listening_stop = stop.clone();
        tasks.spawn(async move { listening_stop.run_until_cancelled(listening).await });
        Ok(Arc::new(Self { links, outbox: Outbox { node, queue } }))
    }
}

impl LinkObserver for FanOut {
    fn links_changed(&self, slugs: &[(DomainId, Slug)]) {
        self.links.links_changed(slugs);
        if !self.outbox.put(slugs) {
            metrics::counter!(DROPPED).increment(1);
        }
    }
}

/// What all nodes hear.
#[derive(Debug, Serialize, Deserialize)]
struct Announcement<'a> {
    v: u32,
    /// Who says it.
    node: Uuid,
    links: Vec<(DomainId, Cow<'a, str>)>,
}

/// What a message turns out to be.
#[derive(Debug, PartialEq)]
enum Heard<'a> {
    /// Another node changed these.
    Changed(Vec<(DomainId, Cow<'a, str>)>),
    /// This node's own words.
    Echo,
    /// No announcement, or one in another format.
    Malformed,
}

impl<'a> Heard<'a> {
    fn by(node: Uuid, payload: &'a [u8]) -> Self {
        #[derive(Deserialize)]
        struct Format {
            v: u32,
        }
        match serde_json::from_slice(payload) {
            Ok(Format { v: FORMAT }) => {}
            _ => return Self::Malformed,
        }
        match serde_json::from_slice::<Announcement<'a>>(payload) {
            Ok(announcement) if announcement.node == node => Self::Echo,
            Ok(announcement) => Self::Changed(announcement.links),
            Err(_) => Self::Malformed,
        }
    }
}

/// Announcements on their way out.
struct Outbox {
    node: Uuid,
    queue: mpsc::Sender<Bytes>,
}

impl Outbox {
    /// `false`: there is no room, and it is dropped. Never waits.
    fn put(&self, slugs: &[(DomainId, Slug)]) -> bool {
        let links = slugs.iter().map(|(domain, slug)| (*domain, Cow::Borrowed(slug.as_str()))).collect();
        let Ok(payload) = serde_json::to_vec(&Announcement { v: FORMAT, node: self.node, links }) else { return false };
        self.queue.try_send(payload.into()).is_ok()
    }
}

async fn publish(client: Client, mut waiting: mpsc::Receiver<Bytes>) {
    while let Some(payload) = waiting.recv().await {
        // Without a connection the client would keep it for later, when the tail has long told everyone.
        let sent = client.connection_state() == State::Connected && client.publish(SUBJECT, payload).await.is_ok();
        if !sent {
            metrics::counter!(DROPPED).increment(1);
        }
    }
}

async fn listen(links: Arc<LinkMap>, node: Uuid, mut subscriber: Subscriber) {
    while let Some(message) = subscriber.next().await {
        match Heard::by(node, &message.payload) {
            Heard::Changed(slugs) => {
                links.invalidate(Source::Nats, slugs.iter().map(|(domain, slug)| (*domain, slug.as_ref())));
            }
            Heard::Echo => {}
            Heard::Malformed => metrics::counter!(MALFORMED).increment(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NODE: Uuid = Uuid::from_u128(1);
    const OTHER: Uuid = Uuid::from_u128(7);

    fn outbox(capacity: usize) -> (Outbox, mpsc::Receiver<Bytes>) {
        let (queue, waiting) = mpsc::channel(capacity);
        (Outbox { node: NODE, queue }, waiting)
    }

    fn domain() -> DomainId {
        DomainId::from_uuid(Uuid::from_u128(2))
    }

    fn changed(slug: &str) -> [(DomainId, Slug); 1] {
        [(domain(), Slug::parse(slug).unwrap())]
    }

    #[test]
    fn an_announcement_is_heard_by_others_and_not_by_its_own_node() {
        let (outbox, mut waiting) = outbox(1);
        assert!(outbox.put(&changed("sale")));
        let payload = waiting.try_recv().unwrap();
        let node = "00000000-0000-0000-0000-000000000001";
        let expected = format!(r#"{{"v":1,"node":"{node}","links":[["dom_00000000000000000000000002","sale"]]}}"#);
        assert_eq!(std::str::from_utf8(&payload).unwrap(), expected);
        assert_eq!(Heard::by(OTHER, &payload), Heard::Changed(vec![(domain(), "sale".into())]));
        assert_eq!(Heard::by(NODE, &payload), Heard::Echo);
    }

    #[test]
    fn an_announcement_may_say_more_in_the_same_format() {
        let payload = br#"{"v":1,"node":"00000000-0000-0000-0000-000000000001","links":[],"later":true}"#;
        assert_eq!(Heard::by(OTHER, payload), Heard::Changed(Vec::new()));
    }

    #[test]
    fn what_is_no_announcement_is_malformed() {
        for payload in [
            "",
            "sale",
            "{}",
            r#"{"v":1}"#,
            r#"{"v":2,"node":"00000000-0000-0000-0000-000000000001","links":[]}"#,
            r#"{"v":1,"node":"one","links":[]}"#,
            r#"{"v":1,"node":"00000000-0000-0000-0000-000000000001","links":[["link_00000000000000000000000002","sale"]]}"#,
        ] {
            assert_eq!(Heard::by(OTHER, payload.as_bytes()), Heard::Malformed, "{payload}");
        }
        assert_eq!(Heard::by(OTHER, &[0xff; 64]), Heard::Malformed);
    }

    #[test]
    fn a_full_queue_drops_and_does_not_wait() {
        let (outbox, mut waiting) = outbox(1);
        assert!(outbox.put(&changed("first")));
        assert!(!outbox.put(&changed("second")));
        waiting.try_recv().unwrap();
        assert!(outbox.put(&changed("third")));
    }
}
