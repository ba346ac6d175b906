//! The `Location` header: a stored destination plus the visitor's own query parameters.
//!
//! The host, port, path and fragment are always the destination's; a visitor's parameter never replaces one of the destination's,
//! however its name is written: names are compared the way the shop will read them (`t%61g` is `tag`, `+` is a space, case counts).
//! Campaign parameters that a visitor brings (`gclid`, `utm_…`) so reach the shop, and nothing in a request can choose where it goes.
//!
//! The first 100 parameters of a visitor are looked at, further ones are ignored: no campaign has that many, and a request must not
//! be able to buy much work with few bytes.

use std::borrow::Cow;

use url::form_urlencoded;

/// How many of a visitor's parameters are looked at.
const MAX_PARAMETERS: usize = 100;

/// Appends `query` to `destination`, into `out`. Parameters whose name the destination already has are left out, as are those after
/// the first 100; characters that have no place in a query are percent-encoded.
pub fn append_query(out: &mut Vec<u8>, destination: &str, query: Option<&str>) {
    let Some(query) = query.filter(|query| !query.is_empty()) else {
        return out.extend_from_slice(destination.as_bytes());
    };
    let (before_fragment, fragment) = match destination.find('#') {
        Some(at) => destination.split_at(at),
        None => (destination, ""),
    };
    out.extend_from_slice(before_fragment.as_bytes());
    let own = before_fragment.split_once('?').map(|(_, own)| own);
    let own_names = sorted_names(own.unwrap_or_default());
    let mut separator = match own {
        None => b'?',
        Some(_) => b'&',
    };
    let mut bare = own.is_some_and(|own| own.is_empty() || own.ends_with('&'));
    for parameter in query.split('&').filter(|parameter| !parameter.is_empty()).take(MAX_PARAMETERS) {
        if !own_names.is_empty() && own_names.binary_search(&name(parameter)).is_ok() {
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

/// The decoded names of a query's parameters, for a binary search.
fn sorted_names(query: &str) -> Vec<Cow<'_, str>> {
    let mut names: Vec<_> = form_urlencoded::parse(query.as_bytes()).map(|(name, _)| name).collect();
    names.sort_unstable();
    names
}

/// The decoded name of one parameter.
fn name(parameter: &str) -> Cow<'_, str> {
    let name = parameter.split_once('=').map_or(parameter, |(name, _)| name);
    form_urlencoded::parse(name.as_bytes()).next().map(|(name, _)| name).unwrap_or_default()
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

    #[test]
    fn a_name_written_in_another_way_is_the_same_name() {
        let stored = "https://a.example/?tag=me&two+words=1&c%61se=1";
        for query in ["t%61g=thief", "%74%61%67=thief", "tag", "two%20words=2", "two+words=2", "case=2", "c%61se=2"] {
            assert_eq!(location(stored, Some(query)), stored, "{query}");
        }
        assert_eq!(location(stored, Some("TAG=x&Case=y&t%2561g=z")), format!("{stored}&TAG=x&Case=y&t%2561g=z"));
        assert_eq!(location("https://a.example/?=1", Some("=2&x=3")), "https://a.example/?=1&x=3");
    }

    #[test]
    fn parameters_after_the_first_hundred_are_ignored() {
        let query: Vec<_> = (0..150).map(|number| format!("p{number}={number}")).collect();
        let expected = format!("https://a.example/?tag=me&{}", query[..100].join("&"));
        assert_eq!(location("https://a.example/?tag=me", Some(&query.join("&"))), expected);
        assert_eq!(location("https://a.example/", Some(&"&".repeat(10_000))), "https://a.example/");
    }

    /// Any text, or parameters that are likely to be called as the destination's are.
    fn query() -> impl Strategy<Value = String> {
        prop_oneof!["\\PC{0,60}", "((a|b|%6[1-3]|%4[1-3]|%2B|%2561|\\+|%20|%ff|é){0,3}=?[0-9]{0,2}&{0,2}){0,8}"]
    }

    proptest! {
        #[test]
        fn no_query_changes_where_a_visitor_goes(
            destination in "https?://[a-z]{1,10}\\.example(:8080)?/[a-z/%2F@:;]{0,12}(\\?(a|b|%61|\\+|%20|%FF|%C3%A9|[a-z]){0,2}=[a-z0-9]{0,4}(&(b|%62|[a-z])=[0-9])?)?(#[a-z]{0,4})?",
            query in query(),
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
            let mut added = sent.query_pairs().skip(stored.query_pairs().count());
            let overridden = added.find(|(name, _)| stored.query_pairs().any(|(own, _)| own == *name));
            prop_assert_eq!(overridden, None);
        }
    }
}
