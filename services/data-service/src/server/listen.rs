//! Opening the port.

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

#[cfg(test)]
mod tests {
    use super::*;

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
