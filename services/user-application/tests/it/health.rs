//! How destinations are, and what people decide about them.

use data_ops::{
    clicks::{Click, record_clicks},
    destinations::{HealthUpdate, WindowCounts, begin_freeze, set_health, set_held},
    types::{ClickId, DestinationId, HealthState, LinkId, Verdict, WorkspaceId},
};
use http::Method;
use serde_json::{Value, json};

use crate::{
    evaluations::{Finding, destination_of},
    support::{NOW, Owner, TestApp, assert_snapshot, on_both_databases, stable},
};

on_both_databases!(
    the_inbox_shows_what_wants_attention_and_what_it_costs,
    the_inbox_is_filtered_and_paged,
    destinations_are_counted_by_their_health,
    a_destination_tells_how_it_is_watched_and_what_became_of_it,
    a_person_decides_where_visitors_go,
    a_restored_destination_is_well,
    a_check_that_is_wrong_is_corrected,
    what_is_history_is_corrected_and_changes_nothing_else,
    nothing_is_decided_that_cannot_be_carried_out,
    a_link_names_its_destinations_the_most_important_first,
    an_admin_lifts_a_freeze,
);

fn workspace(owner: &Owner) -> WorkspaceId {
    WorkspaceId::parse(&owner.workspace).unwrap()
}

async fn create(app: &TestApp, owner: &Owner, body: Value) -> (String, DestinationId) {
    let link = app.post("/api/links", &body).key(owner).send().await.ok();
    let link = link["id"].as_str().unwrap().to_owned();
    let destination = destination_of(app, owner, &link).await;
    (link, destination)
}

async fn become_now(app: &TestApp, owner: &Owner, id: DestinationId, state: HealthState, reason: Option<&str>) {
    let update =
        HealthUpdate { state, reason: reason.map(str::to_owned), held: false, evaluation_id: None, at: app.now() };
    let transaction = app.databases.control.begin().await.unwrap();
    assert!(set_health(&transaction, workspace(owner), id, &update).await.unwrap().is_some());
    transaction.commit().await.unwrap();
}

async fn click(app: &TestApp, owner: &Owner, link: &str, hours_ago: &[u64]) {
    let clicks: Vec<Click> = hours_ago
        .iter()
        .map(|hours| Click {
            id: ClickId::generate(app.clock.as_ref()),
            workspace_id: workspace(owner),
            link_id: LinkId::parse(link).unwrap(),
            at: NOW.minus(std::time::Duration::from_secs(hours * 3_600)),
            country: None,
            device: "Desktop".into(),
            browser: "Firefox".into(),
            os: "Linux".into(),
            referer: "(direct)".into(),
            destination: "https://example.com/".into(),
            decided_by: "default".into(),
            served_backup: None,
            served_reason: None,
            bot: false,
        })
        .collect();
    record_clicks(&app.databases.clicks, uuid::Uuid::new_v4(), "test", &clicks, (0, 1)).await.unwrap();
}

async fn inbox(app: &TestApp, owner: &Owner, query: &str) -> Vec<Value> {
    let listed = app.get(&format!("/api/destinations/health?{query}")).key(owner).send().await.ok();
    listed.as_array().unwrap().clone()
}

async fn post(app: &TestApp, owner: &Owner, path: &str, body: Value) -> Value {
    app.post(path, &body).key(owner).send().await.ok()
}

async fn the_inbox_shows_what_wants_attention_and_what_it_costs(app: TestApp) {
    let owner = app.owner("ada").await;
    let backups = json!(["https://example.com/backup"]);
    let sale = json!({
        "url": "https://example.com/tee", "key": "sale", "backupUrls": backups,
        "clickValue": { "minor": 250, "currency": "EUR" },
    });
    let (sale, tee) = create(&app, &owner, sale).await;
    let mail =
        json!({ "url": "https://example.com/tee", "key": "mail", "clickValue": { "minor": 3, "currency": "USD" } });
    app.advance(1);
    let (mail, _) = create(&app, &owner, mail).await;
    let (_, quiet) = create(&app, &owner, json!({ "url": "https://example.com/well", "key": "well" })).await;
    // Two of them are more than a day ago.
    click(&app, &owner, &sale, &[0, 1, 23, 25, 48]).await;
    click(&app, &owner, &mail, &[2]).await;
    assert_eq!(inbox(&app, &owner, "").await, Vec::<Value>::new());

    Finding::of(&quiet).found(Verdict::Available, "buy_control").store(&app, &owner).await;
    become_now(&app, &owner, quiet, HealthState::Ok, None).await;
    Finding::of(&tee).store(&app, &owner).await;
    app.advance(60);
    become_now(&app, &owner, tee, HealthState::Broken, Some("out_of_stock")).await;
    let shown = inbox(&app, &owner, "").await;
    assert_snapshot!("inbox", json!(shown));
    let at_risk = json!([{ "currency": "EUR", "minor": 750 }, { "currency": "USD", "minor": 3 }]);
    assert_eq!((shown.len(), &shown[0]["valueAtRisk"]), (1, &at_risk));
    assert_eq!((&shown[0]["down"], &shown[0]["servingBackup"]), (&json!(true), &json!(true)));

    // A backup that is down, too, serves nobody.
    let all = inbox(&app, &owner, "state=all&search=BACKUP").await;
    let backup = DestinationId::parse(all[0]["id"].as_str().unwrap()).unwrap();
    assert_eq!((&all[0]["linkCount"], &all[0]["backupLinkCount"]), (&json!(0), &json!(1)));
    become_now(&app, &owner, backup, HealthState::Broken, Some("gone")).await;
    let shown = inbox(&app, &owner, "search=/tee").await;
    assert_eq!((&shown[0]["down"], &shown[0]["servingBackup"]), (&json!(true), &json!(false)));
    let eve = app.owner("eve").await;
    assert_eq!(inbox(&app, &eve, "state=all").await, Vec::<Value>::new());
}

async fn the_inbox_is_filtered_and_paged(app: TestApp) {
    let owner = app.owner("ada").await;
    let mut ids = Vec::new();
    let states =
        [HealthState::Ok, HealthState::Suspect, HealthState::Broken, HealthState::Broken, HealthState::Unknown];
    for (number, state) in states.into_iter().enumerate() {
        app.advance(10);
        let body = json!({ "url": format!("https://example.com/{number}"), "key": format!("key-{number}") });
        let (_, id) = create(&app, &owner, body).await;
        if state != HealthState::Unknown {
            become_now(&app, &owner, id, state, None).await;
        }
        ids.push(id.to_string());
    }
    post(&app, &owner, &format!("/api/destinations/{}/pin", ids[0]), json!({ "pin": "backup" })).await;
    post(&app, &owner, &format!("/api/destinations/{}/pin", ids[3]), json!({ "pin": "primary" })).await;
    let list = async |query: &str| {
        let listed = inbox(&app, &owner, query).await;
        let place = |one: &Value| ids.iter().position(|id| one["id"] == json!(id)).unwrap();
        listed.iter().map(place).collect::<Vec<usize>>()
    };
    assert_eq!(list("").await, [3, 2, 1, 0]);
    assert_eq!(list("state=all").await, [4, 3, 2, 1, 0]);
    assert_eq!(list("state=unknown").await, [4]);
    assert_eq!(list("state=ok").await, [0]);
    assert_eq!(list("state=suspect").await, [1]);
    assert_eq!(list("state=broken").await, [3, 2]);
    assert_eq!(list("down=true").await, [2, 0]);
    assert_eq!(list("state=broken&pinned=false").await, [2]);
    assert_eq!(list("state=all&search=example.com/4").await, [4]);
    assert_eq!(list("pageSize=2").await, [3, 2]);
    assert_eq!(list(&format!("pageSize=2&startingAfter={}", ids[2])).await, [1, 0]);
    for (query, path, code) in [
        ("state=bad", "state", "unknown_value"),
        ("down=maybe", "down", "invalid_value"),
        ("pageSize=1000", "pageSize", "out_of_range"),
        ("startingAfter=x", "startingAfter", "invalid_id"),
        ("startingAfter=dest_01jd9zk3w0f5ktqk4mt2e8h6pd", "startingAfter", "gone"),
    ] {
        let refused = app.get(&format!("/api/destinations/health?{query}")).key(&owner).send().await;
        assert_eq!(refused.refusal(), (422, "unprocessable_entity", path, code), "{query}");
    }
}

async fn destinations_are_counted_by_their_health(app: TestApp) {
    let owner = app.owner("ada").await;
    let summary = async || app.get("/api/destinations/summary").key(&owner).send().await.ok();
    let none = summary().await;
    assert!(none.as_object().unwrap().values().all(|count| *count == json!(0)), "{none}");
    for (number, state) in [HealthState::Broken, HealthState::Broken, HealthState::Suspect].into_iter().enumerate() {
        let body = json!({ "url": format!("https://example.com/{number}"), "key": format!("key-{number}") });
        let (link, id) = create(&app, &owner, body).await;
        become_now(&app, &owner, id, state, None).await;
        match number {
            0 => {
                let transaction = app.databases.control.begin().await.unwrap();
                set_held(&transaction, workspace(&owner), id, true, app.now()).await.unwrap();
                transaction.commit().await.unwrap();
            }
            2 => {
                post(&app, &owner, &format!("/api/destinations/{id}/pin"), json!({ "pin": "backup" })).await;
            }
            _ => {
                // No link leads there any more.
                app.delete(&format!("/api/links/{link}")).key(&owner).send().await.ok();
            }
        }
    }
    create(&app, &owner, json!({ "url": "https://example.com/new", "key": "new" })).await;
    let expected = json!({
        "unknown": 1, "ok": 0, "suspect": 1, "broken": 1, "held": 1, "pinned": 1, "down": 1, "attention": 2,
    });
    assert_eq!(summary().await, expected);
}

async fn a_destination_tells_how_it_is_watched_and_what_became_of_it(app: TestApp) {
    let owner = app.owner("ada").await;
    let body = json!({ "url": "https://example.com/tee", "key": "tee", "monitor": { "interval": 600 } });
    let (_, id) = create(&app, &owner, body).await;
    let path = format!("/api/destinations/{id}");
    assert_snapshot!("destination", app.get(&path).key(&owner).send().await.ok());
    become_now(&app, &owner, id, HealthState::Suspect, Some("not_found")).await;
    app.advance(600);
    become_now(&app, &owner, id, HealthState::Broken, Some("not_found")).await;
    app.advance(600);
    post(&app, &owner, &format!("{path}/pin"), json!({ "pin": "primary" })).await;
    let changes = app.get(&format!("{path}/changes")).key(&owner).send().await.ok();
    assert_snapshot!("health_changes", changes);
    let after = changes[1]["id"].as_str().unwrap();
    let rest = app.get(&format!("{path}/changes?pageSize=1&startingAfter={after}")).key(&owner).send().await.ok();
    assert_eq!(rest, json!([changes[2]]));
    let odd = app.get(&format!("{path}/changes?startingAfter={id}")).key(&owner).send().await;
    assert_eq!(odd.refusal(), (422, "unprocessable_entity", "startingAfter", "invalid_id"));
}

async fn a_person_decides_where_visitors_go(app: TestApp) {
    let owner = app.owner("ada").await;
    let body = json!({ "url": "https://example.com/tee", "key": "tee", "backupUrls": ["https://example.com/backup"] });
    let (_, id) = create(&app, &owner, body).await;
    let path = format!("/api/destinations/{id}/pin");
    let pinned = post(&app, &owner, &path, json!({ "pin": "backup" })).await;
    assert_eq!((&pinned["pin"], &pinned["pinnedAt"]), (&json!("backup"), &json!(NOW)));
    assert!(pinned["pinnedBy"].as_str().unwrap().starts_with("user_"));
    assert_eq!((&pinned["down"], &pinned["servingBackup"]), (&json!(true), &json!(true)));
    assert_eq!(app.get(&format!("/api/destinations/{id}")).key(&owner).send().await.ok(), pinned);

    become_now(&app, &owner, id, HealthState::Broken, Some("gone")).await;
    let pinned = post(&app, &owner, &path, json!({ "pin": "primary" })).await;
    assert_eq!((&pinned["state"], &pinned["down"]), (&json!("broken"), &json!(false)));
    let freed = post(&app, &owner, &path, json!({ "pin": null })).await;
    assert_eq!((&freed["pin"], &freed["pinnedBy"], &freed["pinnedAt"]), (&json!(null), &json!(null), &json!(null)));
    assert_eq!(freed["down"], json!(true));
    for (body, field, code) in [
        (json!({}), "pin", "missing"),
        (json!({ "pin": "elsewhere" }), "pin", "unknown_pin"),
        (json!({ "pin": 1 }), "pin", "type_mismatch"),
        (json!({ "pin": null, "until": 1 }), "until", "unknown_field"),
    ] {
        let refused = app.post(&path, &body).key(&owner).send().await;
        assert_eq!(refused.refusal(), (422, "unprocessable_entity", field, code), "{body}");
    }
}

async fn a_restored_destination_is_well(app: TestApp) {
    let owner = app.owner("ada").await;
    let (_, id) = create(&app, &owner, json!({ "url": "https://example.com/tee", "key": "tee" })).await;
    become_now(&app, &owner, id, HealthState::Broken, Some("gone")).await;
    app.advance(60);
    let path = format!("/api/destinations/{id}/restore");
    let restored = app.request(Method::POST, &path).key(&owner).send().await.ok();
    let since = json!(NOW.plus(std::time::Duration::from_secs(60)));
    assert_eq!((&restored["state"], &restored["since"], &restored["reason"]), (&json!("ok"), &since, &json!(null)));
    assert_eq!(restored["nextCheckAt"], json!("2026-03-01T12:11:00.000Z"));
    assert_eq!(app.get(&format!("/api/destinations/{id}")).key(&owner).send().await.ok(), restored);
}

async fn a_check_that_is_wrong_is_corrected(app: TestApp) {
    let owner = app.owner("ada").await;
    let (_, id) = create(&app, &owner, json!({ "url": "https://example.com/tee", "key": "tee" })).await;
    let evaluation = Finding::of(&id).store(&app, &owner).await;
    become_now(&app, &owner, id, HealthState::Broken, Some("out_of_stock")).await;
    app.advance(60);
    let path = format!("/api/destinations/{id}/mark-wrong");
    let marked = post(&app, &owner, &path, json!({ "evaluationId": evaluation })).await;
    assert_eq!((&marked["destination"]["state"], &marked["destination"]["down"]), (&json!("ok"), &json!(false)));
    assert_eq!(marked["destination"]["lastEvaluation"], marked["evaluation"]);
    let corrected = &marked["evaluation"];
    assert_eq!((&corrected["verdict"], &corrected["decidedBy"]), (&json!("AVAILABLE"), &json!("override")));
    assert_eq!((&corrected["reasonText"], &corrected["confidence"]), (&json!("Somebody said so."), &json!(1.0)));
    let judged = json!({
        "verdict": "NOT_AVAILABLE", "failure": null, "reason": "out_of_stock", "reasonText": "It is sold out.",
        "confidence": 0.95, "decidedBy": "rules",
    });
    assert_eq!(corrected["judged"], judged);
    assert_eq!(stable(&corrected["overriddenBy"]), json!("user_[id]"));

    // Saying it again is saying it once.
    let again = post(&app, &owner, &path, json!({ "evaluationId": evaluation })).await;
    assert_eq!(again["evaluation"]["verdict"], json!("AVAILABLE"));
    // Changing one's mind.
    let broken = post(&app, &owner, &path, json!({ "evaluationId": evaluation, "verdict": "BROKEN" })).await;
    assert_eq!(
        (&broken["evaluation"]["verdict"], &broken["destination"]["state"]),
        (&json!("BROKEN"), &json!("broken"))
    );
    assert_eq!(broken["evaluation"]["judged"], judged);

    app.advance(60);
    let good = Finding::of(&id).found(Verdict::Available, "in_stock").store(&app, &owner).await;
    let marked = post(&app, &owner, &path, json!({ "evaluationId": good })).await;
    assert_eq!(marked["evaluation"]["verdict"], json!("NOT_AVAILABLE"));
    assert_eq!((&marked["destination"]["state"], &marked["destination"]["down"]), (&json!("broken"), &json!(true)));
}

async fn what_is_history_is_corrected_and_changes_nothing_else(app: TestApp) {
    let owner = app.owner("ada").await;
    let (_, id) = create(&app, &owner, json!({ "url": "https://example.com/tee", "key": "tee" })).await;
    let old = Finding::of(&id).found(Verdict::Available, "in_stock").store(&app, &owner).await;
    app.advance(60);
    Finding::of(&id).found(Verdict::Broken, "gone").store(&app, &owner).await;
    become_now(&app, &owner, id, HealthState::Broken, Some("gone")).await;
    let path = format!("/api/destinations/{id}/mark-wrong");
    let marked = post(&app, &owner, &path, json!({ "evaluationId": old })).await;
    assert_eq!(marked["evaluation"]["verdict"], json!("NOT_AVAILABLE"));
    let destination = &marked["destination"];
    assert_eq!((&destination["state"], &destination["reason"]), (&json!("broken"), &json!("gone")));

    let (_, other) = create(&app, &owner, json!({ "url": "https://example.com/other", "key": "other" })).await;
    let elsewhere = app.post(&format!("/api/destinations/{other}/mark-wrong"), &json!({ "evaluationId": old }));
    assert_eq!(elsewhere.key(&owner).send().await.refusal().0, 404);
    for (body, field, code) in [
        (json!({}), "evaluationId", "missing"),
        (json!({ "evaluationId": 5 }), "evaluationId", "type_mismatch"),
        (json!({ "evaluationId": old, "verdict": "UNKNOWN" }), "verdict", "unknown_verdict"),
        (json!({ "evaluationId": old, "verdict": "FINE" }), "verdict", "unknown_verdict"),
        (json!({ "evaluationId": old, "verdict": null }), "verdict", "type_mismatch"),
    ] {
        let refused = app.post(&path, &body).key(&owner).send().await;
        assert_eq!(refused.refusal(), (422, "unprocessable_entity", field, code), "{body}");
    }
    let absent = app.post(&path, &json!({ "evaluationId": "evl_1" })).key(&owner).send().await;
    assert_eq!(absent.refusal().0, 404);
}

async fn nothing_is_decided_that_cannot_be_carried_out(app: TestApp) {
    let owner = app.owner("ada").await;
    let (_, id) = create(&app, &owner, json!({ "url": "https://example.com/tee", "key": "tee" })).await;
    app.watcher.become_busy();
    let evaluation = Finding::of(&id).store(&app, &owner).await;
    let wrong = json!({ "evaluationId": evaluation });
    for (operation, body) in [("pin", json!({ "pin": "backup" })), ("restore", json!({})), ("mark-wrong", wrong)] {
        let refused = app.post(&format!("/api/destinations/{id}/{operation}"), &body).key(&owner).send().await;
        assert_eq!((refused.refusal().0, refused.header("retry-after")), (503, "5"), "{operation}");
    }
    let unharmed = app.get(&format!("/api/destinations/{id}")).key(&owner).send().await.ok();
    assert_eq!((&unharmed["pin"], &unharmed["state"]), (&json!(null), &json!("unknown")));
    assert_eq!(unharmed["lastEvaluation"]["judged"], json!(null));
    assert_eq!(unharmed["nextCheckAt"], json!(null), "what cannot be read is left out");
}

async fn a_link_names_its_destinations_the_most_important_first(app: TestApp) {
    let owner = app.owner("ada").await;
    let body = json!({
        "url": "https://example.com/own", "key": "many",
        "geo": { "DE": "https://example.com/de" }, "backupUrls": ["https://example.com/a-backup"],
    });
    let link = app.post("/api/links", &body).key(&owner).send().await.ok();
    let path = format!("/api/links/{}/destinations", link["id"].as_str().unwrap());
    let listed = app.get(&path).key(&owner).send().await.ok();
    let shown: Vec<_> =
        listed.as_array().unwrap().iter().map(|one| (&one["url"], &one["isPrimary"], &one["linkCount"])).collect();
    let expected = [
        (json!("https://example.com/own"), json!(true), json!(1)),
        (json!("https://example.com/de"), json!(true), json!(1)),
        (json!("https://example.com/a-backup"), json!(false), json!(0)),
    ];
    assert_eq!(shown, expected.each_ref().map(|(url, primary, links)| (url, primary, links)));
}

async fn an_admin_lifts_a_freeze(app: TestApp) {
    let owner = app.owner("ada").await;
    let cookie = app.sign_in(&owner.email).await;
    let look = async || app.get("/api/admin/failover").session(&cookie).send().await.ok();
    let lift = || app.request(Method::POST, "/api/admin/failover/lift").session(&cookie).send();
    let status = async || app.get("/api/evaluations/status").key(&owner).send().await.ok();
    assert_eq!(look().await, json!({ "isHeldBack": false, "freeze": null }));
    assert_eq!(lift().await.refusal(), (409, "conflict", "", ""));
    let transaction = app.databases.control.begin().await.unwrap();
    begin_freeze(&transaction, WindowCounts { checked: 12, broken: 7 }, app.now()).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(look().await["isHeldBack"], json!(true));
    assert_eq!(status().await["failover"]["heldBackSince"], json!(NOW));
    app.advance(60);
    assert_snapshot!("lifted_freeze", lift().await.ok());
    assert_eq!(look().await["isHeldBack"], json!(false));
    assert_eq!(status().await["failover"]["heldBackSince"], json!(null));
}
