//! Answering one request of the browser.

use std::sync::{Arc, atomic::Ordering::Relaxed};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri,
    header::{CONNECTION, CONTENT_TYPE, HOST},
};
use http_body_util::{BodyExt as _, Full, combinators::BoxBody};
use hyper::{body::Incoming, client::conn::http1};
use hyper_util::rt::TokioIo;
use tokio::io::copy_bidirectional;
use tokio_util::task::TaskTracker;

use super::Shared;
use crate::{
    ConnectError, Outcome, Phase, Refusal, Via,
    check::{NamedBy, Target, TargetHost, check, check_authority},
    fetch::{self, FetchErrorKind},
    host_name,
    record::Metered,
};

type Body = BoxBody<Bytes, hyper::Error>;

/// Headers of one connection, not of the message. (`Connection` may name more.)
const HOP_HEADERS: &[&str] = &[
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Why a request is not passed on.
enum Denied {
    Connect(ConnectError),
    OverLimit,
    BadAnswer,
}

pub(super) async fn answer(shared: &Arc<Shared>, tasks: &TaskTracker, request: Request<Incoming>) -> Response<Body> {
    let passed = if request.method() == Method::CONNECT {
        tunnel(shared, tasks, request).await
    } else {
        pass_on(shared, tasks, request).await
    };
    passed.unwrap_or_else(|denied| {
        // The reasons are in the log. A page is told no more than that there is none: it could read what it is told.
        let (status, words) = match denied {
            Denied::Connect(ConnectError::Guard(_)) => (StatusCode::FORBIDDEN, "This request is refused."),
            Denied::Connect(ConnectError::TimedOut(_)) => (StatusCode::GATEWAY_TIMEOUT, "The server does not answer."),
            Denied::Connect(_) => (StatusCode::BAD_GATEWAY, "The server cannot be reached."),
            Denied::OverLimit => (StatusCode::SERVICE_UNAVAILABLE, "This page has used up what it may."),
            Denied::BadAnswer => (StatusCode::BAD_GATEWAY, "The server's answer cannot be read."),
        };
        let mut response = Response::new(full(words));
        *response.status_mut() = status;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        response
    })
}

/// A tunnel to `host:port`.
async fn tunnel(
    shared: &Arc<Shared>,
    tasks: &TaskTracker,
    request: Request<Incoming>,
) -> Result<Response<Body>, Denied> {
    let authority = request.uri().authority().map(http::uri::Authority::as_str).unwrap_or_default();
    let target = check_authority(&shared.guard.policy, authority, NamedBy::Web(&shared.origin));
    let mut server = connect(shared, Via::Tunnel, request.uri(), target).await?;
    let stop = shared.stop.clone();
    tasks.spawn(async move {
        let copying = async {
            let browser = hyper::upgrade::on(request).await.ok()?;
            copy_bidirectional(&mut TokioIo::new(browser), &mut server).await.ok()
        };
        tokio::select! {
            () = stop.cancelled() => {}
            // The bytes are in the record; how it ended is between the browser and the server.
            _ended = copying => {}
        }
    });
    Ok(Response::new(full("")))
}

/// A request for a whole `http` URL.
async fn pass_on(
    shared: &Arc<Shared>,
    tasks: &TaskTracker,
    request: Request<Incoming>,
) -> Result<Response<Body>, Denied> {
    // The proxy speaks no TLS: https is for tunnels. A mere path is no request to a proxy.
    let target = match request.uri().scheme_str() {
        Some("http") => check(&shared.guard.policy, &request.uri().to_string(), NamedBy::Web(&shared.origin)),
        Some(other) => Err(Refusal::SchemeNotAllowed { scheme: other.to_ascii_lowercase() }),
        None => Err(Refusal::MissingScheme),
    };
    let url = target.as_ref().ok().map(|target| target.url.clone());
    let server = connect(shared, Via::ProxyRequest, request.uri(), target).await?;
    let entry = server.entry();
    let bad_answer = |error: hyper::Error| {
        entry.fail(Outcome::Failed(match FetchErrorKind::from(&error) {
            FetchErrorKind::InvalidResponse(_) | FetchErrorKind::TooLarge(_) => ConnectError::InvalidResponse,
            _ => ConnectError::ConnectionReset,
        }));
        Denied::BadAnswer
    };
    let (mut sender, connection) = http1::handshake(TokioIo::new(server)).await.map_err(bad_answer)?;
    let stop = shared.stop.clone();
    tasks.spawn(async move {
        tokio::select! {
            () = stop.cancelled() => {}
            // Why it ended is told to whoever reads the answer.
            _ended = connection => {}
        }
    });
    let (mut head, body) = request.into_parts();
    strip(&mut head.headers);
    let url = url.ok_or(Denied::BadAnswer)?;
    head.uri = fetch::path_and_query(&url).map_err(|_| Denied::BadAnswer)?;
    head.version = http::Version::HTTP_11;
    // What the page says its host is decides nothing: the request goes where it was checked to go.
    head.headers.insert(HOST, fetch::host(&url).map_err(|_| Denied::BadAnswer)?);
    head.headers.insert(CONNECTION, HeaderValue::from_static("close"));
    let response = sender.send_request(Request::from_parts(head, body)).await.map_err(bad_answer)?;
    let (mut head, body) = response.into_parts();
    strip(&mut head.headers);
    Ok(Response::from_parts(head, body.boxed()))
}

async fn connect(shared: &Shared, via: Via, asked: &Uri, target: Result<Target, Refusal>) -> Result<Metered, Denied> {
    let refused = |host: String, port: u16, refusal: Refusal| {
        tracing::debug!(host, port, code = refusal.code(), "the proxy refused a request");
        shared.log.begin(via, host, port, Outcome::Refused(refusal.clone()));
        Denied::Connect(ConnectError::Guard(refusal))
    };
    let target = target.map_err(|refusal| {
        refused(asked.host().unwrap_or_default().to_owned(), asked.port_u16().unwrap_or(0), refusal)
    })?;
    if let TargetHost::Name(name) = &target.host
        && host_name::is_browser_vendor(name)
    {
        return Err(refused(name.clone(), target.port, Refusal::BrowserVendor { name: name.clone() }));
    }
    let spent = shared.log.is_exceeded() || shared.connections.fetch_add(1, Relaxed) >= shared.max_connections;
    if spent {
        shared.log.begin(via, target.host_text(), target.port, Outcome::OverLimit);
        return Err(Denied::OverLimit);
    }
    let whole = shared.timeouts.look_up + shared.timeouts.connect;
    tokio::time::timeout(whole, shared.guard.connect(&target, via, &shared.log, &shared.timeouts))
        .await
        .unwrap_or(Err(ConnectError::TimedOut(Phase::Total)))
        .map_err(Denied::Connect)
}

/// Takes the headers of the connection away.
fn strip(headers: &mut HeaderMap) {
    let values = headers.get_all(CONNECTION).iter().filter_map(|value| value.to_str().ok());
    let named: Vec<HeaderName> =
        values.flat_map(|value| value.split(',')).filter_map(|name| name.trim().parse().ok()).collect();
    for name in named {
        headers.remove(name);
    }
    for name in HOP_HEADERS {
        headers.remove(*name);
    }
}

fn full(text: &'static str) -> Body {
    Full::new(Bytes::from_static(text.as_bytes())).map_err(|never| match never {}).boxed()
}
