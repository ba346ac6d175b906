//! What browsers are told not to do with our pages.

use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue, header};

/// Scripts and styles come from files of ours only.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
     font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// An answer of the API is never a page.
const API_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

/// The document of somebody else.
const FOREIGN_POLICY: &str = "sandbox; default-src 'none'; frame-ancestors 'none'";

/// For pages and what they load.
pub(crate) async fn page(mut response: Response) -> Response {
    write(response.headers_mut(), PAGE_POLICY);
    response
}

/// For answers of the API, unless they are pages and say so themselves. Nothing of them may be kept by caches: they are
/// about one caller.
pub(crate) async fn api(mut response: Response) -> Response {
    let headers = response.headers_mut();
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        write(headers, API_POLICY);
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

/// For documents that are not ours: nothing of them may be run or loaded, wherever they are opened, as if they had no origin at all.
pub(crate) fn foreign(headers: &mut HeaderMap) {
    write(headers, FOREIGN_POLICY);
}

fn write(headers: &mut HeaderMap, policy: &'static str) {
    let values: [(HeaderName, &'static str); 5] = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ];
    for (name, value) in values {
        headers.insert(name, HeaderValue::from_static(value));
    }
}
