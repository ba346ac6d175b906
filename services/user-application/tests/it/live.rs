//! Live views over real sockets. What is watched is made up here; the way of a click to a frame is tested with the whole service.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use data_ops::types::WorkspaceId;
use futures_util::{
    SinkExt as _, StreamExt as _,
    stream::{self, BoxStream},
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::{Value, json};
use tokio::{
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{self, Message, client::IntoClientRequest as _},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use user_application::{Live, LiveClicks, LiveLimits};

use crate::support::{TestApp, on_both_databases};

on_both_databases!(
    frames_go_to_keys_and_to_sessions_of_our_own_pages,
    a_socket_ends_with_the_key_or_session_it_was_opened_with,
    a_client_that_does_not_read_is_cut_off_and_nothing_piles_up,
    a_client_that_is_gone_without_a_word_is_let_go,
    sockets_are_bounded_and_told_when_the_service_ends,
);

const PATIENCE: Duration = Duration::from_secs(30);
const NEVER: Duration = Duration::from_secs(3_600);

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Says a snapshot to whoever watches, and then nothing, or more than anybody can take.
#[derive(Default)]
struct MadeUp {
    is_talkative: bool,
    /// Who watches now.
    watching: Arc<AtomicUsize>,
    /// Frames taken from it.
    taken: Arc<AtomicUsize>,
}

struct Watching(Arc<AtomicUsize>);

impl Drop for Watching {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl LiveClicks for MadeUp {
    fn watch(&self, workspace: WorkspaceId) -> Option<BoxStream<'static, Value>> {
        self.watching.fetch_add(1, Ordering::Relaxed);
        let (watching, taken) = (Watching(self.watching.clone()), self.taken.clone());
        let snapshot = json!({ "type": "snapshot", "workspace": workspace.to_string() });
        let rest = if self.is_talkative {
            stream::repeat(json!({ "type": "clicks", "clicks": "x".repeat(50_000) })).boxed()
        } else {
            stream::pending().boxed()
        };
        let frames = stream::iter([snapshot]).chain(rest).inspect(move |_| {
            let _for_as_long_as_the_stream_is_there = &watching;
            taken.fetch_add(1, Ordering::Relaxed);
        });
        Some(frames.boxed())
    }
}

/// The application on a port of its own.
struct Served {
    app: TestApp,
    address: SocketAddr,
    clicks: Arc<MadeUp>,
    live: Live,
}

impl Served {
    async fn start(mut app: TestApp, is_talkative: bool, limits: LiveLimits) -> Self {
        let clicks = Arc::new(MadeUp { is_talkative, ..MadeUp::default() });
        let live = Live { clicks: clicks.clone(), tasks: TaskTracker::new(), stop: CancellationToken::new(), limits };
        app.watch_live(live.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = app.application.router();
        TaskTracker::new().spawn(async move { axum::serve(listener, router).await });
        Self { app, address, clicks, live }
    }

    async fn connect(&self, path: &str, headers: &[(&str, &str)]) -> Result<Socket, tungstenite::Error> {
        let mut request = format!("ws://{}{path}", self.address).into_client_request()?;
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap()))
            .collect();
        request.headers_mut().extend(headers);
        connect_async(request).await.map(|(socket, _)| socket)
    }

    async fn with_key(&self, key: &str) -> Result<Socket, tungstenite::Error> {
        self.connect("/api/live", &[("authorization", &format!("Bearer {key}"))]).await
    }

    async fn refused(&self, path: &str, headers: &[(&str, &str)]) -> StatusCode {
        match self.connect(path, headers).await {
            Err(tungstenite::Error::Http(answer)) => answer.status(),
            other => panic!("not refused: {other:?}"),
        }
    }

    async fn wait_until_watched_by(&self, count: usize) {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        while self.clicks.watching.load(Ordering::Relaxed) != count {
            assert!(tokio::time::Instant::now() < deadline, "still watched by others");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

fn quiet() -> LiveLimits {
    LiveLimits { ping: NEVER, recheck: NEVER, ..LiveLimits::default() }
}

async fn frame(socket: &mut Socket) -> Value {
    loop {
        if let Message::Text(text) = timeout(PATIENCE, socket.next()).await.unwrap().unwrap().unwrap() {
            return serde_json::from_str(&text).unwrap();
        }
    }
}

/// The code of the close frame, whatever comes before it.
async fn closed(socket: &mut Socket) -> u16 {
    loop {
        match timeout(PATIENCE, socket.next()).await.unwrap() {
            Some(Ok(Message::Close(Some(close)))) => return close.code.into(),
            Some(Ok(_)) => {}
            other => panic!("no close frame: {other:?}"),
        }
    }
}

async fn frames_go_to_keys_and_to_sessions_of_our_own_pages(app: TestApp) {
    let (ada, eve) = (app.owner("ada").await, app.owner("eve").await);
    let cookie = app.sign_in(&ada.email).await;
    let served = Served::start(app, false, quiet()).await;
    let expected = json!({ "type": "snapshot", "workspace": ada.workspace });
    assert_eq!(frame(&mut served.with_key(&ada.key).await.unwrap()).await, expected);

    let path = format!("/api/live?workspaceId={}", ada.workspace);
    let from = |origin| [("cookie", cookie.as_str()), ("origin", origin)];
    let ours = "https://go.hr.test";
    assert_eq!(frame(&mut served.connect(&path, &from(ours)).await.unwrap()).await, expected);
    assert_eq!(served.refused(&path, &from("https://evil.example")).await, 403);
    assert_eq!(served.refused(&path, &from("null")).await, 403);
    assert_eq!(served.refused(&path, &[("cookie", &cookie)]).await, 403);
    assert_eq!(served.refused(&path, &[("origin", ours)]).await, 401);
    assert_eq!(served.refused("/api/live", &from(ours)).await, 400);
    let theirs = format!("/api/live?workspaceId={}", eve.workspace);
    assert_eq!(served.refused(&theirs, &from(ours)).await, 404);
    served.wait_until_watched_by(0).await;
}

async fn a_socket_ends_with_the_key_or_session_it_was_opened_with(app: TestApp) {
    let ada = app.owner("ada").await;
    let cookie = app.sign_in(&ada.email).await;
    let created = app.post("/api/api-keys", &json!({ "name": "Watcher" })).key(&ada).send().await.ok();
    let limits = LiveLimits { recheck: Duration::from_millis(20), ..quiet() };
    let served = Served::start(app, false, limits).await;
    let path = format!("/api/live?workspaceId={}", ada.workspace);
    let mut kept = served.with_key(&ada.key).await.unwrap();
    let mut by_key = served.with_key(created["key"].as_str().unwrap()).await.unwrap();
    let mut by_session = served.connect(&path, &[("cookie", &cookie), ("origin", "https://go.hr.test")]).await.unwrap();
    for socket in [&mut kept, &mut by_key, &mut by_session] {
        assert_eq!(frame(socket).await["type"], "snapshot");
    }
    let app = &served.app;
    app.delete(&format!("/api/api-keys/{}", created["id"].as_str().unwrap())).key(&ada).send().await.ok();
    assert_eq!(closed(&mut by_key).await, 1008);
    app.request(http::Method::POST, "/api/auth/sign-out").session(&cookie).send().await.ok();
    assert_eq!(closed(&mut by_session).await, 1008);
    served.wait_until_watched_by(1).await;
}

async fn a_client_that_does_not_read_is_cut_off_and_nothing_piles_up(app: TestApp) {
    let ada = app.owner("ada").await;
    let served = Served::start(app, true, LiveLimits { write: Duration::from_secs(1), ..quiet() }).await;
    let _not_reading = served.with_key(&ada.key).await.unwrap();
    served.wait_until_watched_by(1).await;
    served.wait_until_watched_by(0).await;
    // What the system keeps for a socket, and no more.
    let taken = served.clicks.taken.load(Ordering::Relaxed) * 50_000;
    assert!(taken < 32 << 20, "{taken} bytes");

    // One that reads goes on beside it.
    let _not_reading = served.with_key(&ada.key).await.unwrap();
    let mut reading = served.with_key(&ada.key).await.unwrap();
    let read = async {
        loop {
            frame(&mut reading).await;
        }
    };
    tokio::select! {
        () = served.wait_until_watched_by(1) => {}
        () = read => {}
    }
    for _ in 0..20 {
        assert!(frame(&mut reading).await["type"].is_string());
    }
}

async fn a_client_that_is_gone_without_a_word_is_let_go(app: TestApp) {
    let ada = app.owner("ada").await;
    let served = Served::start(app, false, LiveLimits { ping: Duration::from_millis(200), ..quiet() }).await;
    // Answers pings because it reads.
    let mut there = served.with_key(&ada.key).await.unwrap();
    let _gone = served.with_key(&ada.key).await.unwrap();
    served.wait_until_watched_by(2).await;
    assert_eq!(frame(&mut there).await["type"], "snapshot");
    let stay = async {
        let mut pings = 0;
        while pings < 100 {
            if let Message::Text(text) = there.next().await.unwrap().unwrap() {
                assert_eq!(text.as_str(), r#"{"type":"ping"}"#);
                pings += 1;
            }
        }
        pings
    };
    tokio::select! {
        () = served.wait_until_watched_by(1) => {}
        pings = stay => panic!("after {pings} pings the other one is still there"),
    }
    assert_eq!(frame(&mut there).await["type"], "ping");
}

async fn sockets_are_bounded_and_told_when_the_service_ends(app: TestApp) {
    let ada = app.owner("ada").await;
    let served = Served::start(app, false, LiveLimits { per_caller: 2, ..quiet() }).await;
    let mut first = served.with_key(&ada.key).await.unwrap();
    let mut chatty = served.with_key(&ada.key).await.unwrap();
    let authorization = format!("Bearer {}", ada.key);
    assert_eq!(served.refused("/api/live", &[("authorization", &authorization)]).await, 429);

    for _ in 0..200 {
        if chatty.send(Message::text("hello")).await.is_err() {
            break;
        }
    }
    assert_eq!(closed(&mut chatty).await, 1008);
    drop(chatty);
    let mut second = loop {
        match served.with_key(&ada.key).await {
            Ok(socket) => break socket,
            // It is about to be noticed that there is room again.
            Err(tungstenite::Error::Http(answer)) if answer.status() == 429 => {}
            Err(error) => panic!("{error}"),
        }
    };

    served.live.stop.cancel();
    assert_eq!(closed(&mut first).await, 1001);
    assert_eq!(closed(&mut second).await, 1001);
    drop((first, second));
    served.live.tasks.close();
    timeout(PATIENCE, served.live.tasks.wait()).await.unwrap();
    // Whoever comes now is told at once.
    assert_eq!(closed(&mut served.with_key(&ada.key).await.unwrap()).await, 1001);
}
