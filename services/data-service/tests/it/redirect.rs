use std::io::Write;

use crate::harness::{Service, head, read_answers};

const GERMANY: (&str, &str) = ("X-Forwarded-For", "194.25.0.125");
const AMERICA: (&str, &str) = ("X-Forwarded-For", "8.8.8.8");

#[tokio::test(flavor = "multi_thread")]
async fn each_visitor_goes_to_the_destination_of_their_country() {
    let service = Service::start().await;
    service
        .link("sale", "https://shop.example/", &[("DE", "https://shop.example/de"), ("US", "https://shop.example/us")])
        .await;
    for _ in 0..2 {
        assert_eq!(service.get("/sale", &[GERMANY]).location(), "https://shop.example/de");
        assert_eq!(service.get("/sale", &[AMERICA]).location(), "https://shop.example/us");
        assert_eq!(service.get("/sale", &[]).location(), "https://shop.example/");
    }
    assert_eq!(service.get("/sale", &[AMERICA, ("CF-IPCountry", "DE")]).location(), "https://shop.example/de");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_never_kept_by_a_cache() {
    let service = Service::start().await;
    service.link("sale", "https://shop.example/", &[]).await;
    for _ in 0..2 {
        let answer = service.get("/sale", &[]);
        assert_eq!((answer.status, answer.header("cache-control")), (302, Some("no-store")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_is_visible_on_the_next_request_of_an_open_connection() {
    let service = Service::start().await;
    let link = service.link("sale", "https://shop.example/0", &[]).await;
    let mut stream = service.connect();
    for version in 1..20 {
        let url = format!("https://shop.example/{version}");
        service.point_to(&link, &url).await;
        stream.write_all(head("GET", "/sale", &[]).as_bytes()).unwrap();
        assert_eq!(read_answers(&mut stream, 1, false)[0].location(), url);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_under_load_never_leave_an_old_destination_behind() {
    let service = Service::start().await;
    let link = service.link("sale", "https://shop.example/0", &[]).await;
    for version in 1..30 {
        let readers: Vec<_> = (0..4)
            .map(|_| {
                std::thread::spawn({
                    let address = service.address;
                    move || {
                        let mut stream = std::net::TcpStream::connect(address).unwrap();
                        stream.write_all(head("GET", "/sale", &[]).repeat(8).as_bytes()).unwrap();
                        read_answers(&mut stream, 8, false).len()
                    }
                })
            })
            .collect();
        let url = format!("https://shop.example/{version}");
        service.point_to(&link, &url).await;
        for _ in 0..3 {
            assert_eq!(service.get("/sale", &[]).location(), url);
        }
        for reader in readers {
            assert_eq!(reader.join().unwrap(), 8);
        }
        assert_eq!(service.get("/sale", &[]).location(), url);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_link_and_one_that_never_was_answer_alike() {
    let service = Service::start().await;
    let link = service.link("gone", "https://shop.example/", &[]).await;
    assert_eq!(service.get("/gone", &[]).status, 302);
    service.delete(&link).await;
    let deleted = service.get("/gone", &[]);
    let unknown = service.get("/never", &[]);
    assert_eq!(deleted.status, 404);
    assert_eq!(deleted.body, unknown.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_created_after_its_slug_was_asked_for_works_at_once() {
    let service = Service::start().await;
    assert_eq!(service.get("/soon", &[]).status, 404);
    service.link("soon", "https://shop.example/", &[]).await;
    assert_eq!(service.get("/soon", &[]).status, 302);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitors_query_reaches_the_destination() {
    let service = Service::start().await;
    service.link("sale", "https://shop.example/p?tag=me", &[]).await;
    for _ in 0..2 {
        assert_eq!(service.get("/sale?gclid=7&tag=other", &[]).location(), "https://shop.example/p?tag=me&gclid=7");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_get_and_head_are_answered() {
    let service = Service::start().await;
    service.link("sale", "https://shop.example/", &[]).await;
    let answer = service.request("DELETE", "/sale", &[]);
    assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, HEAD")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_without_exactly_one_valid_host_is_refused() {
    let service = Service::start().await;
    service.link("sale", "https://shop.example/", &[]).await;
    for hosts in ["", "Host: a\r\nHost: b\r\n", "Host: a b<>\r\n", "Host:\r\n"] {
        let mut stream = service.connect();
        stream.write_all(format!("GET /sale HTTP/1.1\r\n{hosts}\r\n").as_bytes()).unwrap();
        assert_eq!(read_answers(&mut stream, 1, false)[0].status, 400, "{hosts:?}");
    }
}
