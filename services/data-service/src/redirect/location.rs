//! The `Location` header: a stored destination plus the visitor's own query parameters.
//!
//! The host, port, path and fragment are always the destination's; a visitor's parameter never replaces one of the destination's.
//! Campaign parameters that a visitor brings (`gclid`, `utm_…`) so reach the shop, and nothing in a request can choose where it goes.

/// Appends `query` to `destination`, into `out`. Parameters whose name the destination already has are left out, as are characters
/// that have no place in a query (which are percent-encoded).
pub fn append_query(out: &mut Vec<u8>, destination: &str, query: Option<&str>) {
    let (before_fragment, fragment) = match destination.find('#') {
        Some(at) => destination.split_at(at),
        None => (destination, ""),
    };
    out.extend_from_slice(before_fragment.as_bytes());
    let own = before_fragment.split_once('?').map(|(_, own)| own);
    let mut separator = match own {
        None => b'?',
        Some(_) => b'&',
    };
    let mut bare = own.is_some_and(|own| own.is_empty() || own.ends_with('&'));
    for parameter in query.unwrap_or_default().split('&').filter(|parameter| !parameter.is_empty()) {
        if own.is_some_and(|own| own.split('&').any(|kept| name(kept) == name(parameter))) {
            continue;
        }
        if !std::mem::take(&mut bare) {
            out.push(separator);
        }
        separator = b'&';
        for byte in parameter.bytes() {
            push_query_byte(out, byte);
        }
    }
    out.extend_from_slice(fragment.as_bytes());
}

fn name(parameter: &str) -> &str {
    parameter.split_once('=').map_or(parameter, |(name, _)| name)
}

fn push_query_byte(out: &mut Vec<u8>, byte: u8) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    if byte.is_ascii_graphic()
        && !matches!(byte, b'"' | b'#' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' | b'\'')
    {
        out.push(byte);
    } else {
        out.extend_from_slice(&[b'%', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use url::Url;

    use super::*;

    fn location(destination: &str, query: Option<&str>) -> String {
        let mut out = Vec::new();
        append_query(&mut out, destination, query);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_visitors_parameters_are_added_and_replace_nothing() {
        assert_eq!(location("https://a.example/", None), "https://a.example/");
        assert_eq!(location("https://a.example/", Some("")), "https://a.example/");
        assert_eq!(location("https://a.example/", Some("gclid=1")), "https://a.example/?gclid=1");
        assert_eq!(location("https://a.example/?tag=me", Some("tag=thief&x=1")), "https://a.example/?tag=me&x=1");
        assert_eq!(location("https://a.example/?#top", Some("x=1")), "https://a.example/?x=1#top");
        assert_eq!(location("https://a.example/p?a=1#top", Some("b=2&b=3")), "https://a.example/p?a=1&b=2&b=3#top");
        assert_eq!(location("https://a.example/", Some("q=a\"<b>'")), "https://a.example/?q=a%22%3Cb%3E%27");
    }

    proptest! {
        #[test]
        fn no_query_changes_where_a_visitor_goes(
            destination in "https?://[a-z]{1,10}\\.example(:8080)?/[a-z/%2F@:;]{0,12}(\\?[a-z]=[a-z0-9]{0,4}(&[a-z]=[0-9])?)?(#[a-z]{0,4})?",
            query in "\\PC{0,60}",
        ) {
            let result = location(&destination, Some(&query));
            let stored = Url::parse(&destination).unwrap();
            let sent = Url::parse(&result).unwrap();
            prop_assert!(result.bytes().all(|byte| byte.is_ascii_graphic()));
            prop_assert_eq!((stored.scheme(), stored.host_str(), stored.port(), stored.path()), (sent.scheme(), sent.host_str(), sent.port(), sent.path()));
            prop_assert_eq!(stored.fragment(), sent.fragment());
            for (position, pair) in stored.query_pairs().enumerate() {
                let kept = sent.query_pairs().nth(position);
                prop_assert_eq!(Some(pair), kept);
            }
        }
    }
}
