//! Fetching a URL: a request, an answer, and everything that may go wrong by name.
//!
//! One connection per request, HTTP/1.1, nothing kept alive: a page is fetched once in a while, and a connection that is not kept cannot
//! be used for another host. Redirects are followed by hand, each hop checked like the first. Cookies that a redirect sets are sent to the
//! same host for as long as the fetch lasts, because shops send visitors without them in circles.

mod body;
mod cookies;
mod error;
mod exchange;
mod follow;
mod target;

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use tokio::time::timeout;

use crate::{ConnectionRecord, Guard, Phase, record::Log};

pub use error::{FetchError, FetchErrorKind, TooLarge};
pub(crate) use target::{host, path_and_query};

/// A request.
#[derive(Debug, Clone)]
pub struct Request {
    method: Method,
    url: String,
    headers: HeaderMap,
    body: Bytes,
}

/// How much, how long and how far.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The whole, redirects included.
    pub total: Duration,
    /// Looking up a host.
    pub look_up: Duration,
    /// Connecting to it.
    pub connect: Duration,
    /// The TLS handshake.
    pub handshake: Duration,
    /// From the request to the head of the answer.
    pub first_byte: Duration,
    /// How many redirects are followed; `None`: a redirect is the answer.
    pub redirects: Option<u32>,
    /// Whether a redirect from https to http is followed.
    pub downgrade: bool,
    /// Bytes of a head, 8 KiB at least.
    pub header_bytes: usize,
    /// Bytes on the wire, both ways, all hops together.
    pub wire_bytes: u64,
    /// Bytes of a body after decompression.
    pub body_bytes: usize,
    /// What is larger is cut off instead of refused.
    pub truncate: bool,
}

impl Default for Limits {
    /// For a page: 20 s, 10 redirects, 8 MiB.
    fn default() -> Self {
        Self {
            total: Duration::from_secs(20),
            look_up: Duration::from_secs(5),
            connect: Duration::from_secs(10),
            handshake: Duration::from_secs(10),
            first_byte: Duration::from_secs(15),
            redirects: Some(10),
            downgrade: true,
            header_bytes: 64 * 1024,
            wire_bytes: 8 * 1024 * 1024,
            body_bytes: 8 * 1024 * 1024,
            truncate: false,
        }
    }
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Response {
    /// Its status; a redirect only where none are followed, or where it does not say whereto.
    pub status: StatusCode,
    /// Its headers; `Content-Encoding` and `Content-Length` speak of the body as it was sent.
    pub headers: HeaderMap,
    /// Its body, decompressed.
    pub body: Bytes,
    /// The body was cut off.
    pub truncated: bool,
    /// How long the head of it took, from the start of the fetch.
    pub first_byte: Duration,
    /// How it got there.
    pub trail: Trail,
}

/// The way of a fetch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trail {
    /// Where it ended: the URL that answered, failed or was refused.
    pub url: String,
    /// What was passed before, in order.
    pub redirects: Vec<Hop>,
    /// The connections that were made or tried.
    pub connections: Vec<ConnectionRecord>,
    /// Bytes on the wire, both ways.
    pub wire_bytes: u64,
    /// How long it took.
    pub took: Duration,
}

/// A redirect that was followed, or would have been.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    /// Which URL answered with it.
    pub url: String,
    /// With which status.
    pub status: u16,
}

impl Request {
    /// A request of any method but CONNECT, which is refused when it is fetched.
    #[must_use]
    pub fn new(method: Method, url: impl Into<String>) -> Self {
        Self { method, url: url.into(), headers: HeaderMap::new(), body: Bytes::new() }
    }

    /// A GET request.
    #[must_use]
    pub fn get(url: impl Into<String>) -> Self {
        Self::new(Method::GET, url)
    }

    /// A POST request.
    #[must_use]
    pub fn post(url: impl Into<String>, body: impl Into<Bytes>) -> Self {
        Self { body: body.into(), ..Self::new(Method::POST, url) }
    }

    /// With a header. Those about the connection, the length and the encodings are the guard's own, and refused when it is fetched. Hosts
    /// that a redirect leads to get `accept`, `accept-language`, `content-type` and `user-agent` only.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.append(name, value);
        self
    }
}

impl Guard {
    /// Fetches a URL that a user typed. Dropping the future gives up.
    ///
    /// # Errors
    /// What kept it from an answer, with how far it came. An answer with an error status is an answer.
    pub async fn fetch(&self, request: Request, limits: Limits) -> Result<Response, FetchError> {
        let log = Log::new(limits.wire_bytes);
        let mut trail = Trail { url: request.url.clone(), ..Trail::default() };
        let followed = timeout(limits.total, follow::follow(self, request, &limits, &log, &mut trail)).await;
        trail.connections = log.records();
        trail.wire_bytes = log.bytes();
        trail.took = log.elapsed();
        match followed.unwrap_or(Err(FetchErrorKind::TimedOut(Phase::Total))) {
            Ok(answer) => Ok(Response {
                status: answer.status,
                headers: answer.headers,
                body: answer.body,
                truncated: answer.truncated,
                first_byte: answer.first_byte,
                trail,
            }),
            Err(kind) => {
                tracing::debug!(
                    code = kind.code(),
                    host = trail.connections.last().map(|last| &last.host),
                    "not fetched"
                );
                Err(FetchError { kind, trail: Box::new(trail) })
            }
        }
    }
}
