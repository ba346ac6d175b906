//! The ordinary side: connections that a lane passed on, served by hyper and axum.
//!
//! A connection may become a websocket. From then on it belongs to whoever answered that request, who has to end it at the
//! shutdown; it counts as open, and what holds for clients that take nothing of what is written holds for it as well.

use std::{
    io,
    net::{IpAddr, TcpStream as StdStream},
    pin::Pin,
    sync::{Arc, atomic::Ordering},
    task::{Context, Poll},
    time::Duration,
};

use axum::{Router, body::Body};
use bytes::{Buf, Bytes};
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    sync::mpsc,
    time::{Sleep, sleep},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;

use super::{HeadFields, MAX_HEAD_BYTES, Shared};
use crate::visitors::ClientAddress;

/// A connection on its way to hyper.
pub(crate) struct HandedOver {
    pub stream: StdStream,
    pub peer: IpAddr,
    /// What was read and not answered.
    pub head: Vec<u8>,
}

/// Serves handed-over connections until every lane has ended, then lets those in progress finish their request.
pub(super) async fn serve_all(
    mut receiver: mpsc::Receiver<HandedOver>,
    router: Router,
    shared: Arc<Shared>,
    tracker: TaskTracker,
) {
    let ending = CancellationToken::new();
    while let Some(handed_over) = receiver.recv().await {
        let slot = OpenConnection(shared.clone());
        let stream = match handed_over.stream.set_nodelay(true).and_then(|()| TcpStream::from_std(handed_over.stream)) {
            Ok(stream) => stream,
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "a connection could not be handed over");
                continue;
            }
        };
        let limits = shared.limits.clone();
        let stream = Prefixed::new(handed_over.head, stream, limits.write_timeout);
        let io = TokioIo::new(Prefixed { _slot: Some(slot), ..stream });
        let router = router.clone();
        let shared = shared.clone();
        let peer = handed_over.peer;
        let service = service_fn(move |mut request: Request<Incoming>| {
            let client = client_address(&shared, peer, &request);
            request.extensions_mut().insert(client);
            router.clone().oneshot(request.map(Body::new))
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.head_timeout)
            .max_buf_size(MAX_HEAD_BYTES.max(8 * 1024))
            .serve_connection(io, service)
            .with_upgrades();
        let ending = ending.clone();
        tracker.spawn(async move {
            let mut connection = std::pin::pin!(connection);
            let ended = tokio::select! {
                // The connection first: one that is told to end before it has begun would drop the request it was handed.
                biased;
                ended = connection.as_mut() => ended,
                () = ending.cancelled() => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            if let Err(error) = ended {
                tracing::debug!(error = &error as &dyn std::error::Error, "a connection ended early");
            }
        });
    }
    ending.cancel();
}

fn client_address(shared: &Shared, peer: IpAddr, request: &Request<Incoming>) -> ClientAddress {
    let headers = request.headers().iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
    HeadFields::collect(headers, &shared.forwarding).request(&shared.forwarding, peer, None).client
}

/// Counts the connection as open for as long as it lives.
struct OpenConnection(Arc<Shared>);

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.connections.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A stream that yields the bytes already read before those still to come, and fails once the client has taken nothing of what is
/// written for `write_timeout`: hyper knows no such limit, and a client that asks and never reads would stay for ever.
struct Prefixed<S> {
    head: Bytes,
    stream: S,
    write_timeout: Duration,
    /// Runs from the moment a write has to wait until the next byte goes out.
    stalled: Option<Pin<Box<Sleep>>>,
    /// Here, and not with hyper, which is done with a connection that becomes a websocket.
    _slot: Option<OpenConnection>,
}

impl<S> Prefixed<S> {
    fn new(head: Vec<u8>, stream: S, write_timeout: Duration) -> Self {
        Self { head: head.into(), stream, write_timeout, stalled: None, _slot: None }
    }

    /// A write or flush has to wait: an error once it has waited too long.
    fn wait<T>(&mut self, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        let write_timeout = self.write_timeout;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(write_timeout)));
        stalled.as_mut().poll(context).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }

    fn written(&mut self, context: &mut Context<'_>, outcome: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if outcome.is_pending() {
            return self.wait(context);
        }
        self.stalled = None;
        outcome
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Prefixed<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.head.is_empty() {
            return Pin::new(&mut self.stream).poll_read(context, buffer);
        }
        let count = self.head.len().min(buffer.remaining());
        buffer.put_slice(&self.head[..count]);
        self.head.advance(count);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Prefixed<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(context, buffer);
        self.written(context, outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write_vectored(context, buffers);
        self.written(context, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // A flush that is done tells nothing about a write that still waits: the time runs on.
        match Pin::new(&mut self.stream).poll_flush(context) {
            Poll::Pending => self.wait(context),
            done => done,
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(30);

    #[tokio::test(start_paused = true)]
    async fn a_write_that_makes_no_progress_fails_in_time() {
        let (_client, server) = duplex(10);
        let mut stream = Prefixed::new(Vec::new(), server, PATIENCE);
        stream.write_all(&[0; 10]).await.unwrap();
        let began = tokio::time::Instant::now();
        let error = tokio::time::timeout(PATIENCE * 2, stream.write_all(&[0])).await.unwrap().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(began.elapsed().abs_diff(PATIENCE) < Duration::from_secs(1), "{:?}", began.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_reads_slowly_is_waited_for() {
        let (mut client, server) = duplex(10);
        let mut stream = Prefixed::new(b"head".to_vec(), server, PATIENCE);
        let reads = async {
            for _ in 0..10 {
                tokio::time::sleep(PATIENCE * 2 / 3).await;
                client.read_exact(&mut [0; 5]).await.unwrap();
            }
        };
        let (written, ()) = tokio::join!(stream.write_all(&[0; 60]), reads);
        written.unwrap();
    }
}
