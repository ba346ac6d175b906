use std::{
    io::{Read, Write},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use data_service::server::Limits;
use durable::log::Durability;
use proptest::{collection::vec, prelude::*, test_runner::TestRunner};

use crate::harness::{Service, head, read_answers};

/// Waits for the server to close the connection; what it sent before is returned.
fn read_to_end(stream: &mut std::net::TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    let _reset_counts_as_closed = stream.read_to_end(&mut bytes);
    bytes
}

fn short_limits() -> Limits {
    Limits { head_timeout: Duration::from_millis(300), idle_timeout: Duration::from_millis(300), ..Limits::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_never_ends_its_head_is_cut_off() {
    let service = Service::start_with(Durability::Process, short_limits()).await;
    service.link("sale", "https://shop.example/", &[]).await;
    for start in ["", "G", "GET /sale HTTP/1.1\r\nHost: a\r\nX-Slow: ", "POST /api HTTP/1.1\r\nHost: a\r\n"] {
        let mut stream = service.connect();
        stream.write_all(start.as_bytes()).unwrap();
        let answered = read_to_end(&mut stream);
        assert!(!answered.starts_with(b"HTTP/1.1 302"), "{start:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_connection_too_many_is_told_so() {
    let service = Service::start_with(Durability::Process, Limits { connections: 2, ..Limits::default() }).await;
    service.link("sale", "https://shop.example/", &[]).await;
    let mut open: Vec<_> = (0..2).map(|_| service.connect()).collect();
    for stream in &mut open {
        stream.write_all(head("GET", "/sale", &[]).as_bytes()).unwrap();
        assert_eq!(read_answers(stream, 1, false)[0].status, 302);
    }
    let answer = read_to_end(&mut service.connect());
    assert!(answer.starts_with(b"HTTP/1.1 503"), "{}", String::from_utf8_lossy(&answer));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_asks_for_much_and_never_reads_is_cut_off() {
    let limits = Limits { connections: 1, write_timeout: Duration::from_millis(300), ..Limits::default() };
    let service = Service::start_with(Durability::Process, limits).await;
    service.link("sale", "https://shop.example/", &[]).await;
    let mut deaf = service.connect();
    deaf.write_all(head("GET", "/assets/big", &[]).repeat(300).as_bytes()).unwrap();
    // Its place is the only one.
    let mut first = [0];
    deaf.peek(&mut first).unwrap();
    let began = Instant::now();
    let mut refused = 0;
    loop {
        let mut stream = service.connect();
        let _refused_ones_are_closed = stream.write_all(head("GET", "/sale", &[("Connection", "close")]).as_bytes());
        if read_to_end(&mut stream).starts_with(b"HTTP/1.1 302") {
            break;
        }
        refused += 1;
        assert!(began.elapsed() < Duration::from_secs(10), "the client that never reads still has its place");
    }
    assert!(refused > 0, "the client that never reads had no place");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endless_head_is_refused() {
    let service = Service::start().await;
    let many_fields: String = (0..3_000).map(|number| format!("X-Header-{number}: {}\r\n", "a".repeat(40))).collect();
    let long_field = format!("X-Long: {}", "a".repeat(160_000));
    for endless in [many_fields, long_field] {
        let mut stream = service.connect();
        let text = format!("GET /sale HTTP/1.1\r\nHost: a\r\n{endless}");
        let _the_server_may_close_first = stream.write_all(text.as_bytes());
        let answer = String::from_utf8(read_to_end(&mut stream)).unwrap();
        assert!(answer.starts_with("HTTP/1.1 431 "), "{answer:?} to {}…", &text[..60]);
    }
}

/// Counts the panics of every thread and task from now on.
fn count_panics() -> Arc<AtomicUsize> {
    let panics = Arc::new(AtomicUsize::new(0));
    let counted = panics.clone();
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        counted.fetch_add(1, Ordering::Relaxed);
        report(panic);
    }));
    panics
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_requests_never_stop_the_service() {
    let service = Service::start_with_separate_lanes(short_limits()).await;
    service.link("sale", "https://shop.example/", &[]).await;
    let panics = count_panics();
    let mut runner = TestRunner::new(ProptestConfig { cases: 150, ..ProptestConfig::default() });
    let line = prop_oneof![
        Just(b"GET /sale HTTP/1.1\r\n".to_vec()),
        Just(b"GET /%ff%00?%ff=%zz HTTP/1.1\r\n".to_vec()),
        Just(b"GET /%ff%00?\xff HTTP/1.1\r\n".to_vec()),
        Just(b"POST /sale?x HTTP/1.1\r\n".to_vec()),
        vec(any::<u8>(), 0..60),
    ];
    let field = prop_oneof![
        Just(b"GET /sale HTTP/1.1\r\n".to_vec()),
        Just(b"Host: go.example.com\r\n".to_vec()),
        Just(b"Content-Length: 5\r\n".to_vec()),
        Just(b"Transfer-Encoding: chunked\r\n".to_vec()),
        Just(b"X-Forwarded-For: \xff, [::, 1.2.3.4:99999\r\n".to_vec()),
        Just(b"\r\n".to_vec()),
        Just(b"\0\0\0\0".to_vec()),
        vec(any::<u8>(), 0..60),
    ];
    let end = prop_oneof![Just(b"\r\n".to_vec()), Just(Vec::new())];
    runner
        .run(&(line, vec(field, 0..6), end), |(line, fields, end)| {
            let text = [line, fields.concat(), end].concat();
            for lane in &service.lanes {
                let mut stream = service.connect_to(*lane);
                let _the_server_may_close_first = stream.write_all(&text);
                stream.shutdown(std::net::Shutdown::Write).ok();
                let answer = read_to_end(&mut stream);
                prop_assert!(answer.is_empty() || answer.starts_with(b"HTTP/1."));
                prop_assert_eq!(panics.load(Ordering::Relaxed), 0, "a lane or a task panicked");
            }
            Ok(())
        })
        .unwrap();
    for lane in &service.lanes {
        let mut open: Vec<_> = (0..8).map(|_| service.connect_to(*lane)).collect();
        for stream in &mut open {
            stream.write_all(head("GET", "/sale", &[]).as_bytes()).unwrap();
            assert_eq!(read_answers(stream, 1, false)[0].status, 302);
        }
    }
    assert_eq!(panics.load(Ordering::Relaxed), 0, "a lane or a task panicked");
}
