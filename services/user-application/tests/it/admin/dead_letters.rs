use data_ops::{
    clicks::{DeadLetter, StoredDeadLetter, set_aside},
    types::Timestamp,
};
use durable::jobs::{Enqueue, JobContext, JobError, JobId, QueueOptions};
use http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::admin;
use crate::{
    background::Chore,
    support::{TestApp, on_both_databases},
};

on_both_databases!(
    a_dead_letter_is_shown_with_what_it_carries,
    dead_letters_of_jobs_and_clicks_are_one_list,
    a_dead_letter_is_replayed_once,
    a_dead_letter_is_deleted_for_good,
    all_dead_letters_of_a_queue_are_replayed_or_deleted,
);

#[derive(Debug, thiserror::Error)]
#[error("the room is locked")]
struct Locked(#[source] std::io::Error);

async fn refuse(_job: Chore, _context: JobContext) -> Result<(), JobError> {
    Err(JobError::fail(Locked(std::io::Error::other("the key is lost"))))
}

/// Sets a job aside.
async fn dead_job(app: &TestApp, room: &str) -> JobId {
    let id = app.background.jobs.add(&Chore { room: room.to_owned() }, Enqueue::default()).await.unwrap();
    app.background.jobs.worker(refuse, QueueOptions::default()).run_due().await.unwrap();
    id
}

/// Sets a click aside; answers its id.
async fn dead_click(app: &TestApp, offset: u64, payload: &[u8]) -> String {
    let letter = DeadLetter { position: (7, offset), payload: payload.to_vec(), error: "damaged: country".to_owned() };
    let (log, consumer) = (Uuid::from_u128(5), "clicks".to_owned());
    let stored = StoredDeadLetter { log, consumer, letter, created_at: app.now() };
    set_aside(&app.databases.clicks, std::slice::from_ref(&stored)).await.unwrap();
    stored.key().to_string()
}

async fn list(app: &TestApp, cookie: &str, query: &str) -> Vec<String> {
    let letters = app.get(&format!("/api/admin/dead-letters?{query}")).session(cookie).send().await.ok();
    letters.as_array().unwrap().iter().map(|letter| letter["id"].as_str().unwrap().to_owned()).collect()
}

async fn replay(app: &TestApp, cookie: &str, id: &str) -> crate::support::Answer {
    let path = format!("/api/admin/dead-letters/{id}/replay");
    app.request(Method::POST, &path).session(cookie).send().await
}

async fn a_dead_letter_is_shown_with_what_it_carries(app: TestApp) {
    let cookie = admin(&app).await;
    let get = async |id: &str| -> Value {
        app.get(&format!("/api/admin/dead-letters/{id}")).session(&cookie).send().await.ok()
    };
    let job = dead_job(&app, "kitchen").await.to_string();
    let shown = json!({
        "id": job, "queue": "chores", "error": "the room is locked: the key is lost", "attempts": 1,
        "createdAt": "2026-03-01T12:00:00.000Z", "failedAt": "2026-03-01T12:00:00.000Z", "payloadVersion": 3,
        "payload": { "format": "json", "text": "{\n  \"room\": \"kitchen\"\n}", "bytes": 18, "isTruncated": false },
    });
    assert_eq!(get(&job).await, shown);
    let click = dead_click(&app, 1, b"click https://example.com/").await;
    let shown = json!({
        "id": click, "queue": "clicks", "error": "damaged: country", "attempts": null, "createdAt": null,
        "failedAt": "2026-03-01T12:00:00.000Z", "payloadVersion": null,
        "payload": {
            "format": "json", "text": "{\n  \"destination\": \"https://example.com/\"\n}", "bytes": 26, "isTruncated": false,
        },
    });
    assert_eq!(get(&click).await, shown);
    let damaged = dead_click(&app, 2, b"\x01\x02\xff").await;
    assert_eq!(get(&damaged).await["payload"]["text"], json!("0102ff"));
}

async fn dead_letters_of_jobs_and_clicks_are_one_list(app: TestApp) {
    let cookie = admin(&app).await;
    let mut ids = Vec::new();
    for round in 0..3 {
        // Of one moment jobs are listed first.
        ids.push(dead_click(&app, round, b"x").await);
        ids.push(dead_job(&app, "kitchen").await.to_string());
        app.advance(1);
    }
    ids.reverse();
    assert_eq!(list(&app, &cookie, "").await, ids);
    assert_eq!(list(&app, &cookie, "queue=chores").await, [&*ids[0], &ids[2], &ids[4]]);
    assert_eq!(list(&app, &cookie, "queue=clicks").await, [&*ids[1], &ids[3], &ids[5]]);
    assert!(list(&app, &cookie, "queue=others").await.is_empty());
    // Page by page, whichever kind the last one of a page is.
    for size in 1..=3 {
        let mut all = list(&app, &cookie, &format!("pageSize={size}")).await;
        while let Some(last) = all.last() {
            let page = list(&app, &cookie, &format!("pageSize={size}&startingAfter={last}")).await;
            if page.is_empty() {
                break;
            }
            all.extend(page);
        }
        assert_eq!(all, ids, "pages of {size}");
    }
    let refusal = async |query: &str| {
        let answer = app.get(&format!("/api/admin/dead-letters?{query}")).session(&cookie).send().await;
        let (status, _, path, code) = answer.refusal();
        (status, path.to_owned(), code.to_owned())
    };
    assert_eq!(refusal("startingAfter=7").await, (422, "startingAfter".into(), "invalid_id".into()));
    app.background.jobs.delete_dead(ids[0].parse().unwrap()).await.unwrap();
    let gone = refusal(&format!("startingAfter={}", ids[0])).await;
    assert_eq!(gone, (422, "startingAfter".into(), "gone".into()));
}

async fn a_dead_letter_is_replayed_once(app: TestApp) {
    let cookie = admin(&app).await;
    let job = dead_job(&app, "kitchen").await.to_string();
    assert_eq!(replay(&app, &cookie, &job).await.ok(), json!({ "id": job, "queue": "chores" }));
    assert_eq!(app.background.jobs.queues().await.unwrap()[0].ready, 1);
    assert_eq!(replay(&app, &cookie, &job).await.refusal().0, 404);

    let click = dead_click(&app, 1, b"good").await;
    assert_eq!(replay(&app, &cookie, &click).await.ok(), json!({ "id": click, "queue": "clicks" }));
    assert_eq!(replay(&app, &cookie, &click).await.refusal().0, 404);
    let bad = dead_click(&app, 2, b"bad").await;
    let refused = replay(&app, &cookie, &bad).await;
    assert_eq!(refused.refusal().0, 409);
    assert_eq!(refused.body["error"]["message"], json!("The click still cannot be counted: it is still bad."));
    assert_eq!(list(&app, &cookie, "").await, [bad]);
    assert_eq!(replay(&app, &cookie, "nonsense").await.refusal().0, 404);
}

async fn a_dead_letter_is_deleted_for_good(app: TestApp) {
    let cookie = admin(&app).await;
    let job = dead_job(&app, "kitchen").await.to_string();
    let click = dead_click(&app, 1, b"x").await;
    for id in [job, click] {
        let delete = async || app.delete(&format!("/api/admin/dead-letters/{id}")).session(&cookie).send().await;
        assert_eq!(delete().await.ok(), json!({ "id": id }));
        assert_eq!(delete().await.refusal().0, 404);
    }
    assert!(list(&app, &cookie, "").await.is_empty());
}

async fn all_dead_letters_of_a_queue_are_replayed_or_deleted(app: TestApp) {
    let cookie = admin(&app).await;
    let replay_all = async |queue: &str| {
        let path = format!("/api/admin/queues/{queue}/dead-letters/replay");
        app.request(Method::POST, &path).session(&cookie).send().await.ok()
    };
    let delete_all = async |queue: &str| {
        app.delete(&format!("/api/admin/queues/{queue}/dead-letters")).session(&cookie).send().await.ok()
    };
    for room in ["kitchen", "hall", "bath"] {
        dead_job(&app, room).await;
    }
    dead_click(&app, 1, b"good").await;
    let bad = dead_click(&app, 2, b"bad").await;
    assert_eq!(replay_all("chores").await, json!({ "replayed": 3, "refused": 0 }));
    assert_eq!(app.background.jobs.queues().await.unwrap()[0].ready, 3);
    assert_eq!(replay_all("clicks").await, json!({ "replayed": 1, "refused": 1 }));
    assert_eq!(list(&app, &cookie, "").await, [bad]);

    app.background.jobs.worker(refuse, QueueOptions::default()).run_due().await.unwrap();
    let later = DeadLetter { position: (7, 3), payload: Vec::new(), error: String::new() };
    let (log, consumer) = (Uuid::from_u128(5), "clicks".to_owned());
    let created_at = Timestamp::from_millis(app.now().as_millis() + 1);
    set_aside(&app.databases.clicks, &[StoredDeadLetter { log, consumer, letter: later, created_at }]).await.unwrap();
    assert_eq!(delete_all("chores").await, json!({ "deleted": 3 }));
    assert_eq!(delete_all("clicks").await, json!({ "deleted": 1 }));
    assert_eq!(list(&app, &cookie, "").await.len(), 1, "what is set aside later stays");
    assert_eq!(delete_all("chores").await, json!({ "deleted": 0 }));
}
