//! The request's head: which fields matter to a redirect, and whether a lane may answer it.

use http::HeaderName;

use crate::{
    redirect::RedirectRequest,
    server::MAX_HEAD_BYTES,
    visitors::{ClientAddress, TrustedProxies},
};

/// More header lines than this are for hyper to judge.
const MAX_HEADERS: usize = 64;
/// `X-Forwarded-For` lines looked at, counted from the last.
const MAX_FORWARDED: usize = 4;

/// Whose forwarding headers are believed, and which names the country.
#[derive(Debug, Clone)]
pub struct ForwardingHeaders {
    /// The proxies.
    pub proxies: TrustedProxies,
    /// `CF-IPCountry`, `X-Vercel-IP-Country` or the like.
    pub country_header: Option<HeaderName>,
}

/// The header fields a redirect looks at. Values that are not UTF-8 count as absent.
#[derive(Debug, Clone, Copy, Default)]
pub struct HeadFields<'a> {
    /// `Host`.
    pub host: Option<&'a str>,
    user_agent: &'a str,
    referrer: &'a str,
    prefetch: bool,
    country: Option<&'a str>,
    forwarded_for: Lines<'a>,
    forwarded: Lines<'a>,
    hosts: u8,
    /// A body, an upgrade or an expectation: not for a lane.
    unusual: bool,
    close: bool,
}

/// The last few values of a header that may be repeated.
#[derive(Debug, Clone, Copy, Default)]
struct Lines<'a> {
    values: [&'a str; MAX_FORWARDED],
    len: usize,
}

impl<'a> Lines<'a> {
    fn push(&mut self, value: &'a str) {
        if self.len == MAX_FORWARDED {
            self.values.rotate_left(1);
            self.len -= 1;
        }
        self.values[self.len] = value;
        self.len += 1;
    }

    fn iter(&self) -> impl DoubleEndedIterator<Item = &'a str> + use<'a> {
        let values = self.values;
        (0..self.len).map(move |index| values[index])
    }
}

impl<'a> HeadFields<'a> {
    /// Collects the fields from header lines in the order they came.
    pub fn collect(headers: impl Iterator<Item = (&'a str, &'a [u8])>, forwarding: &ForwardingHeaders) -> Self {
        let mut fields = Self::default();
        for (name, value) in headers {
            let text = || std::str::from_utf8(value).unwrap_or_default();
            let is = |expected: &str| name.eq_ignore_ascii_case(expected);
            match name.len() {
                4 if is("host") => {
                    fields.hosts = fields.hosts.saturating_add(1);
                    fields.host = Some(text());
                }
                5 if is("x-moz") => fields.prefetch |= text().eq_ignore_ascii_case("prefetch"),
                6 if is("expect") => fields.unusual = true,
                7 if is("referer") => fields.referrer = text(),
                7 if is("upgrade") => fields.unusual = true,
                7 if is("purpose") => {
                    fields.prefetch |= contains_token(text(), "prefetch") || contains_token(text(), "preview")
                }
                9 if is("forwarded") => fields.forwarded.push(text()),
                9 if is("x-purpose") => fields.prefetch |= contains_token(text(), "preview"),
                10 if is("user-agent") => fields.user_agent = text(),
                10 if is("connection") => match text() {
                    close if close.eq_ignore_ascii_case("close") => fields.close = true,
                    keep if keep.eq_ignore_ascii_case("keep-alive") => {}
                    _ => fields.unusual = true,
                },
                11 if is("sec-purpose") => fields.prefetch |= contains_token(text(), "prefetch"),
                14 if is("content-length") => fields.unusual |= value != b"0",
                15 if is("x-forwarded-for") => fields.forwarded_for.push(text()),
                17 if is("transfer-encoding") => fields.unusual = true,
                _ => {}
            }
            if forwarding.country_header.as_ref().is_some_and(|header| is(header.as_str())) {
                fields.country = Some(text().trim());
            }
        }
        fields
    }

    /// Whether there is exactly one `Host`, as HTTP/1.1 demands, and it can be one.
    #[must_use]
    pub fn has_valid_host(&self) -> bool {
        let possible =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'[' | b']');
        self.hosts == 1 && self.host.is_some_and(|host| !host.is_empty() && host.bytes().all(possible))
    }

    /// What the redirect needs to know, for a connection from `peer`.
    #[must_use]
    pub fn request(
        &self,
        forwarding: &ForwardingHeaders,
        peer: std::net::IpAddr,
        query: Option<&'a str>,
    ) -> RedirectRequest<'a> {
        self.request_from(forwarding.proxies.resolve(peer, self.forwarded_for.iter(), self.forwarded.iter()), query)
    }

    /// The same for a client whose address is known already.
    #[must_use]
    pub fn request_from(&self, client: ClientAddress, query: Option<&'a str>) -> RedirectRequest<'a> {
        RedirectRequest {
            query,
            client,
            declared_country: self.country.filter(|_| client.through_trusted_proxy),
            user_agent: self.user_agent,
            referrer: self.referrer,
            prefetch: self.prefetch,
        }
    }
}

fn contains_token(value: &str, token: &str) -> bool {
    value.split([';', ',', ' ']).any(|part| part.trim().eq_ignore_ascii_case(token))
}

/// A head that a lane may answer.
#[derive(Debug)]
pub(crate) struct PlainHead<'a> {
    /// `HEAD` instead of `GET`: same answer, not counted.
    pub head_only: bool,
    /// The path after `/`, made of slug characters only.
    pub slug: &'a str,
    /// After `?`.
    pub query: Option<&'a str>,
    /// The fields.
    pub fields: HeadFields<'a>,
    /// The client wants the connection closed afterwards.
    pub close: bool,
    /// Bytes of the head, with its empty line.
    pub length: usize,
}

/// What stands at the start of a connection's unread bytes.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "lives on the stack for one request; a box would be an allocation per redirect"
)]
pub(crate) enum Parsed<'a> {
    /// A request that a lane may answer.
    Plain(PlainHead<'a>),
    /// The beginning of what may become one.
    Partial,
    /// Anything else, malformed requests included: hyper answers it.
    Other,
}

/// Looks at the start of `input`.
pub(crate) fn parse<'a>(input: &'a [u8], forwarding: &ForwardingHeaders) -> Parsed<'a> {
    if !(starts_like(input, b"GET /") || starts_like(input, b"HEAD /")) {
        return Parsed::Other;
    }
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    let length = match request.parse(input) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) if input.len() < MAX_HEAD_BYTES => return Parsed::Partial,
        Ok(httparse::Status::Partial) | Err(_) => return Parsed::Other,
    };
    let (Some(method), Some(target), Some(1)) = (request.method, request.path, request.version) else {
        return Parsed::Other;
    };
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (target, None),
    };
    let Some(slug) = path.strip_prefix('/').filter(|slug| is_slug(slug)) else { return Parsed::Other };
    let fields = HeadFields::collect(request.headers.iter().map(|header| (header.name, header.value)), forwarding);
    if fields.unusual || !fields.has_valid_host() {
        return Parsed::Other;
    }
    Parsed::Plain(PlainHead { head_only: method == "HEAD", slug, query, close: fields.close, fields, length })
}

fn starts_like(input: &[u8], prefix: &[u8]) -> bool {
    let length = input.len().min(prefix.len());
    input[..length] == prefix[..length]
}

fn is_slug(path: &str) -> bool {
    !path.is_empty()
        && path.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn forwarding() -> ForwardingHeaders {
        ForwardingHeaders { proxies: TrustedProxies::default(), country_header: None }
    }

    #[test]
    fn plain_requests_are_taken_and_the_rest_is_handed_over() {
        let plain = |text: &str| matches!(parse(text.as_bytes(), &forwarding()), Parsed::Plain(_));
        assert!(plain("GET /abc HTTP/1.1\r\nHost: a\r\n\r\n"));
        assert!(plain("HEAD /abc?x=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"));
        for other in [
            "POST /abc HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /a/b HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /a%20b HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /abc HTTP/1.0\r\nHost: a\r\n\r\n",
            "GET /abc HTTP/1.1\r\n\r\n",
            "GET /abc HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
            "GET /abc HTTP/1.1\r\nHost: a b<>\r\n\r\n",
            "GET /abc HTTP/1.1\r\nHost:\r\n\r\n",
            "GET /abc HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
            "GET /abc HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
            "GET /abc HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
            "GET http://evil.example/abc HTTP/1.1\r\nHost: a\r\n\r\n",
        ] {
            assert!(!plain(other), "{other}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_parser_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = parse(&bytes, &forwarding());
            let mut prefixed = b"GET /".to_vec();
            prefixed.extend(&bytes);
            let _ = parse(&prefixed, &forwarding());
        }

        #[test]
        fn every_prefix_of_a_plain_request_waits_for_more(slug in "[A-Za-z0-9]{1,10}", agent in "[ -~]{0,30}", at in 0usize..200) {
            let whole = format!("GET /{slug} HTTP/1.1\r\nHost: go.example\r\nUser-Agent: {agent}\r\n\r\n");
            let part = &whole.as_bytes()[..at.min(whole.len() - 1)];
            prop_assert!(matches!(parse(part, &forwarding()), Parsed::Partial));
            match parse(whole.as_bytes(), &forwarding()) {
                Parsed::Plain(head) => prop_assert_eq!((head.slug, head.length), (slug.as_str(), whole.len())),
                other => prop_assert!(false, "{other:?}"),
            }
        }
    }
}
