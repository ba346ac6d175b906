//! The pages of the web application and what they load, embedded in the binary.
//!
//! The build leaves a `.br` and a `.gz` beside each file worth compressing. Every variant has its own `ETag`. Files under
//! `assets/` have their hash in the name and never change; pages are asked for again each time.

use std::fmt::Write as _;

use axum::{
    Router,
    body::Body,
    extract::Path,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::security_headers;

/// What the web application's build made.
#[derive(RustEmbed)]
#[folder = "web/dist"]
struct Files;

/// The page that every address of the web application begins with.
const INDEX: &str = "index.html";

/// The pages. All other addresses may be short links, so there is no catch-all.
const PAGES: [&str; 6] = ["/", "/login", "/signup", "/app", "/app/", "/app/{*page}"];

/// Files that browsers and crawlers ask for by a fixed name.
const ROOT_FILES: [&str; 2] = ["favicon.svg", "robots.txt"];

/// Encodings in the order of preference, and what their files end in.
const ENCODINGS: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];

/// How long a browser may keep a file without asking.
#[derive(Clone, Copy)]
enum Caching {
    Immutable,
    Revalidate,
}

/// Routes for everything the web application consists of.
pub(crate) fn router() -> Router {
    let mut router = Router::new().route("/assets/{*file}", get(asset));
    // The short address of the page for admins of the instance.
    router = router.route("/admin", get(async || Redirect::to("/app/admin")));
    for path in PAGES {
        router = router.route(path, get(page));
    }
    for name in ROOT_FILES {
        let file = move |headers: HeaderMap| async move { serve(name, &headers, Caching::Revalidate) };
        router = router.route(&format!("/{name}"), get(file));
    }
    router.layer(axum::middleware::map_response(security_headers::page))
}

async fn page(headers: HeaderMap) -> Response {
    serve_page(INDEX, &headers)
}

/// One of the build's pages, without the headers that protect it.
pub(crate) fn serve_page(name: &str, request: &HeaderMap) -> Response {
    serve(name, request, Caching::Revalidate)
}

/// The text of one of the build's pages, for a page that is completed when it is asked for.
pub(crate) fn page_text(name: &str) -> Option<String> {
    String::from_utf8(Files::get(name)?.data.into_owned()).ok()
}

async fn asset(Path(file): Path<String>, headers: HeaderMap) -> Response {
    serve(&format!("assets/{file}"), &headers, Caching::Immutable)
}

fn serve(name: &str, request: &HeaderMap, caching: Caching) -> Response {
    let Some((file, encoding)) = find(name, request) else {
        return (StatusCode::NOT_FOUND, "There is no such file.\n").into_response();
    };
    let etag = etag(&file, encoding);
    let mut response = if is_known(request, &etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Body::from(file.data).into_response()
    };
    let headers = response.headers_mut();
    let mime = mime_guess::from_path(name).first_or_octet_stream();
    let content_type = if mime.type_() == mime_guess::mime::TEXT || mime.subtype() == "javascript" {
        format!("{mime}; charset=utf-8")
    } else {
        mime.to_string()
    };
    let cache_control = match caching {
        Caching::Immutable => "public, max-age=31536000, immutable",
        Caching::Revalidate => "no-cache",
    };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache_control));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(encoding) = encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    for (name, value) in [(header::CONTENT_TYPE, content_type), (header::ETAG, etag)] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    response
}

/// The file in the best encoding the client accepts.
fn find(name: &str, request: &HeaderMap) -> Option<(EmbeddedFile, Option<&'static str>)> {
    // The compressed variants are found by their originals' names only.
    if ENCODINGS.iter().any(|(_, ending)| name.ends_with(ending)) {
        return None;
    }
    ENCODINGS
        .iter()
        .filter(|(encoding, _)| accepts(request, encoding))
        .find_map(|(encoding, ending)| {
            let file = Files::get(&format!("{name}{ending}"))?;
            Some((file, Some(*encoding)))
        })
        .or_else(|| Files::get(name).map(|file| (file, None)))
}

/// Whether `Accept-Encoding` lists the encoding without ruling it out by `q=0`.
fn accepts(request: &HeaderMap, encoding: &str) -> bool {
    request
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|entry| {
            let mut parts = entry.split(';').map(str::trim);
            let is_named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(encoding));
            let is_refused = parts
                .filter_map(|part| part.strip_prefix("q="))
                .any(|quality| quality.parse::<f32>().is_ok_and(|quality| quality <= 0.0));
            is_named && !is_refused
        })
}

fn etag(file: &EmbeddedFile, encoding: Option<&str>) -> String {
    let mut tag = String::from("\"");
    for byte in file.metadata.sha256_hash().iter().take(16) {
        // Writing to a String cannot fail.
        let _ = write!(tag, "{byte:02x}");
    }
    if let Some(encoding) = encoding {
        tag.push('-');
        tag.push_str(encoding);
    }
    tag.push('"');
    tag
}

fn is_known(request: &HeaderMap, etag: &str) -> bool {
    request
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == etag)
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, header};

    use super::{accepts, is_known};

    fn headers(name: header::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn encodings_are_used_only_when_accepted() {
        let common = headers(header::ACCEPT_ENCODING, "gzip, deflate, br;q=0.9");
        assert!(accepts(&common, "br") && accepts(&common, "gzip"));
        let without = headers(header::ACCEPT_ENCODING, "gzip;q=0, br; q=0.0, identity");
        assert!(!accepts(&without, "br") && !accepts(&without, "gzip"));
        assert!(!accepts(&HeaderMap::new(), "br"));
    }

    #[test]
    fn a_client_is_told_that_it_has_the_file_already() {
        let tag = "\"abc-br\"";
        assert!(is_known(&headers(header::IF_NONE_MATCH, "\"x\", W/\"abc-br\""), tag));
        assert!(is_known(&headers(header::IF_NONE_MATCH, "*"), tag));
        assert!(!is_known(&headers(header::IF_NONE_MATCH, "\"abc\""), tag));
    }
}
