//! Dialling: several addresses one after the other, a moment apart, until one answers.

use std::{
    collections::VecDeque,
    io,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use futures_util::{StreamExt as _, future::BoxFuture, stream::FuturesUnordered};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::sleep,
};

use super::ConnectError;

/// How many addresses of a host are tried.
const MAX_ATTEMPTS: usize = 6;
/// How long an address has before the next one is tried beside it.
const HEAD_START: Duration = Duration::from_millis(250);

/// A connection.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// What opens a connection to an address that was checked. The seam for tests; otherwise it is TCP.
pub trait Dialer: Send + Sync + 'static {
    /// Connects. Dropping the future gives up.
    fn dial(&self, address: SocketAddr) -> BoxFuture<'_, io::Result<Box<dyn Stream>>>;
}

/// TCP.
pub(crate) struct TcpDialer;

impl Dialer for TcpDialer {
    fn dial(&self, address: SocketAddr) -> BoxFuture<'_, io::Result<Box<dyn Stream>>> {
        Box::pin(async move {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            Ok(Box::new(stream) as Box<dyn Stream>)
        })
    }
}

/// The addresses in the order in which they are tried: IPv6 and IPv4 in turn, beginning with the first one's kind.
pub(crate) fn in_order(addresses: &[IpAddr], port: u16) -> Vec<SocketAddr> {
    let first_is_v6 = addresses.first().is_some_and(IpAddr::is_ipv6);
    let (mut turn, mut other): (VecDeque<IpAddr>, VecDeque<IpAddr>) =
        addresses.iter().partition(|address| address.is_ipv6() == first_is_v6);
    let mut ordered = Vec::with_capacity(addresses.len());
    while let Some(address) = turn.pop_front().or_else(|| other.pop_front()) {
        ordered.push(SocketAddr::new(address, port));
        std::mem::swap(&mut turn, &mut other);
    }
    ordered.dedup();
    ordered.truncate(MAX_ATTEMPTS);
    ordered
}

/// The first connection that can be made; else the first failure, which is that of the address tried first.
pub(crate) async fn first_of(
    dialer: &dyn Dialer,
    addresses: Vec<SocketAddr>,
) -> Result<(Box<dyn Stream>, SocketAddr), ConnectError> {
    let mut waiting = VecDeque::from(addresses);
    let mut attempts = FuturesUnordered::new();
    let mut failure = None;
    loop {
        if let Some(address) = waiting.pop_front() {
            attempts.push(async move { (address, dialer.dial(address).await) });
        }
        if attempts.is_empty() {
            return Err(failure.unwrap_or(ConnectError::NameNotFound));
        }
        let settled = if waiting.is_empty() {
            attempts.next().await
        } else {
            tokio::select! {
                settled = attempts.next() => settled,
                () = sleep(HEAD_START) => None,
            }
        };
        match settled {
            Some((address, Ok(stream))) => return Ok((stream, address)),
            Some((_, Err(error))) => {
                failure.get_or_insert_with(|| ConnectError::from(&error));
            }
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_of_addresses_take_turns() {
        let addresses: Vec<IpAddr> =
            ["2a00::1", "2a00::2", "2a00::3", "8.8.8.8"].iter().map(|text| text.parse().unwrap()).collect();
        let ordered: Vec<String> = in_order(&addresses, 80).iter().map(ToString::to_string).collect();
        assert_eq!(ordered, ["[2a00::1]:80", "8.8.8.8:80", "[2a00::2]:80", "[2a00::3]:80"]);
    }
}
