use std::time::Duration;

use durable::jobs::{Enqueue, JobContext, QueueOptions};
use serde_json::{Value, json};

use super::admin;
use crate::{
    background::Chore,
    support::{TestApp, on_both_databases},
};

on_both_databases!(
    queues_are_listed_with_what_waits_in_them,
    a_paused_queue_lies_until_it_is_resumed,
    only_queues_of_jobs_are_paused,
);

fn chore() -> Chore {
    Chore { room: "kitchen".to_owned() }
}

async fn done(_job: Chore, _context: JobContext) -> Result<(), durable::jobs::JobError> {
    Ok(())
}

async fn queue(app: &TestApp, cookie: &str, name: &str) -> Value {
    let queues = app.get("/api/admin/queues").session(cookie).send().await.ok();
    queues.as_array().unwrap().iter().find(|queue| queue["name"] == name).cloned().unwrap_or_default()
}

async fn queues_are_listed_with_what_waits_in_them(app: TestApp) {
    let cookie = admin(&app).await;
    let jobs = &app.background.jobs;
    jobs.add(&chore(), Enqueue::default()).await.unwrap();
    let later = Enqueue { delay: Duration::from_secs(60), ..Enqueue::default() };
    jobs.add(&chore(), later).await.unwrap();
    app.advance(5);

    let listed = app.get("/api/admin/queues").session(&cookie).send().await.ok();
    let clicks = json!({
        "name": "clicks", "kind": "log", "ready": null, "delayed": 0, "inFlight": 0, "waitingBytes": 640, "dead": 0,
        "oldestDueAt": "2026-03-01T11:59:59.000Z", "isPaused": false, "finishedPerMinute": 12,
    });
    let mut chores = json!({
        "name": "chores", "kind": "jobs", "ready": 1, "delayed": 1, "inFlight": 0, "waitingBytes": null, "dead": 0,
        "oldestDueAt": "2026-03-01T12:00:00.000Z", "isPaused": false, "finishedPerMinute": 0,
    });
    assert_eq!(listed, json!([clicks, chores]));

    let worker = jobs.worker(done, QueueOptions::default());
    assert_eq!(worker.run_due().await.unwrap(), 1);
    chores["ready"] = json!(0);
    chores["oldestDueAt"] = json!(null);
    chores["finishedPerMinute"] = json!(1);
    assert_eq!(queue(&app, &cookie, "chores").await, chores);
    app.advance(60);
    assert_eq!(queue(&app, &cookie, "chores").await["finishedPerMinute"], json!(0));
}

async fn a_paused_queue_lies_until_it_is_resumed(app: TestApp) {
    let cookie = admin(&app).await;
    let jobs = &app.background.jobs;
    jobs.add(&chore(), Enqueue::default()).await.unwrap();
    let worker = jobs.worker(done, QueueOptions::default());
    let paused = app.request(http::Method::POST, "/api/admin/queues/chores/pause").session(&cookie).send().await.ok();
    assert_eq!((&paused["name"], &paused["isPaused"]), (&json!("chores"), &json!(true)));
    assert_eq!(worker.run_due().await.unwrap(), 0);
    let resumed = app.request(http::Method::POST, "/api/admin/queues/chores/resume").session(&cookie).send().await.ok();
    assert_eq!(resumed["isPaused"], json!(false));
    assert_eq!(worker.run_due().await.unwrap(), 1);
}

async fn only_queues_of_jobs_are_paused(app: TestApp) {
    let cookie = admin(&app).await;
    for change in ["pause", "resume"] {
        let send = async |queue: &str| {
            let path = format!("/api/admin/queues/{queue}/{change}");
            app.request(http::Method::POST, &path).session(&cookie).send().await
        };
        assert_eq!(send("clicks").await.refusal().0, 409);
        assert_eq!(send("nobody-knows").await.refusal().0, 404);
        assert_eq!(send("%ff").await.refusal().0, 404);
    }
}
