//! One socket, from its snapshot to its end.
//!
//! # Properties
//! * Nothing is kept for a client that does not read: one frame is on its way at a time, and a socket that has no room for it
//!   within [`LiveLimits::write`] is cut. Meanwhile frames pile up at most to the bound of the source, which then sends a snapshot.
//! * A client that is gone without a word, or may not watch any more, is let go of within three times [`LiveLimits::ping`] and within
//!   [`LiveLimits::recheck`].
//! * At the end of the service every socket is told so (1001), and none is waited for longer than a moment.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream::BoxStream};
use serde_json::{Value, json};
use tokio::time::{MissedTickBehavior, interval_at, timeout};

use super::watch::Watcher;
use crate::live::Live;

/// Clients have nothing to say: so many messages between two pings, answers to pings included, are too many.
const CHATTER: u32 = 100;
/// How long the client may take to answer that the socket is closed.
const FAREWELL: Duration = Duration::from_secs(1);

/// Why a socket ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The client left.
    Left,
    /// The client said nothing, or took nothing, for too long.
    Silent,
    /// The client talks too much.
    Chatty,
    /// The caller may not watch any more.
    Refused,
    /// The service ends.
    Stopped,
}

impl End {
    /// What the client is told.
    fn farewell(self) -> Option<CloseFrame> {
        let (code, reason) = match self {
            Self::Left | Self::Silent => return None,
            Self::Chatty => (close_code::POLICY, "nothing is to be said here"),
            Self::Refused => (close_code::POLICY, "you may not watch this workspace any more"),
            Self::Stopped => (close_code::AWAY, "the server ends; connect again"),
        };
        Some(CloseFrame { code, reason: reason.into() })
    }

    fn name(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Silent => "silent",
            Self::Chatty => "chatty",
            Self::Refused => "refused",
            Self::Stopped => "stopped",
        }
    }
}

/// Sends the frames until the socket ends.
pub(super) async fn serve(mut socket: WebSocket, mut frames: BoxStream<'static, Value>, live: Live, watcher: Watcher) {
    let end = watch(&mut socket, &mut frames, &live, &watcher).await;
    metrics::counter!("hashroute_live_sockets_ended_total", "reason" => end.name()).increment(1);
    drop(frames);
    if let Some(farewell) = end.farewell() {
        let closing = async {
            if socket.send(Message::Close(Some(farewell))).await.is_ok() {
                // Until the client has answered, or is gone.
                while let Some(Ok(_)) = socket.recv().await {}
            }
        };
        drop(timeout(FAREWELL, closing).await);
    }
}

async fn watch(socket: &mut WebSocket, frames: &mut BoxStream<'static, Value>, live: &Live, watcher: &Watcher) -> End {
    let limits = &live.limits;
    let every = |period| {
        let mut ticks = interval_at(tokio::time::Instant::now() + period, period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks
    };
    let (mut pings, mut checks) = (every(limits.ping), every(limits.recheck));
    let (mut said, mut unanswered) = (0_u32, 0_u32);
    loop {
        let messages = tokio::select! {
            biased;
            () = live.stop.cancelled() => return End::Stopped,
            message = socket.recv() => match message {
                None | Some(Err(_) | Ok(Message::Close(_))) => return End::Left,
                Some(Ok(_)) => {
                    unanswered = 0;
                    said += 1;
                    if said > CHATTER {
                        return End::Chatty;
                    }
                    continue;
                }
            },
            _ = checks.tick() => {
                match live.stop.run_until_cancelled(watcher.may_watch()).await {
                    Some(true) => continue,
                    Some(false) => return End::Refused,
                    None => return End::Stopped,
                }
            }
            _ = pings.tick() => {
                if unanswered >= 2 {
                    return End::Silent;
                }
                unanswered += 1;
                said = 0;
                // One for programs to see, and one that every client answers by itself.
                [Some(Message::text(json!({ "type": "ping" }).to_string())), Some(Message::Ping(Bytes::new()))]
            }
            frame = frames.next() => match frame {
                Some(frame) => [Some(Message::text(frame.to_string())), None],
                None => return End::Stopped,
            },
        };
        for message in messages.into_iter().flatten() {
            let sent = tokio::select! {
                biased;
                () = live.stop.cancelled() => return End::Stopped,
                sent = timeout(limits.write, socket.send(message)) => sent,
            };
            match sent {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return End::Left,
                Err(_) => return End::Silent,
            }
        }
    }
}
