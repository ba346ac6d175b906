//! Taking the browser's connections.

use std::{convert::Infallible, io, sync::Arc, time::Duration};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, UnixListener},
    sync::Semaphore,
    time::sleep,
};
use tokio_util::task::TaskTracker;

use super::{Shared, forward};
use crate::Stream;

/// How large the head of a request may be.
const HEAD_BYTES: usize = 64 * 1024;
/// How long it may take to come, and an unused connection to stay.
const HEAD_TIME: Duration = Duration::from_secs(30);
/// How long to wait when no connection can be accepted, because no more files may be opened.
const BREATH: Duration = Duration::from_millis(50);

/// Where connections come from.
pub(super) enum Listener {
    Unix(UnixListener),
    Tcp(TcpListener),
}

impl Listener {
    async fn next(&self) -> io::Result<Box<dyn Stream>> {
        Ok(match self {
            Self::Unix(listener) => Box::new(listener.accept().await?.0),
            Self::Tcp(listener) => Box::new(listener.accept().await?.0),
        })
    }
}

/// Takes connections until the proxy ends.
pub(super) async fn accept(shared: Arc<Shared>, listener: Listener, open: Arc<Semaphore>, tasks: TaskTracker) {
    let stop = shared.stop.clone();
    let accepting = async {
        loop {
            let Ok(permit) = Arc::clone(&open).acquire_owned().await else { return };
            match listener.next().await {
                Ok(stream) => {
                    let serving = serve(Arc::clone(&shared), stream, tasks.clone());
                    tasks.spawn(async move {
                        serving.await;
                        drop(permit);
                    });
                }
                Err(error) => {
                    tracing::debug!(%error, "a connection of the browser could not be accepted");
                    sleep(BREATH).await;
                }
            }
        }
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = accepting => {}
    }
}

async fn serve(shared: Arc<Shared>, stream: Box<dyn Stream>, tasks: TaskTracker) {
    let stop = shared.stop.clone();
    let service = service_fn(|request| {
        let (shared, tasks) = (Arc::clone(&shared), tasks.clone());
        async move { Ok::<_, Infallible>(forward::answer(&shared, &tasks, request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    tokio::select! {
        () = stop.cancelled() => {}
        ended = connection => {
            if let Err(error) = ended {
                tracing::trace!(%error, "a connection of the browser broke off");
            }
        }
    }
}
