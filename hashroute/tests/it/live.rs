//! Clicks watched live, from the visit to the websocket.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream as StdStream,
    thread,
    time::Duration,
};

use futures_util::StreamExt as _;
use serde_json::{Value, json};
use test_nats::TestNats;
use test_postgres::TestDatabase;
use tokio::{net::TcpStream, runtime::Runtime, time::timeout};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message, client::IntoClientRequest as _},
};

use crate::process::{Service, bootstrap};

const PATIENCE: Duration = Duration::from_secs(60);

/// Somebody who watches a workspace.
struct Watcher {
    runtime: Runtime,
    socket: WebSocketStream<TcpStream>,
}

impl Watcher {
    fn connect(node: &Service, owner: &Value) -> Self {
        Self::upgrade(StdStream::connect(node.address).unwrap(), node, owner)
    }

    fn upgrade(stream: StdStream, node: &Service, owner: &Value) -> Self {
        let runtime = Runtime::new().unwrap();
        let socket = runtime.block_on(async {
            stream.set_nonblocking(true).unwrap();
            let mut request = format!("ws://{}/api/live", node.address).into_client_request().unwrap();
            let key = format!("Bearer {}", owner["apiKey"].as_str().unwrap());
            request.headers_mut().insert("authorization", key.parse().unwrap());
            client_async(request, TcpStream::from_std(stream).unwrap()).await.unwrap().0
        });
        Self { runtime, socket }
    }

    fn message(&mut self) -> Message {
        self.runtime.block_on(async { timeout(PATIENCE, self.socket.next()).await.unwrap().unwrap().unwrap() })
    }

    /// The next frame that is no ping.
    fn frame(&mut self) -> Value {
        loop {
            let Message::Text(text) = self.message() else { continue };
            let frame: Value = serde_json::from_str(&text).unwrap();
            if frame["type"] != "ping" {
                return frame;
            }
        }
    }
}

#[test]
fn a_connection_that_redirects_can_become_a_live_view_and_is_told_of_the_end() {
    let directory = tempfile::tempdir().unwrap();
    let owner = bootstrap(directory.path(), &[], "owner@example.com", "Acme");
    let mut service = Service::start(directory.path(), &[]);
    let link = service.api(&owner).post("/api/links", &json!({ "url": "https://shop.example.com", "key": "sale" }));
    service.visit("/sale", "8.8.8.8");

    // In the fast lane first.
    let mut stream = StdStream::connect(service.address).unwrap();
    stream.write_all(b"HEAD /sale HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        answer.push(byte[0]);
    }
    assert!(answer.starts_with(b"HTTP/1.1 302"), "{}", String::from_utf8_lossy(&answer));
    let mut watcher = Watcher::upgrade(stream, &service, &owner);
    assert_eq!(watcher.frame()["type"], "snapshot");

    service.visit("/sale", "194.25.0.125");
    let mut clicks: Vec<Value> = Vec::new();
    while !clicks.iter().any(|click| click["country"] == "DE") {
        let frame = watcher.frame();
        assert_eq!((&frame["type"], &frame["omitted"]), (&json!("clicks"), &json!(0)));
        clicks.extend(frame["clicks"].as_array().unwrap().iter().cloned());
    }
    assert!(clicks.iter().all(|click| click["linkId"] == link["id"] && click["key"] == "sale"));

    let ended = thread::spawn(move || service.terminate());
    let code = loop {
        if let Message::Close(close) = watcher.message() {
            break close.unwrap().code;
        }
    };
    assert_eq!(u16::from(code), 1001);
    assert!(ended.join().unwrap().success());
}

#[test]
fn a_click_on_one_node_is_watched_on_another() {
    let runtime = Runtime::new().unwrap();
    let database = runtime.block_on(TestDatabase::create()).unwrap();
    let nats = TestNats::start().unwrap();
    let nats_url = nats.url();
    let directories = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let by_database = [("HASHROUTE_DATABASE_URL", database.url())];
    let by_nats =
        [by_database[0], ("HASHROUTE_NATS_URL", nats_url.as_str()), ("HASHROUTE_NATS_STREAM_MAX_BYTES", "64MiB")];
    let owner = bootstrap(directories[0].path(), &by_database, "owner@example.com", "Acme");

    let nodes = || directories.iter().map(|directory| Service::start(directory.path(), &by_nats));
    let [here, there] = nodes().collect::<Vec<_>>().try_into().ok().unwrap();
    here.api(&owner).post("/api/links", &json!({ "url": "https://shop.example.com", "key": "sale" }));
    let mut watcher = Watcher::connect(&here, &owner);
    assert_eq!(watcher.frame()["type"], "snapshot");
    // Whichever node takes the click in, both are told, at once or by a snapshot while they look for NATS.
    there.visit("/sale", "8.8.8.8");
    let frame = watcher.frame();
    assert_eq!((&frame["total"], &frame["clicks"][0]["key"]), (&json!(1), &json!("sale")), "{frame}");
    drop((here, there));

    // Without NATS the node finds out from the database that it has missed something.
    let nodes = || directories.iter().map(|directory| Service::start(directory.path(), &by_database));
    let [here, there] = nodes().collect::<Vec<_>>().try_into().ok().unwrap();
    let mut watcher = Watcher::connect(&here, &owner);
    let before = watcher.frame();
    assert_eq!(before["type"], "snapshot");
    there.visit("/sale", "194.25.0.125");
    let frame = watcher.frame();
    assert_eq!(frame["type"], "snapshot", "after a gap");
    let newest = frame["clicks"].as_array().unwrap().last().unwrap();
    assert_eq!(newest["country"], "DE", "{frame}");
}
