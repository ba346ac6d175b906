//! From the browser's words and the guard's log to how a look ended.

use judge::snapshot::{NetworkFailure, Outcome};

use super::state::State;
use crate::exit::Trouble;

/// What the browser says when a navigation ends in something else than a page.
const ABORTED: &str = "net::ERR_ABORTED";

/// Whether these words are the end of a navigation, or may be those of one that another has replaced.
pub fn may_be_replaced(failure: &str) -> bool {
    failure == ABORTED
}

/// How a look ended whose main document did not arrive. `trouble`: what the guard knows about the document's host.
pub fn of_failure(failure: &str, state: &State, trouble: Option<Trouble>) -> Outcome {
    if let Some(trouble) = trouble {
        return trouble.into_outcome();
    }
    let code = failure.strip_prefix("net::ERR_").unwrap_or(failure);
    let network = match code {
        "TOO_MANY_REDIRECTS" => return Outcome::RedirectLoop,
        // An error status without a body: the browser has a page of its own for that.
        "HTTP_RESPONSE_CODE_FAILURE" if state.status.is_some() => return Outcome::Loaded,
        // An answer without a page: nothing (204), or a download.
        "ABORTED" if matches!(state.status, Some(204 | 205)) => return Outcome::Loaded,
        "ABORTED" => return Outcome::NotAPage,
        "NAME_NOT_RESOLVED" => NetworkFailure::NameNotFound,
        "NAME_RESOLUTION_FAILED" | "DNS_TIMED_OUT" | "DNS_SERVER_FAILED" => NetworkFailure::Dns,
        "CONNECTION_REFUSED" => NetworkFailure::ConnectionRefused,
        "CONNECTION_RESET" | "CONNECTION_CLOSED" | "EMPTY_RESPONSE" | "CONNECTION_ABORTED" | "SOCKET_NOT_CONNECTED" => {
            NetworkFailure::ConnectionReset
        }
        "TIMED_OUT" | "CONNECTION_TIMED_OUT" => NetworkFailure::TimedOut,
        code if code.starts_with("CERT_")
            || code.starts_with("SSL_")
            || code.starts_with("BAD_SSL")
            || code.contains("_SSL_") =>
        {
            NetworkFailure::Tls
        }
        code if code.starts_with("INVALID_") || code.starts_with("RESPONSE_HEADERS_") || code.contains("HTTP2") => {
            NetworkFailure::InvalidResponse
        }
        _ => NetworkFailure::Other,
    };
    Outcome::Unreachable { failure: network, detail: failure.to_owned() }
}

/// Whether a document of this kind is a page with words on it.
pub fn is_page(content_type: Option<&str>) -> bool {
    content_type.is_none_or(|kind| {
        matches!(kind, "text/html" | "application/xhtml+xml" | "text/plain" | "application/xml" | "text/xml")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browsers_words_have_names() {
        let state = State::default();
        let of = |failure: &str| of_failure(failure, &state, None);
        assert_eq!(of("net::ERR_TOO_MANY_REDIRECTS"), Outcome::RedirectLoop);
        assert_eq!(of("net::ERR_ABORTED"), Outcome::NotAPage);
        for (words, expected) in [
            ("net::ERR_CERT_DATE_INVALID", NetworkFailure::Tls),
            ("net::ERR_SSL_PROTOCOL_ERROR", NetworkFailure::Tls),
            ("net::ERR_EMPTY_RESPONSE", NetworkFailure::ConnectionReset),
            ("net::ERR_INVALID_HTTP_RESPONSE", NetworkFailure::InvalidResponse),
            ("net::ERR_TIMED_OUT", NetworkFailure::TimedOut),
            ("net::ERR_UNSAFE_PORT", NetworkFailure::Other),
        ] {
            let Outcome::Unreachable { failure, detail } = of(words) else { panic!("{words}") };
            assert_eq!((failure, detail.as_str()), (expected, words));
        }
    }

    #[test]
    fn an_answer_without_a_body_is_an_answer() {
        let state = State { status: Some(404), ..State::default() };
        assert_eq!(of_failure("net::ERR_HTTP_RESPONSE_CODE_FAILURE", &state, None), Outcome::Loaded);
        let state = State { status: Some(204), ..State::default() };
        assert_eq!(of_failure(ABORTED, &state, None), Outcome::Loaded);
    }

    #[test]
    fn what_the_guard_knows_comes_first() {
        let trouble = Trouble::Refused("loopback_address".to_owned());
        let outcome = of_failure("net::ERR_TUNNEL_CONNECTION_FAILED", &State::default(), Some(trouble));
        assert_eq!(outcome, Outcome::Refused { reason: "loopback_address".to_owned() });
    }

    #[test]
    fn pictures_and_documents_are_no_pages() {
        assert!(is_page(None));
        assert!(is_page(Some("text/html")));
        for kind in ["image/png", "application/pdf", "application/json", "application/octet-stream", "video/mp4"] {
            assert!(!is_page(Some(kind)), "{kind}");
        }
    }
}
