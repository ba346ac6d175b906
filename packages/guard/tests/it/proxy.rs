//! The browser's proxy: what passes, what does not, and what is written down.

use std::{sync::Arc, time::Duration};

use guard::{
    ConnectError, Guard, Outcome, Phase, Policy, Refusal, Via,
    proxy::{Egress, EgressError, EgressOptions, Listen},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpStream, UnixStream},
};

use crate::{
    corpus,
    world::{PUBLIC, World, answer, header, http, path, raw, request},
};

const PAGE: &str = "https://pub.hr.test/";

fn world() -> World {
    let world = World::with_server(http(|head, body| {
        let text = format!("{} {}", path(head), String::from_utf8_lossy(body));
        answer(200, &[("connection", "x-hop"), ("x-hop", "1"), ("x-kept", "1")], text.as_bytes())
    }));
    world.name("pub.hr.test", &[&[PUBLIC]]);
    world
}

async fn listen(guard: &Guard, change: impl FnOnce(&mut EgressOptions)) -> Egress {
    let mut options = EgressOptions::new(PAGE);
    change(&mut options);
    guard.egress(&[Listen::Loopback(0)], options).await.unwrap()
}

async fn open(egress: &Egress) -> TcpStream {
    TcpStream::connect(egress.addresses()[0]).await.unwrap()
}

/// Sends these bytes and reads until the proxy closes.
async fn exchange(mut stream: impl AsyncRead + AsyncWrite + Unpin, bytes: &str) -> String {
    stream.write_all(bytes.as_bytes()).await.unwrap();
    let mut got = Vec::new();
    // A cut connection is an answer too.
    let _ = stream.read_to_end(&mut got).await;
    String::from_utf8_lossy(&got).into_owned()
}

async fn get(egress: &Egress, url: &str) -> String {
    let host = url.split('/').nth(2).unwrap_or_default();
    exchange(open(egress).await, &format!("GET {url} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")).await
}

async fn connect(egress: &Egress, authority: &str) -> String {
    let request = format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n");
    exchange(open(egress).await, &request).await
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
}

#[tokio::test]
async fn a_request_is_passed_on_without_what_was_for_the_proxy() {
    let world = World::with_server(http(|head, body| {
        let names: Vec<&str> =
            head.lines().skip(1).filter_map(|line| line.split_once(':')).map(|(name, _)| name).collect();
        let text = format!("{}|{}|{}", path(head), header(head, "host").unwrap(), String::from_utf8_lossy(body));
        answer(200, &[("x-names", &names.join(",")), ("connection", "x-hop"), ("x-hop", "1")], text.as_bytes())
    }));
    world.name("pub.hr.test", &[&[PUBLIC]]);
    let egress = listen(&world.guard(Policy::default()), |_| {}).await;
    let got = exchange(
        open(&egress).await,
        "POST http://pub.hr.test:8080/form?a=b HTTP/1.1\r\nHost: 127.0.0.1\r\nProxy-Authorization: Basic eA==\r\n\
         Proxy-Connection: keep-alive\r\nX-Private: 1\r\nX-Kept: 1\r\nConnection: close, X-Private\r\nContent-Length: 3\r\n\r\na=b",
    )
    .await;
    assert_eq!(status(&got), 200, "{got}");
    assert!(got.ends_with("/form?a=b|pub.hr.test:8080|a=b"), "{got}");
    assert!(got.contains("x-names: host,x-kept,content-length,connection\r\n"), "{got}");
    assert!(!got.contains("x-hop"), "{got}");

    let records = egress.close().await;
    assert_eq!(records.len(), 1);
    let record = &records[0];
    assert_eq!((record.via, record.host.as_str(), record.port), (Via::ProxyRequest, "pub.hr.test", 8080));
    assert_eq!(record.address, Some(format!("{PUBLIC}:8080").parse().unwrap()));
    assert_eq!(record.outcome, Outcome::Connected);
    assert!(record.sent > 50 && record.received > 50, "{record:?}");
}

#[tokio::test]
async fn a_tunnel_goes_both_ways_through_a_unix_socket() {
    let world = World::with_server(raw(|mut stream| async move {
        let mut bytes = [0; 4];
        stream.read_exact(&mut bytes).await.unwrap();
        bytes.reverse();
        stream.write_all(&bytes).await.unwrap();
    }));
    world.name("pub.hr.test", &[&[PUBLIC]]);
    let directory = tempfile::tempdir().unwrap();
    let socket = directory.path().join("proxy");
    let listen = [Listen::Unix(socket.clone()), Listen::Loopback(0)];
    let egress = world.guard(Policy::default()).egress(&listen, EgressOptions::new(PAGE)).await.unwrap();
    let mut stream = UnixStream::connect(&socket).await.unwrap();
    stream.write_all(b"CONNECT pub.hr.test:443 HTTP/1.1\r\nHost: pub.hr.test:443\r\n\r\n").await.unwrap();
    let mut head = [0; 12];
    stream.read_exact(&mut head).await.unwrap();
    assert_eq!(&head, b"HTTP/1.1 200");
    let mut byte = [0];
    let mut seen = Vec::new();
    while !seen.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).await.unwrap();
        seen.push(byte[0]);
    }
    assert_eq!(exchange(stream, "abcd").await, "dcba");
    assert_eq!(status(&get(&egress, "http://127.0.0.1/").await), 403);

    let records = egress.close().await;
    assert_eq!((records[0].via, records[0].sent, records[0].received), (Via::Tunnel, 4, 4));
    assert!(!socket.exists());
}

#[tokio::test]
async fn what_the_guard_refuses_is_answered_403_and_written_down() {
    let world = world();
    world.name("inside.test", &[&["10.0.0.1"]]).name("own.test", &[&[PUBLIC]]);
    let egress = listen(&world.guard(Policy::default().own_host("own.test").unwrap()), |_| {}).await;
    for (authority, code) in [
        ("127.0.0.1:443", "loopback_address"),
        ("[::1]:443", "loopback_address"),
        ("[::ffff:127.0.0.1]:443", "reserved_address"),
        ("169.254.169.254:80", "metadata_address"),
        ("2130706433:80", "loopback_address"),
        ("localhost:443", "internal_name"),
        ("pub.hr.test:22", "port_not_allowed"),
        ("inside.test:443", "private_address"),
        ("own.test:443", "own_host"),
        ("update.googleapis.com:443", "browser_vendor"),
        ("r3---sn-xyz.gvt1.com:443", "browser_vendor"),
    ] {
        assert_eq!(status(&connect(&egress, authority).await), 403, "{authority}");
        let record = egress.records().pop().unwrap();
        assert!(authority.starts_with(&record.host) && !record.host.is_empty(), "{authority}: {record:?}");
        let Outcome::Refused(refusal) = record.outcome else { panic!("{authority}: {record:?}") };
        assert_eq!(refusal.code(), code, "{authority}");
    }
    for (url, code) in [
        ("http://127.0.0.1/x?secret", "loopback_address"),
        ("http://0x7f.1:8098/hex", "loopback_address"),
        ("http://metadata.google.internal/", "metadata_name"),
        ("https://pub.hr.test/", "scheme_not_allowed"),
        ("ftp://pub.hr.test/", "scheme_not_allowed"),
        ("/path", "missing_scheme"),
        ("http://user@pub.hr.test/", "credentials"),
    ] {
        assert_eq!(status(&get(&egress, url).await), 403, "{url}");
        let record = egress.records().pop().unwrap();
        let Outcome::Refused(refusal) = &record.outcome else { panic!("{url}: {record:?}") };
        assert_eq!(refusal.code(), code, "{url}");
        assert!(!format!("{record:?}").contains("secret"));
    }
    assert!(world.dialled().is_empty(), "{:?}", world.dialled());
}

/// What a page of the corpus asks for behind the browser's back; other ways than these do not lead through a proxy at all.
#[tokio::test]
async fn inner_requests_of_the_corpus_stay_inside() {
    let Some(rows) = corpus::rows(&["subresource"]) else { return };
    let world = world();
    let guard = world.guard(Policy::default());
    for row in &rows {
        let egress = guard.egress(&[Listen::Loopback(0)], EgressOptions::new(row.url())).await.unwrap();
        for inner in ["http://127.0.0.1/", "http://127.0.0.1:8098/", "http://169.254.169.254/latest/meta-data/"] {
            assert_eq!(status(&get(&egress, inner).await), 403, "{row}");
        }
        for inner in ["127.0.0.1:443", "127.0.0.1:8098", "169.254.169.254:80"] {
            assert_eq!(status(&connect(&egress, inner).await), 403, "{row}");
        }
        assert_eq!(egress.close().await.len(), 6);
    }
    assert!(world.dialled().is_empty());
}

#[tokio::test]
async fn a_name_that_changes_while_the_page_is_open_is_checked_again() {
    let world = world();
    world.name("rebind.test", &[&[PUBLIC], &["127.0.0.1"]]);
    let egress = listen(&world.guard(Policy::default()), |_| {}).await;
    assert_eq!(status(&get(&egress, "http://rebind.test/").await), 200);
    assert_eq!(status(&get(&egress, "http://rebind.test/").await), 403);
    assert_eq!(world.dialled().len(), 1);
}

#[tokio::test]
async fn of_private_places_only_the_page_itself_is_reached() {
    let world = World::default();
    world.server("127.0.0.1", http(|_, _| answer(200, &[], b"shop")));
    let guard = world.guard(Policy::default().allow_private(true));
    let options = EgressOptions::new("http://127.0.0.1:8099/p/o48");
    let egress = guard.egress(&[Listen::Loopback(0)], options).await.unwrap();
    assert_eq!(status(&get(&egress, "http://127.0.0.1:8099/p/o48").await), 200);
    for url in ["http://127.0.0.1:8098/img", "http://localhost:8098/l", "http://[::1]:8098/6", "http://0.0.0.0:8098/0"]
    {
        assert_eq!(status(&get(&egress, url).await), 403, "{url}");
    }
    assert_eq!(world.dialled(), ["127.0.0.1:8099".parse().unwrap()]);
}

#[tokio::test]
async fn a_page_that_is_refused_gets_no_proxy() {
    let guard = world().guard(Policy::default());
    let refused = guard.egress(&[Listen::Loopback(0)], EgressOptions::new("http://10.0.0.1/")).await;
    assert!(matches!(refused, Err(EgressError::Refused(Refusal::PrivateAddress { .. }))));
    let nowhere = Listen::Unix("/nonexistent/proxy".into());
    assert!(matches!(guard.egress(&[nowhere], EgressOptions::new(PAGE)).await, Err(EgressError::Listen(_))));
}

#[tokio::test]
async fn what_cannot_be_reached_is_told_apart_from_what_is_refused() {
    let world = world();
    world.name("dead.test", &[&["93.184.215.99"]]).name("slow.test", &[&[PUBLIC]]);
    world.delay("slow.test", Duration::from_secs(30));
    let egress = listen(&world.guard(Policy::default()), |options| options.look_up = Duration::from_millis(20)).await;
    for (host, expected_status, expected) in [
        ("nowhere.test", 502, ConnectError::NameNotFound),
        ("dead.test", 502, ConnectError::ConnectionRefused),
        ("slow.test", 504, ConnectError::TimedOut(Phase::LookUp)),
    ] {
        assert_eq!(status(&connect(&egress, &format!("{host}:443")).await), expected_status, "{host}");
        let record = egress.records().pop().unwrap();
        assert_eq!((record.host.as_str(), record.outcome), (host, Outcome::Failed(expected)));
    }
}

#[tokio::test]
async fn an_answer_that_is_none_is_written_down() {
    for (bytes, expected) in
        [(&b"220 smtp.example ESMTP\r\n"[..], ConnectError::InvalidResponse), (b"", ConnectError::ConnectionReset)]
    {
        let world = World::with_server(raw(move |mut stream| async move {
            request(&mut stream).await;
            let _ = stream.write_all(bytes).await;
        }));
        world.name("pub.hr.test", &[&[PUBLIC]]);
        let egress = listen(&world.guard(Policy::default()), |_| {}).await;
        let got = get(&egress, "http://pub.hr.test/").await;
        assert_eq!(status(&got), 502, "{got}");
        let record = egress.records().pop().unwrap();
        assert_eq!((record.outcome, record.address.is_some()), (Outcome::Failed(expected), true));
    }
}

#[tokio::test]
async fn a_page_gets_no_more_bytes_than_it_may() {
    let world = World::with_server(raw(|mut stream| async move {
        request(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
        while stream.write_all(&[b'x'; 16 * 1024]).await.is_ok() {}
    }));
    world.name("pub.hr.test", &[&[PUBLIC]]);
    let egress = listen(&world.guard(Policy::default()), |options| options.max_bytes = 1 << 20).await;
    let got = get(&egress, "http://pub.hr.test/").await;
    assert!(got.len() > 1 << 19 && got.len() < (1 << 20) + (1 << 16), "{}", got.len());
    assert!(egress.is_over_bytes() && egress.bytes() < (1 << 20) + (1 << 17));
    assert_eq!(status(&connect(&egress, "pub.hr.test:443").await), 503);
    assert_eq!(egress.records().pop().unwrap().outcome, Outcome::OverLimit);
}

#[tokio::test]
async fn a_page_makes_no_more_connections_than_it_may() {
    let world = world();
    let egress = listen(&world.guard(Policy::default()), |options| options.max_connections = 3).await;
    let mut statuses = Vec::new();
    for _ in 0..5 {
        statuses.push(status(&get(&egress, "http://pub.hr.test/").await));
    }
    assert_eq!(statuses, [200, 200, 200, 503, 503]);
    assert_eq!(world.dialled().len(), 3);
}

#[tokio::test]
async fn the_log_does_not_grow_for_ever() {
    let egress = listen(&world().guard(Policy::default()), |_| {}).await;
    let mut stream = open(&egress).await;
    for _ in 0..1_010 {
        stream.write_all(b"GET http://10.0.0.1/ HTTP/1.1\r\nHost: 10.0.0.1\r\n\r\n").await.unwrap();
        let mut chunk = [0; 4_096];
        assert!(stream.read(&mut chunk).await.unwrap() > 0);
    }
    assert!(egress.records().len() == 1_000 && egress.records_left_out() >= 10);
}

#[tokio::test]
async fn nothing_outlives_the_deadline_nor_the_end() {
    let silent = || {
        let world = World::with_server(raw(|stream| async move {
            std::future::pending::<()>().await;
            drop(stream);
        }));
        world.name("pub.hr.test", &[&[PUBLIC]]);
        world
    };
    let guard = silent().guard(Policy::default());
    let egress = listen(&guard, |options| options.deadline = Duration::from_millis(100)).await;
    let tunnel = connect(&egress, "pub.hr.test:443").await;
    assert_eq!(status(&tunnel), 200);
    // The listener is gone as well.
    assert!(egress.close().await.len() == 1);

    let egress = Arc::new(listen(&guard, |_| {}).await);
    let address = egress.addresses()[0];
    let mut tasks = tokio::task::JoinSet::new();
    let stream = open(&egress).await;
    tasks.spawn(exchange(stream, "CONNECT pub.hr.test:443 HTTP/1.1\r\nHost: pub.hr.test:443\r\n\r\n"));
    while egress.records().is_empty() {
        tokio::task::yield_now().await;
    }
    drop(egress);
    tasks.join_next().await.unwrap().unwrap();
    while TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn what_is_no_request_is_answered_and_harmless() {
    let egress = listen(&world().guard(Policy::default()), |_| {}).await;
    assert_eq!(status(&exchange(open(&egress).await, "nonsense\r\n\r\n").await), 400);
    let long = format!("GET http://pub.hr.test/{} HTTP/1.1\r\n\r\n", "x".repeat(1 << 20));
    assert!(matches!(status(&exchange(open(&egress).await, &long).await), 0 | 400 | 414 | 431));
    assert_eq!(status(&get(&egress, "http://pub.hr.test/").await), 200);
}
