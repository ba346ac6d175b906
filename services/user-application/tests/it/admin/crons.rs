use http::Method;
use serde_json::json;

use super::admin;
use crate::support::{TestApp, on_both_databases};

on_both_databases!(
    crons_are_listed_and_run_by_hand,
    a_paused_cron_goes_on_from_when_it_is_resumed,
    absent_crons_are_absent
);

async fn crons_are_listed_and_run_by_hand(app: TestApp) {
    let cookie = admin(&app).await;
    let listed = app.get("/api/admin/crons").session(&cookie).send().await.ok();
    // Three o'clock in Berlin is two in UTC.
    let mut nightly = json!({
        "name": "nightly", "schedule": "0 3 * * *", "timeZone": "Europe/Berlin", "nextAt": "2026-03-02T02:00:00.000Z",
        "isPaused": false, "isKnown": true, "lastRun": null,
    });
    assert_eq!(listed, json!([nightly]));
    assert_eq!(app.get("/api/admin/crons/nightly/runs").session(&cookie).send().await.ok(), json!([]));

    let ran = app.request(Method::POST, "/api/admin/crons/nightly/run").session(&cookie).send().await.ok();
    let run = json!({
        "dueAt": "2026-03-01T12:00:00.000Z", "startedAt": "2026-03-01T12:00:00.000Z", "outcome": "asked",
    });
    nightly["lastRun"] = run.clone();
    assert_eq!(ran, nightly);
    assert_eq!(app.background.jobs.queues().await.unwrap()[0].ready, 1, "its job lies in its queue");

    app.advance(24 * 3_600);
    assert_eq!(app.background.crons.run_due().await.unwrap(), 1);
    let runs = app.get("/api/admin/crons/nightly/runs").session(&cookie).send().await.ok();
    let by_schedule = json!({
        "dueAt": "2026-03-02T02:00:00.000Z", "startedAt": "2026-03-02T12:00:00.000Z", "outcome": "started",
    });
    assert_eq!(runs, json!([by_schedule, run]));
    let listed = app.get("/api/admin/crons").session(&cookie).send().await.ok();
    assert_eq!(listed[0]["lastRun"], by_schedule);
}

async fn a_paused_cron_goes_on_from_when_it_is_resumed(app: TestApp) {
    let cookie = admin(&app).await;
    let paused = app.request(Method::POST, "/api/admin/crons/nightly/pause").session(&cookie).send().await.ok();
    assert_eq!(paused["isPaused"], json!(true));
    app.advance(24 * 3_600);
    assert_eq!(app.background.crons.run_due().await.unwrap(), 0);
    let resumed = app.request(Method::POST, "/api/admin/crons/nightly/resume").session(&cookie).send().await.ok();
    assert_eq!(resumed["isPaused"], json!(false));
    assert_eq!(resumed["nextAt"], json!("2026-03-03T02:00:00.000Z"));
}

async fn absent_crons_are_absent(app: TestApp) {
    let cookie = admin(&app).await;
    for (method, change) in
        [(Method::GET, "runs"), (Method::POST, "pause"), (Method::POST, "resume"), (Method::POST, "run")]
    {
        let answer = app.request(method, &format!("/api/admin/crons/weekly/{change}")).session(&cookie).send().await;
        assert_eq!(answer.refusal().0, 404, "{change}");
    }
}
