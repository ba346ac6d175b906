use std::{io::Write as _, time::Duration};

use serde_json::json;

use crate::process::{Service, bootstrap, wait_until};

#[test]
fn a_link_sends_visitors_by_country_and_their_clicks_are_counted() {
    let directory = tempfile::tempdir().unwrap();
    let owner = bootstrap(directory.path(), &[], "owner@example.com", "Acme");
    let service = Service::start(directory.path(), &[]);
    let api = service.api(&owner);
    let link = api.post(
        "/api/links",
        &json!({ "url": "https://shop.example.com", "key": "sale", "geo": { "US": "https://shop.example.com/us", "DE": "https://shop.example.com/de" } }),
    );
    assert_eq!(service.visit("/sale", "8.8.8.8").as_deref(), Some("https://shop.example.com/us"));
    assert_eq!(service.visit("/sale", "194.25.0.125").as_deref(), Some("https://shop.example.com/de"));
    let id = link["id"].as_str().unwrap();
    let countries = format!("/api/analytics?groupBy=countries&linkId={id}");
    api.wait_for(&countries, &json!([{ "country": "DE", "clicks": 1 }, { "country": "US", "clicks": 1 }]));
    api.patch(&format!("/api/links/{id}"), &json!({ "url": "https://other.example.com/" }));
    assert_eq!(service.visit("/sale", "192.0.2.1").as_deref(), Some("https://other.example.com/"));
    api.delete(&format!("/api/links/{id}"));
    assert_eq!(service.visit("/sale", "192.0.2.1"), None);
}

#[test]
fn workspaces_see_nothing_of_each_other() {
    let directory = tempfile::tempdir().unwrap();
    let first = bootstrap(directory.path(), &[], "first@example.com", "First");
    let service = Service::start(directory.path(), &[]);
    // Beside the running service.
    let second = bootstrap(directory.path(), &[], "second@example.com", "Second");
    let again = bootstrap(directory.path(), &[], "second@example.com", "Third");
    assert_eq!(second["userId"], again["userId"]);
    assert_ne!(second["workspaceId"], again["workspaceId"]);
    let link = service.api(&first).post("/api/links", &json!({ "url": "https://shop.example.com" }));
    let path = format!("/api/links/{}", link["id"].as_str().unwrap());
    assert_eq!(service.api(&second).get(&path)["error"]["code"], "not_found");
    assert_eq!(service.api(&second).get("/api/links"), json!([]));
}

/// Whoever edits may be gone before the answer; the edit is then either there or not, for the API and for visitors alike.
#[test]
fn an_edit_whose_client_hangs_up_is_never_half_done() {
    let directory = tempfile::tempdir().unwrap();
    let owner = bootstrap(directory.path(), &[], "owner@example.com", "Acme");
    let service = Service::start(directory.path(), &[]);
    let api = service.api(&owner);
    let link = api.post("/api/links", &json!({ "url": "https://shop.example.com/0", "key": "sale" }));
    let path = format!("/api/links/{}", link["id"].as_str().unwrap());
    for version in 1..40_u64 {
        service.visit("/sale", "8.8.8.8");
        let body = json!({ "url": format!("https://shop.example.com/{version}") }).to_string();
        let key = owner["apiKey"].as_str().unwrap();
        let request = format!(
            "PATCH {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut stream = std::net::TcpStream::connect(service.address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        std::thread::park_timeout(Duration::from_micros(version * 150));
        drop(stream);
        wait_until(|| {
            let (stored, served) = (api.get(&path)["url"].clone(), service.visit("/sale", "8.8.8.8"));
            (stored.as_str() == served.as_deref()).then_some(()).ok_or((stored, served))
        });
    }
}
