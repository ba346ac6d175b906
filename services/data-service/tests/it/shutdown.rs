use std::{
    io::Write,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use crate::harness::{Service, head, read_answers};

#[tokio::test(flavor = "multi_thread")]
async fn no_request_is_cut_and_every_click_is_kept() {
    let mut service = Service::start().await;
    service.link("sale", "https://shop.example/", &[]).await;
    service.get("/sale", &[]);
    let stopping = Arc::new(AtomicBool::new(false));
    let clients: Vec<_> = (0..4)
        .map(|_| {
            let mut stream = service.connect();
            let stopping = stopping.clone();
            std::thread::spawn(move || {
                let mut answered = 0_u64;
                loop {
                    if stream.write_all(head("GET", "/sale", &[]).as_bytes()).is_err() {
                        panic!("a request was cut");
                    }
                    let answers = read_answers(&mut stream, 1, false);
                    assert_eq!(answers.len(), 1, "a request was cut");
                    answered += 1;
                    if answers[0].header("connection") == Some("close") {
                        assert!(stopping.load(Ordering::SeqCst));
                        return answered;
                    }
                }
            })
        })
        .collect();
    service.get("/sale", &[]);
    stopping.store(true, Ordering::SeqCst);
    service.shut_down().await;
    let answered: u64 = clients.into_iter().map(|client| client.join().unwrap()).sum();
    assert!(std::net::TcpStream::connect(service.address).is_err());
    assert_eq!(service.clicks().await, answered + 2);
}
