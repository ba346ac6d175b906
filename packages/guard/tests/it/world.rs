//! An internet of our own: names, addresses and servers as a test wants them, and a list of every address that was dialled.

use std::{
    collections::{HashMap, VecDeque},
    io,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex},
    time::Duration,
};

use futures_util::future::BoxFuture;
use guard::{Answer, Dialer, Guard, Policy, ResolveError, Resolver, Stream};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio_util::task::TaskTracker;

/// The address at which the corpus has its public host.
pub const PUBLIC: &str = "93.184.215.14";

type Serve = Arc<dyn Fn(SocketAddr, DuplexStream) -> BoxFuture<'static, ()> + Send + Sync>;

/// Names and servers.
#[derive(Clone, Default)]
pub struct World(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    names: HashMap<String, Name>,
    servers: HashMap<IpAddr, Serve>,
    looked_up: Vec<String>,
    dialled: Vec<SocketAddr>,
    tasks: TaskTracker,
}

#[derive(Default, Clone)]
struct Name {
    answers: VecDeque<Vec<IpAddr>>,
    aliases: Vec<String>,
    delay: Duration,
}

impl World {
    /// A world whose public host runs this server.
    pub fn with_server(server: Serve) -> Self {
        let world = Self::default();
        world.server(PUBLIC, server);
        world
    }

    pub fn server(&self, address: &str, server: Serve) {
        self.0.lock().unwrap().servers.insert(address.parse().unwrap(), server);
    }

    /// Gives a name its answers, one look-up after the other; the last one stays.
    pub fn name(&self, name: &str, answers: &[&[&str]]) -> &Self {
        let answers =
            answers.iter().map(|addresses| addresses.iter().map(|text| text.parse().unwrap()).collect()).collect();
        self.0.lock().unwrap().names.entry(name.to_owned()).or_default().answers = answers;
        self
    }

    pub fn alias(&self, name: &str, alias: &str) -> &Self {
        self.0.lock().unwrap().names.entry(name.to_owned()).or_default().aliases.push(alias.to_owned());
        self
    }

    pub fn delay(&self, name: &str, delay: Duration) -> &Self {
        self.0.lock().unwrap().names.entry(name.to_owned()).or_default().delay = delay;
        self
    }

    pub fn dialled(&self) -> Vec<SocketAddr> {
        self.0.lock().unwrap().dialled.clone()
    }

    pub fn looked_up(&self) -> Vec<String> {
        self.0.lock().unwrap().looked_up.clone()
    }

    /// A guard in this world.
    pub fn guard(&self, policy: Policy) -> Guard {
        Guard::builder(policy)
            .resolver(Arc::new(self.clone()))
            .dialer(Arc::new(self.clone()))
            .certificate_authorities(Vec::new())
            .build()
            .unwrap()
    }
}

impl Resolver for World {
    fn resolve<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Answer, ResolveError>> {
        Box::pin(async move {
            let found = {
                let mut state = self.0.lock().unwrap();
                state.looked_up.push(name.to_owned());
                state.names.get_mut(name).map(|found| {
                    let addresses = match found.answers.len() {
                        0 => Vec::new(),
                        1 => found.answers[0].clone(),
                        _ => found.answers.pop_front().unwrap(),
                    };
                    (Answer { addresses, aliases: found.aliases.clone() }, found.delay)
                })
            };
            let (answer, delay) = found.ok_or(ResolveError::NotFound)?;
            tokio::time::sleep(delay).await;
            Ok(answer)
        })
    }
}

impl Dialer for World {
    fn dial(&self, address: SocketAddr) -> BoxFuture<'_, io::Result<Box<dyn Stream>>> {
        Box::pin(async move {
            let mut state = self.0.lock().unwrap();
            state.dialled.push(address);
            let Some(server) = state.servers.get(&address.ip()).cloned() else {
                return Err(io::ErrorKind::ConnectionRefused.into());
            };
            let (ours, theirs) = tokio::io::duplex(64 * 1024);
            state.tasks.spawn(server(address, theirs));
            Ok(Box::new(ours) as Box<dyn Stream>)
        })
    }
}

/// A server that reads one request and gives what `answer` makes of its head (request line, headers) and body; then it closes.
pub fn http(answer: impl Fn(&str, &[u8]) -> Vec<u8> + Send + Sync + 'static) -> Serve {
    let answer = Arc::new(answer);
    raw(move |mut stream| {
        let answer = Arc::clone(&answer);
        async move {
            let (head, body) = request(&mut stream).await;
            // The client may have given up; that is for the test to see, not for the server.
            let _ = stream.write_all(&answer(&head, &body)).await;
            let _ = stream.shutdown().await;
        }
    })
}

/// A server that does as it likes with the connection.
pub fn raw<F>(serve: impl Fn(DuplexStream) -> F + Send + Sync + 'static) -> Serve
where
    F: Future<Output = ()> + Send + 'static,
{
    Arc::new(move |_, stream| Box::pin(serve(stream)))
}

/// Reads the head of a request, in lower case but for the request line, and its body.
pub async fn request(stream: &mut DuplexStream) -> (String, Vec<u8>) {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        if !matches!(stream.read(&mut byte).await, Ok(1)) {
            return (String::from_utf8(bytes).unwrap(), Vec::new());
        }
        bytes.push(byte[0]);
    }
    let head = String::from_utf8(bytes).unwrap();
    let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).await.unwrap();
    (head, body)
}

/// An answer with these headers and this body.
pub fn answer(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {status} Status\r\n").into_bytes();
    for (name, value) in headers {
        bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    bytes.extend_from_slice(format!("content-length: {}\r\n\r\n", body.len()).as_bytes());
    bytes.extend_from_slice(body);
    bytes
}

/// The path of a request, from its head.
pub fn path(head: &str) -> &str {
    head.split(' ').nth(1).unwrap_or_default()
}

/// The value of a header of a request.
pub fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().skip(1).find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}
