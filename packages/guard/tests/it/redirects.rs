//! Redirects: each hop checked, none followed for ever, nothing told to strangers.

use std::sync::{Arc, Mutex};

use guard::{
    Policy, Refusal,
    fetch::{FetchErrorKind, Hop, Limits, Request, TooLarge},
};
use http::{HeaderName, HeaderValue, header};

use crate::{
    corpus::{self, Row},
    world::{PUBLIC, World, answer, header as header_of, http, path},
};

/// A world with a server that gives these answers in turn, the last one for ever if it redirects in a circle, else a page.
fn scripted(row: &Row) -> World {
    let script: Vec<(u16, String)> = row
        .field("redirects")
        .as_array()
        .unwrap()
        .iter()
        .map(|hop| (u16::try_from(hop[0].as_u64().unwrap()).unwrap(), hop[1].as_str().unwrap().to_owned()))
        .collect();
    let circles = row.text("note").contains("bounded");
    let asked = Mutex::new(0);
    World::with_server(http(move |_, _| {
        let mut asked = asked.lock().unwrap();
        let at = if circles { *asked % script.len() } else { *asked };
        *asked += 1;
        match script.get(at) {
            Some((200, refresh)) => answer(200, &[("refresh", refresh.strip_prefix("Refresh: ").unwrap())], b"page"),
            Some((status, location)) => {
                let location = location.replace("<1MiB>", &"x".repeat(1 << 20));
                answer(*status, &[("location", &location)], b"moved")
            }
            None => answer(200, &[], b"page"),
        }
    }))
}

#[tokio::test(start_paused = true)]
async fn every_row_of_the_corpus_about_redirects_ends_where_it_must() {
    let Some(rows) = corpus::rows(&["redirect"]) else { return };
    for row in &rows {
        let world = scripted(row);
        world.name("pub.hr.test", &[&[PUBLIC]]).name("priv.hr.test", &[&["10.0.0.5"]]);
        let guard = world.guard(Policy::default());
        let got = guard.fetch(Request::get(row.url()), Limits::default()).await;
        assert!(
            world.dialled().iter().all(|address| address.ip().to_string() == PUBLIC),
            "{row}: {:?}",
            world.dialled()
        );
        assert!(world.dialled().len() <= 11, "{row}");
        match got {
            Ok(got) if row.text("note").starts_with("Refresh") => {
                assert_eq!((got.status.as_u16(), world.dialled().len()), (200, 1), "{row}");
            }
            Ok(got) => assert!(row.must_be_allowed() && got.body == "page", "{row}: {got:?}"),
            // There is no certificate authority here: as far as the https page it came.
            Err(error) if row.must_be_allowed() => {
                assert!(matches!(error.kind, FetchErrorKind::Local(_)), "{row}: {error:?}");
                assert_eq!(error.trail.url, "https://pub.hr.test/", "{row}");
            }
            Err(error) => assert!(
                matches!(
                    error.kind,
                    FetchErrorKind::Refused(_)
                        | FetchErrorKind::InvalidResponse(_)
                        | FetchErrorKind::RedirectLoop
                        | FetchErrorKind::TooLarge(TooLarge::Head)
                ),
                "{row}: {error:?}"
            ),
        }
    }
}

/// Heads and bodies, in the order they came.
type Requests = Arc<Mutex<Vec<(String, Vec<u8>)>>>;

/// A world of hosts `a.test`, `b.test` and `c.test` on one server, which answers by host and path, and the requests it got.
fn hosts(respond: impl Fn(&str, &str) -> Vec<u8> + Send + Sync + 'static) -> (World, Requests) {
    let requests = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&requests);
    let world = World::with_server(http(move |head, body| {
        kept.lock().unwrap().push((head.to_owned(), body.to_vec()));
        respond(header_of(head, "host").unwrap(), path(head))
    }));
    world.name("a.test", &[&[PUBLIC]]).name("b.test", &[&[PUBLIC]]).name("c.test", &[&["10.0.0.1"]]);
    (world, requests)
}

fn redirect(status: u16, location: &str) -> Vec<u8> {
    answer(status, &[("location", location)], b"")
}

#[tokio::test(start_paused = true)]
async fn the_trail_tells_the_whole_way() {
    let (world, _) = hosts(|host, path| match (host, path) {
        ("a.test", "/") => redirect(301, "/here?x=1#there"),
        ("a.test", _) => redirect(302, "//b.test/"),
        _ => answer(404, &[], b"gone"),
    });
    let got = world.guard(Policy::default()).fetch(Request::get("http://a.test"), Limits::default()).await.unwrap();
    let hop = |url: &str, status| Hop { url: url.to_owned(), status };
    assert_eq!(got.trail.redirects, [hop("http://a.test/", 301), hop("http://a.test/here?x=1", 302)]);
    assert_eq!((got.status.as_u16(), got.trail.url.as_str()), (404, "http://b.test/"));
    let hosts: Vec<&str> = got.trail.connections.iter().map(|connection| connection.host.as_str()).collect();
    assert_eq!(hosts, ["a.test", "a.test", "b.test"]);
    assert!(got.trail.wire_bytes > 100);
}

#[tokio::test(start_paused = true)]
async fn a_refused_hop_is_told_with_the_way_there() {
    let (world, _) = hosts(|_, _| redirect(302, "http://c.test/secret"));
    let guard = world.guard(Policy::default());
    let error = guard.fetch(Request::get("http://a.test/"), Limits::default()).await.unwrap_err();
    let refusal = Refusal::PrivateAddress { address: "10.0.0.1".parse().unwrap() };
    assert_eq!(error.kind, FetchErrorKind::Refused(refusal));
    assert_eq!(error.kind.code(), "refused_by_guard");
    assert_eq!(error.trail.url, "http://c.test/secret");
    assert_eq!(error.trail.redirects, [Hop { url: "http://a.test/".to_owned(), status: 302 }]);
}

#[tokio::test(start_paused = true)]
async fn circles_are_told_from_long_ways() {
    let (world, requests) = hosts(|host, path| match host {
        "a.test" => redirect(302, if path == "/1" { "/2" } else { "/1" }),
        _ => redirect(302, &format!("{path}x")),
    });
    let guard = world.guard(Policy::default());
    let error = guard.fetch(Request::get("http://a.test/1"), Limits::default()).await.unwrap_err();
    assert_eq!(error.kind, FetchErrorKind::RedirectLoop);
    assert_eq!(requests.lock().unwrap().len(), 11);
    let error = guard.fetch(Request::get("http://b.test/"), Limits::default()).await.unwrap_err();
    assert_eq!(error.kind, FetchErrorKind::TooManyRedirects { limit: 10 });
}

#[tokio::test(start_paused = true)]
async fn a_page_that_leads_back_to_itself_until_it_sees_its_cookie_is_reached() {
    let requests = Arc::new(Mutex::new(0));
    let count = Arc::clone(&requests);
    let world = World::with_server(http(move |head, _| {
        *count.lock().unwrap() += 1;
        match header_of(head, "cookie") {
            Some("seen=1") => answer(200, &[], b"welcome"),
            _ => answer(302, &[("location", "/"), ("set-cookie", "seen=1; Path=/; HttpOnly")], b""),
        }
    }));
    world.name("a.test", &[&[PUBLIC]]);
    let got = world.guard(Policy::default()).fetch(Request::get("http://a.test/"), Limits::default()).await.unwrap();
    assert_eq!((got.body.as_ref(), *requests.lock().unwrap()), (&b"welcome"[..], 2));
}

#[tokio::test(start_paused = true)]
async fn another_host_gets_no_secrets() {
    let (world, requests) = hosts(|host, _| match host {
        "a.test" => redirect(307, "http://b.test/"),
        _ => answer(200, &[], b""),
    });
    let request = Request::post("http://a.test/", "{}")
        .header(header::AUTHORIZATION, HeaderValue::from_static("Bearer secret"))
        .header(HeaderName::from_static("webhook-signature"), HeaderValue::from_static("v1,secret"))
        .header(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))
        .header(header::USER_AGENT, HeaderValue::from_static("test"));
    world.guard(Policy::default()).fetch(request, Limits::default()).await.unwrap();
    let requests = requests.lock().unwrap();
    assert!(requests[0].0.contains("Bearer secret") && requests[0].0.contains("v1,secret"));
    assert!(requests[1].0.starts_with("POST / HTTP/1.1\r\n") && requests[1].1 == b"{}");
    assert!(!requests[1].0.contains("secret"), "{}", requests[1].0);
    assert_eq!(header_of(&requests[1].0, "content-type"), Some("application/json"));
}

#[tokio::test(start_paused = true)]
async fn a_post_becomes_a_get_where_browsers_make_it_one() {
    for (status, expected) in [(301, "GET"), (302, "GET"), (303, "GET"), (307, "POST"), (308, "POST")] {
        let (world, requests) = hosts(move |_, path| match path {
            "/" => redirect(status, "/next"),
            _ => answer(200, &[], b""),
        });
        let request = Request::post("http://a.test/", "body");
        world.guard(Policy::default()).fetch(request, Limits::default()).await.unwrap();
        let requests = requests.lock().unwrap();
        assert!(requests[1].0.starts_with(expected), "{status}");
        assert_eq!(requests[1].1.is_empty(), expected == "GET", "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn redirects_are_the_answer_where_none_are_followed() {
    let (world, requests) = hosts(|_, _| answer(302, &[("location", "http://c.test/")], b"moved"));
    let limits = Limits { redirects: None, ..Limits::default() };
    let got = world.guard(Policy::default()).fetch(Request::get("http://a.test/"), limits).await.unwrap();
    assert_eq!((got.status.as_u16(), got.body.as_ref()), (302, &b"moved"[..]));
    assert!(got.trail.redirects.is_empty());
    assert_eq!(requests.lock().unwrap().len(), 1);
    let limits = Limits { redirects: Some(0), ..Limits::default() };
    let error = world.guard(Policy::default()).fetch(Request::get("http://a.test/"), limits).await.unwrap_err();
    assert_eq!(error.kind, FetchErrorKind::TooManyRedirects { limit: 0 });
}

#[tokio::test(start_paused = true)]
async fn a_private_page_that_the_user_typed_leads_nowhere_else_that_is_private() {
    let world = World::default();
    world.server("127.0.0.1", http(|_, _| redirect(302, "http://127.0.0.1:8098/secret")));
    let guard = world.guard(Policy::default().allow_private(true));
    let error = guard.fetch(Request::get("http://127.0.0.1:8099/p/o49"), Limits::default()).await.unwrap_err();
    let refusal = Refusal::LoopbackAddress { address: "127.0.0.1".parse().unwrap() };
    assert_eq!(error.kind, FetchErrorKind::Refused(refusal));
    assert_eq!(world.dialled(), ["127.0.0.1:8099".parse().unwrap()]);
}
