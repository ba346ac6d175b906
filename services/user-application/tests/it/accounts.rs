//! The first run, signing up, in and out.

use http::StatusCode;
use serde_json::json;

use crate::support::{PASSWORD, TestApp, assert_snapshot, on_both_databases};

on_both_databases!(
    the_first_account_needs_the_setup_link,
    later_accounts_need_open_sign_up,
    sign_up_names_every_mistake,
    a_session_lasts_until_sign_out,
    a_session_ends_when_it_is_not_used,
    signing_in_ends_the_session_before,
    an_unknown_address_and_a_wrong_password_get_the_same_answer,
    guessing_is_slowed_down,
    bootstrap_can_be_repeated_by_the_owner_only,
);

async fn the_first_account_needs_the_setup_link(app: TestApp) {
    let setup = app.get("/api/setup").send().await.ok();
    assert_eq!(setup, json!({ "needsSetup": true, "signUpOpen": false }));
    let outdated = app.application.issue_setup_link().await.unwrap().unwrap();
    let link = app.application.issue_setup_link().await.unwrap().unwrap();
    assert!(link.starts_with("https://go.hr.test/signup?setup="), "{link}");
    let token = |link: &str| link.split_once('=').unwrap().1.to_owned();

    let mut account =
        json!({ "email": "Ada@Example.com", "password": PASSWORD, "name": "Ada", "workspaceName": "Acme" });
    for wrong in [json!(null), json!("guess"), json!(token(&outdated))] {
        account["setupToken"] = wrong;
        let refused = app.post("/api/auth/sign-up", &account).send().await;
        assert_eq!(refused.refusal().0, 403);
    }
    account["setupToken"] = json!(token(&link));
    let answer = app.post("/api/auth/sign-up", &account).send().await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    let cookie = answer.header("set-cookie").to_owned();
    for attribute in
        ["__Host-hashroute_session=", "; HttpOnly", "; Secure", "; SameSite=Lax", "; Path=/", "; Max-Age=7776000"]
    {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
    assert_snapshot!("account", answer.body);

    let me = app.get("/api/me").session(&answer.cookie()).send().await.ok();
    assert_eq!(me, answer.body);
    assert_eq!(app.application.issue_setup_link().await.unwrap(), None);
    let setup = app.get("/api/setup").send().await.ok();
    assert_eq!(setup["needsSetup"], json!(false));
    account["email"] = json!("eve@example.com");
    let again = app.post("/api/auth/sign-up", &account).send().await;
    assert_eq!(again.refusal().0, 403);
}

async fn later_accounts_need_open_sign_up(mut app: TestApp) {
    app.owner("ada").await;
    let account = json!({ "email": "bob@example.com", "password": PASSWORD });
    assert_eq!(app.post("/api/auth/sign-up", &account).send().await.refusal().0, 403);
    app.reconfigure(|settings| settings.open_sign_up = true);
    assert_eq!(app.get("/api/setup").send().await.ok()["signUpOpen"], json!(true));
    let bob = app.post("/api/auth/sign-up", &account).send().await.ok();
    assert_eq!(bob["user"]["isInstanceAdmin"], json!(false));
    assert_eq!(bob["workspaces"], json!([]));
    let again = json!({ "email": "BOB@example.com", "password": PASSWORD });
    let refused = app.post("/api/auth/sign-up", &again).send().await;
    assert_eq!(refused.refusal(), (409, "conflict", "email", "email_taken"));
}

async fn sign_up_names_every_mistake(app: TestApp) {
    let account = json!({ "email": "ada", "password": "password", "workspaceName": " " });
    let refused = app.post("/api/auth/sign-up", &account).send().await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_snapshot!("sign_up_mistakes", refused.body);
}

async fn a_session_lasts_until_sign_out(app: TestApp) {
    let owner = app.owner("ada").await;
    let cookie = app.sign_in("ADA@example.com").await;
    let me = app.get("/api/me").session(&cookie).send().await.ok();
    assert_eq!(me["user"]["email"], json!(owner.email));
    let out = app.post("/api/auth/sign-out", &json!({})).session(&cookie).send().await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    assert!(out.header("set-cookie").contains("Max-Age=0"), "{}", out.header("set-cookie"));
    assert_eq!(app.get("/api/me").session(&cookie).send().await.refusal().0, 401);
}

async fn a_session_ends_when_it_is_not_used(app: TestApp) {
    const DAY: u64 = 24 * 60 * 60;
    app.owner("ada").await;
    let cookie = app.sign_in("ada@example.com").await;
    for _ in 0..6 {
        app.advance(13 * DAY);
        app.get("/api/me").session(&cookie).send().await.ok();
    }
    app.advance(13 * DAY);
    assert_eq!(app.get("/api/me").session(&cookie).send().await.refusal().0, 401, "after 90 days");
    let cookie = app.sign_in("ada@example.com").await;
    app.advance(15 * DAY);
    assert_eq!(app.get("/api/me").session(&cookie).send().await.refusal().0, 401, "unused");
}

async fn signing_in_ends_the_session_before(app: TestApp) {
    let owner = app.owner("ada").await;
    let before = app.sign_in(&owner.email).await;
    let body = json!({ "email": owner.email, "password": PASSWORD });
    let answer = app.post("/api/auth/sign-in", &body).session(&before).send().await;
    assert_ne!(answer.cookie(), before);
    assert_eq!(app.get("/api/me").session(&before).send().await.refusal().0, 401);
    app.get("/api/me").session(&answer.cookie()).send().await.ok();
}

async fn an_unknown_address_and_a_wrong_password_get_the_same_answer(app: TestApp) {
    app.owner("ada").await;
    let attempt = |email: &str, password: &str| {
        let body = json!({ "email": email, "password": password });
        app.post("/api/auth/sign-in", &body).send()
    };
    let unknown = attempt("eve@example.com", PASSWORD).await;
    let wrong = attempt("ada@example.com", "not the password").await;
    let endless = attempt("ada@example.com", &"x".repeat(100_000)).await;
    assert_eq!(unknown.refusal().0, 401);
    assert_eq!(unknown.body, wrong.body);
    assert_eq!(unknown.body, endless.body);
    assert_eq!(unknown.header("set-cookie"), "");
}

async fn guessing_is_slowed_down(app: TestApp) {
    app.owner("ada").await;
    let attempt = |password: &str| {
        let body = json!({ "email": "ada@example.com", "password": password });
        app.post("/api/auth/sign-in", &body).send()
    };
    for _ in 0..10 {
        assert_eq!(attempt("guess").await.refusal().0, 401);
    }
    let refused = attempt(PASSWORD).await;
    assert_eq!((refused.refusal().0, refused.header("retry-after")), (429, "30"));
    // Somebody else's guessing does not keep the owner out.
    let body = json!({ "email": "ada@example.com", "password": PASSWORD });
    app.post("/api/auth/sign-in", &body).from("203.0.113.9").send().await.ok();
    app.advance(30);
    attempt(PASSWORD).await.ok();

    // One client, many accounts. Addresses of one /64 are one client.
    for number in 0..30 {
        let body = json!({ "email": format!("user{number}@example.com"), "password": "guess" });
        let address = format!("2001:db8::{number:x}");
        let refused = app.post("/api/auth/sign-in", &body).from(&address).send().await;
        assert_eq!(refused.refusal().0, 401);
    }
    let body = json!({ "email": "ada@example.com", "password": PASSWORD });
    let refused = app.post("/api/auth/sign-in", &body).from("2001:db8::ffff").send().await;
    assert_eq!(refused.refusal().0, 429);
    app.advance(30);
    app.post("/api/auth/sign-in", &body).from("2001:db8:0:1::1").send().await.ok();
}

async fn bootstrap_can_be_repeated_by_the_owner_only(app: TestApp) {
    let first = app.application.bootstrap("ada@example.com", PASSWORD, "Acme").await.unwrap();
    let second = app.application.bootstrap("ADA@example.com", PASSWORD, "Acme").await.unwrap();
    assert_eq!(first.user_id, second.user_id);
    assert_ne!(first.workspace_id, second.workspace_id);
    let workspaces = app.get("/api/workspaces").bearer(&second.api_key).send().await.ok();
    assert_eq!(workspaces[0]["id"], json!(second.workspace_id));
    assert_eq!(workspaces[0]["slug"], json!("acme-2"));
    let refused = app.application.bootstrap("ada@example.com", "another one entirely", "Acme").await;
    assert!(refused.is_err_and(|error| error.to_string().contains("its password is a different one")));
    let other = app.application.bootstrap("bob@example.com", PASSWORD, "Other").await.unwrap();
    assert_ne!(other.user_id, first.user_id);
    assert!(app.application.bootstrap("bob", PASSWORD, "Other").await.is_err());
    assert!(app.application.bootstrap("eve@example.com", "12345678", "Other").await.is_err());
}
