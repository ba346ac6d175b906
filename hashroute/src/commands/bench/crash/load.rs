//! A client that asks for every link at most once and remembers which answers arrived whole.

use std::{
    io,
    net::SocketAddr,
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, bail};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::Notify,
    task::JoinSet,
};

use super::ledger::Ledger;
use crate::commands::bench::visitors;

/// What to ask for.
pub struct Load {
    /// Where the answers are noted.
    pub ledger: Arc<Ledger>,
    /// The first link.
    pub first: u32,
    /// How many links.
    pub links: u32,
    /// Connections, each with one request at a time.
    pub connections: u32,
}

/// A load under way.
pub struct Running {
    clients: JoinSet<anyhow::Result<()>>,
    progress: Arc<Progress>,
}

struct Progress {
    next: AtomicU32,
    answers: AtomicU32,
    threshold: u32,
    reached: Notify,
}

impl Load {
    /// The places of its links in the ledger.
    pub fn range(&self) -> Range<usize> {
        let place = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        place(self.first)..place(self.first + self.links)
    }

    /// Begins to ask; [`Running::reached`] tells when `threshold` answers have arrived.
    pub fn start(&self, address: SocketAddr, threshold: u32) -> Running {
        let progress = Arc::new(Progress {
            next: AtomicU32::new(self.first),
            answers: AtomicU32::new(0),
            threshold: threshold.max(1),
            reached: Notify::new(),
        });
        let mut clients = JoinSet::new();
        for _ in 0..self.connections {
            clients.spawn(ask(address, self.ledger.clone(), progress.clone(), self.first + self.links));
        }
        Running { clients, progress }
    }
}

impl Running {
    /// Waits for the threshold; an error if a client fails before it.
    pub async fn reached(&mut self) -> anyhow::Result<()> {
        loop {
            tokio::select! {
                biased;
                () = self.progress.reached.notified() => return Ok(()),
                ended = self.clients.join_next() => match ended {
                    Some(ended) => ended??,
                    None => bail!("the clients ended before the service was killed"),
                },
            }
        }
    }

    /// Waits for the clients to notice that the service is gone.
    pub async fn finish(mut self, patience: Duration) -> anyhow::Result<()> {
        let all = async {
            while let Some(ended) = self.clients.join_next().await {
                ended??;
            }
            anyhow::Ok(())
        };
        tokio::time::timeout(patience, all).await.context("the clients do not end")?
    }
}

/// One connection. It ends without an error when the connection breaks: that is what a crash looks like from here.
async fn ask(address: SocketAddr, ledger: Arc<Ledger>, progress: Arc<Progress>, end: u32) -> anyhow::Result<()> {
    let Ok(mut stream) = TcpStream::connect(address).await else { return Ok(()) };
    stream.set_nodelay(true)?;
    let mut buffer = Vec::new();
    loop {
        let link = progress.next.fetch_add(1, Ordering::Relaxed);
        if link >= end {
            return Ok(());
        }
        let place = usize::try_from(link)?;
        let request = request(link);
        ledger.asked(place);
        if stream.write_all(request.as_bytes()).await.is_err() {
            return Ok(());
        }
        let Ok(head) = read_head(&mut stream, &mut buffer).await else { return Ok(()) };
        if !head.starts_with("HTTP/1.1 302 ") {
            bail!("a redirect was answered with: {head}");
        }
        ledger.answered(place);
        if progress.answers.fetch_add(1, Ordering::Relaxed) + 1 == progress.threshold {
            progress.reached.notify_one();
        }
    }
}

fn request(link: u32) -> String {
    format!(
        "GET /{} HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: {}\r\nUser-Agent: {}\r\n\r\n",
        visitors::slug(link),
        visitors::address(link),
        visitors::browser(link)
    )
}

/// Reads up to the empty line; redirects have no body.
async fn read_head(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> io::Result<String> {
    buffer.clear();
    while !buffer.ends_with(b"\r\n\r\n") {
        if stream.read_buf(buffer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(String::from_utf8_lossy(buffer).into_owned())
}
