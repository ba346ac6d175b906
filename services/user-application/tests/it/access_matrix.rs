//! Every operation of the OpenAPI document, by callers who must not be served. A new operation without a case fails here.

use std::collections::BTreeSet;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    evaluations::{Finding, destination_of},
    support::{Owner, TestApp, on_both_databases},
};

on_both_databases!(
    no_operation_serves_a_caller_without_credentials,
    what_belongs_to_another_workspace_is_as_absent_as_what_never_was,
    a_key_does_no_more_than_its_scopes,
    only_admins_of_the_instance_look_after_it,
);

/// Operations anybody may call. This list may only shrink.
const PUBLIC: [&str; 3] = ["getSetup", "signIn", "signUp"];

/// Operations about the person, not about a workspace.
const PERSONAL: [&str; 4] = ["createWorkspace", "getMe", "listWorkspaces", "signOut"];

struct Operation {
    id: String,
    method: Method,
    path: String,
    is_public: bool,
    /// It is about the whole instance.
    is_admin: bool,
}

fn operations() -> Vec<Operation> {
    let document = serde_json::to_value(user_application::openapi()).unwrap();
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            operations.push(Operation {
                id: operation["operationId"].as_str().unwrap().to_owned(),
                method: method.to_uppercase().parse().unwrap(),
                path: path.clone(),
                is_public: operation["security"] == json!([{}]),
                is_admin: path.starts_with("/api/admin/"),
            });
        }
    }
    assert!(operations.len() > 20, "the document lists its operations");
    operations
}

/// What to send so that only the credentials are wrong: the path with ids filled in, and a body.
fn case(operation: &str, things: &Things) -> (String, Option<Value>) {
    let Things { link, api_key, workspace, destination, evaluation } = things;
    let link_body = json!({ "url": "https://example.com/" });
    match operation {
        "checkDestination" => (format!("/api/destinations/{destination}/evaluations"), None),
        "checkLink" => (format!("/api/links/{link}/evaluations"), None),
        "createApiKey" => ("/api/api-keys".into(), Some(json!({ "name": "New" }))),
        "createLink" => ("/api/links".into(), Some(link_body)),
        "createManyLinks" => ("/api/links/bulk".into(), Some(json!([link_body]))),
        "createWorkspace" => ("/api/workspaces".into(), Some(json!({ "name": "New" }))),
        "getAnalytics" => (format!("/api/analytics?linkId={link}"), None),
        "getDestination" => (format!("/api/destinations/{destination}"), None),
        "getDestinationSummary" => ("/api/destinations/summary".into(), None),
        "getEvaluation" => (format!("/api/evaluations/{evaluation}"), None),
        "getEvaluationHtml" => (format!("/api/evaluations/{evaluation}/artifacts/html"), None),
        "getEvaluationScreenshot" => (format!("/api/evaluations/{evaluation}/artifacts/screenshot"), None),
        "getEvaluationStatus" => ("/api/evaluations/status".into(), None),
        "getEvaluationText" => (format!("/api/evaluations/{evaluation}/artifacts/text"), None),
        "getLinkInfo" => (format!("/api/links/info?linkId={link}"), None),
        "getMe" => ("/api/me".into(), None),
        "getWorkspace" => (format!("/api/workspaces/{workspace}"), None),
        "linkExists" => ("/api/links/exists?key=x".into(), None),
        "countLinks" => ("/api/links/count".into(), None),
        "listApiKeys" => ("/api/api-keys".into(), None),
        "listDestinationHealth" => ("/api/destinations/health".into(), None),
        "listDomains" => ("/api/domains".into(), None),
        "listEvaluations" => (format!("/api/evaluations?linkId={link}&destinationId={destination}"), None),
        "listHealthChanges" => (format!("/api/destinations/{destination}/changes"), None),
        "listLinkDestinations" => (format!("/api/links/{link}/destinations"), None),
        "listLinks" => ("/api/links".into(), None),
        "listWorkspaces" => ("/api/workspaces".into(), None),
        "markEvaluationWrong" => {
            (format!("/api/destinations/{destination}/mark-wrong"), Some(json!({ "evaluationId": evaluation })))
        }
        "pinDestination" => (format!("/api/destinations/{destination}/pin"), Some(json!({ "pin": "primary" }))),
        "restoreDestination" => (format!("/api/destinations/{destination}/restore"), None),
        "revokeApiKey" => (format!("/api/api-keys/{api_key}"), None),
        "signOut" => ("/api/auth/sign-out".into(), None),
        "watchClicks" => ("/api/live".into(), None),
        "updateWorkspace" => (format!("/api/workspaces/{workspace}"), Some(json!({ "name": "New" }))),
        "deleteLink" | "getLink" => (format!("/api/links/{link}"), None),
        "updateLink" => (format!("/api/links/{link}"), Some(json!({ "title": "New" }))),
        "deleteDeadLetter" | "getDeadLetter" => (format!("/api/admin/dead-letters/{ABSENT_JOB}"), None),
        "deleteDeadLetters" => ("/api/admin/queues/chores/dead-letters".into(), None),
        "getFailover" => ("/api/admin/failover".into(), None),
        "getObject" => ("/api/admin/objects/note/none".into(), None),
        "getWorkflow" => ("/api/admin/workflows/none".into(), None),
        "liftFailover" => ("/api/admin/failover/lift".into(), None),
        "listCronRuns" => ("/api/admin/crons/nightly/runs".into(), None),
        "listCrons" => ("/api/admin/crons".into(), None),
        "listDeadLetters" => ("/api/admin/dead-letters".into(), None),
        "listObjectClasses" => ("/api/admin/objects".into(), None),
        "listObjects" => ("/api/admin/objects/note".into(), None),
        "listQueues" => ("/api/admin/queues".into(), None),
        "listWorkflowKinds" => ("/api/admin/workflows/kinds".into(), None),
        "listWorkflows" => ("/api/admin/workflows".into(), None),
        "pauseCron" => ("/api/admin/crons/nightly/pause".into(), None),
        "pauseQueue" => ("/api/admin/queues/chores/pause".into(), None),
        "pauseWorkflow" => ("/api/admin/workflows/none/pause".into(), None),
        "replayDeadLetter" => (format!("/api/admin/dead-letters/{ABSENT_JOB}/replay"), None),
        "replayDeadLetters" => ("/api/admin/queues/chores/dead-letters/replay".into(), None),
        "restartWorkflow" => ("/api/admin/workflows/none/restart".into(), Some(json!({}))),
        "resumeCron" => ("/api/admin/crons/nightly/resume".into(), None),
        "resumeObject" => ("/api/admin/objects/note/none/resume".into(), None),
        "resumeQueue" => ("/api/admin/queues/chores/resume".into(), None),
        "resumeWorkflow" => ("/api/admin/workflows/none/resume".into(), None),
        "runCron" => ("/api/admin/crons/nightly/run".into(), None),
        "terminateWorkflow" => ("/api/admin/workflows/none/terminate".into(), None),
        other => panic!("add a case for the operation {other}"),
    }
}

const ABSENT_LINK: &str = "link_01jd9zk3w0f5ktqk4mt2e8h6pc";
const ABSENT_KEY: &str = "key_01jd9zk3w0f5ktqk4mt2e8h6pe";
const ABSENT_JOB: &str = "job_01jd9zk3w0f5ktqk4mt2e8h6ph";
const ABSENT_DESTINATION: &str = "dest_01jd9zk3w0f5ktqk4mt2e8h6pd";
const ABSENT_EVALUATION: &str = "evl_01jd9zk3w0f5ktqk4mt2e8h6pf";
const ABSENT_WORKSPACE: &str = "ws_01jd9zk3w0f5ktqk4mt2e8h6pa";

async fn no_operation_serves_a_caller_without_credentials(app: TestApp) {
    let public: BTreeSet<String> =
        operations().into_iter().filter(|operation| operation.is_public).map(|operation| operation.id).collect();
    assert_eq!(public, PUBLIC.map(str::to_owned).into());
    for operation in operations().into_iter().filter(|operation| !operation.is_public) {
        let (path, body) = case(&operation.id, &Things::absent());
        let send = |headers: &[(&str, &str)]| {
            let request = app.request(operation.method.clone(), &path).header("sec-fetch-site", "same-origin");
            let request = headers.iter().fold(request, |request, (name, value)| request.header(name, value));
            match &body {
                Some(body) => request.json(body),
                None => request,
            }
            .send()
        };
        let without = send(&[]).await;
        assert_eq!(without.refusal().0, 401, "{}", operation.id);
        assert!(without.header("www-authenticate").starts_with("Bearer"), "{}", operation.id);
        let stale = send(&[("cookie", "__Host-hashroute_session=stale")]).await;
        assert_eq!(stale.body, without.body, "{}", operation.id);
        let secret = "x".repeat(52);
        for key in
            ["Bearer hr_0123456789_short".to_owned(), format!("Bearer hr_0123456789_{secret}"), "Basic eDp5".to_owned()]
        {
            let wrong = send(&[("authorization", &key)]).await;
            let is_personal = PERSONAL.contains(&operation.id.as_str()) && operation.id != "listWorkspaces";
            let takes_no_keys = is_personal || operation.is_admin;
            assert_eq!(wrong.refusal().0, if takes_no_keys { 403 } else { 401 }, "{}", operation.id);
        }
    }
}

/// Somebody else's things, and things that never were.
struct Things {
    link: String,
    api_key: String,
    workspace: String,
    destination: String,
    evaluation: String,
}

impl Things {
    fn absent() -> Self {
        Self {
            link: ABSENT_LINK.to_owned(),
            api_key: ABSENT_KEY.to_owned(),
            workspace: ABSENT_WORKSPACE.to_owned(),
            destination: ABSENT_DESTINATION.to_owned(),
            evaluation: ABSENT_EVALUATION.to_owned(),
        }
    }
}

async fn things_of(app: &TestApp, owner: &Owner) -> Things {
    let link = app.link(owner, "theirs").await;
    let keys = app.get("/api/api-keys").key(owner).send().await.ok();
    let destination = destination_of(app, owner, &link).await;
    Things {
        evaluation: Finding::of(&destination).keep_all().store(app, owner).await.to_string(),
        destination: destination.to_string(),
        link,
        api_key: keys[0]["id"].as_str().unwrap().to_owned(),
        workspace: owner.workspace.clone(),
    }
}

async fn what_belongs_to_another_workspace_is_as_absent_as_what_never_was(app: TestApp) {
    let ada = app.owner("ada").await;
    let eve = app.owner("eve").await;
    let cookie = app.sign_in(&eve.email).await;
    let foreign = things_of(&app, &ada).await;
    let absent = Things::absent();
    for operation in operations() {
        if operation.is_public || operation.is_admin || PERSONAL.contains(&operation.id.as_str()) {
            continue;
        }
        let case_of = |things: &Things| case(&operation.id, things);
        let send = |(path, body): (String, Option<Value>), as_person: bool, chosen: Option<String>| {
            let request = app.request(operation.method.clone(), &path);
            let request = if as_person { request.session(&cookie) } else { request.key(&eve) };
            let request = chosen.iter().fold(request, |request, id| request.header("x-workspace-id", id));
            match &body {
                Some(body) => request.json(body),
                None => request,
            }
            .send()
        };
        let names_something = operation.path.contains('{')
            || ["getAnalytics", "getLinkInfo", "listEvaluations"].contains(&operation.id.as_str());
        if names_something {
            for as_person in [false, true] {
                let own = as_person.then(|| eve.workspace.clone());
                let theirs = send(case_of(&foreign), as_person, own.clone()).await;
                let none = send(case_of(&absent), as_person, own).await;
                assert_eq!(theirs.refusal().0, 404, "{}", operation.id);
                assert_eq!(theirs.body, none.body, "{}", operation.id);
            }
        }
        if !operation.path.contains("{idOrSlug}") {
            for as_person in [false, true] {
                let theirs = send(case_of(&foreign), as_person, Some(foreign.workspace.clone())).await;
                let none = send(case_of(&foreign), as_person, Some(absent.workspace.clone())).await;
                let odd = send(case_of(&foreign), as_person, Some("no such".into())).await;
                assert_eq!(theirs.refusal().0, 404, "{}", operation.id);
                assert_eq!(theirs.body, none.body, "{}", operation.id);
                assert_eq!(theirs.body, odd.body, "{}", operation.id);
            }
            let unchosen = send(case_of(&foreign), true, None).await;
            assert_eq!(unchosen.refusal().0, 400, "{}", operation.id);
        }
    }
    let unharmed = app.get(&format!("/api/links/{}", foreign.link)).key(&ada).send().await.ok();
    assert_eq!(unharmed["title"], json!(null));
}

async fn a_key_does_no_more_than_its_scopes(app: TestApp) {
    let ada = app.owner("ada").await;
    let things = things_of(&app, &ada).await;
    let scoped = async |scopes: &[&str]| {
        let body = json!({ "name": "Scoped", "scopes": scopes });
        let key = app.post("/api/api-keys", &body).key(&ada).send().await.ok();
        key["key"].as_str().unwrap().to_owned()
    };
    let evaluations = [
        "getEvaluation",
        "getEvaluationHtml",
        "getEvaluationScreenshot",
        "getEvaluationStatus",
        "getEvaluationText",
        "listEvaluations",
    ];
    let destinations = [
        "getDestination",
        "getDestinationSummary",
        "listDestinationHealth",
        "listHealthChanges",
        "listLinkDestinations",
    ];
    let checking = [&evaluations[..], &["checkDestination", "checkLink"]].concat();
    let deciding = [&destinations[..], &["markEvaluationWrong", "pinDestination", "restoreDestination"]].concat();
    let scopes = [
        ("links.read", &["countLinks", "getLink", "getLinkInfo", "linkExists", "listLinks"][..]),
        ("analytics.read", &["getAnalytics", "watchClicks"]),
        ("evaluations.read", &evaluations),
        ("evaluations.write", &checking),
        ("destinations.read", &destinations),
        ("destinations.write", &deciding),
        ("domains.read", &["listDomains"]),
        ("workspaces.read", &["getWorkspace", "listWorkspaces"]),
        ("api-keys.read", &["listApiKeys"]),
    ];
    for (scope, allowed) in scopes {
        let key = scoped(&[scope]).await;
        for operation in operations() {
            if operation.is_public {
                continue;
            }
            let (path, body) = case(&operation.id, &things);
            let request = app.request(operation.method.clone(), &path).bearer(&key);
            let request = match &body {
                Some(body) => request.json(body),
                None => request,
            };
            let status = request.send().await.status;
            let expected = match operation.id.as_str() {
                id if !allowed.contains(&id) => StatusCode::FORBIDDEN,
                // Nothing here becomes a websocket.
                "watchClicks" => StatusCode::UPGRADE_REQUIRED,
                "checkDestination" | "checkLink" => StatusCode::ACCEPTED,
                _ => StatusCode::OK,
            };
            assert_eq!(status, expected, "{scope}: {}", operation.id);
        }
    }
}

async fn only_admins_of_the_instance_look_after_it(app: TestApp) {
    // The first account administers the instance.
    let (ada, eve) = (app.owner("ada").await, app.owner("eve").await);
    let (admin, other) = (app.sign_in(&ada.email).await, app.sign_in(&eve.email).await);
    let who = async |cookie: &str| app.get("/api/me").session(cookie).send().await.ok();
    let (admin_account, other_account) = (who(&admin).await, who(&other).await);
    assert_eq!(admin_account["user"]["isInstanceAdmin"], json!(true));
    assert_eq!(other_account["user"]["isInstanceAdmin"], json!(false));

    let mut refused = BTreeSet::new();
    for operation in operations().into_iter().filter(|operation| operation.is_admin) {
        let (path, body) = case(&operation.id, &Things::absent());
        let request = || {
            let request = app.request(operation.method.clone(), &path);
            match &body {
                Some(body) => request.json(body),
                None => request,
            }
        };
        let by_other = request().session(&other).header("x-workspace-id", &eve.workspace).send().await;
        assert_eq!(by_other.refusal().0, 403, "{}", operation.id);
        refused.insert(by_other.body["error"]["message"].to_string());
        assert_eq!(request().key(&ada).send().await.refusal().0, 403, "{}", operation.id);
        if operation.method != Method::GET {
            let from_elsewhere = request().header("cookie", &admin).header("sec-fetch-site", "cross-site").send().await;
            assert_eq!(from_elsewhere.refusal().0, 403, "{}", operation.id);
        }
        let by_admin = request().session(&admin).send().await.status;
        assert!(
            [StatusCode::OK, StatusCode::NOT_FOUND, StatusCode::CONFLICT].contains(&by_admin),
            "{}: {by_admin}",
            operation.id
        );
    }
    assert_eq!(refused.len(), 1, "one refusal, whatever is there: {refused:?}");
}
