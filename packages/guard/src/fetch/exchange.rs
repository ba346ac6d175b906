//! One request and its answer, over a connection of its own.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use http_body_util::Full;
use hyper::{client::conn::http1, header::HOST};
use hyper_util::rt::TokioIo;
use tokio::time::timeout;

use super::{FetchErrorKind, Limits, TooLarge, body, target};
use crate::{Guard, Phase, Stream, Via, check::Target, connect::ConnectTimeouts, record::Log};

/// The request of one hop.
pub(super) struct Outgoing {
    pub method: Method,
    pub headers: HeaderMap,
    pub body: Bytes,
}

pub(super) struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
    pub truncated: bool,
    /// From the start of the fetch.
    pub first_byte: Duration,
}

/// Whether to read the body of an answer with this status and these headers.
pub(super) type WantsBody<'a> = &'a (dyn Fn(StatusCode, &HeaderMap) -> bool + Sync);

pub(super) async fn exchange(
    guard: &Guard,
    target: &Target,
    outgoing: Outgoing,
    limits: &Limits,
    log: &Arc<Log>,
    wants_body: WantsBody<'_>,
) -> Result<Answer, FetchErrorKind> {
    let timeouts = ConnectTimeouts { look_up: limits.look_up, connect: limits.connect };
    let stream = guard.connect(target, Via::Fetch, log, &timeouts).await?;
    let stream: Box<dyn Stream> = if target.is_tls() {
        Box::new(guard.tls.handshake(target, stream, limits.handshake).await?)
    } else {
        Box::new(stream)
    };
    let answer = speak(stream, target, outgoing, limits, log, wants_body).await;
    // Too many bytes look like a broken connection from above.
    if log.is_exceeded() && answer.is_err() {
        return Err(FetchErrorKind::TooLarge(TooLarge::Wire));
    }
    answer
}

async fn speak(
    stream: Box<dyn Stream>,
    target: &Target,
    outgoing: Outgoing,
    limits: &Limits,
    log: &Log,
    wants_body: WantsBody<'_>,
) -> Result<Answer, FetchErrorKind> {
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(limits.header_bytes.max(8 * 1024))
        .handshake::<_, Full<Bytes>>(TokioIo::new(stream))
        .await
        .map_err(|error| FetchErrorKind::from(&error))?;
    let request = request(target, outgoing)?;
    let conversation = async {
        let response = timeout(limits.first_byte, sender.send_request(request))
            .await
            .map_err(|_| FetchErrorKind::TimedOut(Phase::FirstByte))?
            .map_err(|error| FetchErrorKind::from(&error))?;
        let first_byte = log.elapsed();
        let (head, incoming) = response.into_parts();
        let (body, truncated) = if wants_body(head.status, &head.headers) {
            body::read(&head.headers, incoming, limits, log).await?
        } else {
            (Bytes::new(), false)
        };
        Ok(Answer { status: head.status, headers: head.headers, body, truncated, first_byte })
    };
    // The connection moves only while it is polled: beside the conversation, and no longer than that.
    let driven = async {
        // Why it ended is told to whoever waits for the answer.
        let _ = connection.await;
        std::future::pending().await
    };
    tokio::select! {
        biased;
        answer = conversation => answer,
        never = driven => never,
    }
}

fn request(target: &Target, outgoing: Outgoing) -> Result<http::Request<Full<Bytes>>, FetchErrorKind> {
    let mut request = http::Request::new(Full::new(outgoing.body));
    *request.uri_mut() = target::path_and_query(&target.url)?;
    let headers = request.headers_mut();
    *headers = outgoing.headers;
    headers.insert(HOST, target::host(&target.url)?);
    headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(body::ACCEPT_ENCODING));
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    *request.method_mut() = outgoing.method;
    Ok(request)
}
