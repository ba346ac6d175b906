//! Both lanes must answer alike: the same requests go through the port (fast lane) and straight to the ordinary router.

use axum::body::{Body, to_bytes};
use data_service::visitors::ClientAddress;
use http::Request;
use tower::ServiceExt as _;

use crate::harness::{Answer, CHROME, Service};

pub async fn ordinary(service: &Service, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request =
        Request::builder().method(method).uri(path).header("host", "go.example.com").header("user-agent", CHROME);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut request = request.body(Body::empty()).unwrap();
    let forwarded =
        headers.iter().find(|(name, _)| *name == "x-forwarded-for").map_or("127.0.0.1", |(_, value)| *value);
    let address = forwarded.rsplit(',').next().unwrap().trim().parse().unwrap();
    request.extensions_mut().insert(ClientAddress { address, through_trusted_proxy: true });
    let response = service.ordinary.clone().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let headers =
        response.headers().iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    Answer { status, headers, body: String::from_utf8(body.to_vec()).unwrap() }
}

/// What may differ: hyper adds the date below the router, and the order of headers means nothing.
fn comparable(mut answer: Answer) -> Answer {
    answer.headers.retain(|(name, _)| name != "date");
    answer.headers.sort();
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn the_fast_lane_and_the_ordinary_lane_answer_the_same() {
    let service = Service::start().await;
    service.link("plain", "https://shop.example/", &[]).await;
    service.link("query", "https://shop.example/p?a=1#top", &[]).await;
    service
        .link("geo", "https://shop.example/", &[("DE", "https://shop.example/de"), ("US", "https://shop.example/us?x")])
        .await;
    for slug in ["plain", "query", "geo"] {
        service.get(&format!("/{slug}"), &[]);
    }
    let queries = ["", "?", "?a=2", "?b=2&c", "?q=%22%3E", "?a&b=%zz", "?=1", "?x='y'"];
    let header_sets: &[&[(&str, &str)]] = &[
        &[],
        &[("x-forwarded-for", "194.25.0.125")],
        &[("x-forwarded-for", "8.8.8.8")],
        &[("cf-ipcountry", "de"), ("x-forwarded-for", "8.8.8.8")],
        &[("cf-ipcountry", "T1")],
        &[("purpose", "prefetch")],
        &[("referer", "https://elsewhere.example/a?b=c")],
    ];
    let mut compared = 0;
    for slug in ["plain", "query", "geo"] {
        for query in queries {
            for headers in header_sets {
                for method in ["GET", "HEAD"] {
                    let path = format!("/{slug}{query}");
                    let fast = comparable(service.request(method, &path, headers));
                    let slow = comparable(ordinary(&service, method, &path, headers).await);
                    assert_eq!(fast, slow, "{method} {path} {headers:?}");
                    compared += 1;
                }
            }
        }
    }
    assert_eq!(compared, 3 * 8 * 7 * 2);
}
