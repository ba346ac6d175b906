//! Forwards connections on the jail's loopback to Unix sockets, and ends with the browser or with whoever gives orders.

use std::{
    collections::HashMap,
    io,
    net::{Ipv4Addr, SocketAddr},
    os::fd::AsFd as _,
    path::PathBuf,
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt as _, BufReader, copy_bidirectional},
    net::{TcpListener, UnixStream, unix::pipe},
    task::{AbortHandle, JoinSet},
};

use super::inside::answer;

/// How often to look whether the browser still runs.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// Connections of one port at a time; more than a page needs.
const CONNECTIONS: usize = 256;

/// Takes orders until there are none any more or `browser` has ended, and kills it.
pub fn run(mut browser: std::process::Child) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let outcome = runtime.block_on(async {
        tokio::select! {
            outcome = take_orders() => outcome,
            () = ended(&mut browser) => Ok(()),
        }
    });
    drop(runtime);
    let _already_gone = browser.kill();
    let _nobody_asks = browser.wait();
    outcome
}

async fn ended(browser: &mut std::process::Child) {
    while matches!(browser.try_wait(), Ok(None)) {
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn take_orders() -> io::Result<()> {
    let mut ports = JoinSet::new();
    let mut open: HashMap<u16, AbortHandle> = HashMap::new();
    let orders = io::stdin().as_fd().try_clone_to_owned()?;
    let mut orders = BufReader::new(pipe::Receiver::from_owned_fd(orders)?).lines();
    while let Some(order) = orders.next_line().await? {
        match order.split_once(' ') {
            Some(("open", socket)) => {
                let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
                let port = listener.local_addr()?.port();
                open.insert(port, ports.spawn(forward(listener, PathBuf::from(socket))));
                answer(&port.to_string())?;
            }
            Some(("close", port)) => {
                if let Some(task) = port.parse().ok().and_then(|port: u16| open.remove(&port)) {
                    task.abort();
                }
                while ports.try_join_next().is_some() {}
                answer("closed")?;
            }
            _ => answer("there is no such order")?,
        }
    }
    Ok(())
}

/// Connections live in the set of their port, and end with it.
async fn forward(listener: TcpListener, socket: PathBuf) {
    let mut connections = JoinSet::new();
    while let Ok((mut inside, _)) = listener.accept().await {
        while connections.try_join_next().is_some() {}
        if connections.len() >= CONNECTIONS {
            continue;
        }
        let socket = socket.clone();
        connections.spawn(async move {
            if let Ok(mut outside) = UnixStream::connect(socket).await {
                let _either_has_ended = copy_bidirectional(&mut inside, &mut outside).await;
            }
        });
    }
}
