//! The ordinary lane: redirects that a fast lane passed on, because the link was not in memory or the request was unusual.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use data_ops::{clock::Clock, types::ClickId};
use durable::log::{Durability, RecordBatch};
use http::{HeaderValue, Method, StatusCode, Version, header};

use super::{RedirectRequest, Redirector, append_query, not_found_page, redirector::capture};
use crate::{
    clicks::ClickLog,
    links::CachedLink,
    server::{DURABILITY_PATIENCE, ForwardingHeaders, HeadFields},
    visitors::ClientAddress,
};

/// What the ordinary lane answers with.
pub struct OrdinaryLane {
    /// Decides.
    pub redirector: Arc<Redirector>,
    /// Captures.
    pub clicks: Arc<ClickLog>,
    /// When an answer may leave.
    pub durability: Durability,
    /// Which headers count.
    pub forwarding: ForwardingHeaders,
    /// The time of clicks.
    pub clock: Arc<dyn Clock>,
}

/// Answers every path that nothing else answers: a redirect, or the 404 page.
pub fn router(lane: OrdinaryLane) -> Router {
    Router::new().fallback(redirect).with_state(Arc::new(lane))
}

async fn redirect(State(lane): State<Arc<OrdinaryLane>>, request: Request) -> Response {
    let (request, _body) = request.into_parts();
    if !matches!(request.method, Method::GET | Method::HEAD) {
        return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET, HEAD")]).into_response();
    }
    let Some(slug) = decode_slug(request.uri.path()) else { return not_found() };
    let client = request
        .extensions
        .get::<ClientAddress>()
        .copied()
        .unwrap_or(ClientAddress { address: std::net::Ipv4Addr::UNSPECIFIED.into(), through_trusted_proxy: false });
    let headers = request.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
    let fields = HeadFields::collect(headers, &lane.forwarding);
    if request.version == Version::HTTP_11 && !fields.has_valid_host() {
        return (StatusCode::BAD_REQUEST, "A request needs exactly one valid Host header.\n").into_response();
    }
    let visitor = fields.request_from(client, request.uri.query());
    let counted = request.method == Method::GET;
    let links = &lane.redirector.links;
    let domain = links.domains().for_host(fields.host).clone();
    if let Some(answer) = domain.with_link(&slug, |link| lane.prepare(link, &visitor, counted)) {
        return lane.commit(answer).await;
    }
    match links.look_up(&domain, &slug).await {
        Ok(Some(link)) => {
            let answer = lane.prepare(&link, &visitor, counted);
            lane.commit(answer).await
        }
        Ok(None) => not_found(),
        Err(error) => {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                link.slug = &*slug,
                "a link could not be looked up"
            );
            (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "1")]).into_response()
        }
    }
}

/// An answer whose click is not safe yet.
struct Prepared {
    location: Vec<u8>,
    records: RecordBatch,
}

impl OrdinaryLane {
    fn prepare(&self, link: &CachedLink, request: &RedirectRequest<'_>, counted: bool) -> Prepared {
        let decided = self.redirector.decide(link, request);
        let mut prepared = Prepared { location: Vec::with_capacity(128), records: RecordBatch::new() };
        append_query(&mut prepared.location, decided.destination, request.query);
        if counted {
            let id = ClickId::generate(&*self.clock);
            capture(&mut prepared.records, id, self.clock.now(), link, &decided, request);
        }
        prepared
    }

    async fn commit(&self, mut prepared: Prepared) -> Response {
        metrics::counter!("hashroute_redirects_total", "lane" => "ordinary").increment(1);
        if !prepared.records.is_empty() && !self.write(&mut prepared.records).await {
            metrics::counter!("hashroute_clicks_undurable_total").increment(1);
        }
        let Ok(location) = HeaderValue::from_maybe_shared(bytes::Bytes::from(prepared.location)) else {
            tracing::error!("a stored destination is not a valid header");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        };
        let headers = [
            (header::LOCATION, location),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
            (header::CONTENT_LENGTH, HeaderValue::from_static("0")),
        ];
        (StatusCode::FOUND, headers).into_response()
    }

    /// Makes the click safe; `false` if it cannot be said to be.
    async fn write(&self, records: &mut RecordBatch) -> bool {
        let Some(end) = self.clicks.append(records) else { return false };
        match self.durability {
            Durability::Process => true,
            Durability::Disk => {
                matches!(
                    tokio::time::timeout(DURABILITY_PATIENCE, self.clicks.log().wait_durable(end)).await,
                    Ok(Ok(()))
                )
            }
        }
    }
}

fn not_found() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'"),
    ];
    metrics::counter!("hashroute_redirects_not_found_total").increment(1);
    (StatusCode::NOT_FOUND, headers, not_found_page()).into_response()
}

/// The slug of a path: percent-encoding undone, one segment, a closing slash allowed. `None` where no link can have it.
fn decode_slug(path: &str) -> Option<String> {
    let path = path.strip_prefix('/')?;
    let path = path.strip_suffix('/').unwrap_or(path);
    if path.is_empty() || path.contains('/') {
        return None;
    }
    percent_encoding::percent_decode_str(path).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::decode_slug;

    #[test]
    fn a_slug_is_one_decoded_segment() {
        assert_eq!(decode_slug("/abc").as_deref(), Some("abc"));
        assert_eq!(decode_slug("/abc/").as_deref(), Some("abc"));
        assert_eq!(decode_slug("/%61bc").as_deref(), Some("abc"));
        for none in ["/", "", "/a/b", "/%ff"] {
            assert_eq!(decode_slug(none), None, "{none}");
        }
    }
}
