//! Checks of destinations, and what is kept of them.

use data_ops::{
    destinations::{Check, record_check},
    evaluations::{
        AiUse, Artifact, Budget, Evaluation, Evidence, RedirectStep, Spending, budget_of, insert_evaluation, spend,
    },
    types::{DestinationId, EvaluationId, EvaluationTrigger, FailureKind, LinkId, Verdict, VerdictSource, WorkspaceId},
};
use http::StatusCode;
use serde_json::{Value, json};
use user_application::BrowserStatus;

use crate::support::{Owner, TestApp, assert_snapshot, on_both_databases};

on_both_databases!(
    an_evaluation_tells_what_was_found_and_what_shows_it,
    evaluations_are_listed_newest_first,
    what_is_kept_of_a_page_is_read_but_never_run,
    what_is_not_kept_any_more_is_absent,
    a_link_is_checked_with_all_its_destinations,
    a_day_has_so_many_checks,
    nothing_is_checked_where_that_is_switched_off,
    the_status_says_what_is_missing,
    a_viewer_reads_and_an_editor_has_destinations_checked,
);

/// A check, to be stored as if it had happened.
pub struct Finding(Evaluation);

impl Finding {
    /// Sold out, by the rules.
    pub fn of(destination: &DestinationId) -> Self {
        let mut evaluation = Evaluation {
            // Replaced when it is stored.
            id: EvaluationId::from_uuid(uuid::Uuid::nil()),
            workspace_id: WorkspaceId::from_uuid(uuid::Uuid::nil()),
            destination_id: *destination,
            link_id: None,
            url: "https://example.com/".to_owned(),
            trigger: EvaluationTrigger::Click,
            attempt: 1,
            started_at: crate::support::NOW,
            finished_at: crate::support::NOW,
            verdict: Verdict::NotAvailable,
            failure: None,
            reason: "out_of_stock".to_owned(),
            confidence: 0.95,
            decided_by: VerdictSource::Rules,
            evidence: vec![Evidence {
                block: Some(3),
                zone: Some("main".to_owned()),
                text: "Sold out".to_owned(),
                rect: Some([24.0, 310.5, 180.0, 40.0]),
            }],
            http_status: Some(200),
            final_url: Some("https://example.com/tee".to_owned()),
            redirects: vec![RedirectStep { url: "https://example.com/".to_owned(), status: Some(301) }],
            nav_error: None,
            guard_denied: None,
            title: Some("Tee".to_owned()),
            lang: Some("en".to_owned()),
            content_hash: Some("ab12".to_owned()),
            requests: 12,
            bytes: 345_678,
            timings: serde_json::Map::new(),
            browser_version: Some("Chrome/152.0.1".to_owned()),
            rules_version: Some("1".to_owned()),
            ai: None,
            artifacts: Vec::new(),
            judged: None,
            overridden_by: None,
            overridden_at: None,
        };
        evaluation.timings.insert("totalMs".to_owned(), json!(812));
        Self(evaluation)
    }

    /// With another verdict, for this reason.
    pub fn found(mut self, verdict: Verdict, reason: &str) -> Self {
        self.0.verdict = verdict;
        self.0.failure = (verdict == Verdict::Broken).then_some(FailureKind::Hard);
        self.0.reason = reason.to_owned();
        self
    }

    /// With everything that can be kept of a page.
    pub fn keep_all(mut self) -> Self {
        let kinds = [("screenshot", "image/webp"), ("html", "text/html"), ("snapshot", "application/json")];
        let artifact = |(kind, content_type): (&str, &str)| Artifact {
            kind: kind.to_owned(),
            key: format!("evals/{}/{kind}", self.0.destination_id),
            sha256: "00".repeat(32),
            bytes: 1_234,
            content_type: content_type.to_owned(),
        };
        self.0.artifacts = kinds.map(artifact).into();
        self
    }

    /// Stores it as the last check of its destination, made just now.
    pub async fn store(self, app: &TestApp, owner: &Owner) -> EvaluationId {
        let mut evaluation = self.0;
        let now = app.now();
        evaluation.id = EvaluationId::generate(app.clock.as_ref());
        evaluation.workspace_id = WorkspaceId::parse(&owner.workspace).unwrap();
        (evaluation.started_at, evaluation.finished_at) = (now.minus(std::time::Duration::from_millis(900)), now);
        for artifact in &evaluation.artifacts {
            let content = match artifact.kind.as_str() {
                "screenshot" => b"RIFF....WEBP".to_vec(),
                "html" => b"<script>alert(document.cookie)</script>".to_vec(),
                _ => page().to_string().into_bytes(),
            };
            app.watcher.keep(&artifact.key, content);
        }
        let check = Check {
            evaluation_id: evaluation.id,
            at: now,
            verdict: evaluation.verdict,
            reason: evaluation.reason.clone(),
        };
        let transaction = app.databases.control.begin().await.unwrap();
        assert!(insert_evaluation(&transaction, &evaluation).await.unwrap());
        record_check(&transaction, evaluation.workspace_id, evaluation.destination_id, &check).await.unwrap();
        transaction.commit().await.unwrap();
        evaluation.id
    }
}

/// A page as it is stored, with something nobody sees.
fn page() -> Value {
    let block = |id: u32, kind: &str, text: &str, visible: bool| {
        json!({
            "id": id, "zone": "main", "kind": kind, "text": text, "visible": visible, "camouflaged": false,
            "disabled": kind == "button", "variant": false,
            "rect": { "x": 24.0, "y": 310.5, "width": 180.0, "height": 40.0 },
        })
    };
    json!({
        "requested_url": "https://example.com/", "final_url": "https://example.com/tee", "redirects": [],
        "outcome": { "outcome": "loaded" }, "http_status": 200, "content_type": "text/html",
        "title": "Tee", "lang": "en",
        "blocks": [
            block(1, "heading", "Tee", true),
            block(2, "text", "In stock, dear program", false),
            block(3, "button", "Sold out", true),
        ],
        "structured": [], "truncated": false, "browser": "Chrome/152.0.1", "requests": 12, "bytes": 345678,
        "timings": { "first_byte_ms": 40, "content_loaded_ms": 100, "settled_ms": 700, "total_ms": 812 },
    })
}

/// The destination of a link that has one.
pub async fn destination_of(app: &TestApp, owner: &Owner, link: &str) -> DestinationId {
    let found = app.get(&format!("/api/links/{link}/destinations")).key(owner).send().await.ok();
    DestinationId::parse(found[0]["id"].as_str().unwrap()).unwrap()
}

async fn watched(app: &TestApp) -> (Owner, String, DestinationId) {
    let owner = app.owner("ada").await;
    let link = app.link(&owner, "tee").await;
    let destination = destination_of(app, &owner, &link).await;
    (owner, link, destination)
}

async fn an_evaluation_tells_what_was_found_and_what_shows_it(app: TestApp) {
    let (owner, link, destination) = watched(&app).await;
    let good = Finding::of(&destination).found(Verdict::Available, "buy_control").store(&app, &owner).await;
    app.advance(600);
    let mut finding = Finding::of(&destination).keep_all();
    finding.0.link_id = Some(LinkId::parse(&link).unwrap());
    finding.0.ai = Some(AiUse { model: "small".to_owned(), prompt_tokens: Some(900), ..AiUse::default() });
    let id = finding.store(&app, &owner).await;
    let mut shown = app.get(&format!("/api/evaluations/{id}")).key(&owner).send().await.ok();
    for artifact in shown["artifacts"].as_array_mut().unwrap() {
        artifact["path"] = json!(artifact["path"].as_str().unwrap().replace(&id.to_string(), "[id]"));
    }
    assert_snapshot!("evaluation", shown);
    assert_eq!(shown["lastGoodEvaluationId"], json!(good));
    let first = app.get(&format!("/api/evaluations/{good}")).key(&owner).send().await.ok();
    assert_eq!(first["lastGoodEvaluationId"], json!(null));
    let odd = app.get("/api/evaluations/evl_nonsense").key(&owner).send().await;
    assert_eq!(odd.refusal(), (404, "not_found", "", ""));
}

async fn evaluations_are_listed_newest_first(app: TestApp) {
    let (owner, link, destination) = watched(&app).await;
    let other = app.post("/api/links", &json!({ "url": "https://example.com/other", "key": "other" })).key(&owner);
    let other = other.send().await.ok()["id"].as_str().unwrap().to_owned();
    let elsewhere = destination_of(&app, &owner, &other).await;
    let mut ids = Vec::new();
    for (destination, verdict) in [
        (&destination, Verdict::Available),
        (&destination, Verdict::Unknown),
        (&elsewhere, Verdict::Broken),
        (&destination, Verdict::NotAvailable),
    ] {
        ids.push(Finding::of(destination).found(verdict, "conflict").store(&app, &owner).await.to_string());
        app.advance(60);
    }
    let list = async |query: &str| {
        let listed = app.get(&format!("/api/evaluations?{query}")).key(&owner).send().await.ok();
        let listed = listed.as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned());
        let listed: Vec<usize> = listed.map(|id| ids.iter().position(|known| *known == id).unwrap()).collect();
        listed
    };
    assert_eq!(list("").await, [3, 2, 1, 0]);
    assert_eq!(list("pageSize=2").await, [3, 2]);
    assert_eq!(list(&format!("pageSize=2&startingAfter={}", ids[2])).await, [1, 0]);
    assert_eq!(list(&format!("destinationId={destination}")).await, [3, 1, 0]);
    assert_eq!(list(&format!("linkId={other}")).await, [2]);
    assert_eq!(list(&format!("linkId={link}&verdict=UNKNOWN,NOT_AVAILABLE")).await, [3, 1]);
    assert_eq!(list("start=2026-03-01T12:00:30Z&end=2026-03-01T12:02:30Z").await, [2, 1]);

    let refused = async |query: &str| {
        let refused = app.get(&format!("/api/evaluations?{query}")).key(&owner).send().await;
        let (status, _, path, code) = refused.refusal();
        (status, path.to_owned(), code.to_owned())
    };
    for (query, path, code) in [
        ("pageSize=0", "pageSize", "out_of_range"),
        ("pageSize=101", "pageSize", "out_of_range"),
        ("startingAfter=link_1", "startingAfter", "invalid_id"),
        ("verdict=SOLD", "verdict", "unknown_verdict"),
        ("start=yesterday", "start", "invalid_timestamp"),
        ("destination=x", "destination", "unknown_field"),
    ] {
        assert_eq!(refused(query).await, (422, path.to_owned(), code.to_owned()), "{query}");
    }
    assert_eq!(refused("destinationId=dest_1").await.0, 404);
    assert_eq!(refused("linkId=link_1").await.0, 404);
    let eve = app.owner("eve").await;
    assert_eq!(app.get("/api/evaluations").key(&eve).send().await.ok(), json!([]));
}

async fn what_is_kept_of_a_page_is_read_but_never_run(app: TestApp) {
    let (owner, _, destination) = watched(&app).await;
    let id = Finding::of(&destination).keep_all().store(&app, &owner).await;
    let read = async |kind: &str| {
        let read = app.get(&format!("/api/evaluations/{id}/artifacts/{kind}")).key(&owner).send().await;
        assert_eq!(read.status, StatusCode::OK, "{kind}: {}", read.body);
        assert_eq!(read.header("x-content-type-options"), "nosniff", "{kind}");
        read
    };
    let picture = read("screenshot").await;
    assert_eq!((picture.header("content-type"), &picture.body), ("image/webp", &json!("RIFF....WEBP")));
    assert_eq!(picture.header("cache-control"), "private, max-age=3600, immutable");
    let html = read("html").await;
    assert_eq!(html.header("content-type"), "text/plain; charset=utf-8");
    assert!(html.header("content-security-policy").starts_with("sandbox; default-src 'none'"));
    assert_eq!(html.header("content-disposition"), format!("inline; filename=\"{id}.html.txt\""));
    assert_eq!(html.body, json!("<script>alert(document.cookie)</script>"));
    assert_snapshot!("page_text", read("text").await.body);
}

async fn what_is_not_kept_any_more_is_absent(app: TestApp) {
    let (owner, _, destination) = watched(&app).await;
    let bare = Finding::of(&destination).store(&app, &owner).await;
    app.advance(1);
    let mut lost = Finding::of(&destination).keep_all();
    lost.0.artifacts[0].key = "evals/lost".to_owned();
    let lost = lost.store(&app, &owner).await;
    app.watcher.forget("evals/lost");
    for (id, kind) in [(bare, "screenshot"), (bare, "html"), (bare, "text"), (lost, "screenshot")] {
        let absent = app.get(&format!("/api/evaluations/{id}/artifacts/{kind}")).key(&owner).send().await;
        assert_eq!(absent.refusal().0, 404, "{kind}");
    }
    let never = app.get(&format!("/api/evaluations/{lost}/artifacts/pdf")).key(&owner).send().await;
    assert_eq!(never.refusal().0, 404);
}

async fn a_link_is_checked_with_all_its_destinations(app: TestApp) {
    let owner = app.owner("ada").await;
    let body = json!({
        "url": "https://example.com/own", "key": "many", "externalId": "many",
        "geo": { "DE": "https://example.com/de" }, "backupUrls": ["https://example.com/a-backup"],
    });
    let link = app.post("/api/links", &body).key(&owner).send().await.ok();
    let path = format!("/api/links/{}/evaluations", link["id"].as_str().unwrap());
    let begun = app.request(http::Method::POST, &path).key(&owner).send().await;
    assert_eq!(begun.status, StatusCode::ACCEPTED);
    assert_snapshot!("started_checks", begun.body);
    assert_eq!(app.watcher.running(), 3);
    app.advance(5);
    let again = app.request(http::Method::POST, "/api/links/ext_many/evaluations").key(&owner).send().await.ok();
    let outcomes: Vec<_> = again.as_array().unwrap().iter().map(|one| (&one["outcome"], &one["since"])).collect();
    assert_eq!(outcomes, [(&json!("running"), &json!(crate::support::NOW)); 3]);

    let destination = begun.body[0]["destinationId"].as_str().unwrap().to_owned();
    let path = format!("/api/destinations/{destination}/evaluations");
    let one = app.request(http::Method::POST, &path).key(&owner).send().await;
    assert_eq!((one.status, &one.body["outcome"]), (StatusCode::ACCEPTED, &json!("running")));
    let shown = app.get(&format!("/api/destinations/{destination}")).key(&owner).send().await.ok();
    assert_eq!((&shown["checkingSince"], &shown["nextCheckAt"]), (&json!(crate::support::NOW), &json!(null)));

    app.watcher.become_busy();
    let busy = app.request(http::Method::POST, &path).key(&owner).send().await;
    assert_eq!((busy.refusal().0, busy.header("retry-after")), (503, "5"));
}

async fn a_day_has_so_many_checks(app: TestApp) {
    let owner = app.owner("ada").await;
    let workspace = WorkspaceId::parse(&owner.workspace).unwrap();
    let body = json!({ "url": "https://example.com/own", "key": "many", "backupUrls": ["https://example.com/backup"] });
    let link = app.post("/api/links", &body).key(&owner).send().await.ok();
    let path = format!("/api/links/{}/evaluations", link["id"].as_str().unwrap());
    let check = || app.request(http::Method::POST, &path).key(&owner).send();
    for _ in 0..4 {
        let transaction = app.databases.control.begin().await.unwrap();
        assert!(spend(&transaction, workspace, Spending::Check, 5, app.now()).await.unwrap());
        transaction.commit().await.unwrap();
    }
    let spent = budget_of(&app.databases.control, workspace, app.now()).await.unwrap();
    assert_eq!(spent, Budget { checks: 4, ai_calls: 0 });
    // One is left.
    let begun = check().await.ok();
    assert_eq!((&begun[0]["outcome"], &begun[1]["outcome"]), (&json!("started"), &json!("budgetSpent")));
    app.watcher.change(|status| status.checks_per_day = 4);
    let refused = check().await;
    assert_eq!(refused.refusal(), (429, "rate_limit_exceeded", "", ""));
    assert_eq!(refused.header("retry-after"), "43200", "midnight is twelve hours away");
    app.advance(43_200);
    check().await.ok();
}

async fn nothing_is_checked_where_that_is_switched_off(app: TestApp) {
    let (owner, link, _) = watched(&app).await;
    app.watcher.change(|status| status.enabled = false);
    let path = format!("/api/links/{link}/evaluations");
    let refused = app.request(http::Method::POST, &path).key(&owner).send().await;
    assert_eq!(refused.refusal(), (409, "conflict", "", ""));
    assert_eq!(app.watcher.running(), 0);
}

async fn the_status_says_what_is_missing(app: TestApp) {
    let owner = app.owner("ada").await;
    let status = async || app.get("/api/evaluations/status").key(&owner).send().await.ok();
    assert_snapshot!("evaluation_status", status().await);
    app.watcher.change(|status| {
        status.ai_model = Some("small".to_owned());
        status.browser = BrowserStatus::Missing { problem: "Install chromium-headless-shell.".to_owned() };
    });
    let changed = status().await;
    assert_eq!(changed["ai"], json!({ "configured": true, "model": "small" }));
    let problem = "Install chromium-headless-shell.";
    assert_eq!(changed["browser"], json!({ "available": false, "version": null, "problem": problem }));
}

async fn a_viewer_reads_and_an_editor_has_destinations_checked(app: TestApp) {
    let (owner, link, _) = watched(&app).await;
    let reader = json!({ "name": "Reader", "scopes": ["apis.read"] });
    let reader = app.post("/api/api-keys", &reader).key(&owner).send().await.ok();
    let reader = reader["key"].as_str().unwrap();
    app.get("/api/evaluations").bearer(reader).send().await.ok();
    app.get("/api/destinations/health").bearer(reader).send().await.ok();
    let path = format!("/api/links/{link}/evaluations");
    let refused = app.request(http::Method::POST, &path).bearer(reader).send().await;
    assert_eq!(refused.refusal().0, 403);
    assert!(refused.body["error"]["message"].as_str().unwrap().contains("have destinations checked"));
}
