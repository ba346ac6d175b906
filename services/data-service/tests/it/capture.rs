use std::io::Write;

use data_ops::clicks::link_counters;
use data_service::server::Limits;
use durable::log::Durability;

use crate::harness::{Service, head, read_answers};

#[tokio::test(flavor = "multi_thread")]
async fn every_answered_get_is_one_click() {
    for durability in [Durability::Process, Durability::Disk] {
        let service = Service::start_with(durability, Limits::default()).await;
        let link = service.link("sale", "https://shop.example/", &[]).await;
        let mut stream = service.connect();
        stream.write_all(head("GET", "/sale", &[]).repeat(200).as_bytes()).unwrap();
        assert_eq!(read_answers(&mut stream, 200, false).len(), 200);
        assert_eq!(service.clicks().await, 200);
        let counters = link_counters(&service.databases.clicks, &[link.id]).await.unwrap();
        assert_eq!(counters[&link.id].clicks, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_request_is_answered_and_not_counted() {
    let service = Service::start().await;
    service.link("sale", "https://shop.example/", &[]).await;
    for _ in 0..2 {
        let answer = service.request("HEAD", "/sale", &[]);
        assert_eq!((answer.status, answer.location()), (302, "https://shop.example/"));
    }
    assert_eq!(service.clicks().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn bots_and_prefetches_are_not_counted_as_people() {
    let service = Service::start().await;
    service.link("sale", "https://shop.example/", &[]).await;
    service.get("/sale", &[]);
    service.get("/sale", &[("Sec-Purpose", "prefetch;prerender")]);
    let mut stream = service.connect();
    stream.write_all(b"GET /sale HTTP/1.1\r\nHost: a\r\nUser-Agent: Slackbot-LinkExpanding 1.0\r\n\r\n").unwrap();
    assert_eq!(read_answers(&mut stream, 1, false).len(), 1);
    assert_eq!(service.clicks().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn ingesting_twice_counts_once() {
    let service = Service::start().await;
    service.link("sale", "https://shop.example/", &[]).await;
    service.get("/sale", &[]);
    assert_eq!(service.clicks().await, 1);
    assert_eq!(service.clicks().await, 1);
    service.get("/sale", &[]);
    assert_eq!(service.clicks().await, 2);
}
