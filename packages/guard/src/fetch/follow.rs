//! Following redirects by hand.

use std::{collections::HashSet, sync::Arc};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, Method, StatusCode,
    header::{
        ACCEPT, ACCEPT_ENCODING, ACCEPT_LANGUAGE, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, EXPECT, HOST,
        LOCATION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE, USER_AGENT,
    },
};
use url::Url;

use super::{
    FetchErrorKind, Hop, Limits, Request, Trail,
    cookies::Cookies,
    exchange::{Answer, Outgoing, exchange},
};
use crate::{
    Guard, Refusal,
    check::{NamedBy, Target, check},
    record::Log,
};

/// Headers that are the guard's own business.
const OWN_HEADERS: &[HeaderName] =
    &[ACCEPT_ENCODING, CONNECTION, CONTENT_LENGTH, EXPECT, HOST, TE, TRAILER, TRANSFER_ENCODING, UPGRADE];

/// Headers that another host may see.
const OPEN_HEADERS: &[HeaderName] = &[ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE, USER_AGENT];

pub(super) async fn follow(
    guard: &Guard,
    request: Request,
    limits: &Limits,
    log: &Arc<Log>,
    trail: &mut Trail,
) -> Result<Answer, FetchErrorKind> {
    let Request { mut method, url, mut headers, mut body } = request;
    check_request(&method, &headers)?;
    let mut target = check(&guard.policy, &url, NamedBy::User)?;
    let origin = target.origin();
    let mut cookies = Cookies::default();
    let mut seen = HashSet::new();
    loop {
        trail.url = target.url.to_string();
        let came_back = !seen.insert((method.clone(), trail.url.clone()));
        let mut sent = headers.clone();
        if let Some(cookies) = cookies.header(&target.url) {
            sent.append(COOKIE, cookies);
        }
        let outgoing = Outgoing { method: method.clone(), headers: sent, body: body.clone() };
        let wants_body =
            |status, headers: &HeaderMap| limits.redirects.is_none() || location(status, headers).is_none();
        let answer = exchange(guard, &target, outgoing, limits, log, &wants_body).await?;
        let (Some(limit), Some(location)) = (limits.redirects, location(answer.status, &answer.headers)) else {
            return Ok(answer);
        };
        let next = resolve(&target.url, location?)?;
        trail.redirects.push(Hop { url: target.url.to_string(), status: answer.status.as_u16() });
        trail.url = next.to_string();
        if trail.redirects.len() > usize::try_from(limit).unwrap_or(usize::MAX) {
            // A page may well lead back to itself, once it has set a cookie: only what goes on doing so is a circle.
            let circle = came_back || seen.contains(&(method.clone(), trail.url.clone()));
            return Err(if circle { FetchErrorKind::RedirectLoop } else { FetchErrorKind::TooManyRedirects { limit } });
        }
        let next = check(&guard.policy, next.as_str(), NamedBy::Web(&origin))?;
        if !limits.downgrade && target.is_tls() && !next.is_tls() {
            return Err(Refusal::Downgrade.into());
        }
        cookies.take(&target.url, &answer.headers);
        if loses_body(answer.status, &method) {
            method = Method::GET;
            body = Bytes::new();
            headers.remove(CONTENT_TYPE);
        }
        if !is_same_site(&target, &next) {
            headers = OPEN_HEADERS
                .iter()
                .flat_map(|name| headers.get_all(name).iter().map(|value| (name.clone(), value.clone())))
                .collect();
        }
        target = next;
    }
}

fn check_request(method: &Method, headers: &HeaderMap) -> Result<(), FetchErrorKind> {
    if method == Method::CONNECT {
        return Err(FetchErrorKind::InvalidRequest("it is a tunnel".to_owned()));
    }
    let is_own = |name: &&HeaderName| OWN_HEADERS.contains(name) || name.as_str().starts_with("proxy-");
    headers
        .keys()
        .find(is_own)
        .map_or(Ok(()), |name| Err(FetchErrorKind::InvalidRequest(format!("the header {name} is the guard's own"))))
}

/// Where an answer leads; `None` where it is no redirect.
fn location(status: StatusCode, headers: &HeaderMap) -> Option<Result<&str, FetchErrorKind>> {
    let redirects = matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308);
    let value = headers.get(LOCATION).filter(|_| redirects)?;
    let invalid = || FetchErrorKind::InvalidResponse("its Location is no URL".to_owned());
    Some(match std::str::from_utf8(value.as_bytes()) {
        Ok("") | Err(_) => Err(invalid()),
        Ok(text) => Ok(text),
    })
}

/// The URL that a `Location` means. It is checked as what it became: nothing else is connected to.
fn resolve(base: &Url, location: &str) -> Result<Url, FetchErrorKind> {
    base.join(location).map_err(|_| FetchErrorKind::InvalidResponse("its Location is no URL".to_owned()))
}

/// Whether a redirect turns the request into a plain GET, as browsers do.
fn loses_body(status: StatusCode, method: &Method) -> bool {
    match status {
        StatusCode::SEE_OTHER => *method != Method::GET && *method != Method::HEAD,
        StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND => *method == Method::POST,
        _ => false,
    }
}

/// Whether a request may take everything along: to the same host and port, or from http to https of the same host.
fn is_same_site(from: &Target, to: &Target) -> bool {
    let upgrade = !from.is_tls() && to.is_tls() && from.port == 80 && to.port == 443;
    from.host == to.host && ((from.port == to.port && from.is_tls() == to.is_tls()) || upgrade)
}
