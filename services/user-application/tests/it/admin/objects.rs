use std::time::Duration;

use durable::objects::STATE_LIMIT;
use http::Method;
use serde_json::json;

use super::admin;
use crate::{
    background::{Note, Write},
    support::{TestApp, on_both_databases},
};

on_both_databases!(
    an_object_is_shown_with_what_it_remembers,
    objects_are_listed_by_name_page_by_page,
    a_parked_object_is_found_and_resumed,
);

/// With everything a name may have that means something in a path.
const ODD: &str = "a:b/c?d=e#f%2F é";
const ODD_ENCODED: &str = "a%3Ab%2Fc%3Fd%3De%23f%252F%20%C3%A9";

async fn write(app: &TestApp, name: &str, text: &str) {
    app.background.objects.get::<Note>(name).send(Write::Text(text.to_owned())).await.unwrap();
}

async fn an_object_is_shown_with_what_it_remembers(app: TestApp) {
    let cookie = admin(&app).await;
    write(&app, ODD, "remember me").await;
    app.background.objects.get::<Note>(ODD).send(Write::Remind(Duration::from_secs(90))).await.unwrap();
    let object = app.get(&format!("/api/admin/objects/note/{ODD_ENCODED}")).session(&cookie).send().await.ok();
    let shown = json!({
        "name": ODD, "version": 2, "updatedAt": "2026-03-01T12:00:00.000Z", "alarmAt": "2026-03-01T12:01:30.000Z",
        "parked": null, "stateVersion": 1, "alarmAttempts": 0,
        "state": { "format": "json", "text": "\"remember me\"", "bytes": 13, "isTruncated": false },
    });
    assert_eq!(object, shown);
    let classes = app.get("/api/admin/objects").session(&cookie).send().await.ok();
    let note = json!({
        "class": "note", "objects": 1, "alarms": 1, "nextAlarmAt": "2026-03-01T12:01:30.000Z", "parked": 0,
    });
    assert_eq!(classes, json!([note]));

    write(&app, "long", &"x".repeat(100_000)).await;
    let long = app.get("/api/admin/objects/note/long").session(&cookie).send().await.ok();
    assert_eq!((&long["state"]["bytes"], &long["state"]["isTruncated"]), (&json!(100_002), &json!(true)));
    assert_eq!(long["state"]["text"].as_str().unwrap().len(), 65_536);
}

async fn objects_are_listed_by_name_page_by_page(app: TestApp) {
    let cookie = admin(&app).await;
    for name in ["a", "b/1", "c"] {
        write(&app, name, "x").await;
    }
    let list = async |query: &str| {
        let objects = app.get(&format!("/api/admin/objects/note?{query}")).session(&cookie).send().await.ok();
        let names = objects.as_array().unwrap().iter().map(|object| object["name"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>()
    };
    assert_eq!(list("").await, ["a", "b/1", "c"]);
    assert_eq!(list("pageSize=2").await, ["a", "b/1"]);
    assert_eq!(list("startingAfter=b%2F1").await, ["c"]);
    assert!(list("parked=true").await.is_empty());
    for path in ["note/nothing", "nothing", "nothing/a"] {
        let answer = app.get(&format!("/api/admin/objects/{path}")).session(&cookie).send().await;
        assert_eq!(answer.refusal().0, 404, "{path}");
    }
}

async fn a_parked_object_is_found_and_resumed(app: TestApp) {
    let cookie = admin(&app).await;
    write(&app, ODD, "short").await;
    let too_long = Write::Text("x".repeat(STATE_LIMIT));
    app.background.objects.get::<Note>(ODD).send(too_long).await.unwrap_err();
    let parked = app.get("/api/admin/objects/note?parked=true").session(&cookie).send().await.ok();
    assert_eq!(parked.as_array().unwrap().len(), 1);
    assert_eq!(parked[0]["name"], json!(ODD));
    assert!(parked[0]["parked"].as_str().unwrap().contains("larger than"), "{parked}");

    let resume = format!("/api/admin/objects/note/{ODD_ENCODED}/resume");
    let resumed = app.request(Method::POST, &resume).session(&cookie).send().await.ok();
    assert_eq!((&resumed["parked"], &resumed["state"]["text"]), (&json!(null), &json!("\"short\"")));
    write(&app, ODD, "again").await;
    let absent = app.request(Method::POST, "/api/admin/objects/note/nothing/resume").session(&cookie).send().await;
    assert_eq!(absent.refusal().0, 404);
}
