//! Servers that want to exhaust whoever reads them, and servers that are merely broken.

use std::time::Duration;

use async_compression::{Level, tokio::write as encode};
use guard::{
    Phase, Policy,
    fetch::{FetchError, FetchErrorKind, Limits, Request, Response, TooLarge},
};
use tokio::{
    io::{AsyncWrite, AsyncWriteExt as _, DuplexStream},
    time::{Instant, sleep},
};

use crate::{
    corpus,
    world::{PUBLIC, World, answer, header, http, raw, request},
};

/// Small enough that tests are quick.
fn limits() -> Limits {
    Limits { wire_bytes: 1 << 20, body_bytes: 1 << 20, ..Limits::default() }
}

async fn fetch(world: &World, url: &str, limits: Limits) -> Result<Response, FetchError> {
    world.name("pub.hr.test", &[&[PUBLIC]]);
    world.guard(Policy::default()).fetch(Request::get(url), limits).await
}

/// Sends `head`, then `piece` with a pause after each, for ever.
async fn endless(mut stream: DuplexStream, head: &'static str, piece: &'static [u8], pause: Duration) {
    request(&mut stream).await;
    if stream.write_all(head.as_bytes()).await.is_err() {
        return;
    }
    while stream.write_all(piece).await.is_ok() {
        if !pause.is_zero() {
            sleep(pause).await;
        }
    }
}

async fn encoded(coding: &str, body: &[u8]) -> Vec<u8> {
    async fn finish(mut encoder: impl AsyncWrite + Unpin, body: &[u8]) {
        encoder.write_all(body).await.unwrap();
        encoder.shutdown().await.unwrap();
    }
    let mut bytes = Vec::new();
    let level = Level::Fastest;
    match coding {
        "gzip" => finish(encode::GzipEncoder::with_quality(&mut bytes, level), body).await,
        "deflate" => finish(encode::ZlibEncoder::with_quality(&mut bytes, level), body).await,
        "bare deflate" => finish(encode::DeflateEncoder::with_quality(&mut bytes, level), body).await,
        "br" => finish(encode::BrotliEncoder::with_quality(&mut bytes, level), body).await,
        "zstd" => finish(encode::ZstdEncoder::with_quality(&mut bytes, level), body).await,
        other => panic!("{other}"),
    }
    bytes
}

fn serving_encoded(coding: &'static str, body: Vec<u8>) -> World {
    let coding = coding.trim_start_matches("bare ");
    World::with_server(http(move |_, _| answer(200, &[("content-encoding", coding)], &body)))
}

#[tokio::test(start_paused = true)]
async fn every_row_of_the_corpus_about_exhaustion_ends_in_time_and_within_bounds() {
    let Some(rows) = corpus::rows(&["exhaustion"]) else { return };
    let zeros = vec![0; 4 << 20];
    for row in &rows {
        const OK: &str = "HTTP/1.1 200 OK\r\n\r\n";
        const MEGABYTE: &[u8] = &[b'x'; 1 << 16];
        let none = Duration::ZERO;
        let (world, expected) = match row.url().rsplit('/').next().unwrap() {
            "body-10GiB" | "text-50MiB" => {
                (World::with_server(raw(move |stream| endless(stream, OK, MEGABYTE, none))), "too_large")
            }
            "gzip-bomb" => (serving_encoded("gzip", encoded("gzip", &zeros).await), "too_large"),
            "br-bomb" => (serving_encoded("br", encoded("br", &zeros).await), "too_large"),
            "nested-gzip" => (serving_encoded("gzip, gzip, gzip", vec![1; 10]), "invalid_response"),
            "drip-1Bps" => {
                let second = Duration::from_secs(1);
                (World::with_server(raw(move |stream| endless(stream, OK, b"x", second))), "timed_out")
            }
            "headers-100MiB" => {
                const HEAD: &str = "HTTP/1.1 200 OK\r\n";
                let field = b"X-Filler: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n";
                (World::with_server(raw(move |stream| endless(stream, HEAD, field, none))), "too_large")
            }
            "tls-stall" => continue, // in `tls`, where there are certificate authorities
            "cl-lie" => {
                const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n";
                (World::with_server(raw(move |stream| endless(stream, HEAD, MEGABYTE, none))), "xxxxxxxxxx")
            }
            "chunk-endless" => {
                const HEAD: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
                (World::with_server(raw(move |stream| endless(stream, HEAD, b"4\r\nxxxx\r\n", none))), "too_large")
            }
            "http09" => {
                let server = raw(move |stream| endless(stream, "<html>hello</html>\r\n", b"", Duration::from_secs(60)));
                (World::with_server(server), "invalid_response")
            }
            // Another protocol than the one that was asked for.
            "h2-rapid-reset" => {
                const SETTINGS_AND_RESETS: &[u8] = &[0, 0, 4, 3, 0, 0, 0, 0, 1, 0, 0, 0, 8];
                let server = raw(move |stream| endless(stream, "", SETTINGS_AND_RESETS, none));
                (World::with_server(server), "invalid_response")
            }
            // Pages that only a browser suffers from.
            "mem-hog" | "dom-bomb" | "screenshot-bomb" | "websocket-flood" => continue,
            other => panic!("{other} is new in the corpus"),
        };
        let started = Instant::now();
        let got = fetch(&world, row.url(), limits()).await;
        assert!(started.elapsed() <= limits().total, "{row}");
        match got {
            Ok(got) => assert_eq!(std::str::from_utf8(&got.body), Ok(expected), "{row}"),
            Err(error) => {
                assert_eq!(error.kind.code(), expected, "{row}: {error:?}");
                assert!(error.trail.wire_bytes < limits().wire_bytes + (1 << 17), "{row}: {}", error.trail.wire_bytes);
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn every_encoding_is_read_and_none_beyond_the_limit() {
    for coding in ["gzip", "deflate", "bare deflate", "br", "zstd"] {
        let world = serving_encoded(coding, encoded(coding, b"hello hello hello").await);
        let got = fetch(&world, "http://pub.hr.test/", limits()).await.unwrap();
        assert_eq!((got.body.as_ref(), got.truncated), (&b"hello hello hello"[..], false), "{coding}");

        let world = serving_encoded(coding, encoded(coding, &vec![b'x'; 3 << 20]).await);
        let error = fetch(&world, "http://pub.hr.test/", limits()).await.unwrap_err();
        assert_eq!(error.kind, FetchErrorKind::TooLarge(TooLarge::Body), "{coding}");
        assert!(error.trail.wire_bytes < 1 << 16, "{coding}: that was no bomb");

        let got = fetch(&world, "http://pub.hr.test/", Limits { truncate: true, ..limits() }).await.unwrap();
        assert_eq!((got.body.len(), got.truncated), (1 << 20, true), "{coding}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_of_just_the_limit_is_not_too_large() {
    let limits = Limits { body_bytes: 100, ..limits() };
    for (length, fits) in [(99, true), (100, true), (101, false)] {
        let world = World::with_server(http(move |_, _| answer(200, &[], &vec![b'x'; length])));
        let got = fetch(&world, "http://pub.hr.test/", limits.clone()).await;
        assert_eq!(got.is_ok(), fits, "{length}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_came_before_the_wire_limit_is_kept_where_that_is_wanted() {
    let world = World::with_server(http(move |_, _| answer(200, &[], &vec![b'x'; 3 << 20])));
    let error = fetch(&world, "http://pub.hr.test/", limits()).await.unwrap_err();
    assert!(matches!(error.kind, FetchErrorKind::TooLarge(_)), "{error:?}");
    let truncating = Limits { truncate: true, body_bytes: 2 << 20, ..limits() };
    let got = fetch(&world, "http://pub.hr.test/", truncating).await.unwrap();
    assert!(got.truncated && got.body.len() > 1 << 19 && got.body.len() <= 1 << 20, "{}", got.body.len());
}

#[tokio::test(start_paused = true)]
async fn broken_servers_fail_by_name() {
    let broken: Vec<(&str, &'static [u8], &str)> = vec![
        ("closes at once", b"", "connection_reset"),
        ("closes in the head", b"HTTP/1.1 200 OK\r\nContent-Ty", "connection_reset"),
        ("closes in the body", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nxxx", "connection_reset"),
        ("closes in a chunk", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nxxx", "connection_reset"),
        ("no HTTP", b"220 smtp.example ESMTP\r\n", "invalid_response"),
        ("no chunk", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "invalid_response"),
        ("two lengths", b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx", "invalid_response"),
        ("no gzip", b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nxxx", "invalid_response"),
        (
            "half a gzip",
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\x00",
            "invalid_response",
        ),
        (
            "another coding",
            b"HTTP/1.1 200 OK\r\nContent-Encoding: lzma\r\nContent-Length: 1\r\n\r\nx",
            "invalid_response",
        ),
    ];
    for (what, bytes, expected) in broken {
        let world = World::with_server(raw(move |mut stream| async move {
            request(&mut stream).await;
            let _ = stream.write_all(bytes).await;
            let _ = stream.shutdown().await;
        }));
        let error = fetch(&world, "http://pub.hr.test/", limits()).await.unwrap_err();
        assert_eq!(error.kind.code(), expected, "{what}: {error:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn silence_has_a_deadline_of_its_own() {
    let world = World::with_server(raw(|mut stream| async move {
        request(&mut stream).await;
        std::future::pending::<()>().await;
    }));
    let started = Instant::now();
    let error = fetch(&world, "http://pub.hr.test/", limits()).await.unwrap_err();
    assert_eq!(error.kind, FetchErrorKind::TimedOut(Phase::FirstByte));
    assert_eq!(started.elapsed().as_secs(), 15);

    let world = World::default();
    let error = fetch(&world, "http://pub.hr.test/", limits()).await.unwrap_err();
    assert_eq!(error.kind, FetchErrorKind::ConnectionRefused);
}

#[tokio::test(start_paused = true)]
async fn a_request_says_who_and_what_and_nothing_else() {
    let world = World::with_server(http(|head, body| {
        let names: Vec<&str> =
            head.lines().skip(1).filter_map(|line| line.split_once(':')).map(|(name, _)| name).collect();
        let text = format!("{} {} {}", names.join(","), header(head, "host").unwrap(), String::from_utf8_lossy(body));
        answer(200, &[], text.as_bytes())
    }));
    world.name("pub.hr.test", &[&[PUBLIC]]);
    let guard = world.guard(Policy::default());
    let request = Request::post("http://pub.hr.test:8080/hook?a=b#c", "body");
    let got = guard.fetch(request, limits()).await.unwrap();
    assert_eq!(got.body, "host,accept-encoding,connection,content-length pub.hr.test:8080 body");
}

#[tokio::test(start_paused = true)]
async fn headers_of_the_connection_are_not_the_callers() {
    let world = World::with_server(http(|_, _| answer(200, &[], b"")));
    world.name("pub.hr.test", &[&[PUBLIC]]);
    let guard = world.guard(Policy::default());
    for name in ["host", "content-length", "transfer-encoding", "connection", "upgrade", "proxy-authorization"] {
        let request = Request::get("http://pub.hr.test/").header(name.parse().unwrap(), "x".parse().unwrap());
        let error = guard.fetch(request, limits()).await.unwrap_err();
        assert!(matches!(error.kind, FetchErrorKind::InvalidRequest(_)), "{name}: {error:?}");
    }
    let error = guard.fetch(Request::new(http::Method::CONNECT, "http://pub.hr.test/"), limits()).await.unwrap_err();
    assert!(matches!(error.kind, FetchErrorKind::InvalidRequest(_)));
    assert!(world.dialled().is_empty());
}
