//! Looks at pages without a browser: fetches them, and reads their HTML. What scripts would have made of it is not seen.

use guard::{
    Guard, Phase,
    fetch::{FetchErrorKind, Limits as FetchLimits, Request, Response, Trail},
};
use judge::snapshot::{NetworkFailure, Outcome, PageSnapshot, Redirect, Timings, html};

use crate::{Limits, Rendered, Renderer, Rendering, Settled, pool::not_seen};

/// What pages are asked for, in the words of a browser.
const ACCEPT: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.5";

/// Looks at pages without a browser.
pub struct PlainRenderer {
    guard: Guard,
    user_agent: http::HeaderValue,
}

impl PlainRenderer {
    /// Makes one that calls itself `user_agent`; `None`, and what cannot be sent, is this program's name.
    #[must_use]
    pub fn new(guard: Guard, user_agent: Option<&str>) -> Self {
        let own = concat!("Mozilla/5.0 (compatible; Hashroute/", env!("CARGO_PKG_VERSION"), ")");
        let user_agent = user_agent.and_then(|name| http::HeaderValue::from_str(name).ok());
        Self { guard, user_agent: user_agent.unwrap_or(http::HeaderValue::from_static(own)) }
    }

    async fn look(&self, url: &str, limits: &Limits) -> Rendered {
        let request = Request::get(url)
            .header(http::header::ACCEPT, http::HeaderValue::from_static(ACCEPT))
            .header(http::header::ACCEPT_LANGUAGE, http::HeaderValue::from_static("en-US,en;q=0.9"))
            .header(http::header::USER_AGENT, self.user_agent.clone());
        let fetch_limits = FetchLimits {
            total: limits.deadline,
            wire_bytes: limits.total_bytes,
            body_bytes: usize::try_from(limits.document_bytes).unwrap_or(usize::MAX),
            truncate: true,
            ..FetchLimits::default()
        };
        match self.guard.fetch(request, fetch_limits).await {
            Ok(response) => read(url, &response, limits),
            Err(error) => {
                let mut rendered = not_seen(url, of_error(&error.kind), error.trail.took);
                tell_way(&mut rendered.snapshot, &error.trail);
                rendered
            }
        }
    }
}

impl Renderer for PlainRenderer {
    fn render<'a>(&'a self, url: &'a str, limits: &'a Limits, _settled: Option<Settled<'a>>) -> Rendering<'a> {
        Box::pin(async move { Ok(self.look(url, limits).await) })
    }
}

fn read(url: &str, response: &Response, limits: &Limits) -> Rendered {
    let content_type = response.headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let mut text = decode(&response.body, content_type);
    let document = html::Document {
        requested_url: url,
        final_url: &response.trail.url,
        redirects: Vec::new(),
        status: Some(response.status.as_u16()),
        content_type,
        truncated: response.truncated,
    };
    let mut snapshot = html::snapshot(&text, &document);
    tell_way(&mut snapshot, &response.trail);
    snapshot.timings.first_byte_ms = u32::try_from(response.first_byte.as_millis()).ok();
    text.truncate(text.floor_char_boundary(limits.html_bytes));
    if snapshot.outcome != Outcome::Loaded {
        text.clear();
    }
    Rendered { snapshot, screenshot: None, html: text }
}

fn tell_way(snapshot: &mut PageSnapshot, trail: &Trail) {
    snapshot.final_url.clone_from(&trail.url);
    snapshot.redirects =
        trail.redirects.iter().map(|hop| Redirect { url: hop.url.clone(), status: Some(hop.status) }).collect();
    snapshot.requests = u32::try_from(trail.redirects.len() + 1).unwrap_or(u32::MAX);
    snapshot.bytes = trail.wire_bytes;
    let total_ms = u32::try_from(trail.took.as_millis()).unwrap_or(u32::MAX);
    snapshot.timings = Timings { total_ms, ..snapshot.timings };
}

fn of_error(kind: &FetchErrorKind) -> Outcome {
    let failure = match kind {
        FetchErrorKind::Refused(refusal) => return Outcome::Refused { reason: refusal.code().to_owned() },
        FetchErrorKind::TimedOut(Phase::Total | Phase::FirstByte) => return Outcome::TimedOut,
        FetchErrorKind::TooLarge(_) => return Outcome::TooLarge,
        FetchErrorKind::TooManyRedirects { .. } | FetchErrorKind::RedirectLoop => return Outcome::RedirectLoop,
        FetchErrorKind::NameNotFound => NetworkFailure::NameNotFound,
        FetchErrorKind::Dns(_) => NetworkFailure::Dns,
        FetchErrorKind::ConnectionRefused => NetworkFailure::ConnectionRefused,
        FetchErrorKind::ConnectionReset => NetworkFailure::ConnectionReset,
        FetchErrorKind::TimedOut(_) => NetworkFailure::TimedOut,
        FetchErrorKind::Tls(_) => NetworkFailure::Tls,
        FetchErrorKind::InvalidResponse(_) => NetworkFailure::InvalidResponse,
        FetchErrorKind::Unreachable(_) | FetchErrorKind::InvalidRequest(_) | FetchErrorKind::Local(_) => {
            NetworkFailure::Other
        }
    };
    Outcome::Unreachable { failure, detail: kind.to_string() }
}

/// The text of a document: in the encoding that the answer, or the document's beginning, says; UTF-8 otherwise.
fn decode(body: &[u8], content_type: Option<&str>) -> String {
    let beginning = String::from_utf8_lossy(&body[..body.len().min(1024)]).to_ascii_lowercase();
    let label = content_type.and_then(charset).or_else(|| charset(&beginning));
    let encoding = label.and_then(|label| encoding_rs::Encoding::for_label(label.as_bytes()));
    encoding.unwrap_or(encoding_rs::UTF_8).decode(body).0.into_owned()
}

fn charset(text: &str) -> Option<String> {
    let at = text.to_ascii_lowercase().find("charset=")?;
    let value = text.get(at + "charset=".len()..)?.trim_start_matches(['"', '\'', ' ']);
    let end = value.find(|it: char| !(it.is_ascii_alphanumeric() || "-_:.".contains(it))).unwrap_or(value.len());
    (end > 0).then(|| value[..end].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_in_its_own_encoding() {
        assert_eq!(decode("épuisé".as_bytes(), Some("text/html")), "épuisé");
        assert_eq!(decode(b"\xe9puis\xe9", Some("text/html; charset=ISO-8859-1")), "épuisé");
        assert_eq!(decode(b"<meta charset='shift_jis'>\x8d\xdd\x8c\xc9", None), "<meta charset='shift_jis'>在庫");
        assert_eq!(decode(b"<meta charset=nonsense>ok", None), "<meta charset=nonsense>ok");
    }

    #[test]
    fn failures_of_a_fetch_have_names() {
        assert_eq!(of_error(&FetchErrorKind::RedirectLoop), Outcome::RedirectLoop);
        assert_eq!(of_error(&FetchErrorKind::TimedOut(Phase::Total)), Outcome::TimedOut);
        let Outcome::Unreachable { failure, .. } = of_error(&FetchErrorKind::TimedOut(Phase::Connect)) else {
            panic!()
        };
        assert_eq!(failure, NetworkFailure::TimedOut);
    }
}
