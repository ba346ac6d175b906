//! Backups of links, how their destinations are watched, and how they are.

use data_ops::{
    destinations::{HealthUpdate, find_destination_by_url, set_health},
    types::{DestinationUrl, HealthState, WorkspaceId},
};
use http::StatusCode;
use serde_json::{Value, json};

use crate::support::{NOW, TestApp, on_both_databases};

on_both_databases!(
    a_link_keeps_its_backups_and_what_its_owner_said_about_watching,
    what_is_wrong_with_backups_is_named,
    a_link_shows_how_its_destinations_are,
);

fn full() -> Value {
    json!({
        "url": "https://example.com/",
        "key": "sale",
        "backupUrls": ["https://Example.com/backup", "https://example.com/second"],
        "geo": { "DE": "https://example.com/de" },
        "geoBackupUrls": { "de": ["https://example.com/de-backup"] },
        "rules": [{
            "when": { "type": "country", "op": "in", "value": ["US"] },
            "destinations": [{ "url": "https://example.com/us", "weight": 1 }],
            "backups": ["https://example.com/us-backup"],
        }],
        "monitor": { "interval": 600, "phrases": { "unavailable": ["vergriffen"] } },
        "clickValue": { "minor": 250, "currency": "EUR" },
    })
}

async fn a_link_keeps_its_backups_and_what_its_owner_said_about_watching(app: TestApp) {
    let owner = app.owner("ada").await;
    let link = app.post("/api/links", &full()).key(&owner).send().await.ok();
    assert_eq!(link["backupUrls"], json!(["https://example.com/backup", "https://example.com/second"]));
    assert_eq!(link["geoBackupUrls"], json!({ "DE": ["https://example.com/de-backup"] }));
    assert_eq!(link["rules"][0]["backups"], json!(["https://example.com/us-backup"]));
    let monitor =
        json!({ "enabled": true, "interval": 600, "phrases": { "available": [], "unavailable": ["vergriffen"] } });
    assert_eq!((&link["monitor"], &link["clickValue"]), (&monitor, &full()["clickValue"]));
    let path = format!("/api/links/{}", link["id"].as_str().unwrap());
    assert_eq!(app.get(&path).key(&owner).send().await.ok(), link);
    let listed = app.get("/api/links").key(&owner).send().await.ok();
    assert_eq!(listed, json!([link]));

    let change = json!({ "backupUrls": [], "geoBackupUrls": {}, "clickValue": null, "monitor": { "enabled": false } });
    let changed = app.patch(&path, &change).key(&owner).send().await.ok();
    assert_eq!((&changed["backupUrls"], &changed["geoBackupUrls"]), (&json!([]), &json!(null)));
    assert_eq!((&changed["clickValue"], &changed["monitor"]["enabled"]), (&json!(null), &json!(false)));
    assert_eq!(changed["rules"], link["rules"]);
    let plain = app.post("/api/links", &json!({ "url": "https://example.com/" })).key(&owner).send().await.ok();
    let monitor = json!({ "enabled": true, "interval": null, "phrases": { "available": [], "unavailable": [] } });
    assert_eq!(
        (&plain["monitor"], &plain["backupUrls"], &plain["geoBackupUrls"]),
        (&monitor, &json!([]), &json!(null))
    );
}

async fn what_is_wrong_with_backups_is_named(app: TestApp) {
    let owner = app.owner("ada").await;
    let mut body = full();
    body["backupUrls"] = json!(["https://example.com/", "javascript:alert(1)"]);
    let refused = app.post("/api/links", &body).key(&owner).send().await;
    assert_eq!(paths(&refused.body), [("backupUrls[1]", "scheme_not_allowed")]);
    body["backupUrls"] = json!(["https://example.com/"]);
    body["geoBackupUrls"] = json!({ "FR": ["https://example.com/fr"] });
    body["rules"][0]["backups"] = json!(["https://example.com/us"]);
    body["monitor"] = json!({ "interval": 5 });
    body["clickValue"] = json!({ "minor": 0, "currency": "euro" });
    let refused = app.post("/api/links", &body).key(&owner).send().await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let mut found = paths(&refused.body);
    found.sort_unstable();
    assert_eq!(
        found,
        [
            ("backupUrls[0]", "backup_is_primary"),
            ("clickValue.currency", "invalid_currency"),
            ("clickValue.minor", "out_of_range"),
            ("geoBackupUrls.FR", "no_destination"),
            ("monitor.interval", "out_of_range"),
            ("rules[0].backups[0]", "backup_is_primary"),
        ]
    );
    let link = app.post("/api/links", &full()).key(&owner).send().await.ok();
    let path = format!("/api/links/{}", link["id"].as_str().unwrap());
    let refused = app.patch(&path, &json!({ "backupUrls": ["https://example.com/"] })).key(&owner).send().await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(paths(&refused.body), [("backupUrls[0]", "backup_is_primary")]);
    let bulk = json!([{ "url": "https://example.com/", "backupUrls": ["https://example.com/"] }]);
    let bulk = app.post("/api/links/bulk", &bulk).key(&owner).send().await.ok();
    assert_eq!(paths(&bulk[0]), [("[0].backupUrls[0]", "backup_is_primary")]);
}

fn paths(body: &Value) -> Vec<(&str, &str)> {
    let errors = body["error"]["errors"].as_array().or_else(|| body["errors"].as_array());
    let errors = errors.unwrap_or_else(|| panic!("no errors in {body}"));
    errors.iter().map(|error| (error["path"].as_str().unwrap(), error["code"].as_str().unwrap())).collect()
}

async fn a_link_shows_how_its_destinations_are(app: TestApp) {
    let owner = app.owner("ada").await;
    let link = app.post("/api/links", &full()).key(&owner).send().await.ok();
    let health = &link["health"];
    assert_eq!((&health["state"], &health["servingBackup"]), (&json!("unknown"), &json!(false)));
    let workspace = WorkspaceId::parse(link["workspaceId"].as_str().unwrap()).unwrap();
    let control = &app.databases.control;
    let set = async |url: &str, state| {
        let url = DestinationUrl::parse(url).unwrap();
        let destination = find_destination_by_url(control, workspace, &url).await.unwrap().unwrap();
        let reason = Some("out_of_stock".to_owned());
        let update = HealthUpdate { state, reason, held: false, evaluation_id: None, at: NOW };
        let transaction = control.begin().await.unwrap();
        set_health(&transaction, workspace, destination.id, &update).await.unwrap().unwrap();
        transaction.commit().await.unwrap();
        destination.id.to_string()
    };
    let health = async || app.get("/api/links").key(&owner).send().await.ok()[0]["health"].clone();
    // A backup that is broken is nobody's trouble.
    set("https://example.com/backup", HealthState::Broken).await;
    assert_eq!(health().await["state"], "unknown");
    let id = set("https://example.com/de", HealthState::Broken).await;
    let shown = health().await;
    assert_eq!((&shown["state"], &shown["reason"]), (&json!("broken"), &json!("out_of_stock")));
    assert_eq!((&shown["destinationId"], &shown["servingBackup"]), (&json!(id), &json!(true)));
    set("https://example.com/de-backup", HealthState::Broken).await;
    assert_eq!(health().await["servingBackup"], false);
}
