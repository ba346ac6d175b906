//! A URL as it stands in a request.

use http::{HeaderValue, Uri};
use url::{Position, Url};

use super::FetchErrorKind;

/// The path and query. What a request line cannot carry is percent-encoded, as browsers do with most of it.
pub(crate) fn path_and_query(url: &Url) -> Result<Uri, FetchErrorKind> {
    let text = &url[Position::BeforePath..Position::AfterQuery];
    text.parse()
        .or_else(|_| {
            let mut encoded = String::with_capacity(text.len() + 16);
            for byte in text.bytes() {
                if byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?%".contains(&byte) {
                    encoded.push(char::from(byte));
                } else {
                    encoded.push_str(&format!("%{byte:02X}"));
                }
            }
            encoded.parse()
        })
        .map_err(|error: http::uri::InvalidUri| FetchErrorKind::InvalidRequest(error.to_string()))
}

/// The `Host` header: without the port where it is the scheme's own.
pub(crate) fn host(url: &Url) -> Result<HeaderValue, FetchErrorKind> {
    HeaderValue::from_str(&url[Position::BeforeHost..Position::AfterPort])
        .map_err(|error| FetchErrorKind::InvalidRequest(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_url_has_a_request_target() {
        for (url, target) in [
            ("http://example.com", "/"),
            ("http://example.com/a?b=c#d", "/a?b=c"),
            ("http://example.com/ä b|c^d`e\"{f}?g=<h>`|^", "/%C3%A4%20b|c^d%60e%22%7Bf%7D?g=%3Ch%3E`|^"),
        ] {
            let url = Url::parse(url).unwrap();
            let sent = path_and_query(&url).unwrap().to_string();
            assert!(sent.is_ascii() && !sent.contains(' '), "{sent}");
            let back = |text: &str| text.replace("%60", "`").replace("%7C", "|").replace("%5E", "^");
            assert_eq!(back(&sent), back(target));
        }
    }

    #[test]
    fn the_host_says_its_port_where_it_has_to() {
        for (url, expected) in [
            ("http://example.com:80/", "example.com"),
            ("https://example.com:8443/", "example.com:8443"),
            ("http://[2001:4860:4860::8888]:8080/", "[2001:4860:4860::8888]:8080"),
        ] {
            assert_eq!(host(&Url::parse(url).unwrap()).unwrap(), expected);
        }
    }
}
