//! A client of the browser's DevTools protocol over two pipes: JSON messages that end with a zero byte, of the browser itself and of the
//! sessions attached to its pages ("flattened").
//!
//! A call is answered, or fails when the connection ends; how long to wait is its caller's decision. What a page makes happen is told
//! to the listener of its session while messages are read, so that nothing queues up: a listener notes what it was told and must not wait.

use std::{
    collections::HashMap,
    os::fd::OwnedFd,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::unix::pipe,
    sync::{mpsc, oneshot},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// A message larger than this ends the connection: the largest expected is a page's text with its HTML.
const MESSAGE_BYTES: usize = 64 << 20;
/// Calls on their way to the browser.
const OUTGOING: usize = 1024;

/// Why a call has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The browser has ended, or does not listen any more.
    #[error("the connection to the browser has ended")]
    Closed,
    /// The browser says no.
    #[error("the browser refused {method}: {message}")]
    Refused {
        /// What was asked.
        method: &'static str,
        /// What it said.
        message: String,
    },
}

/// Who is told what happens in a session. Called while messages are read: must not block.
pub trait Listener: Send + Sync {
    /// Something happened.
    fn event(&self, connection: &Connection, method: &str, parameters: &Value);
}

/// A connection to a browser. Clones share it.
#[derive(Clone)]
pub struct Connection {
    shared: Arc<Shared>,
}

struct Shared {
    next: AtomicU64,
    outgoing: mpsc::Sender<Vec<u8>>,
    waiting: Mutex<Waiting>,
    closed: CancellationToken,
}

#[derive(Default)]
struct Waiting {
    calls: HashMap<u64, oneshot::Sender<Result<Value, String>>>,
    listeners: HashMap<String, Arc<dyn Listener>>,
}

#[derive(Deserialize)]
struct Message {
    id: Option<u64>,
    #[serde(default)]
    result: Value,
    error: Option<Failure>,
    method: Option<String>,
    #[serde(default)]
    params: Value,
    #[serde(rename = "sessionId")]
    session: Option<String>,
}

#[derive(Deserialize)]
struct Failure {
    #[serde(default)]
    message: String,
}

impl Connection {
    /// Speaks through `write`, listens to `read`; two tasks on `tracker` live until the browser ends or [`Self::close`] is called.
    ///
    /// # Errors
    /// When these are not the two ends of pipes.
    pub fn open(read: OwnedFd, write: OwnedFd, tracker: &TaskTracker) -> std::io::Result<Self> {
        let reader = pipe::Receiver::from_owned_fd(read)?;
        let writer = pipe::Sender::from_owned_fd(write)?;
        let (outgoing, queue) = mpsc::channel(OUTGOING);
        let connection = Self {
            shared: Arc::new(Shared {
                next: AtomicU64::new(1),
                outgoing,
                waiting: Mutex::default(),
                closed: CancellationToken::new(),
            }),
        };
        tracker.spawn(write_messages(writer, queue, connection.shared.closed.clone()));
        tracker.spawn(read_messages(reader, connection.clone()));
        Ok(connection)
    }

    /// Calls `method` of the browser, or of a page if `session` is one, and waits for the answer.
    pub async fn call(
        &self,
        session: Option<&str>,
        method: &'static str,
        parameters: Value,
    ) -> Result<Value, CallError> {
        let id = self.shared.next.fetch_add(1, Ordering::Relaxed);
        let (sender, receiver) = oneshot::channel();
        self.waiting().calls.insert(id, sender);
        let _forget = Forget { connection: self, id };
        if self.shared.closed.is_cancelled() {
            return Err(CallError::Closed);
        }
        let message = encode(id, session, method, &parameters);
        self.shared.outgoing.send(message).await.map_err(|_| CallError::Closed)?;
        match receiver.await {
            Ok(Ok(result)) => Ok(result),
            Ok(Err(message)) => Err(CallError::Refused { method, message }),
            Err(_) => Err(CallError::Closed),
        }
    }

    /// Calls `method` without waiting for anything, from a listener. A call that finds no room is lost: a page that causes more
    /// than a thousand at once does not get an answer to each.
    pub fn send(&self, session: Option<&str>, method: &'static str, parameters: &Value) {
        let id = self.shared.next.fetch_add(1, Ordering::Relaxed);
        if self.shared.outgoing.try_send(encode(id, session, method, parameters)).is_err() {
            tracing::debug!(method, "a call to the browser was dropped");
        }
    }

    /// Has what happens in `session` told to `listener`.
    pub fn listen(&self, session: &str, listener: Arc<dyn Listener>) {
        self.waiting().listeners.insert(session.to_owned(), listener);
    }

    /// Forgets the listener of `session`.
    pub fn forget(&self, session: &str) {
        self.waiting().listeners.remove(session);
    }

    /// Ends the connection; the browser ends with it.
    pub fn close(&self) {
        self.shared.closed.cancel();
    }

    /// Whether it has ended.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.shared.closed.is_cancelled()
    }

    /// Waits until it has ended.
    pub async fn closed(&self) {
        self.shared.closed.cancelled().await;
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Waiting> {
        self.shared.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn dispatch(&self, message: &[u8]) {
        let Ok(message) = serde_json::from_slice::<Message>(message) else {
            tracing::warn!("the browser sent a message that is none");
            return;
        };
        if let Some(id) = message.id {
            let waiting = self.waiting().calls.remove(&id);
            if let Some(sender) = waiting {
                let answer = message.error.map_or(Ok(message.result), |failure| Err(failure.message));
                // Whoever called may have stopped waiting.
                drop(sender.send(answer));
            }
            return;
        }
        if let (Some(method), Some(session)) = (message.method, message.session) {
            let listener = self.waiting().listeners.get(&session).cloned();
            if let Some(listener) = listener {
                listener.event(self, &method, &message.params);
            }
        }
    }
}

/// Takes a call that nobody waits for any more out of the list.
struct Forget<'a> {
    connection: &'a Connection,
    id: u64,
}

impl Drop for Forget<'_> {
    fn drop(&mut self) {
        self.connection.waiting().calls.remove(&self.id);
    }
}

fn encode(id: u64, session: Option<&str>, method: &str, parameters: &Value) -> Vec<u8> {
    let message = match session {
        Some(session) => json!({ "id": id, "method": method, "params": parameters, "sessionId": session }),
        None => json!({ "id": id, "method": method, "params": parameters }),
    };
    let mut bytes = message.to_string().into_bytes();
    bytes.push(0);
    bytes
}

async fn write_messages(mut writer: pipe::Sender, mut queue: mpsc::Receiver<Vec<u8>>, closed: CancellationToken) {
    let write = async {
        while let Some(message) = queue.recv().await {
            writer.write_all(&message).await?;
        }
        std::io::Result::Ok(())
    };
    tokio::select! {
        () = closed.cancelled() => {}
        outcome = write => if let Err(error) = outcome {
            tracing::debug!(%error, "the browser does not listen any more");
        },
    }
    closed.cancel();
}

async fn read_messages(mut reader: pipe::Receiver, connection: Connection) {
    let closed = connection.shared.closed.clone();
    tokio::select! {
        () = closed.cancelled() => {}
        () = read_all(&mut reader, &connection) => {}
    }
    closed.cancel();
    // Whoever waits learns that no answer will come.
    let mut waiting = connection.waiting();
    waiting.calls.clear();
    waiting.listeners.clear();
}

async fn read_all(reader: &mut pipe::Receiver, connection: &Connection) {
    let mut buffer: Vec<u8> = Vec::with_capacity(64 << 10);
    loop {
        let searched = buffer.len();
        match reader.read_buf(&mut buffer).await {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) => {
                tracing::debug!(%error, "the browser cannot be read");
                return;
            }
        }
        let mut start = 0;
        let mut from = searched;
        while let Some(at) = buffer[from..].iter().position(|byte| *byte == 0) {
            connection.dispatch(&buffer[start..from + at]);
            start = from + at + 1;
            from = start;
        }
        buffer.drain(..start);
        if buffer.len() > MESSAGE_BYTES {
            tracing::warn!("the browser sent a message that is too large");
            return;
        }
        // A large answer does not keep its room for ever.
        if buffer.is_empty() && buffer.capacity() > 4 << 20 {
            buffer.shrink_to(64 << 10);
        }
    }
}
