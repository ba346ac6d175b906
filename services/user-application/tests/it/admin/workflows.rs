use http::Method;
use serde_json::{Value, json};

use super::admin;
use crate::{
    background::Import,
    support::{TestApp, on_both_databases},
};

on_both_databases!(
    a_run_is_shown_with_its_steps,
    runs_are_listed_by_kind_and_state_page_by_page,
    runs_are_paused_resumed_ended_and_begun_again,
    what_a_run_cannot_do_is_refused_with_what_it_can,
);

/// With everything an id may have that means something in a path.
const ODD: &str = "import:a/b?c=d#e%2F é";
const ODD_ENCODED: &str = "import%3Aa%2Fb%3Fc%3Dd%23e%252F%20%C3%A9";

async fn start(app: &TestApp, id: &str, file: &str) {
    app.background.workflows.start::<Import>(id, &file.to_owned()).await.unwrap();
    app.background.workflows.run_due().await.unwrap();
}

async fn send(app: &TestApp, cookie: &str, id: &str, change: &str) -> Value {
    app.request(Method::POST, &format!("/api/admin/workflows/{id}/{change}")).session(cookie).send().await.ok()
}

async fn a_run_is_shown_with_its_steps(app: TestApp) {
    let cookie = admin(&app).await;
    start(&app, ODD, "four").await;
    app.advance(60);
    let run = app.get(&format!("/api/admin/workflows/{ODD_ENCODED}")).session(&cookie).send().await.ok();
    let stored = |text: &str| json!({ "format": "json", "text": text, "bytes": text.len(), "isTruncated": false });
    assert_eq!(run["id"], json!(ODD));
    assert_eq!((&run["kind"], &run["state"]), (&json!("import"), &json!("running")));
    assert_eq!(run["input"], stored("\"four\""));
    assert_eq!((&run["output"], &run["finishedAt"]), (&json!(null), &json!(null)));
    assert_eq!(run["dueAt"], json!("2026-03-02T12:00:00.000Z"), "when the event is waited for no longer");
    let read = json!({
        "name": "read", "state": "succeeded", "attempts": 1, "startedAt": "2026-03-01T12:00:00.000Z",
        "finishedAt": "2026-03-01T12:00:00.000Z", "dueAt": null, "output": stored("4"), "error": null,
    });
    assert_eq!(run["steps"][0], read);
    assert_eq!((&run["steps"][1]["name"], &run["steps"][1]["state"]), (&json!("approved"), &json!("waiting")));

    app.background.workflows.send_event(ODD, "approved", &true).await.unwrap();
    app.background.workflows.run_due().await.unwrap();
    let run = app.get(&format!("/api/admin/workflows/{ODD_ENCODED}")).session(&cookie).send().await.ok();
    assert_eq!((&run["state"], &run["output"], &run["dueAt"]), (&json!("succeeded"), &stored("4"), &json!(null)));
    assert_eq!(run["steps"][2]["output"], stored("true"));
}

async fn runs_are_listed_by_kind_and_state_page_by_page(app: TestApp) {
    let cookie = admin(&app).await;
    for id in ["import:1", "import:2", "import:3"] {
        start(&app, id, "x").await;
        app.advance(1);
    }
    start(&app, "import:4", "broken").await;
    let list = async |query: &str| {
        let runs = app.get(&format!("/api/admin/workflows?{query}")).session(&cookie).send().await.ok();
        let ids = runs.as_array().unwrap().iter().map(|run| run["id"].as_str().unwrap().to_owned());
        ids.collect::<Vec<_>>()
    };
    assert_eq!(list("").await, ["import:4", "import:3", "import:2", "import:1"]);
    assert_eq!(list("kind=import&state=failed").await, ["import:4"]);
    assert_eq!(list("state=running&pageSize=2").await, ["import:3", "import:2"]);
    assert_eq!(list("state=running&pageSize=2&startingAfter=import%3A2").await, ["import:1"]);
    assert!(list("kind=export").await.is_empty());
    let refusal = async |query: &str| {
        let answer = app.get(&format!("/api/admin/workflows?{query}")).session(&cookie).send().await;
        let (status, _, path, code) = answer.refusal();
        (status, path.to_owned(), code.to_owned())
    };
    assert_eq!(refusal("startingAfter=import:9").await, (422, "startingAfter".into(), "gone".into()));
    assert_eq!(refusal("state=lost").await, (422, "state".into(), "unknown_value".into()));
    assert_eq!(refusal("pageSize=101").await, (422, "pageSize".into(), "out_of_range".into()));

    let kinds = app.get("/api/admin/workflows/kinds").session(&cookie).send().await.ok();
    let import = json!({
        "kind": "import", "isKnown": true, "due": 0, "asleep": 3, "inFlight": 0, "paused": 0, "parked": 0,
        "oldestDueAt": null,
    });
    assert_eq!(kinds, json!([import]));
}

async fn runs_are_paused_resumed_ended_and_begun_again(app: TestApp) {
    let cookie = admin(&app).await;
    start(&app, ODD, "four").await;
    let paused = send(&app, &cookie, ODD_ENCODED, "pause").await;
    assert_eq!((&paused["state"], &paused["dueAt"]), (&json!("paused"), &json!(null)));
    app.background.workflows.send_event(ODD, "approved", &true).await.unwrap();
    app.background.workflows.run_due().await.unwrap();
    assert_eq!(app.background.workflows.status(ODD).await.unwrap().unwrap().state.as_str(), "paused");
    assert_eq!(send(&app, &cookie, ODD_ENCODED, "resume").await["state"], json!("running"));
    app.background.workflows.run_due().await.unwrap();
    assert_eq!(app.background.workflows.status(ODD).await.unwrap().unwrap().state.as_str(), "succeeded");

    let path = format!("/api/admin/workflows/{ODD_ENCODED}/restart");
    let again = app.post(&path, &json!({ "fromStep": "store" })).session(&cookie).send().await.ok();
    assert_eq!((&again["state"], &again["finishedAt"]), (&json!("running"), &json!(null)));
    let steps = app.background.workflows.status(ODD).await.unwrap().unwrap().steps;
    assert_eq!(steps.iter().map(|step| step.name.as_str()).collect::<Vec<_>>(), ["read", "approved"]);
    app.post(&path, &json!({})).session(&cookie).send().await.ok();
    assert!(app.background.workflows.status(ODD).await.unwrap().unwrap().steps.is_empty());
    assert_eq!(send(&app, &cookie, ODD_ENCODED, "terminate").await["state"], json!("terminated"));
}

async fn what_a_run_cannot_do_is_refused_with_what_it_can(app: TestApp) {
    let cookie = admin(&app).await;
    start(&app, "import:1", "broken").await;
    let run = app.get("/api/admin/workflows/import:1").session(&cookie).send().await.ok();
    assert_eq!(run["state"], json!("failed"));
    assert!(run["error"].as_str().unwrap().contains("the file is broken"), "{run}");
    let answer = app.request(Method::POST, "/api/admin/workflows/import:1/pause").session(&cookie).send().await;
    assert_eq!(answer.refusal().0, 409);
    assert_eq!(
        answer.body["error"]["message"],
        json!("The run \"import:1\" is failed; this needs one that is running.")
    );
    let restart = app.post("/api/admin/workflows/import:1/restart", &json!({ "fromStep": "write" }));
    let answer = restart.session(&cookie).send().await;
    assert_eq!(answer.refusal().0, 409);
    assert!(answer.body["error"]["message"].as_str().unwrap().contains("it has: read"), "{}", answer.body);
    for (method, path) in [
        (Method::GET, "import:2"),
        (Method::POST, "import:2/pause"),
        (Method::POST, "import:2/resume"),
        (Method::POST, "import:2/terminate"),
    ] {
        let answer = app.request(method, &format!("/api/admin/workflows/{path}")).session(&cookie).send().await;
        assert_eq!(answer.refusal().0, 404, "{path}");
    }
}
