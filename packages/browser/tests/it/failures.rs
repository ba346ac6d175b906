//! What is wrong with a destination has a name.

use std::sync::Arc;

use browser::{BrowserConfig, Limits, RenderError, Renderer as _, StartError};
use guard::{Guard, Policy};
use judge::snapshot::{NetworkFailure, Outcome};
use tokio::{io::AsyncWriteExt as _, net::TcpListener, task::JoinSet};

use crate::{
    TestRenderer,
    pages::serve_raw,
    shop::{Shop, free_port},
};

fn failure(outcome: &Outcome) -> NetworkFailure {
    match outcome {
        Outcome::Unreachable { failure, .. } => *failure,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_the_guard_refuses_is_told_as_refused() {
    let Some(shop) = Shop::start() else { return };
    let strict = TestRenderer::behind(Guard::new(Policy::default()).unwrap(), |_| ());
    for (url, reason) in [
        (shop.page("o01").as_str(), "loopback_address"),
        ("file:///etc/passwd", "scheme_not_allowed"),
        ("http://169.254.169.254/latest/meta-data/", "metadata_address"),
    ] {
        let seen = strict.look(url).await;
        assert_eq!(seen.snapshot.outcome, Outcome::Refused { reason: reason.to_owned() }, "{url}");
        assert!(seen.screenshot.is_none() && seen.snapshot.blocks.is_empty());
    }
    strict.renderer.shutdown().await;
}

#[tokio::test]
async fn a_redirect_of_the_page_to_a_private_address_is_refused() {
    let address = serve_raw(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<p>wait</p><script>setTimeout(() => location = 'http://127.0.0.1:8098/secret', 100)</script>".to_owned(),
    );
    let browser = TestRenderer::new();
    let seen = browser.look(&format!("http://{address}/")).await;
    assert_eq!(seen.snapshot.outcome, Outcome::Refused { reason: "loopback_address".to_owned() });
    assert_eq!(seen.snapshot.redirects.len(), 1);
    assert_eq!(seen.snapshot.redirects[0].status, None);
    browser.renderer.shutdown().await;
}

#[tokio::test]
async fn dead_hosts_bad_answers_and_other_files_have_names() {
    let browser = TestRenderer::new();
    let dead = browser.look(&format!("http://127.0.0.1:{}/", free_port())).await;
    assert_eq!(failure(&dead.snapshot.outcome), NetworkFailure::ConnectionRefused);
    let dead = browser.look(&format!("https://127.0.0.1:{}/", free_port())).await;
    assert_eq!(failure(&dead.snapshot.outcome), NetworkFailure::ConnectionRefused);

    let pdf = serve_raw(
        "HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\nContent-Length: 5\r\nConnection: close\r\n\r\n%PDF-"
            .to_owned(),
    );
    assert_eq!(browser.look(&format!("http://{pdf}/")).await.snapshot.outcome, Outcome::NotAPage);
    let download = serve_raw("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Disposition: attachment\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello".to_owned());
    assert_eq!(browser.look(&format!("http://{download}/")).await.snapshot.outcome, Outcome::NotAPage);
    let picture = serve_raw(
        "HTTP/1.1 200 OK\r\nContent-Type: image/gif\r\nContent-Length: 6\r\nConnection: close\r\n\r\nGIF89a".to_owned(),
    );
    assert_eq!(browser.look(&format!("http://{picture}/")).await.snapshot.outcome, Outcome::NotAPage);

    let empty = serve_raw("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_owned());
    let seen = browser.look(&format!("http://{empty}/")).await.snapshot;
    assert_eq!((seen.outcome, seen.http_status), (Outcome::Loaded, Some(404)));
    // The destination's own 502 is not the guard's.
    let bad_gateway = serve_raw("HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 9\r\nConnection: close\r\n\r\n<p>no</p>".to_owned());
    let seen = browser.look(&format!("http://{bad_gateway}/")).await.snapshot;
    assert_eq!((seen.outcome, seen.http_status), (Outcome::Loaded, Some(502)));
    browser.renderer.shutdown().await;
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_a_tls_failure() {
    let certified = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut server = JoinSet::new();
    server.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if let Ok(mut stream) = acceptor.accept(stream).await {
                let _given_up = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
            }
        }
    });
    let browser = TestRenderer::new();
    let seen = browser.look(&format!("https://{address}/")).await;
    assert_eq!(failure(&seen.snapshot.outcome), NetworkFailure::Tls, "{:?}", seen.snapshot.outcome);
    browser.renderer.shutdown().await;
}

#[tokio::test]
async fn a_missing_browser_is_our_own_failure() {
    let browser = TestRenderer::with(|config: &mut BrowserConfig| config.program = Some("/nowhere/chromium".into()));
    let looked = browser.renderer.render("http://127.0.0.1:1/", &Limits::default(), None).await;
    assert!(matches!(looked, Err(RenderError::Start(StartError::NotInstalled))), "{looked:?}");
    browser.renderer.shutdown().await;
}
