//! The cookie that holds the session token.

use cookie::{Cookie, SameSite, time::Duration};
use http::{HeaderMap, HeaderValue, header};

use crate::settings::Settings;

/// A session ends when it has not been used for this long.
pub(crate) const IDLE_MS: i64 = 14 * DAY_MS;

/// A session ends this long after signing in, used or not.
pub(crate) const ABSOLUTE_MS: i64 = 90 * DAY_MS;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// `__Host-` makes browsers insist on HTTPS, the path `/` and this very host. Without HTTPS they would drop such a cookie.
pub(crate) fn name(settings: &Settings) -> &'static str {
    if settings.is_secure() { "__Host-hashroute_session" } else { "hashroute_session" }
}

/// The session token the browser sent.
pub(crate) fn read(headers: &HeaderMap, settings: &Settings) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(Cookie::split_parse)
        .filter_map(Result::ok)
        .find(|cookie| cookie.name() == name(settings))
        .map(|cookie| cookie.value().to_owned())
}

/// The header that hands the browser its session token.
pub(crate) fn set(token: &str, settings: &Settings) -> Option<HeaderValue> {
    header_value(token, Duration::milliseconds(ABSOLUTE_MS), settings)
}

/// The header that makes the browser forget its session token.
pub(crate) fn clear(settings: &Settings) -> Option<HeaderValue> {
    header_value("", Duration::ZERO, settings)
}

fn header_value(value: &str, max_age: Duration, settings: &Settings) -> Option<HeaderValue> {
    let cookie = Cookie::build((name(settings), value))
        .path("/")
        .http_only(true)
        .secure(settings.is_secure())
        .same_site(SameSite::Lax)
        .max_age(max_age)
        .build();
    // Names, attributes and tokens are plain ASCII, so this is always some.
    HeaderValue::from_str(&cookie.to_string()).ok()
}
