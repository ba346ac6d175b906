//! Users, sessions, the setup token, the throttle.

use data_ops::accounts::{
    CreateUserError, NewSession, NewUser, Rate, SignUp, SignUpError, ThrottleError, consume_setup_token, count_users,
    create_session, create_user, delete_expired_sessions, delete_session, delete_sessions_of_user, find_session,
    find_user, find_user_by_email, set_setup_token, sign_up, throttle,
};
use data_ops::types::{Email, UserId, WorkspaceName};
use data_ops::workspaces::{NewWorkspace, list_workspaces};
use futures_util::future::join_all;

use crate::support::{Fixture, NOW, later, on_both_databases, user};

on_both_databases!(
    a_user_is_found_by_address_in_any_capitals,
    an_address_has_one_account,
    of_many_sign_ups_with_one_address_one_succeeds,
    the_first_account_administers_the_instance,
    a_failed_sign_up_leaves_nothing_behind,
    a_session_ends_when_idle_or_old,
    a_session_in_use_stays,
    sessions_end_on_sign_out,
    the_setup_token_works_once,
    attempts_are_let_through_at_their_rate,
    attempts_at_once_share_the_burst,
);

fn email(text: &str) -> Email {
    Email::parse(text).unwrap()
}

fn new_user(address: &str) -> NewUser {
    NewUser { email: email(address), name: "Ada".to_owned(), password_hash: None, is_instance_admin: false }
}

async fn a_user_is_found_by_address_in_any_capitals(fixture: Fixture) {
    let db = fixture.control();
    let ada = user(db, "Ada@Example.com").await;
    let found = find_user_by_email(db, &email("ada@EXAMPLE.com")).await.unwrap().unwrap();
    assert_eq!(found.user, ada);
    assert_eq!(found.user.email.as_str(), "Ada@Example.com");
    assert_eq!(found.password_hash.as_deref(), Some("hash"));
    assert_eq!(find_user(db, ada.id).await.unwrap(), Some(ada));
    assert!(find_user_by_email(db, &email("bob@example.com")).await.unwrap().is_none());
    assert!(find_user(db, UserId::from_bytes([7; 16])).await.unwrap().is_none());
}

async fn an_address_has_one_account(fixture: Fixture) {
    let db = fixture.control();
    user(db, "ada@example.com").await;
    let second = create_user(db, &new_user("ADA@example.com"), NOW).await;
    assert!(matches!(second, Err(CreateUserError::EmailTaken)));
    assert_eq!(count_users(db).await.unwrap(), 1);
}

async fn of_many_sign_ups_with_one_address_one_succeeds(fixture: Fixture) {
    let db = fixture.control();
    let attempt = sign_up_as("ada@example.com", None);
    let results = join_all((0..12).map(|_| sign_up(db, &attempt))).await;
    let made = results.iter().filter(|result| result.is_ok()).count();
    let taken = results.iter().filter(|result| matches!(result, Err(SignUpError::EmailTaken))).count();
    assert_eq!((made, taken), (1, 11));
}

fn sign_up_as(address: &str, workspace: Option<NewWorkspace>) -> SignUp {
    SignUp { email: email(address), name: String::new(), password_hash: "hash".to_owned(), workspace, now: NOW }
}

async fn the_first_account_administers_the_instance(fixture: Fixture) {
    let db = fixture.control();
    let workspace = NewWorkspace { name: WorkspaceName::parse("Acme Inc").unwrap(), slug: None };
    let (ada, made) = sign_up(db, &sign_up_as("ada@example.com", Some(workspace))).await.unwrap();
    assert!(ada.is_instance_admin);
    let made = made.unwrap();
    assert_eq!(made.slug.as_str(), "acme-inc");
    let mine = list_workspaces(db, ada.id).await.unwrap();
    assert_eq!(mine, [(made, data_ops::types::Role::Owner)]);
    let (bob, none) = sign_up(db, &sign_up_as("bob@example.com", None)).await.unwrap();
    assert!(!bob.is_instance_admin);
    assert!(none.is_none());
}

async fn a_failed_sign_up_leaves_nothing_behind(fixture: Fixture) {
    let db = fixture.control();
    let workspace = NewWorkspace {
        name: WorkspaceName::parse("Acme").unwrap(),
        slug: Some(data_ops::types::WorkspaceSlug::parse("acme").unwrap()),
    };
    sign_up(db, &sign_up_as("ada@example.com", Some(workspace.clone()))).await.unwrap();
    let second = sign_up(db, &sign_up_as("bob@example.com", Some(workspace))).await;
    assert!(matches!(second, Err(SignUpError::WorkspaceSlugTaken)));
    assert_eq!(count_users(db).await.unwrap(), 1);
}

const MINUTE: i64 = 60_000;

fn new_session(user_id: UserId, token: u8) -> NewSession {
    NewSession {
        user_id,
        token_hash: [token; 32],
        ip: None,
        user_agent: Some("Firefox".to_owned()),
        now: NOW,
        idle_ms: 30 * MINUTE,
        absolute_ms: 120 * MINUTE,
    }
}

async fn a_session_ends_when_idle_or_old(fixture: Fixture) {
    let db = fixture.control();
    let ada = user(db, "ada@example.com").await;
    let session = create_session(db, &new_session(ada.id, 1)).await.unwrap();
    let at_once = find_session(db, &[1; 32], NOW).await.unwrap();
    assert_eq!(at_once, Some(session));
    assert!(find_session(db, &[2; 32], NOW).await.unwrap().is_none());
    assert!(find_session(db, &[1; 32], later(30 * MINUTE)).await.unwrap().is_none());
    assert_eq!(delete_expired_sessions(db, later(29 * MINUTE)).await.unwrap(), 0);
    assert_eq!(delete_expired_sessions(db, later(30 * MINUTE)).await.unwrap(), 1);
}

async fn a_session_in_use_stays(fixture: Fixture) {
    let db = fixture.control();
    let ada = user(db, "ada@example.com").await;
    create_session(db, &new_session(ada.id, 1)).await.unwrap();
    // Used every 20 minutes, it outlives the idle time, and ends at its age all the same.
    for minutes in [20, 40, 60, 80, 100] {
        let found = find_session(db, &[1; 32], later(minutes * MINUTE)).await.unwrap().unwrap();
        assert_eq!(found.last_seen_at, later(minutes * MINUTE));
    }
    let again = find_session(db, &[1; 32], later(100 * MINUTE + 1)).await.unwrap().unwrap();
    assert_eq!(again.last_seen_at, later(100 * MINUTE), "written at most once a minute");
    assert!(find_session(db, &[1; 32], later(119 * MINUTE)).await.unwrap().is_some());
    assert!(find_session(db, &[1; 32], later(120 * MINUTE)).await.unwrap().is_none());
}

async fn sessions_end_on_sign_out(fixture: Fixture) {
    let db = fixture.control();
    let ada = user(db, "ada@example.com").await;
    let bob = user(db, "bob@example.com").await;
    for (owner, token) in [(ada.id, 1), (ada.id, 2), (bob.id, 3)] {
        create_session(db, &new_session(owner, token)).await.unwrap();
    }
    assert!(delete_session(db, &[1; 32]).await.unwrap());
    assert!(!delete_session(db, &[1; 32]).await.unwrap());
    assert!(find_session(db, &[1; 32], NOW).await.unwrap().is_none());
    assert_eq!(delete_sessions_of_user(db, ada.id).await.unwrap(), 1);
    assert!(find_session(db, &[2; 32], NOW).await.unwrap().is_none());
    assert!(find_session(db, &[3; 32], NOW).await.unwrap().is_some());
}

async fn the_setup_token_works_once(fixture: Fixture) {
    let db = fixture.control();
    assert!(!consume_setup_token(db, &[1; 32], NOW).await.unwrap());
    set_setup_token(db, &[1; 32], later(MINUTE)).await.unwrap();
    set_setup_token(db, &[2; 32], later(MINUTE)).await.unwrap();
    assert!(!consume_setup_token(db, &[1; 32], NOW).await.unwrap(), "replaced");
    assert!(!consume_setup_token(db, &[2; 32], later(MINUTE)).await.unwrap(), "expired");
    let consumed = join_all((0..8).map(|_| consume_setup_token(db, &[2; 32], NOW))).await;
    assert_eq!(consumed.into_iter().filter(|used| *used.as_ref().unwrap()).count(), 1);
}

async fn attempts_are_let_through_at_their_rate(fixture: Fixture) {
    let db = fixture.control();
    let rate = Rate { burst: 3, interval_ms: 10_000 };
    for _ in 0..3 {
        throttle(db, "ada", rate, NOW).await.unwrap();
    }
    let refused = throttle(db, "ada", rate, NOW).await.unwrap_err();
    assert!(matches!(refused, ThrottleError::RetryAfter { seconds: 10 }), "{refused:?}");
    throttle(db, "bob", rate, NOW).await.unwrap();
    assert!(throttle(db, "ada", rate, later(9_999)).await.is_err());
    throttle(db, "ada", rate, later(10_000)).await.unwrap();
    assert!(throttle(db, "ada", rate, later(10_000)).await.is_err());
    for _ in 0..3 {
        throttle(db, "ada", rate, later(60_000)).await.unwrap();
    }
}

async fn attempts_at_once_share_the_burst(fixture: Fixture) {
    let db = fixture.control();
    let rate = Rate { burst: 5, interval_ms: 10_000 };
    let results = join_all((0..20).map(|_| throttle(db, "ada", rate, NOW))).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 5);
    assert!(results.iter().all(|result| !matches!(result, Err(ThrottleError::Database(_)))));
}
