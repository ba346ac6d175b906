//! Opening the port, and telling the operator when it takes no connections.

use std::{
    io,
    net::{SocketAddr, TcpListener},
};

use socket2::{Domain, Protocol, Socket, Type};

const BACKLOG: i32 = 4_096;

/// Why the port could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Something else listens there.
    #[error(
        "{address} is already in use by another program; stop it, or choose another address with `listen` (HASHROUTE_LISTEN)"
    )]
    Taken {
        /// The address.
        address: SocketAddr,
    },
    /// Ports below 1024 need a privilege.
    #[error(
        "not allowed to listen on {address}; choose a port above 1023 with `listen` (HASHROUTE_LISTEN), or grant CAP_NET_BIND_SERVICE"
    )]
    Forbidden {
        /// The address.
        address: SocketAddr,
    },
    /// Anything else the system says.
    #[error("cannot listen on {address}; check `listen` (HASHROUTE_LISTEN)")]
    Other {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// Opens `count` listeners on one address; the kernel spreads new connections over them.
///
/// The address is first taken alone: listeners that share a port would otherwise happily join those of another process.
pub fn bind(address: SocketAddr, count: usize) -> Result<Vec<TcpListener>, BindError> {
    let explain = |source: io::Error| match source.kind() {
        io::ErrorKind::AddrInUse => BindError::Taken { address },
        io::ErrorKind::PermissionDenied => BindError::Forbidden { address },
        _ => BindError::Other { address, source },
    };
    let alone = open(address, false).map_err(explain)?;
    let bound = alone.local_addr().map_err(explain)?;
    drop(alone);
    (0..count.max(1)).map(|_| open(bound, true).map_err(explain)).collect()
}

fn open(address: SocketAddr, shared: bool) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    if shared {
        socket.set_reuse_port(true)?;
    }
    if address.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// Whether connections can be accepted. Attempts go on while they cannot, several a second: only a change is logged.
#[derive(Debug, Default)]
pub(super) struct Accepting {
    failing: bool,
}

impl Accepting {
    /// An attempt failed, most likely because no more files may be open.
    pub fn failed(&mut self, error: &io::Error) {
        if !std::mem::replace(&mut self.failing, true) {
            tracing::warn!(
                error = error as &dyn std::error::Error,
                "connections cannot be accepted; they wait while it is tried again"
            );
        }
    }

    /// Everybody who waited has been accepted.
    pub fn caught_up(&mut self) {
        if std::mem::take(&mut self.failing) {
            tracing::info!("connections are accepted again");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use tracing::{Event, Metadata, Subscriber, span};

    use super::*;

    /// Counts log lines.
    struct Lines(Arc<AtomicUsize>);

    impl Subscriber for Lines {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }
        fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
            span::Id::from_u64(1)
        }
        fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
        fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
        fn event(&self, _: &Event<'_>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
        fn enter(&self, _: &span::Id) {}
        fn exit(&self, _: &span::Id) {}
    }

    #[test]
    fn failing_to_accept_is_logged_once_until_it_works_again() {
        let lines = Arc::new(AtomicUsize::new(0));
        tracing::subscriber::with_default(Lines(lines.clone()), || {
            let mut accepting = Accepting::default();
            accepting.caught_up();
            assert_eq!(lines.load(Ordering::Relaxed), 0);
            for expected in [1, 3] {
                for _ in 0..5 {
                    accepting.failed(&io::Error::other("too many open files"));
                }
                assert_eq!(lines.load(Ordering::Relaxed), expected);
                accepting.caught_up();
                accepting.caught_up();
                assert_eq!(lines.load(Ordering::Relaxed), expected + 1);
            }
        });
    }

    #[test]
    fn a_taken_port_is_named_with_the_way_out() {
        let first = bind("127.0.0.1:0".parse().unwrap(), 2).unwrap();
        let address = first[0].local_addr().unwrap();
        assert_eq!(address, first[1].local_addr().unwrap());
        let error = bind(address, 2).unwrap_err();
        assert!(matches!(error, BindError::Taken { .. }), "{error}");
        assert!(error.to_string().contains("HASHROUTE_LISTEN"));
    }
}
