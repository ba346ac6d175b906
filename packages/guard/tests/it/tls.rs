//! TLS: what is wrong with a certificate is told apart from everything else.

use std::sync::Arc;

use guard::{
    Guard, Phase, Policy, TlsFailure,
    fetch::{FetchErrorKind, Limits, Request},
};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    time::Instant,
};
use tokio_rustls::TlsAcceptor;

use crate::world::{PUBLIC, World, answer, http, raw};

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority(name: &str) -> Authority {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A certificate for `shop.test` by this authority, changed by `change`.
fn acceptor(authority: &Authority, change: impl FnOnce(&mut CertificateParams)) -> TlsAcceptor {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["shop.test".to_owned()]).unwrap();
    change(&mut params);
    let certificate = params.signed_by(&key, authority).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

fn world(acceptor: TlsAcceptor) -> World {
    let world = World::with_server(raw(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            let mut bytes = [0; 1_024];
            let _ = stream.read(&mut bytes).await;
            let _ = stream.write_all(&answer(200, &[], b"secure")).await;
            let _ = stream.shutdown().await;
        }
    }));
    world.name("shop.test", &[&[PUBLIC]]).name("other.test", &[&[PUBLIC]]);
    world
}

fn guard(world: &World, trusted: &Authority) -> Guard {
    Guard::builder(Policy::default())
        .resolver(Arc::new(world.clone()))
        .dialer(Arc::new(world.clone()))
        .certificate_authorities(vec![CertificateDer::from(trusted.der().to_vec())])
        .build()
        .unwrap()
}

#[tokio::test]
async fn a_trusted_server_is_read() {
    let authority = authority("ours");
    let world = world(acceptor(&authority, |_| {}));
    let got = guard(&world, &authority).fetch(Request::get("https://shop.test/"), Limits::default()).await.unwrap();
    assert_eq!(got.body, "secure");
    assert_eq!(world.dialled(), [format!("{PUBLIC}:443").parse().unwrap()]);
}

#[tokio::test]
async fn what_is_wrong_with_a_certificate_has_a_name() {
    let ours = authority("ours");
    let cases: Vec<(TlsAcceptor, &str, TlsFailure)> = vec![
        (acceptor(&ours, |params| params.not_after = date_time_ymd(2020, 1, 1)), "shop.test", TlsFailure::Expired),
        (acceptor(&ours, |params| params.not_before = date_time_ymd(3000, 1, 1)), "shop.test", TlsFailure::NotYetValid),
        (acceptor(&ours, |_| {}), "other.test", TlsFailure::WrongHost),
        (acceptor(&authority("theirs"), |_| {}), "shop.test", TlsFailure::UnknownIssuer),
    ];
    for (acceptor, host, expected) in cases {
        let world = world(acceptor);
        let url = format!("https://{host}/");
        let error = guard(&world, &ours).fetch(Request::get(url), Limits::default()).await.unwrap_err();
        assert_eq!(error.kind, FetchErrorKind::Tls(expected), "{host}");
        assert_eq!(error.kind.code(), "tls_error");
    }
}

#[tokio::test]
async fn a_server_without_tls_and_a_machine_without_authorities_are_told_apart() {
    let authority = authority("ours");
    let world = World::with_server(http(|_, _| answer(400, &[], b"speak up")));
    world.name("shop.test", &[&[PUBLIC]]);
    let plain = raw(|mut stream| async move {
        let mut byte = [0];
        let _ = stream.read(&mut byte).await;
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    });
    world.server(PUBLIC, plain);
    let fetch =
        async |guard: Guard| guard.fetch(Request::get("https://shop.test/"), Limits::default()).await.unwrap_err().kind;
    assert_eq!(fetch(guard(&world, &authority)).await, FetchErrorKind::Tls(TlsFailure::NotTls));
    let without = world.guard(Policy::default());
    assert!(!without.has_certificate_authorities());
    assert!(matches!(fetch(without).await, FetchErrorKind::Local(_)));
}

#[tokio::test(start_paused = true)]
async fn a_stalled_handshake_has_a_deadline() {
    let authority = authority("ours");
    let world = World::with_server(raw(|stream| async move {
        std::future::pending::<()>().await;
        drop(stream);
    }));
    world.name("shop.test", &[&[PUBLIC]]);
    let started = Instant::now();
    let error =
        guard(&world, &authority).fetch(Request::get("https://shop.test/"), Limits::default()).await.unwrap_err();
    assert_eq!(error.kind, FetchErrorKind::TimedOut(Phase::Handshake));
    assert_eq!(started.elapsed().as_secs(), 10);
}
