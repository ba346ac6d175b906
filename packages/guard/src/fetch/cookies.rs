//! Cookies of one fetch: set by a redirect, sent to the same host, forgotten at the end.

use http::{HeaderMap, HeaderValue, header::SET_COOKIE};
use url::Url;

/// More than any walk through redirects needs.
const MAX_COOKIES: usize = 50;
const MAX_BYTES: usize = 4_096;

#[derive(Debug, Default)]
pub(super) struct Cookies(Vec<Cookie>);

#[derive(Debug)]
struct Cookie {
    host: String,
    name: String,
    value: String,
    secure: bool,
}

impl Cookies {
    /// Takes what the answer of `url` sets. Only for that very host: whom else a domain belongs to is not known here.
    pub fn take(&mut self, url: &Url, headers: &HeaderMap) {
        let Some(host) = url.host_str() else { return };
        for text in headers.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok()) {
            let mut parts = text.split(';');
            let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else { continue };
            let (name, value) = (name.trim(), value.trim());
            let secure = parts.any(|attribute| attribute.trim().eq_ignore_ascii_case("secure"));
            if name.is_empty() || text.len() > MAX_BYTES {
                continue;
            }
            self.0.retain(|cookie| cookie.host != host || cookie.name != name);
            if self.0.len() < MAX_COOKIES {
                let cookie = Cookie { host: host.to_owned(), name: name.to_owned(), value: value.to_owned(), secure };
                self.0.push(cookie);
            }
        }
    }

    /// The header for a request to `url`.
    pub fn header(&self, url: &Url) -> Option<HeaderValue> {
        let is_tls = url.scheme() == "https";
        let pairs: Vec<String> = self
            .0
            .iter()
            .filter(|cookie| Some(cookie.host.as_str()) == url.host_str() && (is_tls || !cookie.secure))
            .map(|cookie| format!("{}={}", cookie.name, cookie.value))
            .collect();
        if pairs.is_empty() { None } else { HeaderValue::from_str(&pairs.join("; ")).ok() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(cookies: &mut Cookies, url: &str, values: &[&'static str]) {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(SET_COOKIE, HeaderValue::from_static(value));
        }
        cookies.take(&Url::parse(url).unwrap(), &headers);
    }

    fn sent(cookies: &Cookies, url: &str) -> String {
        let header = cookies.header(&Url::parse(url).unwrap());
        header.map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
    }

    #[test]
    fn a_cookie_goes_back_to_its_host_only() {
        let mut cookies = Cookies::default();
        set(&mut cookies, "https://shop.test/", &["a=1; Path=/", "b=2; Secure; HttpOnly", "nonsense", "=x"]);
        assert_eq!(sent(&cookies, "https://shop.test/x"), "a=1; b=2");
        assert_eq!(sent(&cookies, "http://shop.test/x"), "a=1");
        assert_eq!(sent(&cookies, "https://www.shop.test/"), "");
        set(&mut cookies, "https://shop.test/", &["a=3"]);
        assert_eq!(sent(&cookies, "https://shop.test/x"), "b=2; a=3");
    }
}
