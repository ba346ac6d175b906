//! The ordinary side: connections that a lane passed on, served by hyper and axum.

use std::{
    io,
    net::{IpAddr, TcpStream as StdStream},
    pin::Pin,
    sync::{Arc, atomic::Ordering},
    task::{Context, Poll},
};

use axum::{Router, body::Body};
use bytes::{Buf, Bytes};
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    sync::mpsc,
};
use tokio_util::task::TaskTracker;
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
    let graceful = GracefulShutdown::new();
    while let Some(handed_over) = receiver.recv().await {
        let slot = OpenConnection(shared.clone());
        let stream = match handed_over.stream.set_nodelay(true).and_then(|()| TcpStream::from_std(handed_over.stream)) {
            Ok(stream) => stream,
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "a connection could not be handed over");
                continue;
            }
        };
        let io = TokioIo::new(Prefixed { head: handed_over.head.into(), stream });
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
            .header_read_timeout(slot.0.limits.head_timeout)
            .max_buf_size(MAX_HEAD_BYTES.max(8 * 1024))
            .serve_connection(io, service);
        let connection = graceful.watch(connection);
        tracker.spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(error = &error as &dyn std::error::Error, "a connection ended early");
            }
            drop(slot);
        });
    }
    graceful.shutdown().await;
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

/// A stream that yields the bytes already read before those still to come.
struct Prefixed {
    head: Bytes,
    stream: TcpStream,
}

impl AsyncRead for Prefixed {
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

impl AsyncWrite for Prefixed {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, buffer)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
