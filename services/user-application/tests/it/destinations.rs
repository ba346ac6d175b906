//! Destinations that must be refused, normalised or accepted, through the API.

use std::path::Path;

use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::support::{TestApp, on_both_databases};

on_both_databases!(
    every_destination_of_the_kit_gets_the_outcome_it_must,
    wrong_destinations_are_named_wherever_they_are,
    private_destinations_are_a_setting,
);

#[derive(Deserialize)]
struct Case {
    id: String,
    expect: String,
    error: Option<String>,
    normalised: Option<String>,
    input: Value,
    raw_json: Option<String>,
}

#[expect(clippy::print_stderr, reason = "a test that was skipped says so")]
async fn every_destination_of_the_kit_gets_the_outcome_it_must(mut app: TestApp) {
    let kit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/kits/bad-destinations.json");
    let Ok(text) = std::fs::read_to_string(&kit) else {
        assert!(std::env::var_os("CI").is_none(), "on CI the shared test kits must be there");
        eprintln!("skipped: shared/kits/bad-destinations.json is not beside the repository");
        return;
    };
    let cases: Vec<Case> = serde_json::from_str(&text).unwrap();
    assert!(cases.len() > 100);
    app.reconfigure(|settings| settings.api_requests_per_minute = 10_000.try_into().unwrap());
    let owner = app.owner("ada").await;
    for case in &cases {
        // Domains of customers cannot be added yet; that they count as own hosts is tested where destinations are parsed.
        if case.input.as_str().is_some_and(|input| input.contains("customer-domain")) {
            continue;
        }
        let destination = case.raw_json.clone().unwrap_or_else(|| case.input.to_string());
        let body = format!("{{\"url\": {destination}}}");
        let request = app.request(Method::POST, "/api/links").key(&owner);
        let answer = request.text("application/json", &body).send().await;
        match case.expect.as_str() {
            "reject" => {
                let code = case.error.as_deref().unwrap();
                assert_eq!(answer.refusal(), (422, "unprocessable_entity", "url", code), "{}: {body}", case.id);
            }
            _ => {
                assert_eq!(answer.status, StatusCode::OK, "{}: {}", case.id, answer.body);
                assert_eq!(answer.body["url"], json!(case.normalised), "{}: {body}", case.id);
            }
        }
    }
}

async fn wrong_destinations_are_named_wherever_they_are(app: TestApp) {
    let owner = app.owner("ada").await;
    let body = json!({
        "url": "example.com",
        "geo": { "DE": "ftp://example.com/", "ZZ": "https://example.com/" },
        "rules": [{
            "when": { "type": "country", "op": "in", "value": ["DE"] },
            "destinations": [{ "url": "https://example.com/" }, { "url": "http://127.0.0.1/" }],
        }],
        "key": "a/b",
    });
    let refused = app.post("/api/links", &body).key(&owner).send().await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let mut places: Vec<(&str, &str)> = refused.body["error"]["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|field| (field["path"].as_str().unwrap(), field["code"].as_str().unwrap()))
        .collect();
    places.sort_unstable();
    assert_eq!(
        places,
        [
            ("geo.DE", "scheme_not_allowed"),
            ("geo.ZZ", "unknown_country"),
            ("key", "invalid_character"),
            ("rules[0].destinations[1].url", "private_address"),
            ("url", "missing_scheme"),
        ]
    );
}

async fn private_destinations_are_a_setting(mut app: TestApp) {
    let owner = app.owner("ada").await;
    let body = json!({ "url": "http://192.168.1.1/" });
    let refused = app.post("/api/links", &body).key(&owner).send().await;
    assert_eq!(refused.refusal(), (422, "unprocessable_entity", "url", "private_address"));
    app.reconfigure(|settings| settings.allow_private_destinations = true);
    app.post("/api/links", &body).key(&owner).send().await.ok();
    let own = app.post("/api/links", &json!({ "url": "https://go.hr.test/x" })).key(&owner).send().await;
    assert_eq!(own.refusal(), (422, "unprocessable_entity", "url", "redirect_loop"));
}
