//! Workspaces and their domains.

use http::StatusCode;
use serde_json::json;

use crate::support::{TestApp, assert_snapshot, on_both_databases};

on_both_databases!(a_person_creates_and_renames_workspaces, a_session_chooses_the_workspace, domains_are_listed,);

async fn a_person_creates_and_renames_workspaces(app: TestApp) {
    let owner = app.owner("ada").await;
    let cookie = app.sign_in(&owner.email).await;
    let created = app.post("/api/workspaces", &json!({ "name": "Zweite Firma" })).session(&cookie).send().await;
    assert_eq!(created.status, StatusCode::CREATED);
    assert_snapshot!("workspace", created.body);
    let taken = json!({ "name": "Other", "slug": "zweite-firma" });
    let taken = app.post("/api/workspaces", &taken).session(&cookie).send().await;
    assert_eq!(taken.refusal(), (409, "conflict", "slug", "slug_taken"));
    let renamed = app
        .patch("/api/workspaces/zweite-firma", &json!({ "name": "Dritte Firma" }))
        .session(&cookie)
        .send()
        .await
        .ok();
    assert_eq!((&renamed["name"], &renamed["slug"]), (&json!("Dritte Firma"), &json!("zweite-firma")));
    let found = app.get("/api/workspaces/zweite-firma").session(&cookie).send().await.ok();
    assert_eq!(found, renamed);
    let listed = app.get("/api/workspaces").session(&cookie).send().await.ok();
    assert_eq!(listed.as_array().unwrap().len(), 2);
    let null = app.patch("/api/workspaces/zweite-firma", &json!({ "name": null })).session(&cookie).send().await;
    assert_eq!(null.refusal(), (422, "unprocessable_entity", "name", "type_mismatch"));
}

async fn a_session_chooses_the_workspace(app: TestApp) {
    let owner = app.owner("ada").await;
    app.link(&owner, "one").await;
    let cookie = app.sign_in(&owner.email).await;
    let by_parameter = app.get("/api/links/count?workspaceId=ada").session(&cookie).send().await;
    assert_eq!(by_parameter.ok(), json!(1));
    let by_header =
        app.get("/api/links/count").header("x-workspace-id", &owner.workspace).session(&cookie).send().await;
    assert_eq!(by_header.ok(), json!(1));
    let contradiction = app
        .get(&format!("/api/links/count?workspaceId={}", owner.workspace))
        .header("x-workspace-id", "ada")
        .session(&cookie)
        .send()
        .await;
    assert_eq!(contradiction.refusal().0, 400);
}

async fn domains_are_listed(app: TestApp) {
    let owner = app.owner("ada").await;
    let domains = app.get("/api/domains").key(&owner).send().await.ok();
    assert_snapshot!("domains", domains);
}
