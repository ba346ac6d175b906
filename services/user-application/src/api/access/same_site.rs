//! Refuses requests that another site makes a browser send.
//!
//! Browsers attach the session cookie to requests that other sites trigger. They also say where a request came from, in
//! headers no page can forge: `Sec-Fetch-Site`, and `Origin` in browsers or on addresses without it.

use http::{HeaderMap, header, request::Parts};
use url::Url;

use crate::{api::failure::ApiError, settings::Settings};

enum Origin {
    Same,
    Other,
    Unknown,
}

/// For requests that rely on the session cookie: changes need proof of coming from our own pages.
pub(crate) fn check_session(parts: &Parts, settings: &Settings) -> Result<(), ApiError> {
    if parts.method.is_safe() {
        return Ok(());
    }
    check_socket(parts, settings)
}

/// For requests that rely on the session cookie and let the sender read and write from then on: they need the same proof,
/// whatever their method.
pub(crate) fn check_socket(parts: &Parts, settings: &Settings) -> Result<(), ApiError> {
    match origin(&parts.headers, settings) {
        Origin::Same => Ok(()),
        Origin::Other => Err(refused()),
        Origin::Unknown => Err(ApiError::forbidden(
            "A request with a session needs the Origin header to prove that it does not come from another site. Programs \
             should use an API key.",
        )),
    }
}

/// For requests that need no credentials, such as signing in: programs may omit the headers, browsers never do.
pub(crate) fn check_anonymous(parts: &Parts, settings: &Settings) -> Result<(), ApiError> {
    if parts.method.is_safe() {
        return Ok(());
    }
    match origin(&parts.headers, settings) {
        Origin::Same | Origin::Unknown => Ok(()),
        Origin::Other => Err(refused()),
    }
}

fn refused() -> ApiError {
    ApiError::forbidden(
        "This request came from another site. Open the application itself, at its public address, and try again.",
    )
}

fn origin(headers: &HeaderMap, settings: &Settings) -> Origin {
    if let Some(site) = headers.get("sec-fetch-site") {
        return match site.as_bytes() {
            b"same-origin" | b"none" => Origin::Same,
            _ => Origin::Other,
        };
    }
    let Some(value) = headers.get(header::ORIGIN) else {
        return Origin::Unknown;
    };
    let is_ours = value.to_str().ok().and_then(|text| Url::parse(text).ok()).is_some_and(|origin| {
        // People on the local network may use another address than the public one; the browser then says so in Host.
        let is_host = headers.get(header::HOST).is_some_and(|host| host.as_bytes() == origin.authority().as_bytes());
        origin.origin() == settings.public_url.origin() || (is_host && origin.scheme() == settings.public_url.scheme())
    });
    if is_ours { Origin::Same } else { Origin::Other }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue};

    use super::{Origin, origin};
    use crate::settings::Settings;

    fn is_same(public: &str, headers: &[(&'static str, &'static str)]) -> Option<bool> {
        let settings = Settings::new(public.parse().expect("an address"));
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        match origin(&headers, &settings) {
            Origin::Same => Some(true),
            Origin::Other => Some(false),
            Origin::Unknown => None,
        }
    }

    #[test]
    fn the_browser_says_where_a_request_comes_from() {
        let public = "https://go.example.com";
        assert_eq!(is_same(public, &[]), None);
        assert_eq!(is_same(public, &[("sec-fetch-site", "same-origin")]), Some(true));
        assert_eq!(is_same(public, &[("sec-fetch-site", "none")]), Some(true));
        assert_eq!(is_same(public, &[("sec-fetch-site", "same-site")]), Some(false));
        assert_eq!(
            is_same(public, &[("sec-fetch-site", "cross-site"), ("origin", "https://go.example.com")]),
            Some(false)
        );
        assert_eq!(is_same(public, &[("origin", "https://go.example.com")]), Some(true));
        assert_eq!(is_same(public, &[("origin", "https://evil.example")]), Some(false));
        assert_eq!(is_same(public, &[("origin", "null")]), Some(false));
        assert_eq!(is_same(public, &[("origin", "https://go.example.com.evil.example")]), Some(false));
    }

    #[test]
    fn another_address_of_the_same_server_is_accepted_when_the_host_agrees() {
        let public = "http://localhost:8080";
        let origin = ("origin", "http://192.168.1.5:8080");
        assert_eq!(is_same(public, &[origin, ("host", "192.168.1.5:8080")]), Some(true));
        assert_eq!(is_same(public, &[origin, ("host", "localhost:8080")]), Some(false));
    }
}
